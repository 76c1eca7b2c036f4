from __future__ import annotations

import os
import re
from html import unescape
from pathlib import Path

import pytest

from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import process

PAGE = "preview.html"
MIXED = """\
version: 1
videos:
  - file: a.mp4
    title: 第1回 はじめての冒険
    description: |
      一行目
      二行目 sm9
  - file: broken.mp4
    title: 第2回
  - file: c.mp4
    tilte: 第3回
"""


def titles(shelf: Shelf, name: str = PAGE) -> list[str]:
    html = (shelf.folder / name).read_text("utf-8")
    return [unescape(each) for each in re.findall(r"<h3[^>]*>([^<]*)</h3>", html)]


def test_a_page_of_what_publish_would_do(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a", "b")
    before = shelf.listing()
    result = cli("preview", ".")
    assert (result.code, result.out) == (0, f"2 to create; written to {PAGE}\n")
    assert shelf.listing() - before == {PAGE}
    html = (shelf.folder / PAGE).read_text("utf-8")
    assert html.count("data:image/jpeg") == 2
    assert html.count('<span class="sign" aria-hidden="true">+</span> To create</span>') == 2
    assert "https://garage.nicovideo.jp" in html
    assert titles(shelf) == ["【実況】a はじめての冒険", "【実況】b はじめての冒険"]


def test_problems_are_on_the_page_and_in_the_report(cli: Cli, shelf: Shelf) -> None:
    shelf.add("a.mp4")
    shelf.add("c.mp4")
    (shelf.folder / "broken.mp4").write_bytes(b"no video" * 99)
    shelf.write(MIXED)
    result = cli("preview", "m.yaml")
    assert result.code == 1
    assert "m.yaml:8:11: error: " in result.out
    assert result.out.splitlines()[-1] == f"1 to create, 2 with errors; written to {PAGE}"
    assert titles(shelf) == ["第1回 はじめての冒険", "第2回", "c.mp4"]
    html = (shelf.folder / PAGE).read_text("utf-8")
    assert '一行目<br>二行目 <span class="link">sm9</span>' in html
    assert html.count("data:image/jpeg") == 2  # the flawed entry's file is sound
    for rule in ("not-a-video", "unknown-key", "missing-key"):
        assert html.count(rule) == 2


FAULTY = """\
version: 1
defaults:
  tags: [ゲーム]
  permissions: {gift: perhaps}
videos:
  - file: a.mp4
    title: 第1回
    description: "<b>太字</b>\\n次"
    thumbnail: {timing: 0, aspect: tall}
    publish: {at: 2030-12-04T20:00:00+09:00}
  - file: a.mp4
    title: 第2回
    publish: perhaps
  - file: a.mp4
    tags: [[音楽], 歌]
"""


def test_a_mistake_in_the_defaults_hides_nothing_else(cli: Cli, shelf: Shelf) -> None:
    shelf.add("a.mp4")
    shelf.write(FAULTY)
    result = cli("preview", "m.yaml")
    assert result.out.splitlines()[-1] == f"3 with errors; written to {PAGE}"
    assert titles(shelf) == ["第1回", "第2回", "a.mp4"]
    html = (shelf.folder / PAGE).read_text("utf-8")
    first, second, third = html.split('<li class="card ')[1:]
    assert "The manifest says aspect: tall." in first
    assert "<b>太字</b><br>次" in first
    assert "2030-12-04" in first
    assert "Who can see it" not in second  # by default it would be everybody
    for each in (first, second):
        assert '<li dir="auto" lang="ja">ゲーム</li>' in each
    assert "what could be read of it is shown" in second
    assert "only its file is shown" in third
    assert "All settings" not in html


@pytest.mark.parametrize("count", [1, 3])
def test_flawed_videos_are_videos(cli: Cli, shelf: Shelf, count: int) -> None:
    shelf.write("version: 1\nvideos:\n" + "  - {file: no.mp4, titel: x}\n" * count)
    result = cli("preview", ".")
    assert result.out.splitlines()[-1] == f"{count} with errors; written to {PAGE}"
    assert f"<title>Preview: {count} with errors</title>" in (shelf.folder / PAGE).read_text(
        "utf-8"
    )


def test_japan_comes_first_in_japanese(shelf: Shelf) -> None:
    shelf.series("a", more='defaults: {publish: {at: "2030-12-04T20:00:00+09:00"}}\n')
    done = process("preview", ".", "--lang", "ja", environment={"TZ": "UTC"})
    assert done.code == 0
    html = (shelf.folder / PAGE).read_text("utf-8")
    assert "日本時間 2030-12-04（水）20:00" in html
    assert html.index("2030-12-04（水）20:00") < html.index("2030-12-04（水）11:00 UTC")


NAMES = {"\u202egpj.4pm": "<U+202E>gpj.4pm", "a\x1b31m": "a␛31m", "a\n&b": "a␊&b"}


@pytest.mark.skipif(os.name == "nt", reason="Windows forbids these names")
@pytest.mark.parametrize("name", NAMES)
def test_names_that_hide_something_are_pictured(cli: Cli, shelf: Shelf, name: str) -> None:
    for file in ("a.mp4", "b.mp4"):
        shelf.add(f"{name}/{file}")
    shelf.write(
        "version: 1\nvideos:\n  - {file: a.mp4, title: 第1回, id: a}\n  - {file: b.mp4}\n",
        f"{name}/{name}.yaml",
    )
    assert cli("preview", name).code == 1
    html = (shelf.folder / PAGE).read_text("utf-8")
    assert name not in html
    text = unescape(html)
    assert text.count(f"{NAMES[name]}.yaml#a</bdi>") == 1
    assert text.count(f"{NAMES[name]}/a.mp4</bdi></dd>") == 1
    assert text.count(f"{NAMES[name]}/{NAMES[name]}.yaml</bdi>:4:") == 2


def test_a_manifest_that_is_none(cli: Cli, shelf: Shelf) -> None:
    shelf.write("version: 1\nvideos: [\n")
    assert cli("preview", "m.yaml").code == 1
    html = (shelf.folder / PAGE).read_text("utf-8")
    assert "There is no video to show." in html
    assert "m.yaml" in html


def test_warnings_count_if_told(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a", more="defaults: {genre: gmae}\n")
    assert cli("preview", ".").code == 0
    assert "Nothing is published" not in (shelf.folder / PAGE).read_text("utf-8")
    assert cli("preview", ".", "--strict").code == 1
    assert "Nothing is published" in (shelf.folder / PAGE).read_text("utf-8")


def test_after_publishing(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    manifest = shelf.series("a", "b", "c")
    cli("publish", ".")
    text = manifest.read_text("utf-8").replace("【実況】b", "【新】b")
    manifest.write_text(text, "utf-8")
    shelf.add("c.mp4", at_least=50_000)
    result = cli("preview", ".", "-o", "頁.html")
    assert result.code == 1
    assert result.out == "1 to update, 1 unchanged, 1 refused; written to 頁.html\n"
    html = (shelf.folder / "頁.html").read_text("utf-8")
    assert "【実況】b はじめての冒険</bdi></del>" in html
    assert "【新】b はじめての冒険</bdi></ins>" in html
    assert html.count('<a class="url" href="http') == 3
    assert "is not the file that was uploaded" in html


def test_a_receipt_that_can_t_be_read(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", "b")
    cli("publish", ".")
    (shelf.folder / ".nicobatch" / "m.yaml" / "a.json").write_text("{")
    result, plan = cli("preview", "m.yaml"), cli("plan", "m.yaml")
    assert (result.code, result.err) == (1, plan.err)
    assert "a.json is damaged" in result.err
    assert not (shelf.folder / PAGE).exists()


def test_a_rehearsal_says_so(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    assert cli("preview", ".", "--sandbox").code == 0
    assert "nothing goes to a real site" in (shelf.folder / PAGE).read_text("utf-8")


def test_for_programs(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    assert cli("preview", ".", "--format", "json").events == [
        {"event": "result", "file": PAGE, "videos": 1}
    ]


def test_its_own_page_is_replaced(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    (shelf.folder / "empty.html").touch()
    assert cli("preview", ".", "-o", "empty.html").code == 0
    assert cli("preview", ".", "-o", "empty.html").code == 0
    assert titles(shelf, "empty.html") == ["【実況】a はじめての冒険"]


@pytest.mark.parametrize("name", ["a.mp4", "m.yaml", "other.html", "."])
def test_no_other_file_is(cli: Cli, shelf: Shelf, name: str) -> None:
    shelf.series("a")
    (shelf.folder / "other.html").write_text("<!doctype html><title>mine</title>")
    before = {path: path.read_bytes() for path in shelf.folder.rglob("*") if path.is_file()}
    result = cli("preview", ".", "-o", name)
    assert result.code == 2
    assert f"{name} is there already, and is no page that preview wrote" in result.err
    assert {path: path.read_bytes() for path in shelf.folder.rglob("*") if path.is_file()} == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no /dev")
def test_a_device_is_no_page(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    assert cli("preview", ".", "-o", os.devnull).code == 2
    assert not Path(os.devnull).is_file()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("-", "the page can't go to standard output"),
        ("no/such/folder.html", "no/such/folder.html can't be written: No such file or directory"),
        ("a.mp4/x.html", "a.mp4/x.html can't be written: Not a directory"),
    ],
)
def test_where_no_page_can_be(cli: Cli, shelf: Shelf, name: str, words: str) -> None:
    shelf.series("a")
    before = shelf.listing()
    result = cli("preview", ".", "-o", name)
    assert result.code == 2
    assert words in result.err
    assert shelf.listing() == before


def test_a_folder_that_is_not_there_is_told_before_anything_else(cli: Cli, shelf: Shelf) -> None:
    shelf.write("version: 1\n")
    result = cli("preview", ".", "-o", "no/x.html")
    assert (result.code, result.out) == (2, "")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("is_there", [False, True])
def test_no_link_is_followed(cli: Cli, shelf: Shelf, is_there: bool) -> None:
    """One in a repository may lead to any file of whoever looks at it."""
    shelf.series("a")
    if is_there:
        assert cli("preview", ".", "-o", "real.html").code == 0
        (shelf.folder / "real.html").chmod(0o400)
    before = shelf.listing()
    link = shelf.folder / "link.html"
    link.symlink_to("real.html")
    assert cli("preview", ".", "-o", "link.html").code == 0
    assert not link.is_symlink()
    assert titles(shelf, "link.html") == ["【実況】a はじめての冒険"]
    assert shelf.listing() == before | {"link.html"}


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_to_another_file_is_left_alone(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    (shelf.folder / "notes.txt").write_text("mine")
    (shelf.folder / "link.html").symlink_to("notes.txt")
    result = cli("preview", ".", "-o", "link.html")
    assert (result.code, result.out) == (2, "")
    assert (shelf.folder / "notes.txt").read_text() == "mine"


@pytest.mark.skipif(os.name == "nt", reason="Windows forbids these names")
def test_names_that_are_no_text(cli: Cli, shelf: Shelf, small_video: Path) -> None:
    folder = shelf.folder / "caf\udce9"
    folder.mkdir()
    (folder / "a.mp4").write_bytes(small_video.read_bytes())
    (folder / "m.yaml").write_text("version: 1\nfile: a.mp4\ntitle: 第1回\n", "utf-8")
    assert cli("preview", ".").code == 0
    assert "caf\\udce9" in (shelf.folder / PAGE).read_text("utf-8")


def test_as_a_process(shelf: Shelf) -> None:
    shelf.series("a")
    result = process("preview", ".")
    assert (result.code, result.err) == (0, "")
    assert process("preview", "--help").out.startswith("Usage: nicobatch preview")
