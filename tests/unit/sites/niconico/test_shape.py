from __future__ import annotations

import pytest

from nicobatch.model import MediaInfo
from nicobatch.sites.niconico.cropping import Aspect, aspect


def info(width: int, height: int) -> MediaInfo:
    return MediaInfo(container="mp4", size=1, duration=1.0, width=width, height=height)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (1920, 1080, Aspect.STANDARD),
        (1366, 768, Aspect.STANDARD),
        (854, 480, Aspect.STANDARD),
        (848, 480, Aspect.STANDARD),
        (1920, 1088, Aspect.STANDARD),
        (640, 480, Aspect.TALL),
        (1080, 1920, Aspect.TALL),
        (1080, 1080, Aspect.TALL),
        (1920, 1200, Aspect.TALL),
        (2560, 1080, Aspect.WIDE),
        (2048, 1080, Aspect.WIDE),
    ],
)
def test_auto_follows_the_shape(width: int, height: int, expected: Aspect) -> None:
    assert aspect(info(width, height), Aspect.AUTO) is expected


@pytest.mark.parametrize("wanted", [Aspect.STANDARD, Aspect.TALL, Aspect.WIDE])
def test_a_choice_stands(wanted: Aspect) -> None:
    assert aspect(info(640, 480), wanted) is wanted
