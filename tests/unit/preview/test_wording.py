from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch import language
from nicobatch.preview.wording import balanced, clock, language_of, moment

TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
IN_JAPAN = "; in Japan 2026-12-01 (Tue) 20:00 JST (UTC+09:00)"
AT = datetime(2026, 12, 1, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (TOKYO, "2026-12-01 (Tue) 20:00 JST (UTC+09:00)"),
        (UTC, "2026-12-01 (Tue) 11:00 UTC" + IN_JAPAN),
        (NEW_YORK, "2026-12-01 (Tue) 06:00 EST (UTC-05:00)" + IN_JAPAN),
        (ZoneInfo("Asia/Kathmandu"), "2026-12-01 (Tue) 16:45 UTC+05:45" + IN_JAPAN),
        (
            timezone(timedelta(hours=14), "東京 (標準時)"),
            "2026-12-02 (Wed) 01:00 UTC+14:00" + IN_JAPAN,
        ),
    ],
)
def test_moments(zone: tzinfo, words: str) -> None:
    assert moment(AT, zone) == words


def test_a_moment_by_this_machine_s_clock() -> None:
    assert moment(AT).startswith(f"{AT.astimezone():%Y-%m-%d}")


def test_summer_counts_at_the_moment_itself() -> None:
    summer = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert moment(summer, NEW_YORK).startswith("2026-07-01 (Wed) 08:00 EDT (UTC-04:00)")


def test_seconds_show_where_there_are_any() -> None:
    assert " 20:00:05 JST" in moment(AT + timedelta(seconds=5), TOKYO)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (20.263, "0:20.263"),
        (59.9999, "1:00"),
        (754.5, "12:34.500"),
        (3600, "1:00:00"),
        (3723.004, "1:02:03.004"),
    ],
)
def test_times_in_a_video(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第1回", "ja"),
        ("カナ", "ja"),
        ("ｶﾅ", "ja"),
        ("かな", "ja"),
        ("Episode 1", None),
        ("", None),
    ],
)
def test_the_language_of_a_text(text: str, expected: str | None) -> None:
    assert language_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("第1集", "zh"), ("第1集 カナ", "ja"), ("Ep", None)]
)
def test_han_is_chinese_to_chinese_readers(text: str, expected: str | None) -> None:
    language.choose("zh")
    assert language_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain 冒険", "plain 冒険"),
        ("\u2066x\u2069", "\u2066x\u2069"),
        ("\u2067x", "\u2067x\u2069"),
        ("\u2068\u2066x\u2069", "\u2068\u2066x\u2069\u2069"),
        ("x\u2069\u202ey", "x\u202ey"),
        ("\u2069\u2069\u2066", "\u2066\u2069"),
    ],
)
def test_isolates_are_closed(text: str, expected: str) -> None:
    assert balanced(text) == expected


@given(st.text(alphabet="\u2066\u2067\u2068\u2069x"))
def test_no_text_reaches_out_of_itself(text: str) -> None:
    depth = 0
    for char in balanced(text):
        depth += (char in "\u2066\u2067\u2068") - (char == "\u2069")
        assert depth >= 0
    assert depth == 0
    assert balanced(balanced(text)) == balanced(text)
