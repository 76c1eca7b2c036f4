"""What the manifest chose for a video beyond its words: who can see it, and what is permitted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from types import MappingProxyType
from typing import Any, Final

from nicobatch.language import N_, _
from nicobatch.model import PublishMode, Video
from nicobatch.preview.wording import moment
from nicobatch.sites.base import Site
from nicobatch.sites.fields import YES_NO, Field

AUDIENCE: Final = MappingProxyType(
    {
        PublishMode.PUBLIC: N_("Everybody, as soon as it is published"),
        PublishMode.PRIVATE: N_("Nobody but you"),
        PublishMode.DRAFT: N_("Nobody: it is kept as a draft"),
        PublishMode.SCHEDULED: N_("Everybody, from {time}"),
    }
)


@dataclass(frozen=True, slots=True)
class Choice:
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


def choices(video: Video, site: Site) -> tuple[Choice, ...]:
    """Return what was chosen of the site's own, with all that viewers may do last."""
    found = [
        (row, _value(video, site, row.name)) for row in site.fields if row.kind and not row.choices
    ]
    top = [each for each in found if "." not in each[0].name]
    flags = [each for each in top if each[0].kind == "boolean"]
    shut = {row.name for row, _ in top if row.show or row.kind == "array"}
    inner = [each for each in found if each not in top and _around(each[0]) not in shut]
    duplicate = _("The same file may be published twice")
    return (
        Choice("account", _("Account"), video.account, video.account == "main"),
        *(_shown(*each) for each in top if each not in flags and _is_told(*each)),
        *(_shown(*each) for each in flags),
        Choice("allow_duplicate", duplicate, *_flag(YES_NO, chosen=video.allow_duplicate)),
        *(_shown(*each) for each in inner if each[0].kind == "boolean"),
    )


def lists(video: Video, site: Site) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the lists of texts that the video has of the site's own, each with its name."""
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
    return bool(value) and (row.show is not None or row.kind not in {"object", "array"})


def _shown(row: Field, value: Any) -> Choice:
    if row.kind == "boolean":
        return Choice(
            row.name, _(row.label), *_flag(row.words, chosen=bool(value), usual=row.default is True)
        )
    text = row.show(value) if row.show else str(value)
    return Choice(row.name, _(row.label), text, is_usual=False)


def _flag(words: tuple[str, str], *, chosen: bool, usual: bool = False) -> tuple[str, bool]:
    return _(words[0] if chosen else words[1]), chosen is usual
