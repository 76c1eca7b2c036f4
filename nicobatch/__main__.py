"""The `nicobatch` command, also as `python -m nicobatch`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    if sys.argv[1:] == ["--version"]:  # asked by scripts all day long: needs no command line parser
        from nicobatch import __version__

        sys.stdout.write(f"nicobatch {__version__}\n")
        return
    from nicobatch.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
