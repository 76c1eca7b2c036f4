"""A sandbox that takes no time to encode: `python -m tests.support.benchmarks.instant`."""

from __future__ import annotations

import argparse
from pathlib import Path

from nicobatch.sandbox import Sandbox


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    options = parser.parse_args()
    Sandbox(options.state, port=options.port, encode_seconds=0.0).serve_forever()


if __name__ == "__main__":
    main()
