"""Finds what keeps bilibili from taking a video before a byte leaves; `rules` has the words.

Where the site's own way of counting characters is unknown, an error is what both readings refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nicobatch.language import _
from nicobatch.model import Page, Problem, PublishMode, Video
from nicobatch.sites.bilibili import limits
from nicobatch.sites.bilibili.fields import RESERVED, Copyright, Statement
from nicobatch.sites.bilibili.partitions import MOST_PAGES, REPOSTS_ONLY, TIDS, most_pages, name_of
from nicobatch.sites.bilibili.rules import RULES
from nicobatch.sites.bilibili.submission import Submission, page_title, plain

_LINE: Final = re.compile("[a-z0-9]{2,20}")
_LATIN: Final = re.compile("[A-Za-z0-9 _-]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, at which field: `tags.0`, `pages.2.title`."""

    rule: str
    field: str
    values: Mapping[str, object]

    def problem(self, video: Video) -> Problem:
        """Return it at its place in the manifest."""
        severity, message, hint = RULES[self.rule]
        values = {"key": self.field.partition(".")[0], **self.values}
        advice = _(hint).format(**values) if hint else ""
        return video.problem(self.field, self.rule, _(message).format(**values), advice, severity)


def problems(video: Video, now: datetime) -> Iterator[Problem]:
    """Yield what bilibili has against the video, in its places; what rows tell is told already."""
    return (each.problem(video) for each in findings(Submission.of(video), now))


def findings(wish: Submission, now: datetime) -> Iterator[Finding]:
    """Yield what speaks against the video, as far as its manifest tells."""
    for check in _CHECKS:
        yield from check(wish)
    yield from time_findings(wish, now)


def time_findings(wish: Submission, now: datetime) -> Iterator[Finding]:
    """Yield what speaks against its time of publication, which counts from the submission on."""
    at = wish.publish.at
    if at is None:
        return
    if at - now < limits.SOONEST:
        least = limits.SOONEST.total_seconds() / 3600
        yield _found(
            "time-too-soon", "publish.at", at=f"{at:%Y-%m-%d %H:%M %z}", least=f"{least:g}"
        )
    if at - now > limits.LATEST:
        most = limits.LATEST.days
        yield _found("time-too-late", "publish.at", at=f"{at:%Y-%m-%d %H:%M %z}", most=most)


def _found(rule: str, field: str, **values: object) -> Finding:
    return Finding(f"bilibili-{rule}", field, values)


def _title(wish: Submission) -> Iterator[Finding]:
    count, units = len(wish.title), _units(wish.title)
    if units > limits.LIMITS.title:
        yield _found("title-may-be-too-long", "title", count=count, units=units)


def _description(wish: Submission) -> Iterator[Finding]:
    sent = plain(wish.description)
    if not sent.text.strip() and wish.options.copyright is Copyright.OWN:
        yield _found("description-empty", "description")
    if sent.dropped:
        tags = ", ".join(f"<{each}>" for each in sent.dropped)
        yield _found("description-html", "description", tags=tags)
    for name in wish.options.mentions:
        if f"@{name}" not in sent.text:
            yield _found("mention-unused", f"mentions.{name}", name=name)


def _tags(wish: Submission) -> Iterator[Finding]:
    if not any(wish.sent_tags):
        yield _found("no-tags", "tags")
    for number, tag in enumerate(wish.tags):
        yield from _tag(tag, f"tags.{number}")


def _tag(tag: str, field: str) -> Iterator[Finding]:
    sent = tag.strip()
    if sent and sent != tag:
        yield _found("tag-blank", field, tag=f"“{tag}”")
    if "," in sent:
        yield _found("tag-comma", field, tag=sent)
    if len(sent) >= limits.LATIN_TAG and _LATIN.fullmatch(sent):
        yield _found("tag-latin", field, tag=sent, count=len(sent))


def _rights(wish: Submission) -> Iterator[Finding]:
    own = wish.options
    if own.copyright is Copyright.REPOST and not own.source.strip():
        yield _found("source-missing", "copyright")
    if own.copyright is not Copyright.REPOST and own.source:
        yield _found("source-unused", "source")
    if len(own.source) > limits.SOURCE:
        yield _found("source-too-long", "source", count=len(own.source), limit=limits.SOURCE)
    if own.copyright is Copyright.OTHER and own.statement is Statement.NONE:
        yield _found("statement-missing", "copyright")
    if own.no_reprint is not None and own.copyright is not Copyright.OWN:
        yield _found("reprint-unused", "no_reprint")


def _place(wish: Submission) -> Iterator[Finding]:
    own = wish.options
    if own.tid not in TIDS:
        yield _found("tid-unknown", "tid", tid=own.tid)
    if own.tid in REPOSTS_ONLY and own.copyright is Copyright.OWN:
        yield _found("tid-reposts", "tid", name=name_of(own.tid))
    if len(own.dynamic) > limits.DYNAMIC:
        count = len(own.dynamic)
        yield _found("dynamic-too-long", "dynamic", count=count, limit=limits.DYNAMIC)
    if not _LINE.fullmatch(own.line):
        yield _found("line", "line", line=own.line)
    for key in sorted(RESERVED.intersection(own.extra)):
        yield _found("extra-reserved", f"extra.{key}", key=key)


def _publish(wish: Submission) -> Iterator[Finding]:
    if wish.publish.mode is PublishMode.DRAFT:
        yield _found("draft", "publish")


def _cover(wish: Submission) -> Iterator[Finding]:
    if wish.thumbnail.file and wish.thumbnail.timing is not None:
        yield _found("timing-idle", "thumbnail.timing", file=wish.thumbnail.file.name)


def _pages(wish: Submission) -> Iterator[Finding]:
    count, tid = len(wish.pages), wish.options.tid
    if count > MOST_PAGES:
        yield _found("too-many-pages", f"pages.{MOST_PAGES}", count=count, limit=MOST_PAGES)
    elif count > most_pages(tid):
        limit = most_pages(tid)
        yield _found("many-pages", "pages", count=count, limit=limit, name=name_of(tid))
    seen = set[str]()
    for number, page in enumerate(wish.pages):
        field = f"pages.{number}" if len(wish.pages) > 1 else "file"
        yield from _page(page, field)
        if str(page.file) in seen:
            yield _found("page-twice", field, file=page.file.name)
        seen.add(str(page.file))


def _page(page: Page, field: str) -> Iterator[Finding]:
    title, at = page_title(page), f"{field}.title" if page.title else field
    if len(title) > limits.LIMITS.title:
        count, limit = len(title), limits.LIMITS.title
        yield _found("page-title-too-long", at, title=title, count=count, limit=limit)
    if not title.isprintable():
        yield _found("page-title-control", at, title=ascii(title))
    if page.file.suffix[1:].lower() not in limits.EXTENSIONS:
        yield _found("extension", field, file=page.file.name)


def _units(words: str) -> int:
    """Return how many units of UTF-16 the text takes, as JavaScript counts."""
    return len(words.encode("utf-16-le", "surrogatepass")) // 2


_CHECKS: Final[tuple[Callable[[Submission], Iterator[Finding]], ...]] = (
    _title,
    _description,
    _tags,
    _cover,
    _publish,
    _rights,
    _place,
    _pages,
)
