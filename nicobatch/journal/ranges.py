"""Which parts have arrived, as text: `{0, 1, 2, 5}` is `0-2,5`."""

from __future__ import annotations

from typing import Final

MOST_PARTS: Final = 100_000


def ranges(numbers: frozenset[int]) -> str:
    """Write whole numbers as ascending ranges: `{0, 1, 2, 5}` is `0-2,5`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{a}-{b}" if a < b else f"{a}" for a, b in runs)


def members(text: str, total: int = MOST_PARTS) -> frozenset[int]:
    """Read what `ranges` wrote of numbers below the total; raise ValueError for anything else."""
    numbers: set[int] = set()
    least = 0
    for run in filter(None, text.split(",")):
        first, _, last = run.partition("-")
        begin, end = int(first), int(last or first) + 1
        if not least <= begin < end <= total:
            raise ValueError(text)
        numbers.update(range(begin, end))
        least = end
    if ranges(frozenset(numbers)) != text:
        raise ValueError(text)
    return frozenset(numbers)
