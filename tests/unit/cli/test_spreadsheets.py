"""A spreadsheet of titles: to a manifest, and what was sent back to a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.manifest import columns, spreadsheet, yaml12
from nicobatch.sandbox import Sandbox
from nicobatch.sites import Described
from tests.unit.cli.conftest import Cli, Shelf

TABLE = """\
file,title,description,tags,genre,publish
a.mp4,"第1回 ""冒険"", 出発","一行目
二行目","ゲーム, 実況_プレイ",game,false
b.mp4,'=SUM(A1),'-と+,"歌,",,true
"""
JAPANESE = "ファイル\tタイトル\tタグ\t公開\r\na.mp4\t表題 ソ能\tゲーム、実況\t非公開\r\n"
CHINESE = "文件;标题;标签;网站;分区\na.mp4;第一集 啊;游戏,实况;bilibili;游戏\n"
TITLES = {"ja": "表題 ソ能", "zh": "第一集 啊"}


def made(shelf: Shelf, name: str = "t.yaml") -> Any:
    document, found = yaml12.parse((shelf.folder / name).read_text("utf-8"))
    assert document
    assert found == []
    return document.data


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_there_and_back(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    for name in ("a.mp4", "b.mp4"):
        shelf.add(name)
    shelf.write(TABLE, "t.csv")
    result = cli("init", "--from", "t.csv")
    assert result.code == 0
    assert result.out.startswith("wrote t.yaml: look through it")
    first, second = made(shelf)["videos"]
    assert first == {
        "file": "a.mp4",
        "title": '第1回 "冒険", 出発',
        "description": "一行目\n二行目\n",
        "tags": ["ゲーム", "実況_プレイ"],
        "genre": "game",
        "publish": False,
    }
    assert (second["title"], second["tags"]) == ("=SUM(A1)", ["歌"])
    assert cli("publish", "t.yaml").code == 0

    told = cli("status", "--format", "csv")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("\ufefffile,id,title,description,tags,publish,account,site,genre,")
    for before, after in zip(rows(TABLE), rows(told.out), strict=True):
        named = {name: value for name, value in before.items() if value and name != "tags"}
        assert named.items() <= after.items()
        assert after["state"] == "published"
        assert after["url"].startswith(f"{site.url}/watch/sm")
    (shelf.folder / "back.csv").write_bytes(told.out.encode())
    assert cli("init", "--from", "back.csv").code == 0
    known = [
        {**each, "id": Path(each["file"]).stem, "publish": each.get("publish", True)}
        for each in (first, second)
    ]
    assert made(shelf, "back.yaml") == {**made(shelf), "videos": known}


@pytest.mark.parametrize(
    ("text", "encoding", "language"),
    [
        (JAPANESE, "cp932", "ja"),
        (JAPANESE, "utf-16", "ja"),
        (JAPANESE, "utf-8-sig", "ja"),
        (CHINESE, "gb18030", "zh"),
        (CHINESE, "utf-8", "zh"),
    ],
)
def test_tables_as_programs_save_them(
    cli: Cli, shelf: Shelf, text: str, encoding: str, language: str
) -> None:
    (shelf.folder / "t.csv").write_bytes(text.encode(encoding))
    assert cli("init", "--from", "t.csv").code == 0
    assert cli("init", "--from", "t.csv", "-o", "-").out.startswith("# yaml")
    data = made(shelf)
    [video] = data["videos"]
    assert video["title"] == TITLES[language]
    assert len(video["tags"]) == 2
    if language == "zh":
        assert data["sites"] == ["bilibili"]
        assert video["bilibili"] == {"partition": "游戏"}
    else:
        assert video["publish"] is False


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("file,titel\na,b\n", ["1:6 unknown-column did you mean title?"]),
        ("file,title,Title\na,b\n", ["1:12 repeated-column"]),
        ("file,id\na,b\n", ["1:1 missing-column"]),
        ("\n", ["1:1 table-empty"]),
        ('file,title\n"a"b,c\n', ["2:1 table-syntax"]),
        ("file,title\na,b,c\n", ["2:5 cell-beyond"]),
        ('file,title,tags\na,"x\ny",z\n', ["2:3 title-newline"]),
        ("file,title,tags\na.mp4,b,#c d\n", ["2:9 tag-with-hash"]),
        ("file,title\na.mp4,b\n\nA.mp4,c\n", ["4:1 id-repeated"]),
        ("file,title,id\na.mp4,b,x\nc.mp4,c,x\n", ["3:9 id-repeated"]),
        ("file,title,publish\na.mp4,b,2099/1/2 3:04\n", ["2:9 publish-at-invalid"]),
        ("file,title,series.id\na.mp4,b,x\n", ["2:9 not-integer"]),
        ("file,title,bilibili.title,site\na.mp4,b,,tiktok\n", ["2:10 unknown-value"]),
        ("title,file\nb,~/a.mp4\n", ["2:3 file-in-home"]),
        ('title,file\n12" b,~/a.mp4\n', ["2:7 file-in-home"]),
        ('title,file\n"a ""b"", c",~/a.mp4\n', ["2:14 file-in-home"]),
    ],
)
def test_what_is_wrong_is_told_at_its_cell(
    cli: Cli, shelf: Shelf, text: str, found: list[str]
) -> None:
    shelf.write(text, "t.csv")
    result = cli("init", "--from", "t.csv")
    assert result.code == 1
    for each in found:
        place, rule, *hint = each.split(" ", 2)
        assert f"t.csv:{place}: error: " in result.out
        assert f"[{rule}]" in result.out
        assert all(words in result.out for words in hint)
    assert shelf.listing() == {"t.csv"}


def test_a_column_s_name_is_told_in_part_where_it_is_long(cli: Cli, shelf: Shelf) -> None:
    shelf.write(f"file,{'x' * 20_000}\na,b\n", "t.csv")
    result = cli("init", "--from", "t.csv")
    assert "unknown-column" in result.out
    assert len(result.out) < 1_000


def test_what_can_t_be_read(cli: Cli, shelf: Shelf) -> None:
    shelf.write("file,title\na.mp4,b\n", "t.csv")
    (shelf.folder / "raw.csv").write_bytes(b"file,title\na,\x81\x20\n")
    assert "[table-encoding]" in cli("init", "--from", "raw.csv").out
    assert cli("init", "--from", "none.csv").code == 2
    assert cli("init", "--from", "t.csv", "a.mp4").code == 2
    assert cli("init").code == 2
    shelf.write("", "t.yaml")
    assert "is there already" in cli("init", "--from", "t.csv").err


def test_accounts_and_sites_of_single_rows(cli: Cli, shelf: Shelf) -> None:
    text = "file,title,account,site,thumbnail.timing,permissions.gift,bilibili.tags\n"
    text += 'a.mp4,A,x,niconico,1.5,いいえ,\nb.mp4,B,,"niconico, bilibili",0:02,yes,"a b,"\n'
    shelf.write(text, "t.csv")
    assert cli("init", "--from", "t.csv").code == 0
    first, second = made(shelf)["videos"]
    assert first["niconico"] == {"account": "x"}
    assert first["thumbnail"] == {"timing": 1.5}
    assert first["permissions"] == {"gift": False}
    assert second["sites"] == ["niconico", "bilibili"]
    assert second["bilibili"] == {"account": "main", "tags": ["a b"]}


def read(data: bytes, known: Mapping[str, columns.Column]) -> spreadsheet.Table:
    return spreadsheet.read(Path("t.csv"), data, known, language="en")


TEXTS = st.text(st.sampled_from("=+-@'\",;\t\n あ#a0")).filter(str.strip)


@given(TEXTS, st.lists(st.text(st.sampled_from(",、 a'=あ"), min_size=1), max_size=3))
def test_every_text_comes_back(text: str, tags: list[str]) -> None:
    tags = [each.strip() for each in tags if each.strip()]
    cells = [columns.harmless(columns.written(each)) for each in (text, tags)]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in cells)
    table = io.StringIO()
    csv.writer(table).writerows([["file", "title", "tags"], ["a.mp4", *cells]])
    found = read(table.getvalue().encode(), columns.known(dict(Described())))
    assert found.problems == []
    [row] = found.rows
    assert row.data == {"file": "a.mp4", "title": text, **({"tags": tags} if tags else {})}


@given(st.binary())
def test_no_bytes_are_too_odd(data: bytes) -> None:
    read(data, columns.known(dict(Described())))
