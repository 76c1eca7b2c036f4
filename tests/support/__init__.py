"""What tests of several rooms share, and tools: `python -m tests.support.NAME`."""
