"""The command in Chinese: what it says, and on a console of Chinese Windows."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.running import Result, environment_with, process


def chinese(*arguments: str) -> Result:
    return process(*arguments, environment={"LANG": "zh_CN.UTF-8"})


@pytest.fixture
def shelf(tmp_path: Path, small_video: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a manifest of one video."""
    shutil.copy(small_video, tmp_path / "a.mp4")
    text = "version: 1\nfile: a.mp4\ntitle: 第1集 出发\n"
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_bad_manifest(shelf: Path) -> None:
    (shelf / "m.yaml").write_text("version: 1\nfile: a.mp4\ntilte: 第1集\n", encoding="utf-8")
    result = chinese("check", "m.yaml")
    assert result.code == 1
    assert result.out == (
        "m.yaml:1:1: 错误: 缺少 title [missing-key]\n"
        "    请加一行：title: 第1回 はじめての冒険\n"
        "m.yaml:3:1: 错误: 没有 tilte 这个键 [unknown-key]\n"
        "    是不是 title？\n"
        "1 份清单中有 2 个错误\n"
    )


def test_a_batch_from_plan_to_status(shelf: Path) -> None:
    planned = chinese("plan", "m.yaml", "--sandbox")
    assert planned.out == "+ m.yaml#a: 新建（尚未投稿）\n新建 1 个\n"
    published = chinese("publish", "m.yaml", "--sandbox")
    assert published.code == 0
    assert "a: 新建视频\n" in published.err
    head, row = published.out.splitlines()[:2]
    assert head.split("\t") == ["视频", "标题", "状态", "URL"]
    assert row.split("\t")[:3] == ["m.yaml#a", "第1集 出发", "已投稿"]


def test_wrong_usage(shelf: Path) -> None:
    result = chinese("publish")
    assert (result.code, result.out) == (2, "")
    assert result.err == ("错误: 缺少参数 'PATH...'.\n    `nicobatch publish --help` 会显示用法\n")


def test_an_error_of_ours(shelf: Path) -> None:
    result = chinese("session", "check")
    assert result.code == 3
    assert result.err.startswith("错误: 没有登录\n    请运行 `nicobatch session set`")


def test_a_console_of_chinese_windows(shelf: Path) -> None:
    environment = environment_with({"PYTHONUTF8": "0", "PYTHONIOENCODING": "gbk"})
    command = [sys.executable, "-m", "nicobatch", "--lang", "zh", "plan", "m.yaml"]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode("gbk").splitlines()[-1] == "新建 1 个"
