"""What somebody who writes a manifest sees: asked of a real yaml-language-server."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nicobatch.manifest import schema
from nicobatch.manifest.skeleton import Clip, skeleton
from nicobatch.model import MediaInfo
from nicobatch.sites.niconico.fields import SITE
from tests.system.editors.language_server import LanguageServer, missing
from tests.system.test_examples import GOOD, name

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT / "schemas" / "manifest.schema.json"
ERROR = 1
"""The protocol's DiagnosticSeverity."""
SHOP = """\
version: 1
file: episode-01.mp4
title: はじめての冒険
"""


@pytest.fixture(scope="module")
def server() -> Iterator[LanguageServer]:
    with LanguageServer() as running:
        yield running


def modeline(where: str) -> str:
    return f"# yaml-language-server: $schema={where}\n"


class Editor:
    """An editor with a manifest open, whose first line is the modeline."""

    def __init__(self, server: LanguageServer, folder: Path) -> None:
        self.server = server
        self.path = folder / "none.yaml"
        (folder / "schema.json").write_bytes(SCHEMA.read_bytes())

    def open(self, text: str, where: str = "schema.json") -> list[dict[str, Any]]:
        """Open another manifest, and return what is marked in it."""
        self.path = self.path.parent / f"{uuid.uuid4()}.yaml"
        return self.server.open(self.path, modeline(where) + text)

    def completions(self, line: int, character: int) -> dict[str, dict[str, Any]]:
        found = self.server.at("completion", self.path, line, character)
        return {each["label"]: each for each in found["items"]}

    def hover(self, line: int, character: int) -> str:
        found = self.server.at("hover", self.path, line, character)
        contents = found["contents"] if found else ""
        text = contents["value"] if isinstance(contents, dict) else contents
        return str(text).replace("\\", "")  # Markdown's escapes


@pytest.fixture
def editor(server: LanguageServer, tmp_path: Path) -> Editor:
    return Editor(server, tmp_path)


def test_the_keys_of_permissions_are_offered_with_words(editor: Editor) -> None:
    editor.open(f"{SHOP}permissions:\n  \n")
    offered = editor.completions(5, 2)
    assert set(schema.definitions()["permissions"]["properties"]) <= set(offered)
    words = str(offered["clip_tweet"]["documentation"])
    assert "Let viewers post clips." in words
    assert "視聴者によるクリップの投稿を許可する。" in words


def test_the_keys_of_a_video_are_offered(editor: Editor) -> None:
    editor.open(f"{SHOP}\n")
    offered = editor.completions(4, 0)
    assert {"description", "tags", "genre", "thumbnail", "publish", "series"} <= set(offered)
    assert "title" not in offered
    editor.open("version: 1\nvideos:\n  - file: a.mp4\n    \n", where="./schema.json")
    assert {"id", "title"} <= set(editor.completions(4, 4))


@pytest.mark.parametrize(
    ("text", "place", "values"),
    [
        ("thumbnail: {aspect: }\n", (4, 20), {"auto", "standard", "tall", "wide"}),
        ("genre: \n", (4, 7), {"game", "music_sound", "none"}),
        ("publish: \n", (4, 9), {"true", "false", "draft"}),
        ("signature: \n", (4, 11), {"true", "false"}),
    ],
)
def test_values_are_offered(
    editor: Editor, text: str, place: tuple[int, int], values: set[str]
) -> None:
    editor.open(SHOP + text)
    assert values <= set(editor.completions(*place))


def test_what_a_pointer_rests_on_is_explained_in_two_languages(editor: Editor) -> None:
    editor.open(f"{SHOP}tags: [ゲーム]\npermissions:\n  gift: false\n")
    words = editor.hover(4, 1)
    assert "At most 6 tags, without blanks." in words
    assert "タグ(最大 6 個、空白なし)。" in words
    assert "ギフトを受け取る。" in editor.hover(6, 3)
    assert "{index:02}" in editor.hover(3, 1)


def test_every_key_is_explained(editor: Editor) -> None:
    full = (ROOT / "examples" / "good" / "full.yaml").read_text(encoding="utf-8")
    text = "\n".join(full.splitlines()[1:]) + "\n"
    assert editor.open(text) == []
    unexplained = []
    for number, line in enumerate(text.splitlines(), 1):
        key = line.lstrip(" -")
        if ":" in key and key[0].isalpha():
            at = len(line) - len(key)
            if not any("\u3040" <= char <= "\u9fff" for char in editor.hover(number, at + 1)):
                unexplained.append(line)
    assert unexplained == []


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("tags: [一, 二, 三, 四, 五, 六, 七]\n", (4, 6), "6"),
        ("tags: ['a b']\n", (4, 7), "タグに空白は使えず"),
        ("titel: x\n", (4, 0), "titel"),
        ("publish: maybe\n", (4, 9), "公開"),
        ("publish: {at: 2026-11-31T20:00:00+09:00}\n", (4, 14), "時間帯つきの日時"),
        ("id: a/b\n", (4, 4), "どのシステムでもファイル名にできる"),
        ("permissions: {gift: yes}\n", (4, 20), "boolean"),
    ],
)
def test_mistakes_are_marked_where_they_are(
    editor: Editor, text: str, place: tuple[int, int], words: str
) -> None:
    [found] = editor.open(SHOP + text)
    start = found["range"]["start"]
    assert found["severity"] == ERROR
    assert (start["line"], start["character"]) == place
    assert words in found["message"]


@pytest.mark.parametrize("path", GOOD, ids=name)
def test_a_good_example_is_not_marked(editor: Editor, path: Path) -> None:
    text = path.read_text(encoding="utf-8-sig")
    assert editor.open(text) == []


def test_what_init_writes_is_not_marked(editor: Editor) -> None:
    media = MediaInfo(container="mp4", size=1, duration=9, width=16, height=9)
    clip = Clip(file="no.mp4", media=media, timing=1500)
    first, _, text = skeleton([clip, clip], SITE, schema="schema.json").partition("\n")
    assert f"{first}\n" == modeline("schema.json")
    assert editor.open(text) == []
    assert editor.open(text.replace("timing", "time")) != []
