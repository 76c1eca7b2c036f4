"""Which stream a page is of, and what is on, in both forms of the list."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from nicobatch.livetube import Broadcast
from nicobatch.livetube.broadcasts import of_json, of_xml, stream_in
from tests.unit.livetube.making import BASE, PAGE, STREAM


def test_the_documents_page() -> None:
    assert stream_in(PAGE) == STREAM


@pytest.mark.parametrize(
    "page",
    [
        "\n" * 50 + PAGE,
        PAGE.replace("\n", " "),
        f"<META CONTENT='/stream/{STREAM}.snapshot.jpg'\n ITEMPROP=image>",
        f'<meta itemprop="image" content="http://h.livetube.cc/stream/{STREAM}.snapshot.jpg">',
        f'<p><meta itemprop="image" content="/logo.png"><script>var comment_entry_id = "{STREAM}";',
        f"<script>\nvar a=1, comment_entry_id='{STREAM}'</script>",
    ],
)
def test_a_page_names_its_stream_on_any_line(page: str) -> None:
    assert stream_in(page) == STREAM


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<p>nothing",
        f"<!-- {PAGE} -->",
        f'<meta itemprop="image" content="/stream/{STREAM}',
        '<meta itemprop="image" content="/stream/short.snapshot.jpg">',
        '<meta itemprop="image">',
        f'<p>comment_entry_id = "{STREAM}"</p>',
    ],
)
def test_other_pages_name_none(page: str) -> None:
    assert stream_in(page) is None


def test_the_live_list() -> None:
    row = {
        "id": STREAM,
        "link": "/hatena%E3%83%86%E3%82%B9%E3%83%88/%E9%85%8D",
        "author": "hatenaテスト",
        "title": "配信テスト",
        "viewing": 3,
        "view": "51",
        "comments": 4,
        "created": "Thu, 09 Feb 2017 19:32:13 GMT",
        "tags": ["minaide", 7],
        "new": {"x": 1},
    }
    others = [7, {}, {"id": 7}, {"id": "short"}, {"id": STREAM}]
    full, bare = of_json(json.dumps([row, *others]), BASE)
    assert full == Broadcast(
        id=STREAM,
        title="配信テスト",
        author="hatenaテスト",
        url="http://livetube.cc/hatena%E3%83%86%E3%82%B9%E3%83%88/%E9%85%8D",
        viewing=3,
        views=51,
        comments=4,
        created=datetime(2017, 2, 9, 19, 32, 13, tzinfo=UTC),
        tags=("minaide", "7"),
    )
    assert (bare.title, bare.viewing, bare.created) == ("", None, None)


@pytest.mark.parametrize("text", ["", "<html>", "{}", "[" * 9999])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        of_json(text, BASE)


@pytest.mark.parametrize(
    "id_", [STREAM, f"tag:livetube.cc,2017:{STREAM}", f"http://x/stream/{STREAM}"]
)
def test_the_list_in_xml(id_: str) -> None:
    text = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Livetube</title>'
        "<entry><title>a &amp; b</title><author><name>c</name></author>"
        f'<link href="/c/a"/><id>{id_}</id><published>2017-02-09T19:32:13Z</published></entry>'
        f"<entry><id>x{STREAM}</id></entry><entry/></feed>"
    )
    (found,) = of_xml(text, BASE)
    assert (found.id, found.title, found.author) == (STREAM, "a & b", "c")
    assert (found.url, found.created) == (
        "http://livetube.cc/c/a",
        datetime(2017, 2, 9, 19, 32, 13, tzinfo=UTC),
    )


LAUGHS = "<!DOCTYPE a [<!ENTITY b 'ha'>{}]><feed><entry><title>&j;</title></entry></feed>".format(
    "".join(
        f"<!ENTITY {name} '{f'&{inner};' * 10}'>"
        for inner, name in zip("bcdefghi", "cdefghij", strict=True)
    )
)


@pytest.mark.parametrize(
    "text",
    ["", "<feed>", LAUGHS, '<!DOCTYPE a SYSTEM "file:///etc/passwd"><feed/>', "<feed>&x;</feed>"],
)
def test_xml_that_is_broken_or_brings_a_document_type_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        of_xml(text, BASE)
