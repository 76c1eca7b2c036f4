"""The picture that stands for a video, and what its site leaves of it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

from nicobatch.language import _, pictured
from nicobatch.media import MediaError
from nicobatch.media.drawing import Picture
from nicobatch.media.frames import frame_at
from nicobatch.media.pictures import small_picture
from nicobatch.model import MediaInfo, Video
from nicobatch.preview.wording import clock
from nicobatch.sites.description import Site
from nicobatch.sites.pictures import WHOLE, Box

_ALT: Final = 100
"""Characters of a title that are enough for a picture's alternative text."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture as a data URI, what is cut out of it, and what is to be said of both."""

    caption: str
    alt: str = ""
    source: str = ""
    """Empty where there is no picture to show."""
    width: int = 16
    height: int = 9
    boxes: tuple[Box, ...] = ()
    """What the site leaves of it, where that is less than all: the first is the one that counts."""
    notes: tuple[str, ...] = ()


def figure(video: Video, info: MediaInfo | None, site: Site) -> Figure:
    """Take the picture, or the frame that the site may take; without one there is none to show."""
    picture = video.thumbnail.file
    if info is None:
        return Figure(_("No picture: the file could not be read"))
    try:
        shown = small_picture(picture) if picture else _frame(video, info)
    except MediaError as error:
        told = (pictured(str(error)),)
        return Figure(_("No picture: none could be decoded there"), notes=told)
    title = (video.title or video.file.name)[:_ALT]
    words = _("The thumbnail of {title}") if picture else _("A frame of {title}")
    # A frame's own shape: a small picture's sides are even, which moves a narrow one's cut.
    size = (shown.width, shown.height) if picture else (info.width, info.height)
    crops = site.crops(video, *size)
    boxes = tuple(each.box for each in crops)
    return Figure(
        caption=_caption(video, info, site),
        alt=words.format(title=title),
        source=f"data:image/jpeg;base64,{base64.b64encode(shown.data).decode('ascii')}",
        width=shown.width,
        height=shown.height,
        boxes=boxes if set(boxes) - {WHOLE} else (),
        notes=tuple(note for each in crops for note in each.notes),
    )


def _frame(video: Video, info: MediaInfo) -> Picture:
    return frame_at(video.file, _moment(video, info))


def _moment(video: Video, info: MediaInfo) -> int:
    """Return where to look, in milliseconds: the middle where the site is to choose."""
    timing = video.thumbnail.timing
    return round(info.duration * 500) if timing is None else timing


def _caption(video: Video, info: MediaInfo, site: Site) -> str:
    thumbnail = video.thumbnail
    if thumbnail.file:
        return _("Thumbnail: the picture {file}").format(file=pictured(thumbnail.file.name))
    at = clock(_moment(video, info) / 1000)
    if thumbnail.sha256:
        words = _("{site} has the picture, which is not here; this is the frame at {time}")
        return words.format(site=site.label, time=at)
    if thumbnail.timing is None:
        words = _("{site} chooses the thumbnail; this frame, at {time}, is only an example")
        return words.format(site=site.label, time=at)
    return _("Thumbnail: the frame at {time}").format(time=at)
