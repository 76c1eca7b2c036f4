"""What the pages of several sites say in the same way."""

from __future__ import annotations

import pytest

from nicobatch.sandbox.page import length


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0:00"), (2.4, "0:02"), (59.4, "0:59"), (59.6, "1:00"), (119.7, "2:00"), (3600, "60:00")],
)
def test_a_length_is_rounded_before_it_is_told(seconds: float, told: str) -> None:
    assert length(seconds) == told
