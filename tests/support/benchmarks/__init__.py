"""The promised numbers, measured: `python -m tests.support.benchmarks`. Nothing asserts."""
