"""Real processes, signals and programs of others, and the project as a whole."""
