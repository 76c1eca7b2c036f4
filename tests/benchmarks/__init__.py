"""The numbers that DESIGN.md promises, measured: `python -m tests.benchmarks`. Nothing asserts."""
