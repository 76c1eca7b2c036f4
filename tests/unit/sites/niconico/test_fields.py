"""The rows of niconico's fields: what they say holds in the schema, in the model and in `init`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from nicobatch import sites
from nicobatch.manifest import load, schema
from nicobatch.manifest.skeleton import Clip, skeleton
from nicobatch.model import Json, MediaInfo
from nicobatch.sites.fields import Choices, Field, maker, option, rows
from nicobatch.sites.niconico.fields import SITE

EVERY_SITES: Final = {"version", "account", "file", "id", "title", "announce"}
"""Keys that no default can stand for."""
COMMON: Final = {"thumbnail.timing", "thumbnail.file"}
"""What every site has of the mapping in which this one has keys of its own."""
FIELDS: Final = [each for each in SITE.fields if each.name.partition(".")[0] not in SITE.ended]
ELSEWHERE: Final = {"sites", *sites.SITES}
"""What says where a video goes, and what it has there."""
MEDIA: Final = MediaInfo(container="mp4", size=1, duration=1, width=16, height=9)


def known() -> Mapping[str, Any]:
    properties: Mapping[str, Any] = schema.definitions()["single"]["properties"]
    return properties


def test_the_table_names_the_sites() -> None:
    assert sites.site() is sites.site("niconico") is SITE
    assert [sites.site(name).name for name in sites.SITES] == list(sites.SITES)
    with pytest.raises(KeyError):
        sites.site("nowhere")


def test_each_key_has_its_row() -> None:
    keys = {name for name in known() if name not in EVERY_SITES | SITE.ended | ELSEWHERE}
    assert {each.name.partition(".")[0] for each in FIELDS} == keys
    inner = {f"{name}.{key}" for name in keys for key in known()[name].get("properties", ())}
    assert {each.name for each in FIELDS if "." in each.name} == inner - COMMON


@pytest.mark.parametrize("field", FIELDS, ids=lambda each: each.name)
def test_its_default_is_what_editors_show(field: Field) -> None:
    name, _, inner = field.name.partition(".")
    part = known()[name]["properties"][inner] if inner else known()[name]
    default: Json = list(field.default) if isinstance(field.default, tuple) else field.default
    examples = part.get("examples", [None]) if inner else [None]
    assert default == part.get("default", examples[0])


def test_a_choice_is_known_by_each_of_its_labels() -> None:
    for choices in SITE.choices.values():
        assert all(choices.key(label) == value for value, label in choices.labels.items())


MOODS: Final = Choices(labels={"calm": "静か"}, key={"calm": "calm", "静か": "calm"}.get, fits=bool)


@dataclass(frozen=True)
class Elsewhere:
    genre: str = option(default="calm", note="the mood of it all", choices=MOODS)


def test_a_site_with_a_field_more_is_offered_it_and_held_to_its_choices(tmp_path: Path) -> None:
    site = replace(
        SITE,
        fields=rows(Elsewhere, {"publish": "who sees it"}),
        make=maker(Elsewhere),
        limits=replace(SITE.limits, title=3),
    )
    clip = Clip(file="冒険の始まり.mp4", media=MEDIA, timing=0)
    text = skeleton([clip], site)
    assert "# genre: calm                       # the mood of it all" in text
    assert "title: 冒険の" in text
    assert "tags:" not in text
    path = tmp_path / "m.yaml"
    path.write_text(f"{text}genre: clam\n", encoding="utf-8")
    (problem,) = load(
        [str(path)], sites={SITE.name: site}, now=datetime(2026, 11, 20, tzinfo=UTC)
    ).problems
    assert (problem.rule, problem.hint) == ("unknown-genre", "did you mean calm?")
    path.write_text(f"{text}genre: 静か\n", encoding="utf-8")
    (video,) = load(
        [str(path)], sites={SITE.name: site}, now=datetime(2026, 11, 20, tzinfo=UTC)
    ).videos
    assert video.options.genre == "calm"
