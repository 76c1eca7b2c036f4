"""Child processes and what they cost, and the tables that show it.

On Linux a child's peak memory is at least what this process had when it started the child, so
this process imports nothing large.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

RSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024
"""Bytes that `ru_maxrss` counts in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a child process took."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds of processor time, user and system."""
    rss: int
    """Bytes of memory at the peak."""


class CannotRun(Exception):
    """The command is not there or failed; the text says how."""


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    output: Path | None = None,
) -> Cost:
    """Run the command to its end, and keep what it prints in `output`.

    Raises `CannotRun` for an exit code other than 0.
    """
    with Path(output or os.devnull).open("wb") as printed:
        return _measured([str(word) for word in command], env or {}, printed)


def _measured(words: Sequence[str], env: Mapping[str, str], output: IO[bytes]) -> Cost:
    start = time.perf_counter()
    try:
        child = subprocess.Popen(
            words,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        raise CannotRun(f"{words[0]}: {error.strerror}") from error
    assert child.stderr
    with child.stderr:
        errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        last = errors.decode(errors="replace").strip().rpartition("\n")[2]
        raise CannotRun(f"{Path(words[0]).name} ended with {child.returncode}: {last}")
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(wall=wall, cpu=cpu, rss=usage.ru_maxrss * RSS_UNIT)


def medians(runs: int, contest: Mapping[str, Callable[[], Cost]]) -> dict[str, Cost]:
    """Run all, so many times in turn, and return by name the median of each number.

    What else the machine is at meets one like the other that way.
    """
    rounds = [[once() for once in contest.values()] for _ in range(runs)]
    return {
        name: _median(costs) for name, costs in zip(contest, zip(*rounds, strict=True), strict=True)
    }


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        wall=statistics.median(cost.wall for cost in costs),
        cpu=statistics.median(cost.cpu for cost in costs),
        rss=round(statistics.median(cost.rss for cost in costs)),
    )


def nicobatch(*arguments: str | Path) -> list[str]:
    """Return the command line: the installed command, or the package where there is none."""
    script = Path(sys.executable).with_name("nicobatch")
    command = [str(script)] if script.exists() else [sys.executable, "-m", "nicobatch"]
    return [*command, *map(str, arguments)]


def say(text: str = "") -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def table(title: str, rows: Mapping[str, Cost], verdicts: Iterable[str]) -> None:
    """Print the costs, and below them how they stand to the goals."""
    say(f"\n{title}")
    say(f"  {'':44}{'wall s':>10}{'cpu s':>10}{'peak MB':>10}")
    for name, cost in rows.items():
        say(f"  {name:44}{cost.wall:>10.3f}{cost.cpu:>10.3f}{cost.rss / 1e6:>10.1f}")
    for verdict in verdicts:
        say(f"  {verdict}")


def ratio(what: str, value: float, base: float, goal: float) -> str:
    """Word how a number stands to its goal, both as multiples of `base`."""
    found = value / base
    return f"{'ok ' if found <= goal else 'NOT'} {what}: {found:.2f} × (goal: at most {goal} ×)"


def limit(what: str, value: float, goal: float, unit: str = "") -> str:
    """Word how a number stands to a goal that it is not to exceed."""
    numbers = [f"{number:,.2f}".rstrip("0").rstrip(".") + unit for number in (value, goal)]
    found, most = numbers
    return f"{'ok ' if value <= goal else 'NOT'} {what}: {found} (goal: at most {most})"


def machine() -> str:
    """Name what the numbers were measured on."""
    python = f"Python {platform.python_version()}"
    return f"{platform.platform()}, {_processor()} × {os.cpu_count()}, {python}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
