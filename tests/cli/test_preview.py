from __future__ import annotations

import os
import re
from html import unescape
from pathlib import Path

import pytest

from nicobatch.sandbox import Sandbox
from tests.cli.conftest import Cli, Shelf
from tests.cli.running import process

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
    assert result.out.splitlines()[-1] == f"1 to create; written to {PAGE}"
    assert titles(shelf) == ["第1回 はじめての冒険", "第2回", "c.mp4"]
    html = (shelf.folder / PAGE).read_text("utf-8")
    assert '一行目<br>二行目 <span class="link">sm9</span>' in html
    assert html.count("data:image/jpeg") == 2  # the flawed entry's file is sound
    for rule in ("not-a-video", "unknown-key", "missing-key"):
        assert html.count(rule) == 2


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
    assert "nothing goes to niconico" in (shelf.folder / PAGE).read_text("utf-8")


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
def test_a_link_stays_one(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    link = shelf.folder / "link.html"
    link.symlink_to("real.html")
    assert cli("preview", ".", "-o", "link.html").code == 0
    assert link.is_symlink()
    assert titles(shelf, "real.html") == ["【実況】a はじめての冒険"]


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
