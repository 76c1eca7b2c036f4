"""Rules of single fields: each row a line that is added to a manifest, and the rule it breaks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nicobatch.manifest.semantics import width
from nicobatch.model import Severity
from nicobatch.sites.niconico.limits import LIMITS
from tests.unit.manifest.reading import ONE, found, read

FINE = [
    "tags: []",
    "tags: [一, 二, 三, 四, 五, 六]",
    f"tags: [{'長' * 20}, {'x' * 40}]",
    "tags: [C#, a.b]",
    "description: ''",
    f"description: {'x' * LIMITS.description}",
    "genre: none",
    "genre: r18",
    "publish: {at: 2026-11-20T12:00:01+09:00}",
    "publish: {at: 2026-11-20T03:00:01Z}",
    "publish: {at: 2027-11-20T12:00:00+09:00}",
    "thumbnail: {timing: 0}",
    "thumbnail: {position: -5}",
    "id: 第1回 #1 【実況】",
    "id: " + "e" * 100,
    "parent_works: [sm9, nc1, td12345]",
    "thanks_message: |\n  ありがとう\n  また見てね",
    'description: "a\\tb\\nc"',
]
WRONG = [
    ("description: |\n" + "  x\n" * 300, "description-too-long"),
    ("tags: [ａｂ, AB]", "tag-repeated"),
    ("tags: [ﾃｽﾄ, テスト]", "tag-repeated"),
    ("tags: [a　b]", "tag-with-blank"),
    ("tags: ['  ']", "tag-empty"),
    ("tags: [＃ゲーム]", "tag-with-hash"),
    (f"tags: [{'長' * 20}x]", "tag-too-wide"),
    ("genre: 実況プレイ", "unknown-genre"),
    ("genre: qqqq", "unknown-genre"),
    ("publish: {at: 2026-11-20T12:00:00+09:00}", "publish-at-past"),
    ("publish: {at: 2026-11-20T12:00:00+08:59}", "publish-at-far?"),
    ("publish: {at: 2027-11-22T12:00:00+09:00}", "publish-at-far"),
    ("publish: {at: 0001-01-01T00:00:00+23:59}", "publish-at-past"),
    ("publish: {at: 9999-12-31T23:59:59-23:59}", "publish-at-far"),
    ("publish: {at: 0000-01-01T00:00:00Z}", "publish-at-invalid"),
    ("publish: {at: 2026-12-01}", "publish-at-invalid"),
    ("publish: {at: 2026-12-01T20:00:00+25:00}", "publish-at-invalid"),
    ("publish: {at: 2026-12-01 20:00}", "publish-at-zone"),
    ("publish: {at: 20261201}", "not-text"),
    ("publish: [true]", "publish-unknown"),
    ("publish:", "empty-value"),
    ("thumbnail: {timing: .nan}", "bad-timing"),
    ("thumbnail: {timing: true}", "bad-timing"),
    ("thumbnail: {timing: {a: 1}}", "bad-timing"),
    ("thumbnail: {aspect: 3}", "not-text"),
    ("genre: [game]", "not-text"),
    ("parent_works: [SM9]", "parent-work"),
    ("parent_works: [sm９]", "parent-work"),
    ('thanks_message: "\\e"', "text-control-character"),
    ('tags: ["a\\0"]', "text-control-character"),
    ("id: CON.txt", "id-reserved"),
    ("id: com1", "id-reserved"),
    ("id: 'a '", "id-edge"),
    ("id: a.", "id-edge"),
    ("id: 'a:b'", "id-character"),
    ('id: "a\\u0001"', "id-character"),
    ("id: " + "長" * 67, "id-too-long"),
    ("series: {}", "missing-key"),
    ("series: {id: true}", "not-integer"),
    ("community: {id: 0}", "community-ended"),
]


@pytest.mark.parametrize("line", FINE, ids=lambda line: line[:40])
def test_what_is_fine_has_no_problem(line: str, tmp_path: Path) -> None:
    loaded = read(tmp_path, f"{ONE}{line}\n")
    assert loaded.problems == ()
    assert len(loaded.videos) == 1


@pytest.mark.parametrize(("line", "rule"), WRONG, ids=lambda each: each[:40])
def test_what_is_wrong_breaks_its_rule(line: str, rule: str, tmp_path: Path) -> None:
    loaded = read(tmp_path, f"{ONE}{line}\n")
    if rule.endswith("?"):  # one minute ahead of the clock
        assert loaded.problems == ()
        return
    assert rule in [each.rule for each in loaded.problems]
    stays = all(each.severity is Severity.WARNING for each in loaded.problems)
    assert len(loaded.videos) == stays


@pytest.mark.parametrize(
    ("genre", "hint"),
    [
        ("ゲーン", "did you mean game?"),
        ("ｇａｎｅ", "did you mean game?"),
        ("料里理", "did you mean cooking?"),
        ("Music-Sounds", "did you mean music_sound?"),
    ],
)
def test_a_genre_with_a_slip_is_recognised(genre: str, hint: str, tmp_path: Path) -> None:
    (problem,) = read(tmp_path, f"{ONE}genre: {genre}\n").problems
    assert problem.hint == hint
    assert problem.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("file", "rules"),
    [
        ("videos\\ep1.mp4", []),
        ("/abs/ep1.mp4", []),
        ("../ep1.mp4", []),
        ("' '", ["file-empty"]),
        ('"\\0"', ["file-character"]),
        ("nul.mp4", ["id-reserved"]),
        (".mp4", ["id-edge"]),
        ("/", ["id-empty"]),
        ("a|b.mp4", ["id-character"]),
        ("a?.mp4", ["pattern-unmatched"]),
    ],
)
def test_the_file_gives_the_id_where_there_is_none(
    file: str, rules: list[str], tmp_path: Path
) -> None:
    loaded = read(tmp_path, f"version: 1\nfile: {file}\ntitle: 冒険\n")
    assert [each.rule for each in loaded.problems] == rules
    assert [each.id for each in loaded.videos] == ([] if rules else ["ep1"])


def test_ids_that_one_disk_confuses_are_one(tmp_path: Path) -> None:
    ids = ["\u30cf\u309a", "\u30d1", "STRASSE", "straße"]
    videos = [f"  - {{file: {i}.mp4, title: t, id: {name}}}\n" for i, name in enumerate(ids)]
    loaded = read(tmp_path, "version: 1\nvideos:\n" + "".join(videos))
    assert [(each.rule, each.line) for each in loaded.problems] == [
        ("id-repeated", 4),
        ("id-repeated", 6),
    ]


def test_a_file_is_one_by_every_name_that_the_disk_takes_for_it(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    if not (tmp_path / "A.MP4").exists():
        os.link(tmp_path / "a.mp4", tmp_path / "A.MP4")
    videos = "- {file: a.mp4, title: t}\n- {file: A.MP4, id: b, title: u}\n"
    loaded = read(tmp_path, f"version: 1\nvideos:\n{videos}")
    assert found(loaded) == [("file-repeated", 4, 10)]


def test_one_video_twice_by_an_alias_is_found(tmp_path: Path) -> None:
    loaded = read(tmp_path, "version: 1\nvideos: [&a {file: a.mp4, title: t}, *a]\n")
    assert [each[0] for each in found(loaded)] == ["file-repeated", "id-repeated"]
    assert len(loaded.videos) == 1


def test_width_counts_full_width_characters_twice() -> None:
    assert width("aｱあＡ") == 1 + 1 + 2 + 2
