"""What every language's users read: the help of each command, and what is wrong with a manifest."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Final, NamedTuple

import pytest
from rich.cells import cell_len

from nicobatch.cli.app import COMMANDS
from nicobatch.cli.session import session_command as session
from tests.unit.cli.running import ROOT, Result, environment_with, process


class Spoken(NamedTuple):
    """A language's letters, and the parser's words in it."""

    letter: re.Pattern[str]
    usage: str
    options: str


LANGUAGES: Final[Mapping[str, Spoken]] = {
    "ja": Spoken(re.compile(r"[ぁ-んァ-ヶ一-龠]"), "使い方:", "オプション:"),
    "zh": Spoken(re.compile(r"[一-龠]"), "用法:", "选项:"),
}
SPOKEN: Final = [
    (),
    *((name,) for name in COMMANDS),
    *(("session", name) for name in session.commands),
    ("livetube", "write"),
]
READ_ALL: Final = """
import contextlib, io, json, sys
from nicobatch.cli import run

for words in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([*words, "--help"])
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""
"""Reads the help of one command after another, for a process speaks one language."""
every_language = pytest.mark.parametrize("language", LANGUAGES)


@functools.cache
def helps(language: str) -> dict[tuple[str, ...], Result]:
    """Return what each command says of itself."""
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL],
        env=environment_with({"LANG": f"{language}.UTF-8"}),
        input=json.dumps(SPOKEN),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    said = (Result(*json.loads(line)) for line in done.stdout.splitlines())
    return dict(zip(SPOKEN, said, strict=True))


@every_language
@pytest.mark.parametrize("words", SPOKEN, ids=" ".join)
def test_help(words: tuple[str, ...], language: str) -> None:
    letter, usage, options = LANGUAGES[language]
    result = helps(language)[words]
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0].startswith(f"{usage} {' '.join(['nicobatch', *words])}")
    assert [line for line in lines if cell_len(line) > 80] == []
    assert "Options:" not in result.out
    assert "Show this message" not in result.out
    assert [line for line in _meanings(lines, options) if not letter.search(line)] == []
    assert "--lang [en|ja|zh]" in result.out


def _meanings(lines: list[str], options: str) -> list[str]:
    """Return what stands beside the options and commands, each as one line."""
    found: list[str] = []
    for line in lines[lines.index(options) :]:
        if re.match(r"  [-a-z]", line):
            found.append(line)
        elif found and line.startswith("   "):
            found[-1] += line
    return found


@every_language
def test_every_bad_example_is_told_in_the_language(language: str) -> None:
    letter = LANGUAGES[language].letter
    bad = str(ROOT / "examples" / "bad")
    problems = process("check", bad, "--format", "json", "--lang", language).of("problem")
    assert len(problems) > 50
    assert [each["message"] for each in problems if not letter.search(each["message"])] == []
    assert [each["hint"] for each in problems if not letter.search(each["hint"])] == []
    assert {each["severity"] for each in problems} == {"error", "warning", "note"}
