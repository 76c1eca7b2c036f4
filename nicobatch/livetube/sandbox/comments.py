"""Comments: read at once or as soon as there is one, written, and refused."""

from __future__ import annotations

import gzip
import html
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from flask import Blueprint, Response, abort, request

from nicobatch.livetube.sandbox.records import Broadcast, Comment

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.livetube.sandbox.site import Site

THRESHOLD: Final = 24
"""How far below 0 a score bans a comment."""
JAPAN: Final = timezone(timedelta(hours=9))
_LIVE: Final = "background-color: #eee;"
_AFTER: Final = "border-bottom:solid 1px #808080;"
_GREEN: Final = "font-size:1em;color:green; font-weight:bolder;"
_ID: Final = "float:right;font-size:60%;font-style:italic;"
_BODY: Final = "font-weight:bold;margin-bottom:0px; padding-bottom:0px;"
_NO_TEXT: Final = "書き込めません:コメントの文字がないようです。"
_ADDRESS: Final = re.compile(r"https?://[\w./?=&;%#:~+-]+", re.ASCII)


def routes(site: Site) -> Blueprint:
    """Return the calls of comments."""
    blueprint = Blueprint("livetube_comments", __name__)
    comments = _Comments(site)
    path = "/stream/<stream>.comments"
    blueprint.add_url_rule(path, "all", comments.read, methods=["GET"])
    blueprint.add_url_rule(f"{path}.<int:after>", "after", comments.read, methods=["GET"])
    blueprint.add_url_rule(path, "write", comments.write, methods=["POST"])
    return blueprint


class _Comments:
    def __init__(self, site: Site) -> None:
        self._site = site

    def read(self, stream: str, after: int = 0) -> ResponseReturnValue:
        """Give the comments after the number, once there are any."""
        self._site.of_stream(stream)
        found = self._site.wait(lambda: self._site.comments(stream, after))
        write = _line if request.headers.get("User-Agent", "").startswith("Java") else self._html
        answer = _packed("".join(map(write, found)))
        marked = self._site.of_stream(stream)  # by now
        answer.headers["X-JSON"] = json.dumps(_facts(marked), separators=(",", ":"))
        answer.headers["Access-Control-Expose-Headers"] = "X-JSON"
        answer.headers["Access-Control-Allow-Origin"] = "*"
        return answer

    def write(self, stream: str) -> ResponseReturnValue:
        """Take a comment, or say why not."""
        broadcast = self._site.of_stream(stream)
        if "c" not in request.form or "name" not in request.form:
            abort(400)
        text = request.form["c"].strip()
        if not text:
            return _packed(_NO_TEXT)
        self._site.write(broadcast, request.form["name"].strip(), text)
        return _packed("")

    def _html(self, comment: Comment) -> str:
        prefix = self._site.prefix
        name, picture = html.escape(comment.name), ""
        if comment.user_id:
            account = self._site.world.account(comment.user_id)
            path = quote(comment.name)
            name = f'<a href="{prefix}/{path}"><span style="{_GREEN}">{name}</span></a>'
            if account and account.premium:
                source = f"{prefix}/userimage/{path}.png"
                picture = f'<img src="{source}" width="64" height="71" align="left" />'
        shown = f'<span style="{_ID}">{comment.shown_id}</span>' if comment.shown_id else ""
        return (
            f'<div style="{_LIVE if comment.live else _AFTER}">\n'
            f'<div style="margin-top: 5px;">{shown}\n{picture}\r\n'
            f'{comment.number} : {name} <span style="">{_time(comment)}</span><br />\n'
            f'<span style="{_BODY}">{body_of(comment)}</span><br clear="left" />\n'
            "</div>\n</div>"
        )


def body_of(comment: Comment) -> str:
    """Return the text as HTML: addresses as links, and lines."""
    text = html.escape(comment.text, quote=False).replace("\r\n", "\n").replace("\n", "<br />")
    return _ADDRESS.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', text)


def _line(comment: Comment) -> str:
    """Return what was given to clients that are no browser."""
    name, text = quote(comment.name), quote(comment.text)
    return f"{comment.number} : {name} {_time(comment)} {text}\n"


def _time(comment: Comment) -> str:
    moment = datetime.fromtimestamp(comment.written_at, UTC).astimezone(JAPAN)
    return f"{moment.month}/{moment.day} {moment.hour}:{moment:%M:%S}"


def _facts(broadcast: Broadcast) -> dict[str, object]:
    """Return what the header tells; what most of it means is not known."""
    return {
        "n": 0,
        "vi": 0,
        "v": 0,
        "m": 0,
        "b": "0K",
        "r": [],
        "cc": [int(key) for key in broadcast.marks],
        "ei": 0,
        "marks": broadcast.marks,
        "mark_thresh": THRESHOLD,
    }


def _packed(text: str) -> Response:
    """Return a page as the site sends it: in chunks, and packed for who can unpack it."""
    data = text.encode()
    answer = Response(mimetype="text/html")
    if request.accept_encodings["gzip"]:
        data = gzip.compress(data)
        answer.headers["Content-Encoding"] = "gzip"
    answer.response = iter([data])
    return answer
