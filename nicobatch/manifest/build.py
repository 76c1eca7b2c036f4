"""A checked entry of a manifest to a `Video`, every value in its final type."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nicobatch.manifest import duration, semantics
from nicobatch.manifest.defaults import Entry
from nicobatch.manifest.identity import id_of
from nicobatch.model import (
    Aspect,
    Community,
    Permissions,
    Publish,
    PublishMode,
    Series,
    Thumbnail,
    Video,
)
from nicobatch.sites.base import Site

MODES: Mapping[object, PublishMode] = {
    True: PublishMode.PUBLIC,
    False: PublishMode.PRIVATE,
    "draft": PublishMode.DRAFT,
}
_ASPECTS = tuple(Aspect)
_ENOUGH = 50
_LONGEST = 5_000
"""Tags, and characters of each text, of a faulty entry: `defaults` may give them to thousands."""
AS_GIVEN = (
    "title",
    "genre",
    "signature",
    "notify_by_email",
    "exclude_from_upload_list",
    "thanks_message",
    "allow_duplicate",
)


def video(entry: Entry, manifest: Path, account: str | None, site: Site) -> Video:
    """Return the video that the entry asks for; it must have passed every check."""
    data = entry.data
    fields: dict[str, Any] = {name: data[name] for name in AS_GIVEN if name in data}
    if account is not None:
        fields["account"] = account
    for name, choices in site.choices.items():
        if name in fields:
            fields[name] = choices.key(fields[name]) or fields[name]
    return Video(
        manifest=manifest,
        id=id_of(entry) or "",
        file=manifest.parent / data["file"],
        # A block of text (|) ends in a newline that no one means.
        description=data.get("description", "").rstrip("\n"),
        tags=tuple(data.get("tags", ())),
        thumbnail=_thumbnail(data.get("thumbnail", {})),
        publish=_publish(data.get("publish", True)),
        permissions=Permissions(**data.get("permissions", {})),
        series=_series(data.get("series")),
        community=_community(data.get("community")),
        parent_works=tuple(data.get("parent_works", ())),
        places=entry.places,
        **fields,
    )


def sketch(entry: Entry, manifest: Path, site: Site) -> Video:
    """Return what can be understood of a faulty entry, to look at it and its file; it has no id."""
    data = entry.data
    tags = data.get("tags")
    chosen = {name: (each, _text(data.get(name))) for name, each in site.choices.items()}
    fields: dict[str, Any] = {
        name: choices.key(text) or text for name, (choices, text) in chosen.items() if text
    }
    return Video(
        manifest=manifest,
        id="",
        file=manifest.parent / data["file"],
        title=_text(data.get("title")),
        description=_text(data.get("description")).rstrip("\n"),
        tags=tuple(filter(None, map(_text, tags[:_ENOUGH]))) if isinstance(tags, list) else (),
        thumbnail=_sketched(data.get("thumbnail")),
        publish=_understood(data.get("publish", True)) or Publish(),
        places=entry.places,
        **fields,
    )


def _text(value: object) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _sketched(data: object) -> Thumbnail:
    given: Mapping[str, Any] = data if isinstance(data, dict) else {}
    timing, aspect = given.get("timing"), given.get("aspect")
    moment = duration.parse(timing) if isinstance(timing, int | float | str) else None
    return Thumbnail(timing=moment, aspect=Aspect(aspect) if aspect in _ASPECTS else Aspect.AUTO)


def _understood(publish: object) -> Publish | None:
    try:
        meant = _publish(publish)
    except (KeyError, TypeError):  # no such word, or nothing that could be one
        return None
    return meant if meant.at or meant.mode is not PublishMode.SCHEDULED else None


def _thumbnail(data: Mapping[str, Any]) -> Thumbnail:
    timing = duration.parse(data["timing"]) if "timing" in data else None
    aspect = Aspect(data.get("aspect", Aspect.AUTO))
    return Thumbnail(timing=timing, aspect=aspect, position=int(data.get("position", 0)))


def _publish(value: Any) -> Publish:
    if isinstance(value, dict):
        return Publish(PublishMode.SCHEDULED, semantics.parse_moment(value["at"]))
    return Publish(MODES[value])


def _series(data: Mapping[str, Any] | None) -> Series | None:
    return Series(**{**data, "id": int(data["id"])}) if data else None


def _community(data: Mapping[str, Any] | None) -> Community | None:
    return Community(**{**data, "id": int(data["id"])}) if data else None
