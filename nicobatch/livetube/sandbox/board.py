"""The page to look at: all broadcasts, and their comments as they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, make_response, render_template, request

from nicobatch.livetube.sandbox.comments import JAPAN, THRESHOLD
from nicobatch.livetube.sandbox.records import Broadcast, Comment
from nicobatch.sandbox.page import language as chosen_language
from nicobatch.sandbox.page import pictured, words

if TYPE_CHECKING:
    from nicobatch.livetube.sandbox.site import Site

_FOLDER: Final = Path(__file__).parent
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""What the frame's pages are allowed, and the script that asks for what was written."""

_WORDS: Final = words(
    ("Livetube", "Livetube", "Livetube"),
    {
        "skip": ("Skip to the broadcasts", "配信の一覧へ", "跳到直播"),
        "page": ("Broadcasts", "配信", "直播"),
        "count_one": (
            "1 broadcast, {public} on air",
            "配信 1 件、配信中 {public} 件",
            "1 场直播，正在进行 {public} 场",
        ),
        "count": (
            "{videos} broadcasts, {public} on air",
            "配信 {videos} 件、配信中 {public} 件",
            "{videos} 场直播，正在进行 {public} 场",
        ),
        "as_of": ("as of {time}, Japan time", "{time} 現在", "截至 {time}（日本时间）"),
        "public": ("On air", "配信中", "直播中"),
        "deleted": ("Over", "終了", "已结束"),
        "since": ("since {time}", "{time} から", "自 {time}"),
        "tags": ("Tags", "タグ", "标签"),
        "comments": ("Comments", "コメント", "评论"),
        "silence": (
            "What is written appears here at once:",
            "書き込むと、すぐにここに現れます。",
            "写下的评论会立即出现在这里：",
        ),
        "banned": ("banned", "BAN", "已屏蔽"),
        "nobody": ("anonymous", "名無し", "匿名"),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One comment on the page; all texts are plain."""

    number: int
    name: str
    green: bool
    shown_id: str
    moment: datetime
    lines: tuple[str, ...]
    banned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One broadcast on the page; all texts are plain."""

    stream: str
    author: str
    title: str
    tags: tuple[str, ...]
    kind: str
    moment: datetime
    comments: tuple[Line, ...]


def routes(site: Site) -> Blueprint:
    """Return the page, and what its script asks for."""
    blueprint = Blueprint(
        "livetube_board",
        __name__,
        template_folder=str(_FOLDER / "templates"),
        static_folder=str(_FOLDER / "static"),
        static_url_path="/sandbox/static",
    )
    board = _Board(site)
    blueprint.add_url_rule("/", "board", board.show)
    blueprint.add_url_rule("/sandbox/news", "news", board.news)
    return blueprint


class _Board:
    def __init__(self, site: Site) -> None:
        self._site = site

    def show(self) -> Response:
        """Show all broadcasts, the newest first."""
        language = chosen_language(self._site.world.language)
        comments = tuple(self._site.records.all(Comment))
        broadcasts = self._site.broadcasts()
        answer = make_response(
            render_template(
                "livetube/board.html",
                cards=[_card(each, comments) for each in broadcasts],
                visible=sum(each.ended_at is None for each in broadcasts),
                after=_last(comments),
                now=_moment(self._site.now),
                language=language,
                say=_WORDS[language],
            )
        )
        answer.headers["Content-Security-Policy"] = _POLICY
        return answer

    def news(self) -> dict[str, object]:
        """Give the comments after a record, once there are any."""
        after = request.args.get("after", 0, int)
        found = self._site.wait(
            lambda: [each for each in self._site.records.all(Comment) if each.id > after]
        )
        say = _WORDS[chosen_language(self._site.world.language)]
        given = [
            {
                "stream": each.stream,
                "html": render_template("livetube/comment.html", comment=_line(each), say=say),
            }
            for each in found
        ]
        return {"after": max(after, _last(found)), "comments": given}


def _last(comments: Sequence[Comment]) -> int:
    return max((each.id for each in comments), default=0)


def _card(broadcast: Broadcast, comments: Sequence[Comment]) -> Card:
    scores = {int(key) + 1: sum(given) for key, given in broadcast.marks.items()}
    banned = {number for number, score in scores.items() if score <= -THRESHOLD}
    mine = [each for each in comments if each.stream == broadcast.stream]
    return Card(
        stream=broadcast.stream,
        author=pictured(broadcast.author),
        title=pictured(broadcast.title),
        tags=tuple(map(pictured, broadcast.tags)),
        kind="public" if broadcast.ended_at is None else "deleted",
        moment=_moment(broadcast.begun_at),
        comments=tuple(_line(each, banned=each.number in banned) for each in mine),
    )


def _line(comment: Comment, *, banned: bool = False) -> Line:
    return Line(
        number=comment.number,
        name=pictured(comment.name),
        green=bool(comment.user_id),
        shown_id=comment.shown_id,
        moment=_moment(comment.written_at),
        lines=tuple(map(pictured, comment.text.splitlines())),
        banned=banned,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC).astimezone(JAPAN)
