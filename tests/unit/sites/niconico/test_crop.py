from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.sites.niconico.cropping import Aspect, cropped
from nicobatch.sites.pictures import WHOLE, Box

MEANT = [Aspect.STANDARD, Aspect.TALL, Aspect.WIDE]


@pytest.mark.parametrize(
    ("width", "height", "aspect", "expected"),
    [
        (640, 480, Aspect.TALL, Box(0, 12.5, 100, 75)),
        (640, 480, Aspect.STANDARD, WHOLE),
        (640, 480, Aspect.WIDE, WHOLE),
        (360, 640, Aspect.TALL, Box(0, 34.1796875, 100, 31.640625)),
        (1280, 360, Aspect.WIDE, Box(25, 0, 50, 100)),
        (1280, 360, Aspect.TALL, WHOLE),
        (1920, 1080, Aspect.STANDARD, WHOLE),
        (1920, 1080, Aspect.TALL, WHOLE),
        (1920, 1080, Aspect.WIDE, WHOLE),
    ],
)
def test_what_is_left(width: int, height: int, aspect: Aspect, expected: Box) -> None:
    assert cropped(width, height, aspect) == expected


@given(st.integers(1, 8000), st.integers(1, 8000), st.sampled_from(MEANT))
def test_a_cut_is_the_middle_in_the_player_s_shape(width: int, height: int, aspect: Aspect) -> None:
    cut = cropped(width, height, aspect)
    assert cut.left + cut.width / 2 == pytest.approx(50)
    assert cut.top + cut.height / 2 == pytest.approx(50)
    assert 0 <= cut.left < 50
    assert 0 <= cut.top < 50
    if cut != WHOLE:
        assert cut.width * width / (cut.height * height) == pytest.approx(16 / 9)
        assert 100 in {cut.width, cut.height}
