"""The tests: rooms one by one (unit), real processes and the whole (system), what serves them."""
