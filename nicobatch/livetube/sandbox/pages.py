"""Pages of broadcasts and their authors, what is on, and pictures."""

from __future__ import annotations

import html
import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort, jsonify

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.livetube.sandbox.records import Broadcast
    from nicobatch.livetube.sandbox.site import Site

_TAKEN: Final = frozenset({"sandbox", "stream", "userimage"})
"""What is no author, in the first part of an address."""


def routes(site: Site) -> Blueprint:
    """Return the pages."""
    blueprint = Blueprint("livetube_pages", __name__)
    pages = _Pages(site)
    for path, view in (
        ("/index.live.json", pages.live_json),
        ("/index.live.xml", pages.live_xml),
        ("/stream/<stream>.snapshot.jpg", pages.snapshot),
        ("/userimage/<name>.png", pages.icon),
        ("/<author>", pages.author),
        ("/<author>/<title>", pages.broadcast),
    ):
        blueprint.add_url_rule(path, view.__name__, view)
    return blueprint


class _Pages:
    def __init__(self, site: Site) -> None:
        self._site = site

    def broadcast(self, author: str, title: str) -> ResponseReturnValue:
        """Show a broadcast, as far as a client looks at it."""
        if author in _TAKEN:
            abort(404)
        found = self._site.broadcast(author, title)
        words, stream = html.escape(found.title), found.stream
        return (
            '<!doctype html><html itemscope="itemscope"'
            ' itemtype="http://schema.org/WebPage"><head>\n'
            '<meta http-equiv="X-UA-Compatible" content="IE=edge">\n'
            f'<meta itemprop="image" content="/stream/{stream}.snapshot.jpg">\n'
            '<meta name="viewport" content="width=964, user-scalable=yes">\n'
            f"<title>Livetube - {words}</title></head>\n"
            f"<body><h1>{words}</h1>\n"
            f'<a href="{self._site.prefix}/#{stream}">{stream}</a></body></html>'
        )

    def author(self, author: str) -> ResponseReturnValue:
        """Show an author's broadcasts; the one that is on is marked."""
        mine = [each for each in self._site.broadcasts() if each.author == author]
        if not mine and not self._site.account(author):
            abort(404)
        rows = "".join(
            f'<li><a href="{self._link(each)}">{html.escape(each.title)}</a>'
            f"{'' if each.ended_at else ' 実行中'}</li>\n"
            for each in mine
        )
        return f"<!doctype html><title>{html.escape(author)}</title>\n<ul>\n{rows}</ul>"

    def live_json(self) -> ResponseReturnValue:
        """List what is on."""
        return jsonify([self._facts(each) for each in self._on()])

    def live_xml(self) -> ResponseReturnValue:
        """List what is on, the other way."""
        entries = "".join(
            f"<entry><title>{escape(each.title)}</title>"
            f"<author><name>{escape(each.author)}</name></author>"
            f"<id>{each.stream}</id>"
            f"<published>{_moment(each.begun_at).isoformat()}</published>"
            f"<summary>{escape(' '.join(each.tags))}</summary></entry>\n"
            for each in self._on()
        )
        feed = f'<feed xmlns="http://www.w3.org/2005/Atom">\n{entries}</feed>\n'
        return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n{feed}', mimetype="text/xml")

    def snapshot(self, stream: str) -> ResponseReturnValue:
        """Show what is on, in one colour."""
        self._site.of_stream(stream)
        return Response(_picture(160, 90), mimetype="image/png")

    def icon(self, name: str) -> ResponseReturnValue:
        """Show the picture that stands beside a name."""
        if not self._site.account(name):
            abort(404)
        return Response(_picture(64, 71), mimetype="image/png")

    def _on(self) -> Iterator[Broadcast]:
        return (each for each in self._site.broadcasts() if each.ended_at is None)

    def _facts(self, broadcast: Broadcast) -> dict[str, Any]:
        return {
            "id": broadcast.stream,
            "link": self._link(broadcast),
            "author": broadcast.author,
            "title": broadcast.title,
            "viewing": 0,
            "view": 0,
            "comments": len(self._site.comments(broadcast.stream)),
            "created": format_datetime(_moment(broadcast.begun_at), usegmt=True),
            "tags": list(broadcast.tags),
        }

    def _link(self, broadcast: Broadcast) -> str:
        parts = (quote(each, safe="") for each in (broadcast.author, broadcast.title))
        return f"{self._site.prefix}/{'/'.join(parts)}"


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _picture(width: int, height: int) -> bytes:
    """Return a PNG of one colour."""

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    head = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\x4c\xaf\x50" * width) * height
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
