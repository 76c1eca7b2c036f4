"""`python -m tests.support.benchmarks [--only NAME] [--size BYTES] [--count N] [--runs N]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from tests.support.benchmarks import (
    batch,
    bilibili,
    checking,
    curl,
    importing,
    parallel,
    startup,
    uploading,
    watching,
)
from tests.support.benchmarks.measure import CannotRun, machine, say

BATCH = 200
"""Videos."""
ARRIVALS = 1000
"""Videos."""
CHANNEL = 2000
"""Videos."""


def main() -> int:
    """Run the benchmarks and return 1 if one of them could not be run."""
    options = _options()
    benchmarks: dict[str, Callable[[], None]] = {
        "startup": startup.measure,
        "check": lambda: checking.measure(options.count),
        "upload": lambda: uploading.measure(options.size, options.runs),
        "bilibili": lambda: bilibili.measure(options.size),
        "parallel": parallel.measure,
        "batch": lambda: batch.measure(BATCH),
        "watch": lambda: watching.measure(ARRIVALS),
        "import": lambda: importing.measure(CHANNEL),
    }
    say(machine())
    failed = False
    for name, measure in benchmarks.items():
        if options.only not in (None, name):
            continue
        try:
            measure()
        except CannotRun as error:
            say(f"\n{name}: could not be measured: {error}")
            failed = True
    return int(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.support.benchmarks", description=__doc__)
    names = ["startup", "check", "upload", "bilibili", "parallel", "batch", "watch", "import"]
    parser.add_argument("--only", choices=names, help="one of them alone")
    parser.add_argument(
        "--size",
        type=_at_least(curl.PART),
        default=1_000_000_000,
        metavar="BYTES",
        help=f"of the upload, {curl.PART:,} at least; takes thrice as much of the disk",
    )
    parser.add_argument(
        "--count", type=_at_least(1), default=1000, metavar="N", help="manifests to check"
    )
    parser.add_argument(
        "--runs", type=_at_least(1), default=3, metavar="N", help="uploads to take the median of"
    )
    return parser.parse_args()


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            message = f"{text} is not a whole number from {least} on"
            raise argparse.ArgumentTypeError(message)
        return int(text)

    return number


if __name__ == "__main__":
    sys.exit(main())
