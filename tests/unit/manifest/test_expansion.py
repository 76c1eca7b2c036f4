"""Patterns in manifests: real files, videos and problems."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nicobatch.manifest import Loaded, discover
from nicobatch.manifest.rules import shown
from nicobatch.model import Position, Severity
from tests.unit.manifest.reading import found, read

PATTERN = """\
version: 1
defaults: {title: '第{index}回 {stem}'}
videos:
  - file: clips/*.mp4
    id: clip-{stem}
    tags: [ゲーム]
"""


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def one(file: str, more: str = "title: '{stem}'") -> str:
    return f"version: 1\nfile: '{file}'\n{more}\n"


def ids(loaded: Loaded) -> list[str]:
    return [video.id for video in loaded.videos]


def told(loaded: Loaded) -> list[tuple[str, str, str]]:
    return [(each.rule, each.message, each.hint) for each in loaded.problems]


def test_each_file_is_a_video_at_the_place_of_its_line(tmp_path: Path) -> None:
    touch(tmp_path, "clips/10 終章.mp4", "clips/２ 冒険.mp4", "clips/1 序章.mp4", "clips/x.txt")
    loaded = read(tmp_path, PATTERN)
    assert loaded.problems == ()
    assert ids(loaded) == ["clip-1 序章", "clip-２ 冒険", "clip-10 終章"]
    assert [each.title for each in loaded.videos] == [
        "第1回 1 序章",
        "第2回 ２ 冒険",
        "第3回 10 終章",
    ]
    assert [each.file.name for each in loaded.videos] == [
        "1 序章.mp4",
        "２ 冒険.mp4",
        "10 終章.mp4",
    ]
    for video in loaded.videos:
        assert video.file.is_file()
        assert video.tags == ("ゲーム",)
        assert video.place() == Position(4, 5)
        assert video.place("file") == Position(4, 11)
        assert video.place("id") == Position(5, 9)
        assert video.place("title") == Position(2, 19)
        assert video.place("tags.0") == Position(6, 12)


def test_the_id_is_the_stem_and_stays_when_files_are_added(tmp_path: Path) -> None:
    text = one("*.mp4", "title: '{index:02} {stem}'")
    touch(tmp_path, "2.mp4", "3.mp4")
    before = {each.id: each.file for each in read(tmp_path, text).videos}
    touch(tmp_path, "1.mp4")
    loaded = read(tmp_path, text)
    after = {each.id: each.file for each in loaded.videos}
    assert list(before) == ["2", "3"]
    assert after == {"1": tmp_path / "1.mp4"} | before
    assert [each.title for each in loaded.videos] == ["01 1", "02 2", "03 3"]
    assert loaded.videos[0].place("id") == loaded.videos[0].place("file") == Position(2, 7)


def test_ids_and_titles_are_spelled_as_most_systems_do(tmp_path: Path) -> None:
    name = unicodedata.normalize("NFD", "ガ")
    touch(tmp_path, f"{name}.mp4")
    [video] = read(tmp_path, one("ガ*.mp4")).videos
    assert (video.id, video.title) == ("ガ", "ガ")
    assert video.file.is_file()


def test_a_file_of_that_very_name_wins(tmp_path: Path) -> None:
    touch(tmp_path, "a[1].mp4", "a1.mp4")
    loaded = read(tmp_path, one("a[1].mp4", "title: '{stem} {oops'\nid: a"))
    assert found(loaded) == []
    [video] = loaded.videos
    assert (video.file.name, video.title) == ("a[1].mp4", "a[1] {oops")


def test_brackets_alone_that_match_nothing_are_a_name(tmp_path: Path) -> None:
    loaded = read(tmp_path, one("[実況] 1.mp4", "title: '{index}'"))
    assert found(loaded) == []
    [video] = loaded.videos
    assert (video.id, video.title) == ("[実況] 1", "1")


def test_braces_without_a_pattern_stay(tmp_path: Path) -> None:
    loaded = read(tmp_path, one("a.mp4", "title: '{x} {{x}} {'"))
    assert loaded.problems == ()
    [video] = loaded.videos
    assert video.title == "{x} {{x}} {"


def test_an_id_without_a_pattern_has_no_placeholders(tmp_path: Path) -> None:
    loaded = read(tmp_path, one("a.mp4", "title: '{stem} {index:02}'\nid: '{index}'"))
    assert [(each.id, each.title) for each in loaded.videos] == [("{index}", "a 01")]
    assert {each.severity for each in loaded.problems} == {Severity.WARNING}
    assert [(each.line, each.message) for each in loaded.problems] == [
        (4, "{index} is not filled in: the video's file is no pattern"),
    ]


def test_a_file_of_such_a_name_is_no_slip(tmp_path: Path) -> None:
    assert read(tmp_path, one("{stem} 1.mp4", "title: '{stem} 1'")).problems == ()


def test_a_placeholder_of_defaults_is_told_once(tmp_path: Path) -> None:
    files = "".join(f"  - file: {name}.mp4\n" for name in "ab")
    loaded = read(tmp_path, f"version: 1\ndefaults: {{title: '{{stme}}'}}\nvideos:\n{files}")
    assert found(loaded) == [("placeholder-idle", 2, 19)]
    assert [each.title for each in loaded.videos] == ["{stme}"] * 2


def test_of_other_texts_the_description_alone_has_placeholders(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4")
    texts = "title: '{stem}'\ndescription: '{stem} {'\nthanks_message: '{stem} {'"
    [video] = read(tmp_path, one("?.mp4", texts)).videos
    assert (video.title, video.description) == ("a", "a {")
    assert video.options.thanks_message == "{stem} {"


@pytest.mark.parametrize(
    ("file", "hint"),
    [
        ("clips/*.avi", "write the pattern as seen from the manifest's folder"),
        ("nowhere/*.mp4", "there is no folder nowhere"),
        ("clips/a.mp4/*.mp4", "there is no folder clips/a.mp4"),
        (f"{'a' * 300}/*.mp4", f"there is no folder {'a' * 59}…"),
        ("CLIPS*/*.mp4", "clips/a.mp4 would match, but for capital and small letters"),
        ("clips/*.MP4", "a.mp4 would match, but for capital and small letters"),
    ],
)
def test_a_pattern_without_a_match_is_a_problem_and_no_file(
    tmp_path: Path, file: str, hint: str
) -> None:
    touch(tmp_path, "clips/a.mp4", "clips/.b.avi", "clips/c.avi.part", "clips/sub.avi/d")
    loaded = read(tmp_path, one(file))
    [(rule, message, said)] = told(loaded)
    assert (rule, message) == ("pattern-unmatched", f"no file matches {shown(file)}")
    assert said.startswith(hint)
    assert loaded.videos == loaded.flawed == ()


def test_what_is_left_out_for_its_capital_letters_is_told(tmp_path: Path) -> None:
    touch(tmp_path, "1.mp4", "2.MP4", "3.Mp4")
    loaded = read(tmp_path, one("*.mp4"))
    assert ids(loaded) == ["1"]
    assert found(loaded) == [("pattern-case", 2, 7)] * 2
    assert {each.severity for each in loaded.problems} == {Severity.WARNING}
    assert [each.message.split()[0] for each in loaded.problems] == ["2.MP4", "3.Mp4"]


def test_one_id_for_several_is_said_once(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "b.mp4", "c.mp4")
    loaded = read(tmp_path, one("*.mp4", "title: '{stem}'\nid: clip"))
    [(rule, message, hint)] = told(loaded)
    assert rule == "id-of-several"
    assert "3 files match" in message
    assert hint == "add {stem} or {index} to the id"
    assert [each.file.name for each in loaded.flawed] == ["a.mp4", "b.mp4", "c.mp4"]


def test_one_id_and_title_for_one_match_are_fine(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4")
    loaded = read(tmp_path, one("*.mp4", "title: 冒険\nid: clip"))
    assert loaded.problems == ()
    assert ids(loaded) == ["clip"]


def test_ids_that_collide_name_their_files(tmp_path: Path) -> None:
    touch(tmp_path, "s1/1.mp4", "s1/1.mov", "s2/1.mp4", "s2/2.mp4")
    loaded = read(tmp_path, one("**/*.m*", "title: '{stem} {index}'"))
    assert [each[:2] for each in told(loaded)] == [
        ("id-repeated", "s1/1.mp4: the id 1 is there already, in line 2"),
        ("id-repeated", "s2/1.mp4: the id 1 is there already, in line 2"),
    ]
    assert all("{index}" in each.hint for each in loaded.problems)
    assert ids(loaded) == ["1", "2"]
    assert ids(read(tmp_path, one("s1/*", "title: a{index}\nid: '{index}'"))) == ["1", "2"]


def test_titles_alike_and_ids_by_index_are_warnings(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "b.mp4")
    loaded = read(tmp_path, one("*.mp4", "title: 冒険\nid: '{index:03}'"))
    assert found(loaded) == [("title-of-several", 3, 8), ("id-by-index", 4, 5)]
    assert {each.severity for each in loaded.problems} == {Severity.WARNING}
    assert ids(loaded) == ["001", "002"]


def test_a_file_that_is_given_elsewhere_is_told_with_the_way_out(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "b.mp4")
    text = "version: 1\nvideos:\n  - {file: a.mp4, id: x, title: A}\n"
    loaded = read(tmp_path, f"{text}  - file: '*.mp4'\n    title: '{{stem}}'\n")
    [(rule, message, hint)] = told(loaded)
    assert (rule, message) == ("file-repeated", "the file a.mp4 is given twice")
    assert "narrow the pattern" in hint
    assert ids(loaded) == ["x", "b"]


def test_a_problem_of_one_file_names_it_and_one_of_all_is_said_once(tmp_path: Path) -> None:
    long, con = "長" * 80, "con"
    touch(tmp_path, f"{long}.mp4", f"{con}.mp4", "a.mp4")
    more = f"title: '{{stem}} {'x' * 30}'\nid: '{{stem}}'\ntags: ['a b']\ngenre: gmae"
    loaded = read(tmp_path, one("*.mp4", more))
    assert sorted(found(loaded)) == [
        ("id-reserved", 4, 5),
        ("id-too-long", 4, 5),
        ("tag-with-blank", 5, 8),
        ("title-too-long", 3, 8),
        ("unknown-genre", 6, 8),
    ]
    by_rule = {each.rule: each.message for each in loaded.problems}
    assert by_rule["id-reserved"].startswith("con.mp4: the id con is")
    assert by_rule["title-too-long"].startswith("長長")
    assert by_rule["unknown-genre"].startswith("the genre")
    assert len(loaded.flawed) == 3


def test_a_passed_timer_is_said_once(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "b.mp4")
    more = "title: '{stem}'\npublish: {at: 2020-01-01T00:00:00+09:00}"
    assert found(read(tmp_path, one("*.mp4", more))) == [("publish-at-past", 4, 15)]


def test_flawed_placeholders_are_said_once(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "b.mp4")
    loaded = read(tmp_path, one("*.mp4", "title: '{name}'\nid: '{index:2d}'"))
    assert found(loaded) == [("placeholder-unknown", 3, 8), ("placeholder-format", 4, 5)]
    assert len(loaded.flawed) == 2


def test_an_id_is_as_long_as_the_schema_lets_it_be(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4")
    more = f"title: '{{stem}}'\nid: '{'x' * 95}{{stem}}'"
    assert found(read(tmp_path, one("*.mp4", more))) == [("id-too-long", 4, 5)]


def test_text_in_bare_braces_is_told_to_be_quoted(tmp_path: Path) -> None:
    loaded = read(tmp_path, "version: 1\nfile: '*.mp4'\ntitle: {stem}\nid: {index:02}\n")
    assert [(rule, hint) for rule, _, hint in told(loaded) if rule == "not-text"] == [
        ("not-text", "put it in quotes: '{stem}'"),
        ("not-text", "put it in quotes: '{index:02}'"),
    ]


def test_a_name_with_what_no_text_may_hold_is_told(tmp_path: Path) -> None:
    touch(tmp_path, "a\nb.mp4", "c.mp4")
    loaded = read(tmp_path, one("*.mp4", "title: t{index}"))
    assert [rule for rule, _, _ in told(loaded)] == ["file-character"]
    assert ids(loaded) == ["c"]


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="names there are Unicode")
def test_a_name_that_is_no_unicode_is_told(tmp_path: Path) -> None:
    touch(tmp_path, os.fsdecode(b"\xe9.mp4"), "c.mp4")
    loaded = read(tmp_path, one("*.mp4", "title: t{index}"))
    assert [rule for rule, _, _ in told(loaded)] == ["file-character"]
    assert ids(loaded) == ["c"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_linked_folders_are_followed_but_never_in_circles(tmp_path: Path) -> None:
    touch(tmp_path, "real/1.mp4")
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "circle").symlink_to(tmp_path / "real")
    (tmp_path / "broken.mp4").symlink_to(tmp_path / "gone.mp4")
    assert [each.file for each in read(tmp_path, one("linked/*.mp4")).videos] == [
        tmp_path / "linked" / "1.mp4"
    ]
    assert ids(read(tmp_path, one("li*/*.mp4"))) == ["1"]
    assert ids(read(tmp_path, one("real/**/*.mp4"))) == ["1"]
    # What is linked to may be mounted later: nothing is left out in silence.
    assert ids(read(tmp_path, one("b*.mp4"))) == ["broken"]


def test_a_folder_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "a/1.mp4", "locked/2.mp4")
    real = os.scandir

    def scandir(path: str) -> object:
        if os.fspath(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    loaded = read(tmp_path, one("*/*.mp4"))
    [(rule, message, _)] = told(loaded)
    assert rule == "pattern-unreadable"
    assert message == "the folder locked can't be searched: Permission denied"
    assert loaded.videos == ()
    assert [each.file.name for each in loaded.flawed] == ["1.mp4"]
    assert [rule for rule, _, _ in told(read(tmp_path, one("locked/*")))] == ["pattern-unreadable"]
    assert ids(read(tmp_path, one("a/*.mp4"))) == ["1"]


def test_an_endless_folder_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a/1.mp4", "a/2.mp4", "b/3.mp4")
    monkeypatch.setattr(discover, "MOST", 4)
    loaded = read(tmp_path, one("**/*.mp4"))
    [(rule, message, _)] = told(loaded)
    assert rule == "pattern-too-wide"
    assert message.startswith("more than 4 files")
    assert loaded.videos == ()
    assert ids(read(tmp_path, one("a/*.mp4"))) == ["1", "2"]


def test_a_video_that_is_wrong_in_itself_stays_so(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "b.mp4")
    loaded = read(tmp_path, one("*.mp4", "titel: '{stem}'"))
    assert [rule for rule, _, _ in told(loaded)] == ["missing-key", "unknown-key"]
    assert [each.file.name for each in loaded.flawed] == ["a.mp4", "b.mp4"]


STEMS = st.lists(
    st.text(alphabet="ab1２ガ{}[]' #:é", min_size=1, max_size=6).filter(
        lambda name: name == name.strip(" ")
    ),
    unique_by=lambda name: unicodedata.normalize("NFC", name).casefold(),
    min_size=1,
    max_size=6,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
@given(STEMS)
def test_every_file_is_one_video(
    tmp_path_factory: pytest.TempPathFactory, stems: Sequence[str]
) -> None:
    folder = tmp_path_factory.mktemp("stems")
    touch(folder, *(f"{stem}.mp4" for stem in stems))
    loaded = read(folder, one("*.mp4", "title: '{stem}'"))
    bad = {stem for stem in stems if ":" in stem}
    assert {each.title for each in loaded.videos} == set(stems) - bad
    assert {each.rule for each in loaded.problems} <= {"id-character"}


FILES = st.text(alphabet="a*?[]!/\\-", min_size=1, max_size=12)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200
)
@given(FILES)
def test_no_pattern_raises(tmp_path: Path, file: str) -> None:
    (tmp_path / "a").mkdir(exist_ok=True)
    touch(tmp_path, "a/a", "aa", "[a]")
    loaded = read(tmp_path, one(f"./{file}"))
    assert loaded.videos or loaded.problems
