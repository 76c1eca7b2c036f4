"""`python -m tests.support.fuzz [--seconds S] [--seed N] [KIND…]`: breaks what reads hostile input.

Each kind gets its share of the time. An example is made of the seed, the kind and its number, which
are printed where one breaks something, so that it can be made again: `--only NUMBER`. What counts
as broken is any exception but those that are promised, seconds of work, and memory.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

from tests.support.fuzz.kinds import Kind, kinds

KINDS: Final = 9
LONGEST: Final = 10.0
"""Seconds of this process's work for one example; the machine may have other work."""
SHOWN: Final = 4_000
"""Characters of what is told of an exception, at the end."""
LARGEST: Final = 600_000
"""Kilobytes that the process may grow to."""


def main(arguments: list[str]) -> int:
    """Return 1 where something broke."""
    parser = argparse.ArgumentParser(prog="fuzz", description="Breaks what reads hostile input.")
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1 << 32))
    parser.add_argument("--only", type=int, help="the number of one example")
    parser.add_argument("kind", nargs="*")
    given = parser.parse_args(arguments)
    print(f"seed {given.seed}", flush=True)  # noqa: T201
    broken = 0
    with tempfile.TemporaryDirectory() as temporary, tempfile.TemporaryDirectory() as home:
        _leave_the_user_alone(home)
        for name, kind in kinds(Path(temporary)):
            if not given.kind or name in given.kind:
                share = given.seconds / (len(given.kind) or KINDS)
                broken += not _held(name, kind, given.seed, share, given.only)
    return 1 if broken else 0


def _held(name: str, kind: Kind, seed: int, share: float, only: int | None) -> bool:
    """Give the kind its share of time, and tell whether nothing broke."""
    end, number = time.monotonic() + share, only or 0
    while only is not None or time.monotonic() < end:
        try:
            _one(kind, Random(f"{seed} {name} {number}"))
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is told
            print(traceback.format_exc()[-SHOWN:])  # noqa: T201
            again = f"--seed {seed} --only {number} {name}"
            print(f"BROKEN: {type(error).__name__}; again: make fuzz FUZZ='{again}'")  # noqa: T201
            return False
        number += 1
        if only is not None:
            break
    print(f"{name}: {number if only is None else 1} held", flush=True)  # noqa: T201
    return True


def _one(kind: Kind, random: Random) -> None:
    before = time.process_time()
    kind(random)
    spent = time.process_time() - before
    assert spent < LONGEST, f"it took {spent:.1f} s of work"
    assert _size() < LARGEST, f"the process has grown to {_size():,} kB"


def _size() -> int:
    """Return the most kilobytes that this process has had; 0 where the system doesn't tell."""
    if sys.platform != "linux":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _leave_the_user_alone(home: str) -> None:
    """Let nothing of this user's count, and nothing be written there."""
    for name in [name for name in os.environ if "proxy" in name.lower() or "NICOBATCH" in name]:
        del os.environ[name]
    os.environ.update(HOME=home, USERPROFILE=home, XDG_STATE_HOME=home, XDG_CONFIG_HOME=home)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
