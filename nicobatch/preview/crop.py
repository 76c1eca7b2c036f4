"""What niconico cuts a thumbnail's frame to, as far as that is known.

The 2021 article pairs the aspect with a crop mode; that the modes cut a frame to the player's 16:9,
a tall one above and below and a wide one left and right, is inferred from their names. Where
`position` puts the cut, and by which unit, nobody has shown: every known client sends 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nicobatch.media.probing import WIDE_ASPECT
from nicobatch.model import Aspect

_SHAPE: Final = WIDE_ASPECT[0] / WIDE_ASPECT[1]


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a frame, in hundredths of its width and height."""

    left: float
    top: float
    width: float
    height: float


WHOLE: Final = Box(0, 0, 100, 100)


def box(width: int, height: int, aspect: Aspect) -> Box:
    """Return what is left of a frame by the aspect, which is not AUTO: its middle, or WHOLE."""
    shape = width / height
    if aspect is Aspect.TALL and shape < _SHAPE:
        kept = 100 * shape / _SHAPE
        return Box(0, (100 - kept) / 2, 100, kept)
    if aspect is Aspect.WIDE and shape > _SHAPE:
        kept = 100 * _SHAPE / shape
        return Box((100 - kept) / 2, 0, kept, 100)
    return WHOLE
