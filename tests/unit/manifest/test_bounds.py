"""Manifests that are made to take long or to say much: each is told in few words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from nicobatch.manifest import load, rules
from nicobatch.model import Inputs
from nicobatch.sites.niconico.fields import SITE
from tests.unit.manifest.reading import NOW, read

pytestmark = pytest.mark.no_cover  # being traced would double its time, and cover nothing more

HEAD = "version: 1\nfile: a.mp4\ntitle: t\n"
VIDEOS = "version: 1\ndefaults: {title: '{stem}'}\nvideos:\n"
LONG = "あ" * 250_000


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"version: {'9' * 900}\nfile: a.mp4", "version-newer"),
        (f"{HEAD}tags: [{LONG}]", "tag-too-wide"),
        (f"{HEAD}id: {LONG}", "id-too-long"),
        (f"{HEAD}genre: {LONG}", "unknown-genre"),
        (f"{HEAD}account: {LONG}", "account-name"),
        (f"{HEAD}? {LONG}\n: 1", "unknown-key"),
        (f"{HEAD}signature: [{LONG}]", "not-boolean"),
        (f"{HEAD}thumbnail: {{timing: '{LONG}'}}", "bad-timing"),
        (f"{HEAD}publish: {{at: '{LONG}'}}", "publish-at-invalid"),
        (f"{HEAD}series: {{id: '{'series/' * 100_000}'}}", "not-integer"),
        (f"version: 1\ntitle: t\nfile: '{'[' * 200_000}'", "file-too-long"),
        (f"version: 1\ntitle: t\nfile: '{'*[' * 200_000}'", "file-too-long"),
        (f"version: 1\ntitle: t\nfile: '*/{'[' * 300}'", "file-too-long"),
        (f"version: 1\nfile: '*.mp4'\ntitle: '{'{a b}' * 100_000}'", "placeholder-unknown"),
        (f"{HEAD}description: '{'{' * 500_000}'", "description-too-long"),
        (f"{HEAD}x-a: &a {LONG * 1}\nx-b: [{'*a, ' * 1000}]", "yaml-alias-bomb"),
    ],
)
def test_long_texts_are_cut_where_they_are_told(text: str, rule: str, tmp_path: Path) -> None:
    problems = read(tmp_path, text).problems
    assert rule in {each.rule for each in problems}
    assert all(len(each.message) + len(each.hint) < 600 for each in problems)


@pytest.mark.parametrize(
    ("text", "rule", "more"),
    [
        (HEAD + "".join(f"k{number}: 1\n" for number in range(20_000)), "unknown-key", 19_950),
        (HEAD + "".join(f"{number}: 1\n" for number in range(9_000)), "key-not-text", 8_950),
        (HEAD + "genre: game\n" * 10_001, "repeated-key", 9_950),
        (VIDEOS + "- {file: a.mp4, id: ''}\n" * 5_000, "id-empty", 4_950),
        (VIDEOS + "- {file: a.mp4, titel: x}\n" * 300, "unknown-key", 250),
    ],
)
def test_findings_are_counted_beyond_a_number(
    text: str, rule: str, more: int, tmp_path: Path
) -> None:
    problems = read(tmp_path, text).problems
    told = Counter(each.rule for each in problems)
    assert told[rule] == rules.MOST_TOLD
    assert told["more-problems"] == 1
    (rest,) = (each for each in problems if each.rule == "more-problems")
    assert int(rest.message.split()[1].replace(",", "")) >= more


@pytest.mark.parametrize(
    "values",
    [
        "".join(f"  k{number}: {{}}\n" for number in range(30_000)),
        f"  tags: [{'a, ' * 30_000}]\n",
        f"  description: {LONG}\n",
    ],
)
def test_defaults_are_bounded_with_all_videos(values: str, tmp_path: Path) -> None:
    text = f"version: 1\ndefaults:\n  title: t\n{values}videos:\n{'- {file: a.mp4}' + chr(10)}"
    loaded = read(tmp_path, text + "- {file: a.mp4}\n" * 9_000)
    (found,) = (each for each in loaded.problems if each.rule == "defaults-too-many")
    assert (found.line, found.column) == (2, 1)
    assert loaded.videos == ()


def test_a_manifest_has_so_many_videos(tmp_path: Path) -> None:
    loaded = read(tmp_path, VIDEOS + "- file: a.mp4\n" * 40_000)
    assert [(each.rule, each.line) for each in loaded.problems] == [("too-many-videos", 3)]


def test_patterns_stand_for_so_many_videos(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.mp4").touch()
    loaded = read(tmp_path, VIDEOS + "- file: '*.mp4'\n" * 2_000)
    assert "too-many-videos" in {each.rule for each in loaded.problems}
    assert len(loaded.videos) + len(loaded.flawed) <= 10_000


@pytest.mark.parametrize(
    "text",
    [
        "SECRET: x: y",
        "SECRET",
        "[SECRET, ",
        "a: *SECRET",
        "a: !SECRET x",
        "SECRET: 1\nSECRET: 2",
        "- SECRET",
        "&SECRET a: 'b",
        "1: 2\nSECRET: '",
        "{SECRET: 1",
        "SECRET：1",
    ],
)
def test_another_file_is_not_quoted(text: str, tmp_path: Path) -> None:
    problems = read(tmp_path, text).problems
    assert [each.rule for each in problems] == ["not-a-manifest"]
    assert "SECRET" not in f"{problems[0].message} {problems[0].hint}"


@pytest.mark.parametrize("name", ["../../m", "x" * 300, "a/b"])
def test_no_receipt_is_looked_for_by_an_impossible_id(name: str, tmp_path: Path) -> None:
    path, asked = tmp_path / "m.yaml", []

    def stands(_site: str, _path: Path, name: str) -> Inputs:
        asked.append(name)
        return {}

    path.write_text(f"version: 1\nfile: a.mp4\nid: {name}\ntitle: {'t' * 300}\n", "utf-8")
    load([str(path)], sites={SITE.name: SITE}, now=NOW, stands=stands)
    assert asked == []
