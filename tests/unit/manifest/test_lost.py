"""Text that YAML takes for something else, and hints that give it back as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from nicobatch.manifest import yaml12
from tests.unit.manifest.reading import found, read

HEAD = "version: 1\nfile: a.mp4\n"


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml12, "LOADER", getattr(yaml, request.param))


@pytest.mark.parametrize(
    ("text", "rule", "column", "hint"),
    [
        ("title: 実況 #12 最終回", "text-as-comment", 11, "'実況 #12 最終回'"),
        ("title: it's #1 # best", "text-as-comment", 13, "'it''s #1 # best'"),
        ("title: 実況\t#12", "text-as-comment", 11, "'実況\t#12'".replace("\t", " ")),
        ("title: #12", "text-as-comment", 8, "'#12'"),
        ("title: &TEAM 新曲", "text-as-anchor", 8, "'&TEAM 新曲'"),
        ("title: &TEAM 新曲 # 歌", "text-as-anchor", 8, "'&TEAM 新曲 # 歌'"),
        ("title: ! 重要", "text-as-tag", 8, "'! 重要'"),
        ("title: t\ndescription: 今回 #3", "text-as-comment", 17, "'今回 #3'"),
        ("title: t\ndescription: 今回\n   #冒険", "text-as-comment", 4, "'今回 #冒険'"),
        ("title: t\nthanks_message: Like #1", "text-as-comment", 22, "'Like #1'"),
        ("title: t\ntags: [a #b, c\n]", "text-as-comment", 10, " a, b"),
        ("title: t\ntags: [#a, c\n, d]", "text-as-comment", 8, " a"),
        ("title: t\ntags: [a, #b\n]", "text-as-comment", 11, " b"),
        ("title: t\ntags:\n- #a", "text-as-comment", 3, " a"),
        ("title: t\ntags: #a #b", "text-as-comment", 7, " a, b"),
        ("title: t\ntags: #a, #b、#c", "text-as-comment", 7, " a, b, c"),
        ("title: 実況 #{index}", "text-as-comment", 11, "'実況 #{index}'"),
        ("title: t\nbilibili: {dynamic: 新作 #動画\n}", "text-as-comment", 24, "'新作 #動画'"),
        ("file: ep #1.mp4\ntitle: t", "text-as-comment", 10, "'ep #1.mp4'"),
        ("title: t\ndescription: a\n  b", "text-folded", 14, "`description: |`"),
        ("title: t\ndescription: 'a\n\n  b\n  c'", "text-folded", 14, "`description: |`"),
        ('title: t\ndescription: "a\n  b"', "text-folded", 14, "`description: |`"),
        ("title: t\nthanks_message:\n  a\n  b", "text-folded", 3, "`thanks_message: |`"),
    ],
)
def test_lost_text_is_told_at_its_place(
    text: str, rule: str, column: int, hint: str, tmp_path: Path
) -> None:
    head = "version: 1\n" if text.startswith("file") else HEAD
    problems = [each for each in read(tmp_path, head + text).problems if each.rule == rule]
    assert [each.column for each in problems] == [column]
    assert problems[0].hint.endswith(hint if rule != "text-folded" else "indented")
    assert hint in problems[0].hint


@pytest.mark.parametrize(
    "text",
    [
        "title: t # 最初の動画",
        "title: t #",
        "title: t #- x",
        "title: C# 入門",
        "title: 'a #1' #2",
        "title: &name t\nid: *name",
        "title: !!str 2026",
        "title: 長い\n  題",
        "title: t\n#description: x",
        "title: t\ngenre: game #game",
        "title: t\nid: first #one",
        "title: t\ntags:\n  - a\n  #b\n  - c",
        "title: t\ntags: [\n  a,\n  #b\n  c\n  #d\n]",
        "title: t\ntags: &tags [a]",
        "title: t\ndescription: |\n  #1\n  a #2",
        "title: t\ndescription: >\n  a\n  b",
        "title: t\ndescription:\n  'a\n\n  b'",
        'title: t\ndescription: "a\\\n  b\\n\n  c"',
    ],
)
def test_what_is_meant_so_is_no_finding(text: str, tmp_path: Path) -> None:
    assert found(read(tmp_path, HEAD + text)) == []


@pytest.mark.parametrize(
    ("text", "rule", "hint"),
    [
        ("title: 007", "not-text", "'007'"),
        ("title: 3.10", "not-text", "'3.10'"),
        ("title: 0x1F # old", "not-text", "'0x1F'"),
        ("title: &n 1e3", "not-text", "'1e3'"),
        ("title: 0o17", "not-text", "'0o17'"),
        ("title: Null", "not-text", "'Null'"),
        ("title: TRUE", "not-text", "'TRUE'"),
        ("title: ~", "not-text", "'~'"),
        ("title: [LIVE]", "not-text", "'[LIVE]'"),
        ("title: {stem}", "not-text", "'{stem}'"),
        ("title: t\ntags: [+1]", "not-text", "'+1'"),
        ("title: t\nid: .5", "not-text", "'.5'"),
        ("title: a: b", "yaml-colon-in-text", "'a: b'"),
        ("title: it's: b", "yaml-colon-in-text", "'it''s: b'"),
        ("title: [LIVE] 配信", "yaml-trailing-text", "'[LIVE] 配信'"),
        ('title: "a" b', "yaml-trailing-text", "'\"a\" b'"),
        ('title: "a" and "b"', "yaml-trailing-text", '\'"a" and "b"\''),
        ('title: "he said "hi""', "yaml-trailing-text", "'he said \"hi\"'"),
        ("title: 'don't stop'", "yaml-trailing-text", "'don''t stop'"),
        ("title: *star now", "yaml-unknown-alias", "'*star now'"),
        ("title: !重要 お知らせ", "yaml-tag", "'!重要 お知らせ'"),
        ("title: !important news", "yaml-tag", "'!important news'"),
        ("title: @home", "yaml-special-character", "'@home'"),
        ("title: `code`", "yaml-special-character", "'`code`'"),
        ("title: 100\nid: %d", "yaml-special-character", "'%d'"),
        ("title: - a", "yaml-dash", "'- a'"),
        ("title: ? a", "yaml-syntax", "'? a'"),
        ("title: , a", "yaml-unexpected", "', a'"),
        ("title: >_< a", "yaml-block-text", "'>_< a'"),
        ("title: t\ntags:\n  - @a", "yaml-special-character", "'@a'"),
    ],
)
def test_a_hint_quotes_what_stands_in_the_file(
    text: str, rule: str, hint: str, tmp_path: Path
) -> None:
    problems = [each for each in read(tmp_path, HEAD + text).problems if each.rule == rule]
    assert [each.hint for each in problems] == [f"put it in quotes: {hint}"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("publish: {at: 1803121200}", "2027-02-20T20:00:00+09:00"),
        ("publish: {at: 1803121200000}", "2027-02-20T20:00:00+09:00"),
        ("publish: {at: '1803121200'}", "2027-02-20T20:00:00+09:00"),
        ("publish: 1803121200", "{at: 2027-02-20T20:00:00+09:00}"),
        ("series: {id: 'https://www.nicovideo.jp/series/123?ref=a'}", "id: 123"),
        ("series: https://www.nicovideo.jp/series/123", 'series: {"id": 123}'),
        ("thumbnail: {position: 0.5}", "for example: position: 0"),
        ("thumbnail: {position: '1'}", "write it without quotes: 1"),
        ("signature: 'true'", "write it without quotes: true"),
        ("tags: '#a #b'", 'tags: ["a", "b"]'),
        ("tags: |\n  a\n  b", 'tags: ["a", "b"]'),
        ("series: 777", 'series: {"id": 777}'),
        ("tags:\n  -a\n  -b c", 'tags: ["a", "b c"]'),
        ("tags:\n  * a", "begins with - and a blank"),
        ("tags: {-a: 1}", "a blank behind the -"),
    ],
)
def test_a_hint_writes_what_is_meant(text: str, hint: str, tmp_path: Path) -> None:
    (problem,) = read(tmp_path, f"{HEAD}title: t\n{text}").problems
    assert problem.hint.endswith(hint)
