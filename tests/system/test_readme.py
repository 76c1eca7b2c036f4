"""The READMEs say the same in every language, and name nothing that is not there."""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest

from nicobatch import __version__
from nicobatch.cli import run
from nicobatch.cli.app import COMMANDS, nicobatch
from nicobatch.errors import Exit

ROOT: Final = Path(__file__).parents[2]
NAMES: Final = {"en": "README.md", "ja": "README.ja.md", "zh": "README.zh.md"}
READMES: Final = {each: (ROOT / name).read_text(encoding="utf-8") for each, name in NAMES.items()}
ENGLISH: Final = READMES["en"]
TRANSLATIONS: Final = [text for language, text in READMES.items() if language != "en"]

BLOCK: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN: Final = re.compile(r"`([^`\n]+)`")
COMMENT: Final = re.compile(r"(^|\s+)#\s.*$", re.MULTILINE)
MARK: Final = re.compile(r"^(#{1,6}|\||-|\d+\.)\s", re.MULTILINE)
OPTION: Final = re.compile(r"(?<![\w-])(--[a-z][a-z-]+|-[a-z]\b)")
VARIABLE: Final = re.compile(r"NICOBATCH_[A-Z_<>]+")
LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
PLACEHOLDER: Final = re.compile(r"@[A-Z]+@")
COMMAND: Final = re.compile(r"^`([a-z]+)(?: ([a-z]+(?:\\\|[a-z]+)*))?")
TABLE: Final = r"^\| (?:{}) \|.*\n\|[-|]+\n((?:\|.*\n)+)"
FOREIGN: Final = re.compile(r"^[ -]*(?:git|pip|apt-get) .*$|`pre-commit [^`]*`", re.MULTILINE)
"""Lines of the pipelines that call other commands, and what else is called."""
CONSOLE: Final = "console"
FAULTY: Final = """\
version: 1
file: episode-02.mp4
titel: 第2回 森の道
tags: [ゲーム, 実況 プレイ]
genre: gaem
thumbnail: {timing: 20.263}
publish: {at: 2026-12-01 20:00}
"""
VERSION: Final = re.compile(r"^## \[?([0-9][^\]\s]*)", re.MULTILINE)

every = pytest.mark.parametrize("text", READMES.values(), ids=READMES)
translated = pytest.mark.parametrize("text", TRANSLATIONS, ids=["ja", "zh"])


def blocks(text: str) -> list[tuple[str, str]]:
    """Return language and content of each code block, without the comments."""
    return [(match[1], COMMENT.sub("", match[2])) for match in BLOCK.finditer(text)]


def prose(text: str) -> str:
    return BLOCK.sub("", text)


def shape(text: str) -> list[str]:
    """Return what each heading, table row and list item begins with, in their order."""
    return MARK.findall(prose(text))


def links(text: str) -> list[str]:
    return LINK.findall(prose(text))


def first_cells(text: str, header: str) -> list[str]:
    """Return the first column of the table with the header, in whichever language it is."""
    table = re.search(TABLE.format(header), text, re.MULTILINE)
    assert table
    return [row.split(" |")[0].removeprefix("| ") for row in table[1].splitlines()]


def exit_codes(text: str) -> list[int]:
    cells = first_cells(text, "exit code|終了コード|退出码")
    return [int(code) for cell in cells for code in re.findall(r"\d+", cell)]


def invocations(text: str) -> Iterator[list[str]]:
    """Yield the words behind `nicobatch` wherever it is called, and the table's commands."""
    lines = (line for _, content in blocks(text) for line in content.splitlines())
    shown = (line for line in lines if line.startswith("$ "))
    for code in (*SPAN.findall(prose(text)), *shown):
        _, found, rest = code.partition("nicobatch ")
        if found:
            yield rest.split()
    for cell in first_cells(text, "command|コマンド|命令"):
        match = COMMAND.match(cell)
        assert match, cell
        inner = (match[2] or "").split(r"\|")
        yield from ([match[1], *filter(None, [each])] for each in inner)


def command_of(name: str) -> click.Command:
    command = nicobatch.get_command(click.Context(nicobatch), name)
    assert command
    return command


def called(words: list[str]) -> click.Command:
    """Return the command that the words call."""
    name, *rest = words
    assert name in COMMANDS
    command = command_of(name)
    if isinstance(command, click.Group) and rest:
        assert rest[0] in command.commands, words
        return command.commands[rest[0]]
    return command


def options_of(command: click.Command) -> set[str]:
    """Return every option that the command's help lists."""
    context = click.Context(command, help_option_names=["-h", "--help"])  # click keeps them
    listed = command.get_params(context)
    options = (each for each in listed if isinstance(each, click.Option) and not each.hidden)
    return {name for option in options for name in (*option.opts, *option.secondary_opts)}


def all_commands() -> Iterator[click.Command]:
    yield nicobatch
    for name in COMMANDS:
        command = command_of(name)
        yield command
        if isinstance(command, click.Group):
            yield from command.commands.values()


@translated
def test_they_have_the_same_headings_tables_and_lists(text: str) -> None:
    assert "##" in shape(ENGLISH)
    assert shape(text) == shape(ENGLISH)


@translated
def test_they_show_the_same_code_but_for_comments_and_what_is_answered(text: str) -> None:
    assert blocks(ENGLISH)
    assert asked(text) == asked(ENGLISH)


def asked(text: str) -> list[tuple[str, str]]:
    """Return the code blocks, of consoles without the answers."""
    return [
        (kind, "\n".join(re.findall(r"^\$ .*", block, re.MULTILINE)) if kind == CONSOLE else block)
        for kind, block in blocks(text)
    ]


@pytest.mark.parametrize("language", READMES)
def test_check_says_what_is_shown(
    language: str,
    tmp_path: Path,
    small_video: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(small_video, "episode-02.mp4")
    Path("episode-02.yaml").write_text(FAULTY, encoding="utf-8")
    assert run(["--lang", language, "check", "episode-02.yaml"]) == Exit.FAILED
    said = capsys.readouterr().out
    assert f"```{CONSOLE}\n$ nicobatch check episode-02.yaml\n{said}```\n" in READMES[language]


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(OPTION, id="options"),
        pytest.param(VARIABLE, id="variables"),
        pytest.param(PLACEHOLDER, id="placeholders"),
    ],
)
@translated
def test_they_name_the_same(text: str, pattern: re.Pattern[str]) -> None:
    assert set(pattern.findall(text)) == set(pattern.findall(ENGLISH))


@pytest.mark.parametrize("language", READMES)
def test_each_links_to_the_others_and_all_to_the_same(language: str) -> None:
    text, names = READMES[language], set(NAMES.values())
    head = next(line for line in text.splitlines() if line.startswith("["))
    assert set(links(head)) == names - {NAMES[language]}
    assert sorted(set(links(text)) - names) == sorted(set(links(ENGLISH)) - names)
    assert len(links(text)) == len(links(ENGLISH))


@every
def test_what_is_linked_in_the_repository_is_there(text: str) -> None:
    targets = [each.partition("#")[0] for each in links(text) if "://" not in each]
    modules = [each for each in SPAN.findall(prose(text)) if re.fullmatch(r"[\w/]+/\w+\.py", each)]
    assert targets
    assert [each for each in (*targets, *modules) if not (ROOT / each).exists()] == []


@every
def test_the_exit_codes_are_those_of_the_command(text: str) -> None:
    assert exit_codes(text) == sorted({*map(int, Exit), 128 + signal.SIGTERM})


@every
def test_every_command_is_there_with_the_options_it_is_shown_with(text: str) -> None:
    calls = list(invocations(text))
    assert ["session", "forget"] in calls
    for words in calls:
        assert set(OPTION.findall(" ".join(words))) <= options_of(called(words)), words


@every
def test_every_option_is_one_of_some_command(text: str) -> None:
    known = {name for command in all_commands() for name in options_of(command)}
    assert set(OPTION.findall(FOREIGN.sub("", text))) - known == set()


def test_the_changelog_begins_with_this_version() -> None:
    versions = VERSION.findall((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert versions[0] == __version__
