"""The manager page: every archive of the sandbox as a person would see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, abort, redirect, render_template, request

from nicobatch.sandbox.page import language as chosen_language
from nicobatch.sandbox.page import length, pictured, send, words
from nicobatch.sites.bilibili.sandbox.partitions import FALLBACK, HUMAN, TIDS
from nicobatch.sites.bilibili.sandbox.records import Archive, Upload
from nicobatch.sites.bilibili.sandbox.review import PUBLIC, is_sound, is_waiting, state

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.sites.bilibili.sandbox.site import Site

_UTC8: Final = timezone(timedelta(hours=8))

_WORDS: Final = words(
    ("bilibili", "bilibili", "bilibili"),
    {
        "page": ("Upload manager", "投稿管理", "稿件管理"),
        "as_of": ("as of {time}, times in UTC+8", "{time} 現在（UTC+8）", "截至 {time}（UTC+8）"),
        "pages": ("Pages", "ページ", "分P"),
        "pages_count": ("{count} in order", "順に {count} 本", "依次 {count} 个"),
        "scheduled": ("Scheduled", "公開予約", "定时发布"),
        "at": ("for {time}", "{time} に公開", "{time} 公开"),
        "private": ("Only me", "自分のみ", "仅自己可见"),
        "encoding": ("Under review", "審査中", "审核中"),
        "failed": ("Returned", "差し戻し", "已退回"),
        "failed_note": (
            "bilibili does not take it: state {state}.",
            "bilibili は受け付けません：状態 {state}",
            "bilibili 不接受：状态 {state}",
        ),
    },
)
_KINDS: Final = {-40: ("scheduled", "at"), -50: ("private", "since")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One archive on the page; all texts are plain."""

    id: int
    bvid: str
    title: str
    owner: str
    kind: str
    moment: datetime
    when: str
    note: str
    cover: str
    partition: str
    tags: tuple[str, ...]
    description: str
    pages: tuple[tuple[int, str, str], ...]
    """Of each page the cid, what it is called, and how long it is."""
    playable: bool


def routes(site: Site) -> Blueprint:
    """Return the page and the files that it shows."""
    blueprint = Blueprint("bilibili_manager_page", __name__, template_folder="templates")
    page = _ManagerPage(site)
    manager = "/platform/upload-manager"
    blueprint.add_url_rule(f"{manager}/article", "archives", page.archives)
    blueprint.add_url_rule(f"{manager}/media/<int:cid>", "media", page.media)
    site.rule(blueprint, "GET", "/video/<bvid>", "watch", page.watch)
    return blueprint


class _ManagerPage:
    def __init__(self, site: Site) -> None:
        self._site = site

    def archives(self) -> str:
        """Show all archives, the newest first."""
        language = chosen_language(self._site.world.language)
        archives = list(self._site.records.all(Archive))[::-1]
        return render_template(
            "bilibili/manager.html",
            cards=[self.card(each, language) for each in archives],
            visible=sum(state(each, self._site) in PUBLIC for each in archives),
            now=_moment(self._site.now),
            language=language,
            say=_WORDS[language],
        )

    def media(self, cid: int) -> ResponseReturnValue:
        """Send a page's file."""
        if not is_sound(cid, self._site):
            abort(404)
        return send(self._site.records.file(cid), "video/mp4")

    def watch(self, bvid: str) -> ResponseReturnValue:
        """Lead to where the archive is shown."""
        if self._site.archive(bvid) is None:
            abort(404)
        return redirect(f"{self._site.prefix}/platform/upload-manager/article#{bvid}")

    def card(self, archive: Archive, language: str) -> Card:
        """Return what the page shows of an archive."""
        body, stands = archive.body, state(archive, self._site)
        kind, when = _kind(stands)
        moment = body["dtime"] if kind == "scheduled" else archive.changed_at
        return Card(
            id=archive.id,
            bvid=archive.bvid,
            title=pictured(archive.title),
            owner=self._site.world.owner(archive.user_id),
            kind=kind,
            moment=_moment(moment),
            when=when,
            note=self._note(archive, stands, language) if kind == "failed" else "",
            cover=(body.get("cover") or "").removeprefix(request.host_url.rstrip("/")),
            partition=_partition(body),
            tags=tuple(pictured(tag) for tag in body["tag"].split(",")),
            description=body.get("desc") or "",
            pages=tuple(
                (page.cid, pictured(page.title), self._length(page.cid)) for page in archive.pages
            ),
            playable=is_sound(archive.pages[0].cid, self._site),
        )

    def _note(self, archive: Archive, stands: int, language: str) -> str:
        return archive.verdict.reason or _WORDS[language]["failed_note"].format(state=stands)

    def _length(self, cid: int) -> str:
        upload = self._site.records.get(cid)
        facts = upload.media if isinstance(upload, Upload) else None
        return length(facts.duration) if facts else ""


def _kind(stands: int) -> tuple[str, str]:
    """Return the colour's name, which is the label's too, and how the moment is told."""
    if is_waiting(stands):
        return "encoding", "since"
    if stands in PUBLIC:
        return "public", "since"
    return _KINDS.get(stands, ("failed", "since"))


def _partition(body: Any) -> str:
    if name := HUMAN.get(body.get("human_type2")):
        return name
    return str(TIDS.get(body["tid"], TIDS[FALLBACK])[0])


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC).astimezone(_UTC8)
