"""One video of a manifest, named on the command line: what is read, and what is told."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Final

import pytest

from nicobatch import sites
from nicobatch.manifest import Loaded, load
from nicobatch.manifest.naming import Named, gone, meant, named
from nicobatch.model import split_key
from tests.unit.manifest.reading import NOW

MANIFEST: Final = """\
version: 1
sites: [niconico, bilibili]
account: {niconico: 'no good'}
defaults:
  tags: [ゲーム]
  description: 村を出るまで。
  genre: gmae
  bilibili: {partition: 游戏}
videos:
  - {file: a.mp4, title: A}
  - {file: b.mp4, titel: B}
  - {file: c.mp4, title: C, sites: [niconico], genre: nonsense}
  - {file: d.mp4, title: 'D', id: 'd@bilibili', sites: [bilibili]}
  - {file: e.mp4, title: E, bilibili: {tags: ['e,f']}}
  - file: 第*回.mp4
    title: '{stem}'
    sites: [bilibili]
  - not a video
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    (tmp_path / "第1回.mp4").touch()
    (tmp_path / "第2回.mp4").touch()
    path = tmp_path / "m.yaml"
    path.write_text(MANIFEST, encoding="utf-8")
    return path


def read(*paths: str, only: tuple[str, ...] = tuple(sites.SITES)) -> Loaded:
    return load(paths, sites=sites.Described(), now=NOW, means=only.__contains__)


def ids(loaded: Loaded) -> list[str]:
    return [each.key.removeprefix(f"{each.manifest}#") for each in loaded.videos]


def rules(loaded: Loaded) -> list[tuple[str, int]]:
    return [(each.rule, each.line) for each in loaded.problems]


@pytest.mark.parametrize(
    ("name", "videos", "told"),
    [
        ("a@bilibili", ["a@bilibili"], []),
        ("a", [], [("account-name", 3), ("unknown-genre", 7)]),
        ("b@bilibili", [], [("missing-key", 11), ("unknown-key", 11)]),
        ("c@niconico", [], [("account-name", 3), ("unknown-genre", 7), ("unknown-genre", 12)]),
        ("d@bilibili", ["d@bilibili@bilibili"], []),
        ("d@bilibili@bilibili", ["d@bilibili@bilibili"], []),
        ("e@bilibili", [], [("bilibili-tag-comma", 14)]),
        ("第1回@bilibili", ["第1回@bilibili"], []),
        ("第2回", ["第2回@bilibili"], []),
        (unicodedata.normalize("NFD", "第2回@bilibili"), ["第2回@bilibili"], []),
    ],
)
def test_only_the_named_video_is_read(
    name: str, videos: list[str], told: list[tuple[str, int]], manifest: Path
) -> None:
    loaded = read(f"{manifest}#{name}")
    assert (sorted(rules(loaded)), sorted(ids(loaded))) == (sorted(told), sorted(videos))


def test_one_sites_part_is_not_kept_by_what_is_wrong_with_the_others(manifest: Path) -> None:
    loaded = read(str(manifest), only=("bilibili",))
    assert "account-name" not in dict(rules(loaded))
    assert "unknown-genre" not in dict(rules(loaded))
    assert {rule for rule, line in rules(loaded) if line == 18} == {"not-mapping"}
    assert "a@bilibili" in ids(loaded)
    assert "e@bilibili" not in ids(loaded)


def test_several_of_one_manifest_are_read_once_and_in_its_order(manifest: Path) -> None:
    text = str(manifest)
    assert ids(read(f"{text}#第1回", f"{text}#a@bilibili")) == ["a@bilibili", "第1回@bilibili"]
    assert ids(read(f"{text}#第1回", f"{text}#第1回@bilibili")) == ["第1回@bilibili"]
    assert len(read(f"{text}#a", text).problems) == len(read(text).problems)
    assert len(read(text, f"{text}#a").problems) == len(read(text).problems)
    assert len(read(f"{text}#a", str(manifest.parent)).problems) == len(read(text).problems)


@pytest.mark.parametrize(
    ("name", "rule", "line", "hint"),
    [
        ("A", "video-unknown", 10, "did you mean a?"),
        ("第3回", "video-unknown", 15, "did you mean 第"),
        ("nothing like it", "video-unknown", 1, "check the spelling; the id stands behind the #"),
        ("c@bilibili", "video-elsewhere", 12, "leave @bilibili out, or add it to `sites:`"),
        ("a@bilibii", "video-elsewhere", 10, "did you mean a@bilibili?"),
        ("", "video-unnamed", 1, "write MANIFEST#VIDEO, such as m.yaml#episode-01; without the #"),
    ],
)
def test_a_name_that_is_nobodys_is_told_with_whose_it_may_be(
    name: str, rule: str, line: int, hint: str, manifest: Path
) -> None:
    (problem,) = read(f"{manifest}#{name}").problems
    assert (problem.rule, problem.line) == (rule, line)
    assert problem.hint.startswith(hint)


def test_a_site_that_there_is_not_is_to_be_added_nowhere(manifest: Path) -> None:
    (problem,) = read(f"{manifest}#c@youtube").problems
    assert (problem.rule, problem.hint) == ("video-elsewhere", "leave @youtube out")


def test_of_many_ids_some_are_told(tmp_path: Path) -> None:
    entries = "".join(f"  - {{file: f{at}.mp4, title: t}}\n" for at in range(100))
    (tmp_path / "m.yaml").write_text(f"version: 1\nvideos:\n{entries}", encoding="utf-8")
    (problem,) = read(f"{tmp_path / 'm.yaml'}#ぜんぜん違う").problems
    assert problem.message.endswith("it has f0, f1, f2, f3, f4, f5, f6, f7, f8, f9 and 90 more")
    (tmp_path / "m.yaml").write_text("version: 1\nvideos: [{title: t}]\n", encoding="utf-8")
    (problem,) = read(f"{tmp_path / 'm.yaml'}#a").problems
    assert problem.hint.startswith("`nicobatch check ")


def test_what_is_in_the_way_of_the_named_video_is_told_at_its_place(tmp_path: Path) -> None:
    entries = (
        "  - {file: a.mp4, title: A}\n  - {file: A.mp4, title: B}\n  - {file: c.mp4, title: C}\n"
        "  - {file: c.mp4, title: D, id: d}\n  - {file: x.mp4, title: X}\n"
        "  - {file: x.mp4, title: X, id: x2, allow_duplicate: true}\n"
    )
    (tmp_path / "m.yaml").write_text(f"version: 1\nvideos:\n{entries}", encoding="utf-8")
    text = str(tmp_path / "m.yaml")
    assert rules(read(f"{text}#a")) == [("id-repeated", 3)]
    assert rules(read(f"{text}#c")) == [("file-repeated", 5)]
    assert rules(read(f"{text}#d")) == [("file-repeated", 6)]
    assert rules(read(f"{text}#x2")) == []


def test_no_two_videos_have_one_name(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(
        "version: 1\nvideos:\n"
        "  - {file: a.mp4, title: A, description: d, sites: [bilibili], bilibili: {partition: 游戏,"
        " tags: [x]}}\n"
        "  - {file: b.mp4, title: B, id: a@bilibili}\n",
        encoding="utf-8",
    )
    assert rules(read(str(tmp_path / "m.yaml"))) == [("id-repeated", 4)]


@pytest.mark.parametrize(
    ("text", "rule", "path"),
    [
        ("videos#a", "video-of-folder", "videos"),
        ("videos/#a", "video-of-folder", "videos"),
        ("gone.yaml#a", "path-not-found", "gone.yaml"),
        ("gone#1.yaml", "path-not-found", "gone#1.yaml"),
        ("videos/*.yaml#a", "no-manifest", "videos/*.yaml#a"),
    ],
)
def test_what_has_no_videos_of_its_own(
    text: str, rule: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "videos").mkdir()
    (problem,) = read(text).problems
    assert (problem.rule, problem.path) == (rule, Path(path))


def test_a_file_of_that_very_name_is_meant_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("m.yaml", "m.yaml#a", "x@bilibili.yaml", "第1回 #1.yaml"):
        (tmp_path / name).write_text("version: 1\nfile: b.mp4\ntitle: B\n", encoding="utf-8")
    assert ids(read("m.yaml#a")) == ["b"]
    assert [each.rule for each in read("m.yaml#c").problems] == ["video-unknown"]
    assert named("m.yaml#a#b") == Named(Path("m.yaml#a"), "b")
    assert ids(read("x@bilibili.yaml")) == ["b"]
    assert ids(read("第1回 #1.yaml#b")) == ["b"]
    assert ids(read(unicodedata.normalize("NFD", "第1回 #1.yaml#b"))) == ["b"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"C:\videos\m.yaml#ep-1@bilibili", (r"C:\videos\m.yaml", "ep-1@bilibili")),
        ("m.yaml#a#b@c", ("m.yaml", "a#b@c")),
        ("x#1.yml#a", ("x#1.yml", "a")),
        ("m.yaml", ("m.yaml", None)),
        ("folder#a", ("folder#a", None)),
    ],
)
def test_names_of_what_is_gone(text: str, expected: tuple[str, str | None]) -> None:
    assert gone(text) == Named(Path(expected[0]), expected[1])
    assert split_key(text)[0].startswith(expected[0].partition("#")[0])


def test_a_name_with_a_site_means_that_site_before_an_id_that_ends_so() -> None:
    there = {("a", "bilibili"), ("a", "niconico"), ("a@bilibili", "bilibili"), ("b@x", "niconico")}
    assert meant("a", there) == {("a", "bilibili"), ("a", "niconico")}
    assert meant("a@bilibili", there) == {("a", "bilibili")}
    assert meant("a@bilibili@bilibili", there) == {("a@bilibili", "bilibili")}
    assert meant("b@x", there) == {("b@x", "niconico")}
    assert meant("c", there) == set()


@pytest.mark.parametrize(
    ("glob", "left"),
    [
        ("old", {"top.yaml", "new/が.yaml", "new/deep/x.yaml"}),
        ("old/", {"top.yaml", "new/が.yaml", "new/deep/x.yaml"}),
        ("/old", {"top.yaml", "new/が.yaml", "new/deep/x.yaml", "new/old/y.yaml"}),
        ("/x.yaml", None),
        ("x.yaml", {"top.yaml", "old/z.yaml", "new/が.yaml", "new/old/y.yaml"}),
        ("**/x.yaml", {"top.yaml", "old/z.yaml", "new/が.yaml", "new/old/y.yaml"}),
        ("new/**", {"top.yaml", "old/z.yaml"}),
        ("**/old/**", {"top.yaml", "new/が.yaml", "new/deep/x.yaml"}),
        ("*/*.yaml", {"top.yaml", "new/old/y.yaml", "new/deep/x.yaml"}),
        ("[on]*", {"top.yaml"}),
        ("OLD", None),
        (unicodedata.normalize("NFD", "が.yaml"), None),
    ],
)
def test_what_a_search_passes_over(
    glob: str, left: set[str] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = {"top.yaml", "old/z.yaml", "new/が.yaml", "new/deep/x.yaml", "new/old/y.yaml"}
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("version: 1\nfile: b.mp4\ntitle: B\n", encoding="utf-8")
    expected = (names if left is None else left) - ({"new/が.yaml"} if "か" in glob else set())
    for root in (".", str(tmp_path)):
        loaded = load([root], sites=sites.Described(), now=NOW, exclude=[glob])
        assert {each.resolve().relative_to(tmp_path).as_posix() for each in loaded.manifests} == (
            expected
        )
