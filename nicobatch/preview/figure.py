"""The picture that stands for a video: the very frame, and what niconico cuts it to.

The 2021 article pairs the aspect with a crop mode; that the modes cut a frame to the player's 16:9,
a tall one above and below and a wide one left and right, is inferred from their names. Where
`position` puts the cut, and by which unit, nobody has shown: every known client sends 0.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

from nicobatch import media
from nicobatch.language import _, pictured
from nicobatch.media import MediaError
from nicobatch.media.probing import WIDE_ASPECT
from nicobatch.model import Aspect, MediaInfo, Video
from nicobatch.preview.wording import clock

_SHAPE: Final = WIDE_ASPECT[0] / WIDE_ASPECT[1]


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a frame, in hundredths of its width and height."""

    left: float
    top: float
    width: float
    height: float


WHOLE: Final = Box(0, 0, 100, 100)


def cropped(width: int, height: int, aspect: Aspect) -> Box:
    """Return what is left of a frame by the aspect, which is not AUTO: its middle, or WHOLE."""
    shape = width / height
    if aspect is Aspect.TALL and shape < _SHAPE:
        kept = 100 * shape / _SHAPE
        return Box(0, (100 - kept) / 2, 100, kept)
    if aspect is Aspect.WIDE and shape > _SHAPE:
        kept = 100 * _SHAPE / shape
        return Box((100 - kept) / 2, 0, kept, 100)
    return WHOLE


_ALT: Final = 100
"""Characters of a title that are enough for a picture's alternative text."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A frame as a data URI, its cut, and what is to be said of both."""

    caption: str
    alt: str = ""
    source: str = ""
    """Empty where there is no picture to show."""
    width: int = 16
    height: int = 9
    box: Box = WHOLE
    notes: tuple[str, ...] = ()

    @property
    def is_cut(self) -> bool:
        """Whether less than the whole frame is left."""
        return self.box != WHOLE


def figure(video: Video, info: MediaInfo | None, site: str) -> Figure:
    """Take the frame that the site may take; a file that has none gets no picture."""
    if info is None:
        return Figure(_("No picture: the file could not be read"))
    timing = video.thumbnail.timing
    try:
        picture = media.frame_at(video.file, _moment(timing, info))
    except MediaError as error:
        told = (pictured(str(error)),)
        return Figure(_("No picture: none could be decoded there"), notes=told)
    cut = cropped(info.width, info.height, media.aspect(info, video.thumbnail.aspect))
    return Figure(
        caption=_caption(timing, info, site),
        alt=_("A frame of {title}").format(title=(video.title or video.file.name)[:_ALT]),
        source=f"data:image/jpeg;base64,{base64.b64encode(picture.data).decode('ascii')}",
        width=picture.width,
        height=picture.height,
        box=cut,
        notes=tuple(_notes(video, cut, site)),
    )


def _moment(timing: int | None, info: MediaInfo) -> int:
    """Return where to look, in milliseconds: the middle where niconico is to choose."""
    return round(info.duration * 500) if timing is None else timing


def _caption(timing: int | None, info: MediaInfo, site: str) -> str:
    at = clock(_moment(timing, info) / 1000)
    if timing is None:
        words = _("{site} chooses the thumbnail; this frame, at {time}, is only an example")
        return words.format(site=site, time=at)
    return _("Thumbnail: the frame at {time}").format(time=at)


def _notes(video: Video, cut: Box, site: str) -> list[str]:
    notes = []
    if cut != WHOLE:
        words = _("The bright part is what {site} cuts it to, as far as is known.")
        notes.append(words.format(site=site))
    if video.thumbnail.aspect is not Aspect.AUTO:
        words = _("The manifest says aspect: {aspect}.")
        notes.append(words.format(aspect=video.thumbnail.aspect.value))
    if video.thumbnail.position:
        words = _("position: {number} moves the cut; which way and how far is not known.")
        notes.append(words.format(number=video.thumbnail.position))
    return notes
