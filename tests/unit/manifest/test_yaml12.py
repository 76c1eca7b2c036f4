"""YAML to data and places, with libyaml and with PyYAML's own parser."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from nicobatch.manifest import yaml12
from nicobatch.manifest.document import Document
from nicobatch.manifest.yaml12 import parse
from nicobatch.manifest.yaml_errors import syntax_fault
from nicobatch.model import Position


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml12, "LOADER", getattr(yaml, request.param))


def document(text: str) -> Document:
    read, faults = parse(text)
    assert read is not None
    assert faults == []
    return read


def fault(text: str) -> tuple[str, int, int]:
    faults = parse(text)[1]
    return faults[-1].rule, faults[-1].place.line, faults[-1].place.column


def test_values_and_keys_keep_their_places() -> None:
    read = document("題: あ\nvideos:\n  - {file: a.mp4, tags: [x, 'y']}\n  - file: b.mp4\n")
    assert read.data == {
        "題": "あ",
        "videos": [{"file": "a.mp4", "tags": ["x", "y"]}, {"file": "b.mp4"}],
    }
    assert read.place("題") == Position(1, 4)
    assert read.place("videos", 0, "tags", 1) == Position(3, 29)
    assert read.key_place("videos", 0, "tags") == Position(3, 19)
    assert read.place("videos", 1) == Position(4, 5)
    assert read.place("videos", 1, "title") == Position(4, 5)
    assert read.place() == Position(1, 1)


def test_an_alias_stands_for_its_anchor() -> None:
    read = document("a: &x {b: 1}\nc: *x\nd: &y text\ne: *y\n*y : key\n")
    assert read.data == {"a": {"b": 1}, "c": {"b": 1}, "d": "text", "e": "text", "text": "key"}
    assert read.place("c") == Position(2, 4)
    assert read.place("c", "b") == Position(1, 11)


def test_what_is_merged_keeps_its_places_and_gives_way() -> None:
    read = document("a: &a {k: 1, l: [x]}\nb: &b {k: 2, m: 3}\nc: {l: own, <<: [*a, *b]}\n")
    data: Any = read.data
    assert data["c"] == {"k": 1, "l": "own", "m": 3}
    assert read.place("c", "k") == Position(1, 11)
    assert read.key_place("c", "m") == Position(2, 14)
    assert read.place("c", "l") == Position(3, 8)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc:\n  <<: *b\n", {"x": 1, "y": 2}),
        ("a: &a {x: 1}\nc: {x: 3, <<: *a}", {"x": 3}),
        ("a: &a {x: 1}\nc: {<<: *a, x: 3}", {"x": 3}),
        ("a: &a {x: {y: 1}}\nc: {<<: *a, x: {z: 1}}", {"x": {"z": 1}}),
        ("c: {<<: {x: 1}, y: 2}", {"x": 1, "y": 2}),
        ("c: {<<: [{x: 1}, {x: 2, y: 2}], <: 3}", {"x": 1, "y": 2, "<": 3}),
        ("c: {<<: [], <<x: 1}", {"<<x": 1}),
        ("c: {'<<': 1}", {"<<": 1}),
        ("c: {<<: &a {x: 1}, y: *a}", {"x": 1, "y": {"x": 1}}),
    ],
)
def test_merge_keys_are_those_of_yaml_1_1(text: str, data: object) -> None:
    read: Any = document(text).data
    assert read["c"] == data


def test_a_chain_of_merges_is_not_deep() -> None:
    links = [f"a{number}: &a{number} {{<<: *a{number - 1}}}" for number in range(1, 100)]
    read: Any = document("\n".join(["a0: &a0 {x: 1}", *links])).data
    assert read["a99"] == {"x": 1}


def test_a_merge_bomb_is_refused() -> None:
    keys = ", ".join(f"k{number}: 1" for number in range(1000))
    merged = "\n".join(f"b{number}: {{<<: *a}}" for number in range(101))
    assert fault(f"a: &a {{{keys}}}\n{merged}\n")[0] == "yaml-alias-bomb"


def test_tags_of_the_core_schema_are_obeyed() -> None:
    text = "a: !!str 1\nb: !!int 2\nc: !!float 3\nd: !!seq [x]\ne: !!map {f: !!bool true}\ng: ! 5\n"
    data = document(text).data
    assert data == {"a": "1", "b": 2, "c": 3, "d": ["x"], "e": {"f": True}, "g": "5"}


@pytest.mark.parametrize(
    ("text", "rule", "line", "column"),
    [
        ("", "empty-manifest", 1, 1),
        ("a: !!int x", "yaml-tag", 1, 4),
        ("a: !!seq {}", "yaml-tag", 1, 4),
        ("a: !x y", "yaml-tag", 1, 4),
        ("a: !x!y z", "yaml-tag", 1, 4),
        ("a: !重 z", "yaml-tag", 1, 4),
        ("a: 1\nb: 2\na: 3", "repeated-key", 3, 1),
        ("? [a]\n: b", "key-not-text", 1, 3),
        ("~: b", "key-not-text", 1, 1),
        ("a: {<<: b}", "yaml-merge-key", 1, 9),
        ("a: {<<: }", "yaml-merge-key", 1, 8),
        ("a: &a [1]\nb: {<<: *a}", "yaml-merge-key", 1, 8),
        ("a: &a {b: 1}\nc: {<<: [*a, 2]}", "yaml-merge-key", 2, 14),
        ("a: &a {<<: *a}", "yaml-recursive-alias", 1, 12),
        ("a: {<<: *b}", "yaml-unknown-alias", 1, 9),
        ("a: {<<: {}, <<: {}}", "repeated-key", 1, 13),
        ("a: 1\n--- 2", "yaml-several-documents", 2, 1),
        ("a: *b", "yaml-unknown-alias", 1, 4),
        ("a: &b [*b]", "yaml-recursive-alias", 1, 8),
        ("a: b: c", "yaml-colon-in-text", 1, 5),
        ("a: b\n c: d", "yaml-indentation", 2, 2),
        ("a: b\n\tc: d", "yaml-tab", 2, 1),
        ("a:\n\t- c", "yaml-tab", 2, 1),
        ("a: 'b", "yaml-unclosed-quote", 1, 4),
        ('a: "b\n---\n', "yaml-unclosed-quote", 1, 4),
        ("a: [b\nc: d", "yaml-unclosed-bracket", 1, 4),
        ("a: {b\nc: d", "yaml-unclosed-bracket", 1, 4),
        ("a: {b: [c\n", "yaml-unclosed-bracket", 1, 8),
        ("a: ]", "yaml-unexpected", 1, 4),
        ("a: 'b' c", "yaml-trailing-text", 1, 8),
        ("a:\n  b: 1\n c: 2", "yaml-indentation", 3, 2),
        ("a: - b", "yaml-dash", 1, 4),
        ("a: @b", "yaml-special-character", 1, 4),
        ("a: &重", "yaml-special-character", 1, 4),
        ("a: | b", "yaml-block-text", 1, 6),
        ("a: 1\nb", "yaml-no-colon", 2, 1),
        ("%YAML 9.9\n---\n", "yaml-syntax", 1, 1),
    ],
)
def test_what_is_wrong_is_said_at_its_place(text: str, rule: str, line: int, column: int) -> None:
    found = fault(text)
    assert found[:2] == (rule, line)
    # The two parsers differ by a character in where they put a backslash or a missing quote.
    assert abs(found[2] - column) <= 1


@pytest.mark.parametrize("text", [r'a: "\q"', r'a: "C:\users"', r'a: "\x9"'])
def test_an_unknown_escape_is_said(text: str) -> None:
    assert fault(text)[:2] == ("yaml-escape", 1)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("[" * 51, 1, 51),
        ("[" * 10_000, 1, 51),
        ("a: [" + "[" * 10_000, 1, 53),
        ("a: b\nc:\n- " + "[" * 10_000, 3, 51),
        ("{" * 10_000, 1, 51),
        ("[{" * 10_000, 1, 51),
        ("{a: " * 10_000, 1, 201),
        ("[\n" * 10_000, 51, 1),
        ("- " * 10_000, 1, 101),
        ("? " * 10_000, 1, 101),
        ("- ? " * 10_000, 1, 101),
    ],
)
def test_deep_nesting_is_refused(text: str, line: int, column: int) -> None:
    assert fault(text) == ("yaml-too-deep", line, column)


def test_deep_nesting_by_aliases_is_refused() -> None:
    first = f"a0: &a0 {'[' * 40}{']' * 40}\n"
    assert fault(f"{first}a1: [[[[[[[[[[*a0]]]]]]]]]]\n")[0] == "yaml-too-deep"


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for inner, outer in zip("abcd", "bcde", strict=True):
        lines.append(f"{outer}: &{outer} [{', '.join([f'*{inner}'] * 10)}]")
    assert fault("\n".join(lines))[:2] == ("yaml-alias-bomb", 5)


def test_many_faults_are_said_at_once() -> None:
    read, faults = parse("a: !x 1\na: 2\n3: 4\n")
    assert read is not None
    assert read.data == {"a": "1"}
    assert [each.rule for each in faults] == ["yaml-tag", "repeated-key", "key-not-text"]


def test_an_error_without_a_place_is_at_the_start() -> None:
    assert syntax_fault(yaml.YAMLError(), "a", Position(1, 1)).place == Position(1, 1)


def test_an_error_at_the_end_is_behind_the_last_line() -> None:
    error = yaml.MarkedYAMLError(problem="?", problem_mark=yaml.Mark("", 0, 9, 0, None, 0))
    assert syntax_fault(error, "a: 1\nbc\n", Position(1, 1)).place == Position(2, 3)


def test_faults_before_a_syntax_error_are_kept() -> None:
    read, faults = parse("a: 1\na: 2\nb: [\n")
    assert read is None
    assert [each.rule for each in faults] == ["repeated-key", "yaml-unclosed-bracket"]
