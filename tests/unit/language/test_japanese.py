"""The command in Japanese, in processes of its own: what it says, how wide, on which console."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from rich.cells import cell_len

from nicobatch.language import LANGUAGES
from tests.unit.cli.running import Result, environment_with, in_a_row, process

JAPANESE: Final = {"LANG": "ja_JP.UTF-8"}
_LETTER: Final = re.compile(r"[ぁ-んァ-ヶ一-龠]")


def japanese(*arguments: str, more: Mapping[str, str] | None = None) -> Result:
    return process(*arguments, environment={**JAPANESE, **(more or {})})


@pytest.fixture
def shelf(tmp_path: Path, small_video: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a manifest of one video."""
    shutil.copy(small_video, tmp_path / "a.mp4")
    text = "version: 1\nfile: a.mp4\ntitle: 第1回 はじめての冒険\n"
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_narrow_terminals_are_filled_and_not_overrun() -> None:
    lines = japanese("publish", "--help", more={"COLUMNS": "60"}).out.splitlines()
    texts = [line for line in lines if "[garage-2026|" not in line]
    assert max(map(cell_len, texts)) <= 60


def test_a_bad_manifest(shelf: Path) -> None:
    (shelf / "m.yaml").write_text("version: 1\nfile: a.mp4\ntilte: 第1回\n", encoding="utf-8")
    result = japanese("check", "m.yaml")
    assert result.code == 1
    assert result.out == (
        "m.yaml:1:1: エラー: title がありません [missing-key]\n"
        "    次の行を追加してください: title: 第1回 はじめての冒険\n"
        "m.yaml:3:1: エラー: tilte という項目はありません [unknown-key]\n"
        "    title のことですか？\n"
        "マニフェスト 1 個に、エラーが 2 件あります\n"
    )


def test_a_batch_from_plan_to_status(shelf: Path) -> None:
    planned = japanese("plan", "m.yaml", "--sandbox")
    assert planned.out == "+ m.yaml#a: 新規作成（まだ投稿していません）\n新規作成 1 本\n"
    published = japanese("publish", "m.yaml", "--sandbox")
    assert published.code == 0
    assert "a: 動画の作成\n" in published.err
    head, row = published.out.splitlines()[:2]
    assert head.split("\t") == ["動画", "タイトル", "状態", "URL"]
    assert row.split("\t")[:3] == ["m.yaml#a", "第1回 はじめての冒険", "投稿済み"]
    asked = japanese("status", "--sandbox", "--remote").out
    assert asked.splitlines()[1].split("\t")[:5] == [
        "m.yaml#a",
        "投稿済み",
        "公開",
        "表示中",
        "main",
    ]


def test_programs_are_told_the_same_in_every_language(shelf: Path) -> None:
    runs = {
        tongue: process("plan", "m.yaml", "--sandbox", "--format=json", "--lang", tongue)
        for tongue in LANGUAGES
    }
    assert {run.code for run in runs.values()} == {0}
    english, *others = (run.of("plan")[0] for run in runs.values())
    reasons = english.pop("reasons")
    for each in others:
        assert each.pop("reasons") != reasons
        assert each == english


def test_what_the_site_says_is_data_to_programs(shelf: Path) -> None:
    assert japanese("publish", "m.yaml", "--sandbox").code == 0
    result = japanese("status", "--remote", "--sandbox", "--format=json")
    [receipt] = result.of("receipt")
    assert (receipt["site"], receipt["visitors"]) == ("public", "visible")
    assert "told" not in receipt


def test_wrong_usage(shelf: Path) -> None:
    result = japanese("publish")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "エラー: 次の引数がありません: 'PATH...'.\n"
        "    `nicobatch publish --help` で使い方を確認できます\n"
    )


def test_an_error_of_ours(shelf: Path) -> None:
    result = japanese("session", "check")
    assert result.code == 3
    assert result.err.startswith("エラー: ログインしていません\n    `nicobatch session set` を")


def test_why_the_system_refused(shelf: Path) -> None:
    result = japanese("check", "--journal", "m.yaml", "m.yaml")
    assert "フォルダー 'm.yaml' はファイルです。" in result.err


CONSOLES: Final = [
    {"PYTHONUTF8": "0", "PYTHONIOENCODING": "cp932"},
    {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "LANG": ""},
]


@pytest.mark.parametrize("console", CONSOLES, ids=["cp932", "ascii", "C"])
def test_a_console_that_can_not_show_it(shelf: Path, console: Mapping[str, str]) -> None:
    words = (("--help",), ("check", "--help"), ("plan", "m.yaml"), ("check", "no.yaml"))
    said = in_a_row(environment_with(console), *(("--lang", "ja", *each) for each in words))
    assert [each.code for each in said] == [0, 0, 0, 1]
    assert not any(b"Traceback" in each.out + each.err for each in said)
    if console.get("PYTHONIOENCODING") == "cp932":
        assert "新規作成" in said[2].out.decode("cp932")
