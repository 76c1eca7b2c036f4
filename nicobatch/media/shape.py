"""How a video's shape compares with the player's."""

from __future__ import annotations

from typing import Final

from nicobatch.model import Aspect, MediaInfo

WIDE_ASPECT: Final = (16, 9)
"""The shape of the player: wider videos are WIDE, taller ones TALL. The 2021 upload article."""
_TOLERANCE: Final = 0.01
"""What 1366x768, 854x480 and 1920x1088 miss 16:9 by, for all sides must be whole or even."""


def aspect(info: MediaInfo, wanted: Aspect) -> Aspect:
    """Return `wanted`, or for AUTO what the video's own shape comes to."""
    if wanted is not Aspect.AUTO:
        return wanted
    wide, tall = info.width * WIDE_ASPECT[1], info.height * WIDE_ASPECT[0]
    if abs(wide - tall) <= _TOLERANCE * max(wide, tall):
        return Aspect.STANDARD
    return Aspect.WIDE if wide > tall else Aspect.TALL
