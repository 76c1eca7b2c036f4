"""What a site leaves of the picture that stands for a video, worked out from its shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, in hundredths of its width and height."""

    left: float
    top: float
    width: float
    height: float


WHOLE: Final = Box(0, 0, 100, 100)


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of the picture that a site shows, and what is to be said of it in words."""

    box: Box
    notes: tuple[str, ...] = ()


def middle(width: int, height: int, shape: tuple[int, int]) -> Box:
    """Return the largest part of that shape in the middle of a picture."""
    across, down = width * shape[1], height * shape[0]
    if across > down:
        kept = 100 * down / across
        return Box((100 - kept) / 2, 0, kept, 100)
    kept = 100 * across / down
    return Box(0, (100 - kept) / 2, 100, kept)
