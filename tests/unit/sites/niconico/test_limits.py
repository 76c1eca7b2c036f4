from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from nicobatch.model import Video
from nicobatch.sites.niconico.cropping import Aspect, Cropping
from nicobatch.sites.niconico.fields import Options, Permissions
from nicobatch.sites.niconico.limits import GENRES, LIMITS

SCHEMA = Path(__file__).parents[4] / "schemas" / "manifest.schema.json"


@pytest.fixture(scope="module")
def definitions() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    found: dict[str, Any] = schema["definitions"]
    return found


@pytest.fixture(scope="module")
def plain() -> Video:
    """A video whose manifest says nothing but what it must."""
    file = Path("ep1.mp4")
    return Video(manifest=Path("m.yaml"), id="ep1", file=file, title="第1回", options=Options())


def value(video: Video, name: str) -> object:
    return getattr(video if hasattr(video, name) else video.options, name)


def test_editors_know_the_same_limits(definitions: dict[str, Any]) -> None:
    limits = definitions["limits"]["properties"]
    assert limits["title"]["maxLength"] == LIMITS.title
    assert limits["tags"]["maxItems"] == LIMITS.tags
    assert limits["tags"]["items"]["maxLength"] == LIMITS.tag_width


def test_editors_offer_the_same_genres(definitions: dict[str, Any]) -> None:
    offered = next(each["enum"] for each in definitions["genre"]["anyOf"] if "enum" in each)
    assert offered == list(GENRES)


def test_a_label_names_one_genre() -> None:
    assert len(set(GENRES.values())) == len(GENRES)


def test_the_genres_can_not_be_changed() -> None:
    with pytest.raises(TypeError):
        GENRES["game"] = ""  # type: ignore[index]


def test_a_video_that_says_nothing_is_within_the_limits(plain: Video) -> None:
    assert plain.options.genre in GENRES
    assert len(plain.description) <= LIMITS.description


@pytest.mark.parametrize(
    "name",
    [
        "account",
        "description",
        "genre",
        "signature",
        "notify_by_email",
        "exclude_from_upload_list",
        "thanks_message",
        "allow_duplicate",
    ],
)
def test_editors_show_the_defaults_that_hold(
    definitions: dict[str, Any], plain: Video, name: str
) -> None:
    assert definitions[name]["default"] == value(plain, name)


@pytest.mark.parametrize("name", ["tags", "parent_works"])
def test_editors_show_empty_lists_as_the_default(
    definitions: dict[str, Any], plain: Video, name: str
) -> None:
    assert (definitions[name]["default"], value(plain, name)) == ([], ())


def test_editors_show_the_permissions_that_hold(definitions: dict[str, Any]) -> None:
    flags = definitions["permissions"]["properties"]
    assert {name: flag["default"] for name, flag in flags.items()} == asdict(Permissions())


def test_editors_show_the_thumbnail_that_holds(definitions: dict[str, Any]) -> None:
    shown = definitions["thumbnail"]["properties"]
    assert shown["aspect"]["default"] == Cropping().aspect
    assert shown["aspect"]["enum"] == list(Aspect)
    assert shown["position"]["default"] == Cropping().position
