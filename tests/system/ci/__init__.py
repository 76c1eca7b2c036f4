"""CI: the action, the example pipelines and the hook, run as their services run them."""
