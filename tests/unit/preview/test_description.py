from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.preview.wording import TAGS, shown
from tests.unit.preview.making import HOSTILE

LINKED = '<span class="link">{}</span>'


class Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(f"{tag}.{name}", value) for name, value in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    ("detail", "html"),
    [
        ("", ""),
        ("一行目<br>二行目", "一行目<br>二行目"),
        ("<b>太</b><i>斜</i><u>下</u><s>消</s>", "<b>太</b><i>斜</i><u>下</u><s>消</s>"),
        ('<font color="#f00" size="+2">赤</font>', '<font color="#f00" size="+2">赤</font>'),
        ('<font color="red;x" size="99" face="x">赤</font>', "<font>赤</font>"),
        ('<b style="x" onclick="y" class="card">太</b>', "<b>太</b>"),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
        ("<b>開いたまま", "<b>開いたまま</b>"),
        ("閉じすぎ</b></div>", "閉じすぎ"),
    ],
)
def test_markup(detail: str, html: str) -> None:
    assert shown(detail).html == html


@pytest.mark.parametrize(
    "link",
    [
        "sm9",
        "nm123",
        "so45",
        "im1",
        "nc12345",
        "td1",
        "lv3",
        "co8",
        "ch7",
        "mylist/12345",
        "user/1",
        "series/2",
        "watch/sm9",
        "https://example.jp/a?b=1#c",
        "http://example.jp/",
    ],
)
@pytest.mark.parametrize("around", ["{}", "次→{}", "【{}】", "{} と", "{}<br>x", "<b>{}</b>"])
def test_links_are_marked_and_dead(link: str, around: str) -> None:
    html = shown(around.format(link)).html
    assert html == around.format(LINKED.format(link))
    assert "href" not in html


@pytest.mark.parametrize(
    "text",
    ["sm", "asm9", "sm9x", "SM9", "mylist/x", "sample", "/sm9", "x.sm9", "ftp://x", "１sm９"],
)
def test_what_is_no_link(text: str) -> None:
    assert shown(text).html == text


def test_a_link_ends_before_markup_and_japanese() -> None:
    assert shown("https://example.jp/x次は<b>y</b>").html == (
        f"{LINKED.format('https://example.jp/x')}次は<b>y</b>"
    )
    assert shown("https://example.jp/?a=1&b=2").html == (
        LINKED.format("https://example.jp/?a=1&amp;b=2")
    )


def test_what_is_left_out_is_named() -> None:
    found = shown('<a href="x">x</a><SCRIPT>y</SCRIPT><b>z</b><img src=x>')
    assert found.left_out == ("a", "img", "script")
    assert shown("<b>x</b>").left_out == ()


def test_colours_are_noticed() -> None:
    assert shown('<font color="red">x</font>').is_coloured
    assert not shown('<font size="1">x</font> color=red').is_coloured
    assert not shown('<b color="red">x</b>').is_coloured


def demand_harmless(detail: str) -> None:
    html = shown(detail).html
    read = Reader(html)
    assert read.tags <= TAGS | {"span"}
    for name, value in read.attributes:
        assert name in {"font.color", "font.size", "span.class"}
        assert value
        assert value == "link" if name == "span.class" else value.strip("#+-").isalnum()


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_descriptions(kind: str) -> None:
    demand_harmless(HOSTILE[kind])


PIECES = st.sampled_from(
    [
        *"<>\"'=/ &;#",
        "<font color=",
        "<b ",
        "</",
        "sm9",
        "https://a",
        "<!--",
        "-->",
        "<svg",
        "<style>",
    ]
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=25).map("".join))
def test_no_description_harms(detail: str) -> None:
    demand_harmless(detail)
