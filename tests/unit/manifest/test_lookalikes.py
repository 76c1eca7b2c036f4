"""Characters that look like YAML's, named where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from nicobatch import language
from nicobatch.manifest import yaml12
from tests.unit.manifest.reading import found, read

HEAD = "version: 1\nfile: a.mp4\n"
VIDEOS = "version: 1\nvideos:\n"
COLON, BLANK, HYPHEN = "half-width colon", "ordinary blank", "half-width hyphen"


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml12, "LOADER", getattr(yaml, request.param))


@pytest.mark.parametrize(
    ("text", "place", "code", "typed"),
    [
        (HEAD + "title：第1回", (3, 6), "U+FF1A", COLON),
        ("version：1\nfile: a.mp4", (1, 8), "U+FF1A", COLON),
        (HEAD + "title: a\n  description：b", (4, 14), "U+FF1A", COLON),
        (HEAD + "title: a\nseries：{id: 1}", (4, 7), "U+FF1A", COLON),
        (HEAD + "title: a\nseries: {id∶ 1}", (4, 12), "U+2236", COLON),
        (VIDEOS + "  - file：a.mp4\n    title: a", (3, 9), "U+FF1A", COLON),
        (VIDEOS + "  - {file：a.mp4, title: a}", (3, 10), "U+FF1A", COLON),
        (HEAD + "title:\u00a0第1回", (3, 7), "U+00A0", BLANK),
        (HEAD + "title:\u3000第1回", (3, 7), "U+3000", BLANK),
        (HEAD + "title\u3000: 第1回", (3, 6), "U+3000", BLANK),
        (HEAD + "title: a\n\u3000genre: game", (4, 1), "U+3000", BLANK),
        (HEAD + "title: a\n\u00a0genre: game", (4, 1), "U+00A0", BLANK),
        (HEAD + "title: a\ndescription: あ\n\u3000い", (5, 1), "U+3000", BLANK),
        (VIDEOS + "\u3000- file: a.mp4\n\u3000  title: a", (3, 1), "U+3000", BLANK),
        (VIDEOS + "  -\u3000file: a.mp4\n    title: a", (3, 4), "U+3000", BLANK),
        (HEAD + "ta\u200bgs: [a]\ntitle: a", (3, 3), "U+200B", "delete it"),
        (HEAD + "ti\ufefftle: a", (3, 3), "U+FEFF", "delete it"),
        (HEAD + "ｔｉｔｌｅ: a", (3, 1), "U+FF54", "type t"),
        (HEAD + "tіtle: a", (3, 2), "U+0456", "type i"),
        (HEAD + "title: “foo: bar”", (3, 8), "U+201C", 'type "'),
        (HEAD + 'title: "foo”\nid: a', (3, 12), "U+201D", 'type "'),
        (HEAD + "title: a\ntags: ［a, b］", (4, 7), "U+FF3B", "type ["),
        (HEAD + "title: a\ntags: [a, b］\nid: a", (4, 12), "U+FF3D", "type ]"),
        (HEAD + "title: a\nthumbnail: ｛timing: 1｝", (4, 12), "U+FF5B", "type {"),
        (HEAD + "title: a\ntags: （a）", (4, 7), "U+FF08", "type ["),
        (HEAD + "title: a\ntags: ['a'、'b']", (4, 11), "U+3001", "half-width comma"),
        (HEAD + "title: a\ntags: [a、b]", (4, 9), "U+3001", "half-width comma"),
        (HEAD + "title: a\ntags: [c, a，b]", (4, 12), "U+FF0C", "half-width comma"),
        (HEAD + "title: a\ntags: [「a」]", (4, 8), "U+300C", 'type "'),
        (HEAD + "title: “a”", (3, 8), "U+201C", 'type "'),
        (HEAD + "title: a\ntags:\n  – a\n  – b", (5, 3), "U+2013", HYPHEN),
        (HEAD + "title: a\ntags:\n  - a\n  – b", (6, 3), "U+2013", HYPHEN),
        (HEAD + "title: a\ntags:\n  - a\n   ー b", (6, 4), "U+30FC", HYPHEN),
        (HEAD + "title: a\ntags:\n  ・a", (5, 3), "U+30FB", HYPHEN),
        (VIDEOS + "  － file: a.mp4\n    title: a", (3, 3), "U+FF0D", HYPHEN),
        ("version: １\nfile: a.mp4\ntitle: a", (1, 10), "U+FF11", "type 1"),
        (HEAD + "title: a\nthumbnail: {position: ０}", (4, 23), "U+FF10", "type 0"),
        (HEAD + "title: a\nthumbnail: {timing: １：３０}", (4, 21), "U+FF11", "type 1"),
        (HEAD + "title: a\nsignature: ｔｒｕｅ", (4, 12), "U+FF54", "type t"),
        (HEAD + "title: a\npublish: {at: ２026-12-01}", (4, 15), "U+FF12", "type 2"),
        (HEAD + "title: a\u2028b", (3, 9), "U+2028", "delete it"),
        (HEAD + "title: a\ndescription: ｜\n  b\n  c", (4, 14), "U+FF5C", "type |"),
        (HEAD + "＃ 題\ntitle: a", (3, 1), "U+FF03", "type #"),
        (HEAD + "title: a\nx-memo：b", (4, 7), "U+FF1A", COLON),
        ("ｖｅｒｓｉｏｎ：1\nfile: a.mp4", (1, 8), "U+FF1A", COLON),
        (HEAD + "title꞉ a", (3, 6), "U+A789", COLON),
        (HEAD + "title:\u2003a", (3, 7), "U+2003", BLANK),
        (HEAD + "title:\u3164a", (3, 7), "U+3164", BLANK),
        (HEAD + "title\u200e: a", (3, 6), "U+200E", "delete it"),
        (HEAD + "title: a\ntags:\n  ● a\n\n  ＊ b", (7, 3), "U+FF0A", HYPHEN),
        (HEAD + "title: a\ntags: 〔a, b〕", (4, 7), "U+3014", "type ["),
        (HEAD + "title: a\ntags: [a﹑b]", (4, 9), "U+FE51", "half-width comma"),
        (HEAD + "title: a\nsites: [niconico、bilibili]", (4, 17), "U+3001", "half-width comma"),
        (HEAD + "title: a\nannounce:\n - livetube:\n    page：b", (6, 9), "U+FF1A", COLON),
        (HEAD + "title: a\npublish: truе", (4, 10), "U+0435", "type e"),
        (HEAD + "title: a\nseries: {id: ١٢}", (4, 14), "U+0661", "type 1"),
        (HEAD + "title: a\npublish: {at: 2026-12-01T20:00−09:00}", (4, 15), "U+2212", "type - in"),
        (HEAD + "title: a\npublish: {at: 2026-12-01T20∶00Z}", (4, 15), "U+2236", "type : in"),
        (VIDEOS + "  - ｛file: a.mp4, title: a｝", (3, 5), "U+FF5B", "type {"),
        ('{"version"： 1, "file": "a.mp4"}', (1, 11), "U+FF1A", COLON),
    ],
)
def test_the_character_is_named_and_what_to_type(
    text: str, place: tuple[int, int], code: str, typed: str, tmp_path: Path
) -> None:
    problems = read(tmp_path, text).problems
    said = {(each.line, each.column): f"{each.message} {each.hint}" for each in problems}
    assert code in said[place]
    assert typed in said[place]
    assert not any(each.rule.startswith("yaml-") for each in problems)


def test_names_are_japanese_to_japanese(tmp_path: Path) -> None:
    language.choose("ja")
    (problem,) = read(tmp_path, HEAD + "title：第1回").problems
    assert "全角コロン" in problem.message
    assert "半角のコロン" in problem.hint


@pytest.mark.parametrize(
    "text",
    [
        "title: 第1回：はじまり",
        "title: 第1回　はじまり",
        "title: \u3000第1回",
        "title: 「冒険」",
        "title: “Hello” を歌ってみた",
        "title: ［LIVE］ー冒険ー",
        "title: a\ndescription: |\n  title：b\n  －file: a\n  \u3000あ\n  - file：b",
        "title: a\ndescription: 'b\n\n  title：b'",
        "title: a\ntags: ['a、b', 【c】]",
        "title: a\ntags:\n  - ゲーム、実況\n  - ーー",
        "# title：a\ntitle: a",
        "title: a\ngenre: 'game'\nid: 第１話",
        "title: a\ntags:\n - ●a\n - ・b",
        "title: 〝冒険〟",
        "title: a\ndescription: ｜ー｜",
        "title: a\nx-any: [a、b, “c”, ｛d｝]".replace(", “c”", ""),
    ],
)
def test_ordinary_japanese_is_no_finding(text: str, tmp_path: Path) -> None:
    assert found(read(tmp_path, HEAD + text)) == []
