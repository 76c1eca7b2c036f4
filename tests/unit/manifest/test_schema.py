"""The published schema: its numbers, its words, and its agreement with what `load` says."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from nicobatch import sites
from nicobatch.manifest import schema, schema_path, schema_text
from nicobatch.manifest.identity import ACCOUNT, ID_LENGTH
from nicobatch.model import Severity, Video
from nicobatch.sites.niconico.cropping import Aspect
from nicobatch.sites.niconico.fields import SITE, Community, Options, Permissions, Series
from nicobatch.sites.niconico.limits import GENRES, LIMITS
from tests.support.schema import generated
from tests.unit.manifest.reading import read

SCHEMA: dict[str, Any] = json.loads(schema_text())
PARTS: dict[str, Any] = SCHEMA["definitions"]
FULL: dict[str, Any] = {
    "version": 1,
    "account": "main",
    "defaults": {"genre": "game", "permissions": {"clip_tweet": False}, "series": {"id": 3}},
    "videos": [
        {
            "file": "a.mp4",
            "id": "a",
            "title": "冒険",
            "tags": ["ゲーム", "実況"],
            "thumbnail": {"timing": 20.263, "aspect": "auto", "position": 0},
            "publish": {"at": "2026-12-01T20:00:00+09:00"},
            "series": {"add_to_head": True},
            "parent_works": ["sm9"],
        },
        {"file": "b.mp4", "title": "冒険", "thumbnail": {"timing": "1:30"}, "publish": "draft"},
    ],
}
SINGLE = {"version": 1, **FULL["videos"][0], "series": {"id": 3}}


def test_it_is_what_the_sites_rows_make_it() -> None:
    assert schema_text() == generated(sites.Described())


def test_the_schema_is_a_schema() -> None:
    Draft7Validator.check_schema(SCHEMA)


def test_its_numbers_are_those_of_limits() -> None:
    limits = PARTS["limits"]["properties"]
    assert limits["title"]["maxLength"] == LIMITS.title
    assert limits["tags"]["maxItems"] == LIMITS.tags
    assert limits["tags"]["items"]["maxLength"] == LIMITS.tag_width
    assert str(LIMITS.tags) in PARTS["tags"]["description"]
    assert PARTS["genre"]["anyOf"][0]["enum"] == list(GENRES)
    assert PARTS["id"]["maxLength"] == ID_LENGTH
    assert PARTS["account"]["anyOf"][0]["pattern"] == f"^{ACCOUNT.pattern}$"
    assert (
        PARTS["parent_works"]["items"]["pattern"]
        == f"^{SITE.own['parent_works'].schema['pattern']}$"
    )


def test_its_keys_are_those_of_a_video() -> None:
    found = {each.name for kind in (Video, Options) for each in fields(kind)}
    not_given = {"manifest", "places", "site", "options", "pages"}
    not_given |= {"previous_id", "next_id", "shared", "cropping", "made"}
    ours = (found - not_given) | {"sites", *sites.SITES}
    assert {*PARTS["video"]["properties"], "account"} == ours
    assert {*PARTS["single"]["properties"]} == ours | {"version"}
    assert {*PARTS["defaults"]["properties"]} == {*PARTS["video"]["properties"]} - {"file", "id"}


@pytest.mark.parametrize("kind", [Permissions, Series, Community])
def test_its_inner_keys_are_those_of_the_model(kind: type) -> None:
    properties = PARTS[kind.__name__.lower()]["properties"]
    assert list(properties) == [each.name for each in fields(kind)]


def test_its_defaults_are_those_of_the_model() -> None:
    video, own = Video(manifest=Path("m"), id="a", file=Path("a"), title="a"), Options()
    for name in ("account", "description", "genre", "signature", "thanks_message"):
        assert PARTS[name]["default"] == getattr(video if hasattr(video, name) else own, name)
    for name, flag in PARTS["permissions"]["properties"].items():
        assert flag["default"] is getattr(own.permissions, name)
    assert PARTS["thumbnail"]["properties"]["aspect"]["enum"] == list(Aspect)


def described(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield from (each for each in node.get("properties", {}).values() if "type" in each)
        for each in node.values():
            yield from described(each)


def test_every_key_is_described_in_english_and_japanese() -> None:
    keys = [*PARTS.values(), *described(PARTS)]
    for part in keys:
        if part is not PARTS["complete"]:
            assert " / " in part["title"]
        description = part["description"]
        assert any("぀" <= char <= "鿿" for char in description), description
        assert any(char.isascii() and char.isalpha() for char in description), description


def test_every_example_is_valid() -> None:
    for name, part in schema.definitions().items():
        for example in part.get("examples", ()):
            Draft7Validator(schema.definitions()[name]).validate(example)


def test_the_packaged_schema_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "files", lambda _: tmp_path)
    assert schema_path() == Path(__file__).parents[3] / "schemas" / schema.NAME
    (tmp_path / schema.NAME).write_text("{}", encoding="utf-8")
    assert schema_text() == "{}"


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        *[None, True, False, 0, -1, 1, 2.5, 10**30, "", " ", "x", "a b", "draft", [], ["x"], [1]],
        *[{}, "a\nb", "\na\n", "a\u2028", "\x7f", ".a", "a ", "con.x", "COM1", "#x", ["x", "x"]],
        *["*.mp4", "[x].mp4", "{index:02}", "{index:2}", "x" * 101, "{stem}" * 20, 3_600_000],
        *["2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "2026-01-01T24:00:00Z"],
    ]
) | st.dictionaries(st.sampled_from(["id", "at", "timing", "on"]), st.integers(-1, 2), max_size=2)
KEYS = [*PARTS["single"]["properties"], "videos", "defaults", "timing", "at", "gift", "only", "nme"]


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    steps = node.items() if isinstance(node, dict) else enumerate(node)
    for step, value in list(steps):
        yield node, step
        if isinstance(value, dict | list):
            yield from places(value)


NAMES = st.text(
    st.sampled_from('aA1.ガ "<|?*:\\/{}#\n\t\x85\u2028\u3000'), max_size=8
) | st.sampled_from(
    ["con", "Aux.x", "lpt¹", "com0", "nul ", "conin$", "console", "x" * 100, "x" * 101]
)


@pytest.mark.parametrize("field", ["id", "title", "file", "tags"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=NAMES)
def test_texts_that_the_schema_takes_are_those_that_load_takes(
    field: str, text: str, tmp_path: Path
) -> None:
    value = [text] if field == "tags" else text
    manifest = {"version": 1, "file": "a.mp4", "id": "a", "title": "冒険", field: value}
    loaded = read(tmp_path, json.dumps(manifest))
    beyond = {"pattern-unmatched", "id-of-several", "title-of-several"}  # `/*` has matches
    beyond.add("file-unportable")  # a note here, where Windows has no such name
    wrong = {each.rule for each in loaded.problems} - beyond
    assert Draft7Validator(SCHEMA).is_valid(manifest) == (not wrong)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_load_finds_an_error_wherever_the_schema_does(data: st.DataObject, tmp_path: Path) -> None:
    manifest = copy.deepcopy(data.draw(st.sampled_from([FULL, SINGLE])))
    for _ in range(data.draw(st.integers(0, 3))):
        node, step = data.draw(st.sampled_from(list(places(manifest))))
        change = data.draw(st.sampled_from(["replace", "delete", "add"]))
        if change == "replace":
            node[step] = copy.deepcopy(data.draw(JUNK))
        elif change == "delete":
            del node[step]
        elif isinstance(node, dict):
            node[data.draw(st.sampled_from(KEYS))] = copy.deepcopy(data.draw(JUNK))
        if not list(places(manifest)):
            return
    loaded = read(tmp_path, json.dumps(manifest, ensure_ascii=False), community=True)
    errors = [each for each in loaded.problems if each.severity is Severity.ERROR]
    if not Draft7Validator(SCHEMA).is_valid(manifest):
        assert errors
    if not errors:
        assert len(loaded.videos) == len(manifest.get("videos", [0]))
