"""Conflict copies, by the names that programs which sync folders give them."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from nicobatch.manifest import load
from nicobatch.manifest.patterns import is_surely_copy
from nicobatch.sites.niconico.fields import SITE
from tests.unit.manifest.reading import NOW, ONE

SURE = [
    "ep1.sync-conflict-20261101-101010-ABCDEF7.yaml",
    "ep1.sync-conflict-20261101-101010.yaml",
    "ep1 (Hanako's conflicted copy 2026-11-01).yaml",
    "ep1 (conflicted copy 2026-11-01 101010).yaml",
    "ep1 (DESKTOP-1 の競合コピー 2026-11-01).yaml",
    unicodedata.normalize("NFD", "ep1 (花子 の競合コピー 2026-11-01).yaml"),
    "ep1（競合コピー）.yaml",
    "ep1「競合コピー」.yaml",
    "ep1 - 競合コピー.yaml",
    "ep1 (某某 的冲突副本 2026-11-01).yaml",
    "ep1 (某某 的衝突複本 2026-11-01).yaml",
    "ep1_conflict-20261101-101010.yaml",
    "ep1 (Case Conflict).yaml",
    "ep1 (SFConflict a@example.com 2026-11-01-10-10-10).yaml",
    "ep1_NAS_Nov-01-101010-2026_Conflict.yaml",
    "ep1.conflict1.yaml",
    "ep1 [conflicted].yaml",
    "ep1_conflict-hanako-20261101-101010.yaml",
    "ep1 (case clash from Hanako).yaml",
    "ep1_conf(1).yaml",
    "ep1 (Hanakos konfliktkopia 2026-11-01).yaml",
    "ep1 (конфликтующая копия 2026-11-01).yaml",
    "ep1 (花子의 충돌 사본).yaml",
    "ep1(NSConflict-hanako-v1).yaml",
    "ep1 (某某的冲突文件 2026-11-01).yaml",
    "ep1 (# Edit conflict 2026-11-01 ab12cd #).yaml",
    "ep1 (Unicode エンコードの競合).yaml",
]
LIKELY = [
    *("ep1 2.yaml", "ep1 (1).yaml", "ep1(1).yaml", "ep1-DESKTOP-A1B2C3.yaml", "ep1-LAPTOP.yaml"),
    *("ep1-Hanako-PC.yaml", "ep1.Conflict.yaml", "ep1 (hanako@example.com 1).yaml"),
    *("ep1 - コピー.yaml", "ep1 - Copy (2).yaml", "ep1のコピー.yaml", "ep1 copy 2.yaml"),
    *("ep1 - 副本.yaml", "ep1的副本.yaml", "ep1 (copy).yaml", "ep1（コピー）.yaml"),
    *("ep1_REMOTE_1234.yaml", "ep1.BACKUP.1234.yaml"),
]


@pytest.mark.parametrize("name", SURE)
def test_a_copy_is_left_alone_and_told(name: str, tmp_path: Path) -> None:
    (tmp_path / "ep1.yaml").write_text(ONE, encoding="utf-8")
    (tmp_path / name).write_text(ONE, encoding="utf-8")
    loaded = load([str(tmp_path)], sites={SITE.name: SITE}, now=NOW)
    assert [each.name for each in loaded.manifests] == ["ep1.yaml"]
    (problem,) = loaded.problems
    assert (problem.rule, problem.path.name) == ("conflict-copy", name)
    assert "ep1.yaml" in problem.message
    assert not problem.stops(strict=True)
    assert is_surely_copy(name.replace(".yaml", ".mp4"))


@pytest.mark.parametrize("name", SURE[:3])
def test_a_copy_that_is_named_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(ONE, encoding="utf-8")
    loaded = load([str(tmp_path / name)], sites={SITE.name: SITE}, now=NOW)
    assert (loaded.videos, [each.rule for each in loaded.problems]) == ((), ["conflict-copy-named"])


@pytest.mark.parametrize("name", LIKELY)
def test_a_likely_name_counts_where_both_name_one_video(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("version: 1\nfile: b.mp4\ntitle: t\n", encoding="utf-8")
    (tmp_path / "ep1.yaml").write_text(ONE, encoding="utf-8")
    assert len(load([str(tmp_path)], sites={SITE.name: SITE}, now=NOW).manifests) == 2
    (tmp_path / name).write_text("version: 1\nfile: 'a.mp4' # old\ntitle: t\n", encoding="utf-8")
    loaded = load([str(tmp_path)], sites={SITE.name: SITE}, now=NOW)
    assert [each.name for each in loaded.manifests] == ["ep1.yaml"]
    assert [each.rule for each in loaded.problems] == ["conflict-copy"]
    (tmp_path / "ep1.yaml").unlink()
    assert [
        each.name for each in load([str(tmp_path)], sites={SITE.name: SITE}, now=NOW).manifests
    ] == [name]


def test_one_video_that_is_to_be_there_twice_is_no_conflict(tmp_path: Path) -> None:
    (tmp_path / "ep1.yaml").write_text(ONE, encoding="utf-8")
    (tmp_path / "ep1-STUDIO.yaml").write_text(ONE + "allow_duplicate: true\n", encoding="utf-8")
    loaded = load([str(tmp_path)], sites={SITE.name: SITE}, now=NOW)
    assert len(loaded.manifests) == 2


@pytest.mark.parametrize(
    "name",
    [
        "Desert Conflict.yaml",
        "Star_Clash.yaml",
        "ep1_conf.yaml",
        "二社の競合.yaml",
        "ep1 (conflict).yaml",
        "ep 12.yaml",
    ],
)
def test_other_names(name: str) -> None:
    assert not is_surely_copy(name)


def test_a_pattern_leaves_copies_of_videos_out_and_says_so(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.sync-conflict-20261101-101010-ABCDEF7.mp4"):
        (tmp_path / name).touch()
    path = tmp_path / "m.yaml"
    path.write_text("version: 1\nfile: '*.mp4'\ntitle: '{stem}'\n", encoding="utf-8")
    loaded = load([str(path)], sites={SITE.name: SITE}, now=NOW)
    assert [each.id for each in loaded.videos] == ["a"]
    assert [each.rule for each in loaded.problems] == ["pattern-conflict-copy"]
