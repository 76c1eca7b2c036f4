"""Times within a video."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.manifest import times
from nicobatch.manifest.schema import definitions

PATTERN = definitions()["timing"]["anyOf"][1]["pattern"]


@given(st.integers(0, times.LONGEST - 1))
def test_a_time_survives_being_written_and_read(milliseconds: int) -> None:
    assert times.parse(times.format_clock(milliseconds)) == milliseconds


@given(st.integers(0, times.LONGEST - 1))
def test_seconds_are_read_to_the_millisecond(milliseconds: int) -> None:
    assert times.parse(milliseconds / 1000) == milliseconds


@given(st.from_regex(r"[0-9]{0,4}:?[0-9]{0,4}:[0-9]{1,3}(\.[0-9]{0,4})?", fullmatch=True))
def test_the_schema_accepts_the_texts_that_are_times(text: str) -> None:
    assert (times.parse(text) is not None) == bool(re.search(PATTERN, text, re.ASCII))


@pytest.mark.parametrize(
    ("value", "milliseconds"),
    [
        (20.263, 20263),
        (0, 0),
        ("1:30", 90_000),
        ("01:30.5", 90_500),
        ("75:00.001", 4_500_001),
        ("1:02:03.045", 3_723_045),
    ],
)
def test_a_time_is_read(value: float | str, milliseconds: int) -> None:
    assert times.parse(value) == milliseconds


@pytest.mark.parametrize(
    "value",
    [-1, float("inf"), float("nan"), 1e300, "", "90", "1:75", "1:60:00", "1:30,5", "-1:30", "1:3"],
)
def test_what_is_no_time_is_none(value: float | str) -> None:
    assert times.parse(value) is None


def test_hours_are_written_from_one_hour_on() -> None:
    assert times.format_clock(3_599_999) == "59:59.999"
    assert times.format_clock(3_600_000) == "01:00:00.000"
