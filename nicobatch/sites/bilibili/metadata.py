"""The submission's JSON: a manifest's video in bilibili's own words, only those that are set.

Shape: `POST …/x/vu/web/add/v3` as the web page and three clients send it. What sources disagree
on (`no_reprint`, `no_disturbance`, `recreate`, `subtitle.open`) goes only where the user says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from nicobatch.language import N_, _
from nicobatch.model import Inputs, Json, PublishMode
from nicobatch.sites.abilities import Difference, printable
from nicobatch.sites.bilibili.answers import text, whole
from nicobatch.sites.bilibili.fields import Comments, Copyright, Statement
from nicobatch.sites.bilibili.partitions import name_of
from nicobatch.sites.bilibili.submission import Submission

Body = dict[str, Any]
COPYRIGHTS: Final = MappingProxyType({Copyright.OWN: 1, Copyright.REPOST: 2, Copyright.OTHER: 3})
STATEMENTS: Final = MappingProxyType(
    {
        Statement.NONE: -1,
        Statement.AI: 1,
        Statement.FICTION: 2,
        Statement.MARKETING: 3,
        Statement.OPINION: 4,
    }
)
FORMAT: Final = 9999
"""`desc_format_id` of a description without a form of its partition's."""
_NOT_SENT_BACK: Final = frozenset(
    {"recreate", "human_type2", "activity", "attrs", "tp_info", "reject_reason", "dtime"}
)
"""What View tells and an edit leaves out. @renmu/bili-api; the time can't be changed afterwards."""


def inputs(wish: Submission) -> Inputs:
    """Return all that the submission rests on, under the manifest's names."""
    own = wish.options
    at = wish.publish.at
    subtitle: Json = None
    if own.subtitle:
        subtitle = {"language": own.subtitle.language, "open": own.subtitle.open}
    values: dict[str, Json] = {
        "title": wish.title,
        "description": wish.words,
        "tags": list(wish.sent_tags),
        "publish": wish.publish.mode.value,
        "publish.at": at.isoformat(timespec="seconds") if at else None,
        **cover(wish),
        "cover43": own.cover43 or None,
        "partition": own.partition,
        "tid": own.tid,
        "copyright": own.copyright.value,
        "source": own.source,
        "statement": own.statement.value,
        "dynamic": own.dynamic,
        "no_reprint": own.no_reprint,
        "comments": own.comments and own.comments.value,
        "danmaku": own.danmaku,
        "subtitle": subtitle,
        "charging": own.charging,
        "dolby": own.dolby,
        "hires": own.hires,
        "watermark": own.watermark,
        "topic": own.topic,
        "mentions": dict(own.mentions),
        "notify_followers": own.notify_followers,
        "extra": dict(own.extra),
    }
    return {name: value for name, value in values.items() if value not in (None, "", {}, [])}


def cover(wish: Submission) -> Inputs:
    """Return what the cover is made of: a picture goes before a frame; else the site chooses."""
    timing, picture = wish.thumbnail.timing, wish.thumbnail.sha256
    if picture:
        return {"thumbnail.file": picture}
    return {} if timing is None else {"thumbnail.timing": timing}


def _description(wish: Submission) -> Body:
    body: Body = {"desc": wish.words, "desc_format_id": FORMAT}
    if wish.options.mentions:
        body["desc_v2"] = list(_mentioning(wish.words, wish.options.mentions))
    return body


def _mentioning(words: str, mentions: Mapping[str, int]) -> Iterator[Body]:
    """Yield the description's pieces: text, and between it whoever stands behind an @."""
    names = sorted(mentions, key=len, reverse=True)
    pattern = "|".join(re.escape(f"@{name}") for name in names)
    for number, piece in enumerate(re.split(f"({pattern})", words)):
        if number % 2:
            yield {"raw_text": piece[1:], "type": 2, "biz_id": str(mentions[piece[1:]])}
        elif piece:
            yield {"raw_text": piece, "type": 1, "biz_id": ""}


def _comments(wish: Submission) -> Body:
    chosen = wish.options.comments
    return {
        "up_close_reply": chosen is Comments.CLOSED,
        "up_selection_reply": chosen is Comments.SELECTED,
    }


def _subtitle(wish: Submission) -> Body:
    chosen = wish.options.subtitle
    return {"subtitle": {"open": int(chosen.open), "lan": chosen.language}} if chosen else {}


def _at(wish: Submission) -> Body:
    return {"dtime": int(wish.publish.at.timestamp())} if wish.publish.at else {}


WIRE: Final[Mapping[str, Callable[[Submission], Body]]] = MappingProxyType(
    {
        "title": lambda wish: {"title": wish.title},
        "description": _description,
        "mentions": _description,
        "tags": lambda wish: {"tag": ",".join(wish.sent_tags)},
        "publish": lambda wish: {"is_only_self": int(wish.publish.mode is PublishMode.PRIVATE)},
        "publish.at": _at,
        "partition": lambda wish: {"human_type2": wish.options.partition},
        "tid": lambda wish: {"tid": wish.options.tid},
        "copyright": lambda wish: {"copyright": COPYRIGHTS[wish.options.copyright]},
        "source": lambda wish: {"source": wish.options.source},
        "statement": lambda wish: {
            "creation_statement": {"id": STATEMENTS[wish.options.statement]}
        },
        "dynamic": lambda wish: {"dynamic": wish.options.dynamic},
        "no_reprint": lambda wish: {"no_reprint": int(bool(wish.options.no_reprint))},
        "comments": _comments,
        "danmaku": lambda wish: {"up_close_danmu": wish.options.danmaku is False},
        "subtitle": _subtitle,
        "charging": lambda wish: {"charging_pay": int(bool(wish.options.charging))},
        "dolby": lambda wish: {"dolby": int(bool(wish.options.dolby))},
        "hires": lambda wish: {"lossless_music": int(bool(wish.options.hires))},
        "watermark": lambda wish: {"watermark": {"state": int(bool(wish.options.watermark))}},
        "topic": lambda wish: {"topic_id": wish.options.topic},
        "notify_followers": lambda wish: {
            "no_disturbance": int(wish.options.notify_followers is False)
        },
        "extra": lambda wish: dict(wish.options.extra),
    }
)
"""By field, the submission's keys that carry it."""
ALWAYS: Final = (
    *("title", "description", "tags", "tid", "copyright", "statement", "dynamic", "publish"),
)
"""Fields that the page sends even where they are empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One page whose bytes the site has."""

    filename: str
    """As the site calls it; it knows the page by nothing else."""
    title: str
    description: str = ""
    cid: int | None = None

    def body(self) -> Body:
        """Return the page's member of `videos`."""
        cid = {} if self.cid is None else {"cid": self.cid}
        return {"filename": self.filename, "title": self.title, "desc": self.description, **cid}


def body(wish: Submission, pages: Sequence[Sent], covers: Mapping[str, str], csrf: str) -> Body:
    """Return the whole submission; `covers` are the pictures' addresses by their keys."""
    whole_body: Body = {"videos": [page.body() for page in pages], **covers}
    for name in dict.fromkeys((*ALWAYS, *inputs(wish))):
        if name in WIRE:
            whole_body |= WIRE[name](wish)
    return {**whole_body, "csrf": csrf}


def edited(  # noqa: PLR0913 - an edit has these parts
    view: ArchiveView,
    wish: Submission,
    fields: Sequence[str],
    *,
    pages: Sequence[Sent] = (),
    covers: Mapping[str, str] = MappingProxyType({}),
    csrf: str,
) -> Body:
    """Return the archive as viewed with the fields' new values, and with the pages added to it."""
    kept = {name: value for name, value in view.archive.items() if name not in _NOT_SENT_BACK}
    if "description" in fields:  # its pieces are those of the old one
        kept.pop("desc_v2", None)
    for name in fields:
        if name in WIRE and name != "publish.at":
            kept |= WIRE[name](wish)
    kept |= covers
    videos = [page.body() for page in (*view.pages, *pages)]
    kept = {name: value for name, value in kept.items() if value is not None}
    return {**kept, "aid": view.aid, "videos": videos, "csrf": csrf}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveView:
    """A video as its owner sees it in the editor."""

    aid: int
    bvid: str
    state: int
    reason: str
    """Why it was returned, in the site's words."""
    archive: Mapping[str, Any]
    pages: tuple[Sent, ...]
    troubles: tuple[str, ...] = ()
    """What the site says against single pages."""

    @classmethod
    def of(cls, data: object) -> ArchiveView | None:
        """Read View's data; None where it is none."""
        archive = data.get("archive") if isinstance(data, dict) else None
        videos = data.get("videos") if isinstance(data, dict) else None
        if not isinstance(archive, dict) or not isinstance(videos, list):
            return None
        aid, state = whole(archive.get("aid")), archive.get("state")
        if aid is None or not isinstance(state, int):
            return None
        rows = [each for each in videos if isinstance(each, dict)]
        said = (text(each.get("reject_reason")) or text(each.get("fail_desc")) for each in rows)
        return cls(
            aid=aid,
            bvid=printable(archive.get("bvid", "")),
            state=state,
            reason=printable(archive.get("reject_reason", "")),
            archive=archive,
            pages=tuple(map(_page, rows)),
            troubles=tuple(printable(each) for each in said if each),
        )

    def has(self, filenames: Sequence[str]) -> bool:
        """Tell whether every one of the uploads is a page of it."""
        return {page.filename for page in self.pages}.issuperset(filenames)


def _page(row: Mapping[str, Any]) -> Sent:
    return Sent(
        filename=text(row.get("filename")),
        title=text(row.get("title")),
        description=text(row.get("desc")),
        cid=whole(row.get("cid")),
    )


_TID: Final = N_("bilibili has put it into the partition {there}, and {wanted} was asked for")
_OTHER: Final = N_("bilibili has another {field} than was asked for: {there}")


def differences(wish: Submission, entry: ArchiveView) -> Iterator[Difference]:
    """Yield what the site has otherwise than it was asked for."""
    archive, wanted = entry.archive, body(wish, (), {}, "")
    tid = archive.get("tid")
    if isinstance(tid, int) and tid != wish.options.tid:
        words = _(_TID).format(there=name_of(tid), wanted=name_of(wish.options.tid))
        yield Difference(field="tid", rule="partition-changed", message=words)
    for field, key in (("title", "title"), ("copyright", "copyright"), ("description", "desc")):
        there = archive.get(key)
        if there is not None and there != wanted[key]:
            yield _other(field, there)
    tags = set(text(archive.get("tag")).split(","))
    for number, tag in enumerate(wish.sent_tags):
        if archive.get("tag") is not None and tag not in tags:
            words = _("bilibili does not have the tag “{tag}”").format(tag=tag)
            yield Difference(field=f"tags.{number}", rule="visible-tag-missing", message=words)
    statement = archive.get("creation_statement")
    told = statement.get("id") if isinstance(statement, dict) else None
    if isinstance(told, int) and told != STATEMENTS[wish.options.statement]:
        yield _other("statement", told)


def _other(field: str, there: object) -> Difference:
    words = _(_OTHER).format(field=field, there=printable(there))
    return Difference(field=field, rule=f"visible-{field}-differs", message=words)
