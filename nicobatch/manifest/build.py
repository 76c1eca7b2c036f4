"""A checked entry of a manifest to a `Video`, every value in its final type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from nicobatch.manifest import announcing, discover, times
from nicobatch.manifest.defaults import Entry
from nicobatch.manifest.document import Document
from nicobatch.manifest.identity import id_of
from nicobatch.model import Json, Page, Position, Publish, PublishMode, Thumbnail, Video
from nicobatch.origin import file_at
from nicobatch.sites.description import Site
from nicobatch.sites.fields import Field

MODES: Mapping[object, PublishMode] = {
    True: PublishMode.PUBLIC,
    False: PublishMode.PRIVATE,
    "draft": PublishMode.DRAFT,
}
_ENOUGH = 50
_LONGEST = 5_000
"""Tags, and characters of each text, of a faulty entry: `defaults` may give them to thousands."""


class Top(NamedTuple):
    """What stands at the top of a manifest for all of its videos."""

    account: object = None
    """For all sites, or by their names."""
    places: Mapping[str, Position] = MappingProxyType({})

    @classmethod
    def of(cls, document: Document, data: Mapping[str, Any]) -> Self:
        """Return what the manifest has there."""
        if "account" not in data:
            return cls()
        place = replace(document.place("account"), layer="manifest")
        return cls(data["account"], {"account": place})


def video(entry: Entry, manifest: Path, top: Top, site: Site) -> Video:
    """Return the video that the entry asks for; it must have passed every check."""
    data, folder = entry.data, manifest.parent
    fields: dict[str, Any] = {name: data[name] for name in ("allow_duplicate",) if name in data}
    if name := account_of(data.get("account", top.account), site):
        fields["account"] = name
    return Video(
        manifest=manifest,
        id=id_of(entry) or "",
        site=site.name,
        file=file_at(folder, data["file"]),
        pages=tuple(_page(each, folder) for each in data.get("pages", ())),
        title=data["title"],
        # A block of text (|) ends in a newline that no one means.
        description=data.get("description", "").rstrip("\n"),
        tags=tuple(data.get("tags", ())),
        thumbnail=_thumbnail(data.get("thumbnail", {}), manifest, site),
        publish=_publish(data.get("publish", True)),
        announce=announcing.of(data),
        options=site.make(data),
        previous_id=entry.neighbours[0],
        next_id=entry.neighbours[1],
        shared=_shared(entry, folder),
        made=entry.made if "id" in data else entry.made | {"id"},
        places={**top.places, **entry.places} if top.places else entry.places,
        **fields,
    )


def account_of(given: object, site: Site) -> str | None:
    """Return the account for a site: a name is that on every site, a mapping has one for each."""
    name = given.get(site.name) if isinstance(given, dict) else given
    return name if isinstance(name, str) else None


def sketch(entry: Entry, manifest: Path, site: Site) -> Video:
    """Return what can be understood of a faulty entry, to look at it and its file; it has no id."""
    data = entry.data
    tags = data.get("tags")
    given = {name: (each, _text(data.get(name))) for name, each in site.choices.items()}
    chosen = {
        name: text for name, (each, text) in given.items() if each.key(text) or each.fits(text)
    }
    return Video(
        manifest=manifest,
        id="",
        site=site.name,
        file=file_at(manifest.parent, data["file"]),
        title=_text(data.get("title")),
        description=_text(data.get("description")).rstrip("\n"),
        tags=tuple(filter(None, map(_text, tags[:_ENOUGH]))) if isinstance(tags, list) else (),
        thumbnail=_sketched(data.get("thumbnail")),
        publish=_understood(data.get("publish", True)) or Publish(),
        options=site.make(chosen | _cropping(data.get("thumbnail"), site)),
        shared=_shared(entry, manifest.parent),
        places=entry.places,
    )


def _shared(entry: Entry, folder: Path) -> tuple[Path, ...]:
    return tuple(folder / each for each in entry.shared)


def _text(value: object) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _page(data: Mapping[str, Any], folder: Path) -> Page:
    description = data.get("description", "").rstrip("\n")
    return Page(
        file=file_at(folder, data["file"]), title=data.get("title", ""), description=description
    )


def _sketched(data: object) -> Thumbnail:
    timing = data.get("timing") if isinstance(data, dict) else None
    moment = times.parse(timing) if isinstance(timing, int | float | str) else None
    return Thumbnail(timing=moment)


def _cropping(data: object, site: Site) -> dict[str, Any]:
    """Return what a site's own keys of the thumbnail say, as far as they are among its values."""
    given: Mapping[str, Any] = data if isinstance(data, dict) else {}
    found = {
        key: given[key]
        for row in site.fields
        for around, _dot, key in [row.name.partition(".")]
        if around == "thumbnail" and given.get(key) in _enum(row)
    }
    return {"thumbnail": found} if found else {}


def _enum(row: Field) -> Sequence[Json]:
    values = row.schema.get("enum")
    return values if isinstance(values, Sequence) else ()


def _understood(publish: object) -> Publish | None:
    try:
        meant = _publish(publish)
    except (KeyError, TypeError):  # no such word, or nothing that could be one
        return None
    return meant if meant.at or meant.mode is not PublishMode.SCHEDULED else None


def _thumbnail(data: Mapping[str, Any], manifest: Path, site: Site) -> Thumbnail:
    timing = times.parse(data["timing"]) if "timing" in data else None
    is_taken = "file" in data and site.limits.picture is not None
    file = _picture(data["file"], manifest) if is_taken else None
    return Thumbnail(timing=timing, file=file)


def _picture(file: str, manifest: Path) -> Path:
    return file_at(manifest.parent, discover.spelled(manifest, file))


def _publish(value: Any) -> Publish:
    if isinstance(value, dict):
        return Publish(PublishMode.SCHEDULED, times.parse_moment(value["at"]))
    return Publish(MODES[value])
