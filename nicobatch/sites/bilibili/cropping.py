"""What bilibili shows of the picture that stands for a video: its covers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from nicobatch.language import N_, _
from nicobatch.model import Thumbnail, Video
from nicobatch.sites.bilibili.limits import COVER, COVER_43
from nicobatch.sites.pictures import WHOLE, Crop, middle

_SHAPES: Final = (
    (COVER, N_("The bright part is the cover, of 16:10.")),
    (COVER_43, N_("The dashed line is the cover of 4:3.")),
)


def crops(video: Video, width: int, height: int) -> Sequence[Crop]:
    """Return what of a picture is sent as the cover; one that the site chooses is not known."""
    return () if video.thumbnail == Thumbnail() else tuple(_crops(video, width, height))


def _crops(video: Video, width: int, height: int) -> Iterator[Crop]:
    both = video.options is not None and video.options.cover43
    for shape, words in _SHAPES[: 2 if both else 1]:
        box = middle(width, height, shape)
        yield Crop(box, () if box == WHOLE else (_(words),))
