"""`nicobatch init`: real videos, real files, and what it writes is published."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
import unicodedata
from pathlib import Path

import av
import pytest

from examples.make_samples import make_video
from nicobatch.manifest import schema_path
from nicobatch.manifest.skeleton import URL
from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Cli, Shelf


def test_one_video_gets_a_manifest_beside_it(cli: Cli, shelf: Shelf) -> None:
    shelf.add("動画/第1回_序章.mp4")
    result = cli("init", "動画/第1回_序章.mp4")
    assert result.code == 0, result.err
    assert result.out.startswith(f"wrote {Path('動画/第1回_序章.yaml')}: ")
    text = (shelf.folder / "動画" / "第1回_序章.yaml").read_text(encoding="utf-8")
    assert f"$schema={URL}\n" in text
    assert "file: 第1回_序章.mp4\n" in text
    assert "title: 第1回 序章\n" in text
    assert "timing: " in text
    assert "\r" not in text
    assert cli("check", "動画").code == 0


def test_what_it_wrote_is_published(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    names = ["第10話.mp4", "第2話.mp4", "1.mp4"]
    for name in names:
        shelf.add(name)
    assert cli("init", *names).code == 0
    assert cli("publish", "videos.yaml").code == 0
    titles = [entry["metadata"]["title"] for entry in site.audit()["entries"]]
    assert titles == ["1", "第2話", "第10話"]


def test_another_sites_keys_are_offered_in_its_block(cli: Cli, shelf: Shelf) -> None:
    shelf.add("a.mp4")
    shelf.add("b.mp4")
    assert cli("init", "--site", "bilibili", "a.mp4", "b.mp4").code == 0
    path = shelf.folder / "videos.yaml"
    text = path.read_text(encoding="utf-8")
    assert "sites: [bilibili]\n" in text
    assert "genre" not in text
    assert "aspect" not in text
    lines = text.replace("# defaults:", "defaults:").replace("#   tags: []", "  tags: [游戏]")
    path.write_text(lines.replace("#   description: ''", "  description: 冒险"), encoding="utf-8")
    assert cli("check", "videos.yaml").out == "1 manifest checked, no problems\n"
    every = re.sub("(?m)^# ( *[a-z0-9_]+:)", r"\1", text[text.index("# defaults:") :])
    keys = [line.split(":")[0].strip() for line in every.splitlines()]
    assert keys.index("bilibili") < keys.index("partition") < keys.index("extra")


def test_the_manifest_may_be_elsewhere(cli: Cli, shelf: Shelf) -> None:
    shelf.add("clips/a.mp4")
    (shelf.folder / "m").mkdir()
    assert cli("init", "clips/a.mp4", "-o", "m/b.yml").code == 0
    assert "file: '../clips/a.mp4'" in (shelf.folder / "m" / "b.yml").read_text(encoding="utf-8")
    assert cli("check", "m/b.yml").code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_linked_folder_leads_to_the_video(cli: Cli, shelf: Shelf) -> None:
    shelf.add("clips/a.mp4")
    (shelf.folder / "clips" / "b.mp4").symlink_to("a.mp4")
    (shelf.folder / "deep" / "er").mkdir(parents=True)
    (shelf.folder / "m").symlink_to("deep/er")
    assert cli("init", "clips/b.mp4", "-o", "m/b.yaml").code == 0
    text = (shelf.folder / "m" / "b.yaml").read_text(encoding="utf-8")
    assert "file: '../../clips/b.mp4'" in text
    assert cli("check", "m/b.yaml").code == 0


def test_a_dash_prints_it(cli: Cli, shelf: Shelf) -> None:
    shelf.add("a.mp4")
    before = shelf.listing()
    result = cli("init", "a.mp4", "--output", "-")
    assert result.code == 0
    assert result.out.startswith("# yaml-language-server: ")
    assert shelf.listing() == before
    shelf.write(result.out)
    assert cli("check", "m.yaml").code == 0


@pytest.mark.parametrize("arguments", [["a.mp4"], ["b.mp4", "-o", "a.yaml"]])
def test_nothing_is_overwritten(cli: Cli, shelf: Shelf, arguments: list[str]) -> None:
    shelf.add("a.mp4")
    shelf.add("b.mp4")
    shelf.write("mine", "a.yaml")
    result = cli("init", *arguments)
    assert result.code == 2
    assert "a.yaml is there already" in result.err
    assert "-o" in result.err
    assert (shelf.folder / "a.yaml").read_text() == "mine"


def test_what_came_in_the_meantime_is_not_overwritten(
    cli: Cli, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.add("a.mp4")
    shelf.write("mine", "a.yaml")
    monkeypatch.setattr(os.path, "lexists", lambda path: str(path).endswith(".mp4"))
    result = cli("init", "a.mp4")
    assert result.code == 2
    assert "is there already" in result.err
    assert (shelf.folder / "a.yaml").read_text() == "mine"


def test_a_folder_that_is_not_there_is_told(cli: Cli, shelf: Shelf) -> None:
    shelf.add("a.mp4")
    result = cli("init", "a.mp4", "-o", "none/a.yaml")
    assert result.code == 2
    assert "can't be written: " in result.err


def test_a_folder_means_its_videos(cli: Cli, shelf: Shelf) -> None:
    for name in ("b/2.mp4", "b/10.mp4", "b/deep/3.mp4"):
        shelf.add(name)
    shelf.write("no video", "b/notes.txt")
    shelf.write("", "b/.hidden.mp4")
    assert cli("init", "b").code == 0
    text = (shelf.folder / "videos.yaml").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if "file: " in line] == [
        "  - file: b/2.mp4",
        "  - file: b/10.mp4",
    ]
    assert text.count("stays, even if") == 1
    (shelf.folder / "empty").mkdir()
    result = cli("init", "empty")
    assert (result.code, "no video in empty" in result.err) == (2, True)


def test_a_file_to_listen_to_is_left_out_whatever_its_name(cli: Cli, shelf: Shelf) -> None:
    shelf.add("a.mp4")
    song = shelf.folder / "song.mp4"
    with av.open(str(song), "w") as output:
        sound = output.add_stream("aac", 16_000)
        frame = av.AudioFrame("fltp", "mono", 1024)
        frame.sample_rate = 16_000
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        output.mux(sound.encode(frame))
        output.mux(sound.encode(None))
    result = cli("init", ".")
    assert (result.code, result.err) == (0, "song.mp4 is left out: it has no picture\n")
    assert "song" not in (shelf.folder / "a.yaml").read_text("utf-8")
    alone = cli("init", "song.mp4")
    assert alone.code == 1
    assert "holds sound, and no moving picture" in alone.err


def test_names_with_a_dash_and_files_without_a_picture(cli: Cli, shelf: Shelf) -> None:
    shelf.add("-name.mp4")
    shelf.write("ID3", "song.mp3")
    result = cli("init", "-name.mp4", "song.mp3")
    assert result.code == 0, result.err
    assert "song.mp3 is left out" in result.err
    assert "file: '-name.mp4'" in (shelf.folder / "-name.yaml").read_text(encoding="utf-8")
    assert cli("check", "-name.yaml").code == 0
    assert cli("init", "song.mp3", "-o", "x.yaml").code == 1


def test_every_video_that_cannot_be_read_is_told(cli: Cli, shelf: Shelf) -> None:
    shelf.add("a.mp4")
    shelf.write("no video", "b.mp4")
    shelf.write("", "c.mp4")
    before = shelf.listing()
    result = cli("init", "a.mp4", "b.mp4", "c.mp4", "d.mp4")
    assert result.code == 1
    assert result.out == ""
    for words in ("b.mp4 is not a video", "c.mp4 is empty", "there is no file d.mp4"):
        assert words in result.err
    assert "a.mp4" not in result.err.replace("did you mean a.mp4", "")
    assert shelf.listing() == before


@pytest.mark.parametrize("name", ["z.mp4", "*.mov"])
def test_a_video_that_is_not_there_is_looked_for_in_the_current_folder(
    cli: Cli, shelf: Shelf, name: str
) -> None:
    result = cli("init", name)
    assert result.code == 1
    assert f"there is no file {name}\n    check the spelling, and the folder that you are in\n" in (
        result.err
    )


def test_the_command_that_it_names_can_be_pasted(cli: Cli, shelf: Shelf) -> None:
    shelf.add("a b; 'c'.mp4")
    words = cli("init", "a b; 'c'.mp4").out.rpartition(": ")[2]
    command = re.search("`nicobatch (.*)`", words)
    assert command
    assert cli(*shlex.split(command[1])).code == 0


def test_without_a_video_it_says_how_it_is_used(cli: Cli, shelf: Shelf) -> None:
    result = cli("init")
    assert result.code == 2
    assert "VIDEO" in result.err


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_a_name_that_no_manifest_can_hold_is_told(cli: Cli, shelf: Shelf) -> None:
    shelf.add("a\nb.mp4")
    shutil.copy(shelf.video, shelf.folder / os.fsdecode(b"\xe9.mp4"))
    result = cli("init", "a\nb.mp4", os.fsdecode(b"\xe9.mp4"))
    assert result.code == 1
    assert result.err.count("can't stand in a manifest") == 2


def test_patterns_are_unfolded_where_the_shell_does_not(cli: Cli, shelf: Shelf) -> None:
    for name in ("10.mp4", "9.mp4", "[x].mp4"):
        shelf.add(name)
    result = cli("init", "*.mp4", "[x].mp4", "./9.mp4", "-o", "-")
    assert result.code == 0, result.err
    files = [line.split("file: ")[1] for line in result.out.splitlines() if " file: " in line]
    assert files == ["'9.mp4'", "'10.mp4'", "'[x].mp4'"]


HOSTILE = [
    *("no", "1:30", "~", "-", "- a", "a: b", "a #b", "it's", 'a"b', "{stem}", "[x]", "*a", "&a"),
    *("!a", "%a", "@a", "`a", "|", ">", "?", "😀", "#", "\u202ea", "a\u2028b", "con", " a ", "="),
    *(unicodedata.normalize("NFD", "ガ"), "長" * 80, "null", "\ufeffa", "a\\b"),
]


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
@pytest.mark.no_cover
def test_hostile_names_pass_the_check(cli: Cli, shelf: Shelf) -> None:
    names = [f"{stem}.mp4" for stem in HOSTILE]
    for name in names:
        shelf.add(name)
    result = cli("init", *(f"./{name}" for name in names))
    assert result.code == 0, result.err
    checked = cli("check", "videos.yaml", "--strict")
    assert checked.code == 0, checked.out
    for name in names:
        assert cli("init", f"./{name}", "-o", "one.yaml").code == 0
        assert cli("check", "one.yaml", "--strict").code == 0, name
        (shelf.folder / "one.yaml").unlink()


@pytest.mark.parametrize(
    ("schema", "manifest", "line"),
    [
        ("schemas/manifest.schema.json", "a.yaml", "schemas/manifest.schema.json"),
        ("manifest.schema.json", "deep/er/a.yaml", "../../manifest.schema.json"),
        ("other.schema.json", "a.yaml", URL),
        ("../manifest.schema.json", "a.yaml", URL),
    ],
)
def test_the_modeline_names_the_schema_of_the_project(
    cli: Cli, shelf: Shelf, schema: str, manifest: str, line: str
) -> None:
    (shelf.folder / ".git").mkdir()
    shelf.add("a.mp4")
    for path in (schema, manifest):
        (shelf.folder / path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(str(schema_path()), shelf.folder / schema)
    assert cli("init", "a.mp4", "-o", manifest).code == 0
    text = (shelf.folder / manifest).read_text(encoding="utf-8")
    assert text.splitlines()[0] == f"# yaml-language-server: $schema={line}"


@pytest.mark.parametrize("content", ["{}", "[]", "no json"])
def test_another_schema_of_that_name_is_not_named(cli: Cli, shelf: Shelf, content: str) -> None:
    shelf.add("a.mp4")
    shelf.write(content, "manifest.schema.json")
    assert f"$schema={URL}" in cli("init", "a.mp4", "-o", "-").out


def test_without_a_repository_only_its_own_folder_counts(cli: Cli, shelf: Shelf) -> None:
    shelf.add("sub/a.mp4")
    shutil.copy(str(schema_path()), shelf.folder / "manifest.schema.json")
    assert f"$schema={URL}" in cli("init", "sub/a.mp4", "-o", "sub/-").out + (
        shelf.folder / "sub" / "-"
    ).read_text(encoding="utf-8")
    assert "$schema=manifest.schema.json" in cli("init", "sub/a.mp4", "-o", "-").out


def test_a_video_on_another_drive_is_named_in_full(
    cli: Cli, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def relpath(path: Path, start: Path) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    shelf.add("a.mp4")
    monkeypatch.setattr(os.path, "relpath", relpath)
    assert f"file: '{(shelf.folder / 'a.mp4').as_posix()}'" in cli("init", "a.mp4", "-o", "-").out


def test_the_picture_of_a_black_video_is_left_to_niconico(cli: Cli, shelf: Shelf) -> None:
    make_video(shelf.folder / "a.mp4", width=64, height=36, scenes=("color=c=black",))
    result = cli("init", "a.mp4", "-o", "-")
    assert "# thumbnail:" in result.out
    assert "niconico chooses one" in result.out
