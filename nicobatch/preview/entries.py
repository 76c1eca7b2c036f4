"""What a preview is made from: videos, plans and findings, and what was chosen for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any, Final

from nicobatch.language import N_, _
from nicobatch.model import DEFAULT_ACCOUNT, MediaInfo, Problem, PublishMode, Video
from nicobatch.plan import Plan
from nicobatch.preview.wording import moment
from nicobatch.sites.base import StepTable
from nicobatch.sites.description import Site
from nicobatch.sites.fields import YES_NO, Field


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedVideo:
    """One video of a manifest, as far as it could be read."""

    video: Video
    """Without id, and with no more than could be read, where its entry has errors."""
    site: Site
    media: MediaInfo | None = None
    detail: str = ""
    """Its description as it is sent: HTML, newlines as `<br>`."""
    plan: Plan | None = None
    """None where errors keep it from being planned."""
    sign: str = ""
    """The plan's sign."""
    url: str = ""
    """Where it is on the site already."""
    table: StepTable = field(default_factory=StepTable)
    """What the site's steps are."""

    @property
    def is_complete(self) -> bool:
        """Whether the manifest's entry could be read in full."""
        return bool(self.video.id)

    @property
    def is_legible(self) -> bool:
        """Whether more than its file could be read, its title at least."""
        return bool(self.video.id or self.video.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Everything that one preview shows."""

    entries: Sequence[PreviewedVideo]
    problems: Sequence[Problem]
    summary: str
    """How many videos meet which verdict, in words."""
    site: str
    """Where it would all go."""
    is_fine: bool
    """Whether nothing found keeps the videos from being published."""
    now: datetime
    zone: tzinfo | None = None
    """Whose clock to show; None is this machine's."""


AUDIENCE: Final = MappingProxyType(
    {
        PublishMode.PUBLIC: N_("Everybody, as soon as it is published"),
        PublishMode.PRIVATE: N_("Nobody but you"),
        PublishMode.DRAFT: N_("Nobody: it is kept as a draft"),
        PublishMode.SCHEDULED: N_("Everybody, from {time}"),
    }
)


@dataclass(frozen=True, slots=True)
class ChosenValue:
    """One thing that the manifest chose, under the manifest's name."""

    name: str
    label: str
    value: str
    is_usual: bool
    """Whether it would be the same if the manifest said nothing of it."""


def audience(video: Video, zone: tzinfo | None) -> str:
    """Say who is to see the video, and from when."""
    at = video.publish.at
    return _(AUDIENCE[video.publish.mode]).format(time=moment(at, zone) if at else "")


def choices(video: Video, site: Site) -> tuple[ChosenValue, ...]:
    """Return what was chosen of the site's own, with all that viewers may do last."""
    found = [
        (row, _value(video, site, row.name)) for row in site.fields if row.kind and not row.choices
    ]
    top = [each for each in found if "." not in each[0].name]
    flags = [each for each in top if each[0].kind == "boolean" and each[1] is not None]
    shut = {row.name for row, _ in top if row.show or row.kind == "array"}
    inner = [each for each in found if each not in top and _around(each[0]) not in shut]
    duplicate = _("The same file may be published twice")
    return (
        ChosenValue("account", _("Account"), video.account, video.account == DEFAULT_ACCOUNT),
        *(_shown(*each) for each in top if each[0].kind != "boolean" and _is_told(*each)),
        *(_shown(*each) for each in flags),
        ChosenValue("allow_duplicate", duplicate, *_flag(YES_NO, chosen=video.allow_duplicate)),
        *(_shown(*each) for each in inner if each[0].kind == "boolean"),
    )


def lists(video: Video, site: Site) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the lists of texts that the video has of the site's own, each with its name."""
    if video.pages:
        pages = ((page.title or page.file.stem, page.file) for page in video.pages)
        yield _("Pages"), tuple(f"{title} ({file})" for title, file in pages)
    for row in site.fields:
        if (
            row.kind == "array"
            and row.items == "string"
            and (value := _value(video, site, row.name))
        ):
            yield _(row.label), value


def _value(video: Video, site: Site, name: str) -> Any:
    value = video.options if video.options is not None else site.make({})
    for step in name.split("."):
        value = getattr(value, step, None)
    return value


def _around(row: Field) -> str:
    return row.name.partition(".")[0]


def _is_told(row: Field, value: Any) -> bool:
    is_other = row.is_example or value != row.default
    return (
        bool(value) and is_other and (row.show is not None or row.kind not in {"object", "array"})
    )


def _shown(row: Field, value: Any) -> ChosenValue:
    if row.kind == "boolean":
        return ChosenValue(
            row.name, _(row.label), *_flag(row.words, chosen=bool(value), usual=row.default is True)
        )
    text = row.show(value) if row.show else str(value)
    return ChosenValue(row.name, _(row.label), text, is_usual=False)


def _flag(words: tuple[str, str], *, chosen: bool, usual: bool = False) -> tuple[str, bool]:
    return _(words[0] if chosen else words[1]), chosen is usual
