"""Times within a video: seconds, "mm:ss.mmm" or "hh:mm:ss.mmm" to milliseconds and back."""

from __future__ import annotations

import math
import re

# Minutes may pass 59 where no hours are given.
CLOCK = re.compile(
    r"(?:([0-9]{1,3}):(?=[0-5]?[0-9]:))?([0-9]{1,3}):([0-5][0-9])(?:\.([0-9]{1,3}))?", re.ASCII
)
LONGEST = 1000 * 60 * 60 * 1000
"""Milliseconds in a thousand hours: what three digits of hours can say."""


def parse(value: float | str) -> int | None:
    """Return milliseconds; None if the value is no time (negative, endless, wrongly written)."""
    if isinstance(value, str):
        return _parse_clock(value)
    return round(value * 1000) if math.isfinite(value) and 0 <= value * 1000 < LONGEST else None


def _parse_clock(text: str) -> int | None:
    match = CLOCK.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int((fraction or "0").ljust(3, "0"))


def format_clock(milliseconds: int) -> str:
    """Write milliseconds as "mm:ss.mmm", or as "hh:mm:ss.mmm" from one hour on."""
    seconds, fraction = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    clock = f"{minutes:02}:{seconds:02}.{fraction:03}"
    return f"{hours:02}:{clock}" if hours else clock
