"""What an answer of comments holds: the document's examples, and what else is known of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.errors import UsageError
from nicobatch.livetube import Comment, Icon, Marks, Reading
from nicobatch.livetube.comments import JAPAN, marks_of, moment_of, reading_of
from tests.unit.livetube.making import AFTER, BASE, LIVE, NOW, X_JSON, fragment


def read(body: str, header: str = "", now: datetime = NOW, *, whole: bool = True) -> Reading:
    return reading_of(body, header, BASE, now, whole=whole)


def one(body: str) -> Comment:
    (comment,) = read(body).comments
    return comment


def test_the_documents_comments() -> None:
    icon = Icon(url="http://livetube.cc/userimage/hatenaTest.png", width=64, height=71)
    first, second = read(LIVE + AFTER).comments
    assert first == Comment(
        number=1,
        name="hatenaテスト",
        green=True,
        icon=icon,
        at=datetime(2017, 2, 10, 16, 6, 51, tzinfo=JAPAN),
        text="コメント1",
        html="コメント1",
        live=True,
    )
    assert (second.number, second.id, second.live) == (2, "334F65I", False)
    assert (second.name, second.green, second.icon) == ("hatenaテスト", True, icon)
    assert (second.text, second.at) == ("コメント2", datetime(2017, 2, 10, 16, 7, 19, tzinfo=JAPAN))


def test_the_documents_bans() -> None:
    marks = marks_of(X_JSON)
    assert marks == Marks({3: -48, 4: -48}, 24)
    assert marks is not None
    assert marks.banned == {3, 4}
    reading = read("".join(map(fragment, range(1, 6))), X_JSON)
    assert [each.number for each in reading.comments if each.banned] == [3, 4]


@pytest.mark.parametrize(
    ("header", "banned"),
    [
        ('{"marks":{"0":[-24]},"mark_thresh":24}', {1}),
        ('{"marks":{"0":[-23]},"mark_thresh":24}', set()),
        ('{"marks":{"0":[-12,-12]},"mark_thresh":24}', {1}),
        ('{"marks":{"0":[-48,30]},"mark_thresh":24}', set()),
        ('{"marks":{},"mark_thresh":24,"new":{"x":[1]}}', set()),
    ],
)
def test_a_score_bans_from_the_threshold_on(header: str, banned: set[int]) -> None:
    marks = marks_of(header)
    assert marks is not None
    assert marks.banned == banned


@pytest.mark.parametrize(
    "header",
    ["", "{", "[]", "7", '{"marks":[]}', '{"marks":{"x":[1]},"mark_thresh":1}',
     '{"marks":{"0":null},"mark_thresh":1}', '{"marks":{"0":[1e999]},"mark_thresh":1}', "[" * 9999],
)  # fmt: skip
def test_a_header_that_can_not_be_read_tells_of_no_bans(header: str) -> None:
    assert read(fragment(1), header) == read(fragment(1))
    assert read(fragment(1), header).marks is None


@pytest.mark.parametrize(
    ("name", "told", "green"),
    [
        ("", "", False),
        ("hatenaTest", "hatenaTest", False),
        ("3 : b &amp; c", "3 : b & c", False),
        ('<a href="/x"><span style="color:green;">緑</span></a>', "緑", True),
        ('<a href="/x"><span style="color:red;">赤</span></a>', "赤", False),
    ],
)
def test_names(name: str, told: str, green: bool) -> None:
    comment = one(fragment(7, name=name))
    assert (comment.number, comment.name, comment.green) == (7, told, green)


@pytest.mark.parametrize(
    ("body", "text", "html"),
    [
        ("a<br />b &amp; &lt;c&gt;", "a\nb & <c>", "a<br>b &amp; &lt;c&gt;"),
        ("<b>a</b> <i>b</i>", "a b", "<b>a</b> <i>b</i>"),
        (
            '<a href="/u/t">x</a>',
            "x",
            '<a href="http://livetube.cc/u/t" rel="noopener noreferrer">x</a>',
        ),
        ('<img src="//h.livetube.cc/a.png" onerror="x()">', "", '<img src="http://h.livetube.cc/a.png">'),
        ('a<script>alert("x")</script><style>b{}</style>', "a", "a"),
        ('<a href="javascript:x()">a</a>', "a", '<a rel="noopener noreferrer">a</a>'),
        ('<span style="font-weight:bold">a</span>b', "ab", "ab"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_a_body_as_text_and_as_html_that_is_safe(body: str, text: str, html: str) -> None:
    comment = one(fragment(1, body))
    assert (comment.text, comment.html) == (text, html)


@pytest.mark.parametrize(
    "source", ["javascript:x()", "data:image/png;base64,AA==", "ftp://h/a.png", "http://[/"]
)
def test_an_icon_is_on_the_web_or_none(source: str) -> None:
    picture = LIVE.replace("/userimage/hatenaTest.png", source)
    assert one(picture).icon is None
    assert one(LIVE.replace('"64"', '"wide"')).icon == Icon(
        url="http://livetube.cc/userimage/hatenaTest.png", height=71
    )


@pytest.mark.parametrize(
    ("now", "told", "year"),
    [
        ((2026, 11, 27, 3), "11/27 12:00:00", 2026),
        ((2027, 1, 1, 0), "12/31 23:59:59", 2026),
        ((2026, 12, 31, 15), "1/1 0:00:01", 2027),  # it is the new year in Japan
        ((2026, 12, 31, 14), "1/1 0:00:01", 2027),  # the site's clock is ahead
        ((2026, 12, 29, 14), "1/1 0:00:01", 2026),
        ((2026, 3, 1, 0), "2/29 1:02:03", 2024),
        ((2103, 3, 1, 0), "2/29 1:02:03", 2096),
    ],
)
def test_a_time_without_a_year_is_the_last_one(now: tuple[int, ...], told: str, year: int) -> None:
    year_, month, day, hour = now
    moment = moment_of(told, datetime(year_, month, day, hour, tzinfo=UTC))
    assert moment
    assert (moment.year, moment.utcoffset()) == (year, JAPAN.utcoffset(None))


@pytest.mark.parametrize("told", ["", "13/1 0:00:00", "2/30 0:00:00", "1/1 24:00:00", "昨日"])
def test_what_is_no_time_stays_untold(told: str) -> None:
    assert moment_of(told, NOW) is None
    assert one(fragment(1, time=told)).at is None


def test_plain_lines() -> None:
    body = (
        "1 : nago 2/10 16:06:51 %E3%82%B3+a%2Bb\n"
        "2 :  2/10 16:07:19 x%0Ay\r\n"
        "3+%3A+a+b+2%2F10+16%3A07%3A20+c+%3Cd%3E\n"
        "4 : b 2/10 16:07:21\n"
        "what is none\n"
    )
    found = read(body, X_JSON).comments
    assert [(each.number, each.name, each.text) for each in found] == [
        (1, "nago", "コ+a+b"),
        (2, "", "x\ny"),
        (3, "a b", "c <d>"),
        (4, "b", ""),
    ]
    assert [each.banned for each in found] == [False, False, True, True]
    assert found[2].html == "c &lt;d&gt;"
    assert found[0].at == datetime(2017, 2, 10, 16, 6, 51, tzinfo=JAPAN)
    assert found[0].live is None


@pytest.mark.parametrize("body", ["", " \n", "<p>We are back soon.</p>", "<div>x</div>", "sorry",
                                  '<div><div>1 : <span style="">x</span></div></div>'])  # fmt: skip
def test_other_pages_hold_no_comment(body: str) -> None:
    assert read(body, X_JSON).comments == ()


def plain(number: int) -> str:
    return f"{number} : a 2/10 16:06:51 b\n"


@pytest.mark.parametrize("write", [fragment, plain])
def test_of_an_answer_that_may_be_cut_what_is_whole_is_taken(write: Callable[[int], str]) -> None:
    text = write(1) + write(2)
    for end in range(len(text) + 1):
        found = read(text[:end], whole=False).comments
        assert found == read(text).comments[: len(found)]
    assert len(read(text, whole=False).comments) == 2


@given(st.text(), st.text())
def test_whatever_comes_nothing_breaks(body: str, header: str) -> None:
    for text in (
        body,
        fragment(1, body),
        fragment(1, name=body),
        f"1 : {body} 2/10 1:00:00 {body}",
    ):
        for comment in read(text, header).comments:
            assert comment.number >= 0
            assert "<script" not in comment.html


def test_without_the_extra_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "selectolax.lexbor", None)
    with pytest.raises(UsageError, match="takes more than is installed") as caught:
        read(LIVE)
    assert caught.value.hint.startswith("install it: ")
