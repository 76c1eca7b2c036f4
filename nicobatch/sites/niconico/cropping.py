"""How niconico cuts the frame that stands for a video to its player's 16:9.

The 2021 article pairs the aspect with a crop mode; that the modes cut a tall frame above and below
and a wide one left and right is inferred from their names. Where `position` puts the cut, and by
which unit, nobody has shown: every known client sends 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from nicobatch.language import N_, _
from nicobatch.model import MediaInfo
from nicobatch.sites.fields import option
from nicobatch.sites.niconico.limits import LIMITS
from nicobatch.sites.pictures import WHOLE, Box, Crop, middle


class Aspect(StrEnum):
    """How the thumbnail's frame compares with 16:9; `auto` follows the video's own shape."""

    AUTO = "auto"
    STANDARD = "standard"
    TALL = "tall"
    WIDE = "wide"


PLAYER: Final = (16, 9)
"""The shape of the player: wider videos are WIDE, taller ones TALL. The 2021 upload article."""
_TOLERANCE: Final = 0.01
"""What 1366x768, 854x480 and 1920x1088 miss 16:9 by, for all sides must be whole or even."""
_SHAPES: Final[Mapping[Aspect, str]] = MappingProxyType(
    {
        Aspect.STANDARD: N_("auto is standard for this video: 16:9"),
        Aspect.TALL: N_("auto is tall for this video: narrower than 16:9"),
        Aspect.WIDE: N_("auto is wide for this video: wider than 16:9"),
    }
)


def aspect(info: MediaInfo, wanted: Aspect = Aspect.AUTO) -> Aspect:
    """Return `wanted`, or for AUTO what the video's own shape comes to."""
    return _of_shape(info.width, info.height) if wanted is Aspect.AUTO else wanted


def _of_shape(width: int, height: int) -> Aspect:
    wide, tall = width * PLAYER[1], height * PLAYER[0]
    if abs(wide - tall) <= _TOLERANCE * max(wide, tall):
        return Aspect.STANDARD
    return Aspect.WIDE if wide > tall else Aspect.TALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Cropping:
    """What niconico takes of a thumbnail beside the common keys."""

    aspect: Aspect = option(
        default=Aspect.AUTO,
        label=N_("Aspect"),
        note=N_("auto, standard, tall or wide; auto follows the video's own shape"),
        note_of=lambda info: _SHAPES[aspect(info)],
        editors=(
            N_("Aspect"),
            N_("How the frame compares with 16:9; auto follows the video's own shape."),
        ),
        schema={"enum": list(Aspect), "examples": ["auto"]},
    )
    position: int = option(
        default=0,
        label=N_("Position"),
        note=N_("where the frame is cropped"),
        editors=(N_("Position"), N_("Where the frame is cropped.")),
        schema={"examples": [0]},
    )


def cropped(width: int, height: int, kind: Aspect) -> Box:
    """Return what is left of a frame by the aspect, which is not AUTO: its middle, or WHOLE."""
    is_tall = width * PLAYER[1] < height * PLAYER[0]
    is_cut = kind is (Aspect.TALL if is_tall else Aspect.WIDE)
    return middle(width, height, PLAYER) if is_cut else WHOLE


def crop(cropping: Cropping, width: int, height: int) -> Crop:
    """Return what is left of a frame of that size, and what is to be said of it."""
    kind = _of_shape(width, height) if cropping.aspect is Aspect.AUTO else cropping.aspect
    box, notes = cropped(width, height, kind), []
    if box != WHOLE:
        words = _("The bright part is what {site} cuts it to, as far as is known.")
        notes.append(words.format(site=LIMITS.site))
    if cropping.aspect is not Aspect.AUTO:
        words = _("The manifest says aspect: {aspect}.")
        notes.append(words.format(aspect=cropping.aspect.value))
    if cropping.position:
        words = _("position: {number} moves the cut; which way and how far is not known.")
        notes.append(words.format(number=cropping.position))
    return Crop(box, tuple(notes))
