"""What READMEs and docs say is so: the same in every language, and tried where it can be."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

import click
import pytest

from nicobatch import __version__
from nicobatch.cli.app import COMMANDS, nicobatch
from nicobatch.errors import Exit
from tests.support.pages import CONSOLE, LANGUAGES, ROOT, Page, pages
from tests.unit.cli.conftest import Cli, Shelf

PAGES: Final = pages()
README: Final = Page("README", "en")
USAGE: Final = [Page("usage", language) for language in LANGUAGES]
SPAN: Final = re.compile(r"`([^`\n]+)`")
MARK: Final = re.compile(r"^(#{1,6}|\||-|\d+\.|!!!)\s", re.MULTILINE)
OPTION: Final = re.compile(r"(?<![\w-])(--[a-z][a-z-]+|-[a-z]\b)")
VARIABLE: Final = re.compile(r"NICOBATCH_[A-Z_<>]+")
PLACEHOLDER: Final = re.compile(r"\{[a-z_.]+\}")
LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
TABLE: Final = re.compile(
    r"^\| (?:command|コマンド|命令) \|.*\n\|[-|]+\n((?:\|.*\n)+)", re.MULTILINE
)
COMMAND: Final = re.compile(r"\| `([a-z]+)(?: ([a-z]+(?:\\\|[a-z]+)*))?")
CALL: Final = re.compile(r"(?<![\w/:-])nicobatch ([a-z][^|&;]*)")
OTHERS: Final = ("git ", "pip ", "pre-commit ", "docker ", "podman ")
"""What else is called, with options of its own."""
VIDEO: Final = re.compile(r"[\w./*-]+\.mp4")
STORE: Final = re.compile(r"s3://\S*/")
MANIFEST: Final = re.compile(r"^version: 1$", re.MULTILINE)
DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(?=T)")
TEXT: Final = re.compile(r"[\w/-]+\.txt")
VERSION: Final = re.compile(r"^## \[?([0-9][^\]\s]*)", re.MULTILINE)
IMPATIENT: Final = "options: {publish: {poll-interval: 0.05}}\n"
FAULTY: Final = """\
version: 1
file: episode-02.mp4
titel: 第2回 森の道
tags: [ゲーム, 実況 プレイ]
genre: gaem
thumbnail: {timing: 20.263}
publish: {at: 2026-12-01 20:00}
"""


def named(page: Page) -> str:
    return page.name


def is_tried(page: Page) -> bool:
    return any(block.run for block in page.blocks)


def has_manifests(page: Page) -> bool:
    return MANIFEST.search(page.text) is not None


each_page = pytest.mark.parametrize("page", PAGES, ids=named)
each_usage = pytest.mark.parametrize("page", USAGE, ids=LANGUAGES)


def links(page: Page) -> list[str]:
    """Return where the page leads to, whichever language that is in."""
    found = LINK.findall(page.prose)
    return [re.sub(r"(?<=\.io/nicobatch/)(?:ja|zh)/", "", each) for each in found]


def invocations(page: Page) -> Iterator[list[str]]:
    """Yield the words behind `nicobatch` wherever it is called."""
    shown = (line for block in page.blocks for line in block.code.splitlines())
    for code in (*SPAN.findall(page.prose), *shown):
        yield from (call.split() for call in CALL.findall(code))


def listed(page: Page) -> Iterator[list[str]]:
    """Yield the commands of the page's table, in whichever language it is."""
    table = TABLE.search(page.text)
    assert table
    for row in table[1].splitlines():
        match = COMMAND.match(row)
        assert match, row
        inner = (match[2] or "").split(r"\|")
        yield from ([match[1], *filter(None, [each])] for each in inner)


def command_of(name: str) -> click.Command:
    command = nicobatch.get_command(click.Context(nicobatch), name)
    assert command
    return command


def called(words: list[str]) -> click.Command:
    """Return the command that the words call."""
    name, *rest = words
    assert name in COMMANDS, words
    command = command_of(name)
    while isinstance(command, click.Group) and rest:
        name, *rest = rest
        assert name in command.commands, words
        command = command.commands[name]
    return command


def options_of(command: click.Command) -> set[str]:
    """Return every option that the command's help lists."""
    context = click.Context(command, help_option_names=["-h", "--help"])  # click keeps them
    options = (each for each in command.get_params(context) if isinstance(each, click.Option))
    shown = (each for each in options if not each.hidden)
    return {name for option in shown for name in (*option.opts, *option.secondary_opts)}


def within(command: click.Command) -> Iterator[click.Command]:
    """Yield the command and those that it has."""
    yield command
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from within(each)


def all_commands() -> Iterator[click.Command]:
    yield nicobatch
    for name in COMMANDS:
        yield from within(command_of(name))


# The same in every language


@each_page
def test_it_has_the_same_headings_tables_lists_and_code_in_every_language(page: Page) -> None:
    code = [(block.kind, block.file, block.run, block.code) for block in page.blocks]
    for other in page.translations():
        assert MARK.findall(other.prose) == MARK.findall(page.prose), other.path
        assert code == [(each.kind, each.file, each.run, each.code) for each in other.blocks]


@each_page
def test_it_names_and_links_the_same_in_every_language(page: Page) -> None:
    for other in page.translations():
        for pattern in (OPTION, VARIABLE, PLACEHOLDER):
            assert set(pattern.findall(other.prose)) == set(pattern.findall(page.prose)), other.path
        readmes = [[each for each in links(one) if "README" not in each] for one in (page, other)]
        assert sorted(readmes[0]) == sorted(readmes[1]), other.path


# As the command has it


@each_page
def test_every_command_is_there_with_the_options_it_is_shown_with(page: Page) -> None:
    for words in (words for each in (page, *page.translations()) for words in invocations(each)):
        assert set(OPTION.findall(" ".join(words))) <= options_of(called(words)), words


@each_page
def test_every_option_is_one_of_some_command(page: Page) -> None:
    known = {name for command in all_commands() for name in options_of(command)}
    spans = [each for each in SPAN.findall(page.prose) if not each.startswith(OTHERS)]
    assert set(OPTION.findall("\n".join(spans))) - known == set()


@each_usage
def test_every_command_is_listed(page: Page) -> None:
    commands = list(listed(page))
    assert {words[0] for words in commands} == set(COMMANDS)
    assert all(called(words) for words in commands)


@pytest.mark.parametrize("language", LANGUAGES)
def test_check_says_what_is_shown(language: str, cli: Cli, shelf: Shelf) -> None:
    shutil.copy(shelf.video, "episode-02.mp4")
    shelf.write(FAULTY, "episode-02.yaml")
    result = cli("--lang", language, "check", "episode-02.yaml")
    assert result.code == Exit.FAILED
    shown = [block.text for block in Page("README", language).blocks if block.kind == CONSOLE]
    assert f"$ nicobatch check episode-02.yaml\n{result.out}" in shown


# What is shown works


def ahead(text: str) -> str:
    """Return the text with its dates some weeks later, so that none of them is ever past."""
    later = timedelta(weeks=53 * (datetime.now(UTC).year - 2025))
    return DATE.sub(lambda match: str(date.fromisoformat(match[0]) + later), text)


@pytest.mark.parametrize("page", [*filter(is_tried, PAGES)], ids=named)
def test_what_is_shown_works(
    page: Page, cli: Cli, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NICOBATCH_CONFIG", str(shelf.write(IMPATIENT, "../config.yaml")))
    for name in VIDEO.findall("".join(block.text for block in page.blocks)):
        shelf.add(name.replace("*", "1"))
        shelf.add(name.replace("*", "2"))
    for block in page.blocks:
        if block.file:
            shelf.write(ahead(block.text), block.file)
        for command in block.commands if block.run else ():
            program, *arguments = shlex.split(command)
            assert program == "nicobatch"
            result = cli(*arguments)
            assert (result.code, command) == (Exit.FINE, command), result.err + result.out


@pytest.mark.parametrize("page", [*filter(has_manifests, PAGES)], ids=named)
def test_every_manifest_is_one(page: Page, cli: Cli, shelf: Shelf) -> None:
    for number, block in enumerate(page.blocks):
        if MANIFEST.search(block.text):
            text = block.text if "file:" in block.text else f"{block.text}file: '*.mp4'\n"
            text = STORE.sub("", text)  # only a fleet fetches files from there
            shelf.write(ahead(text), f"{number}/manifest.yaml")  # a template's file is what arrives
            for name in (*VIDEO.findall(text), "any.mp4"):
                shelf.add(f"{number}/{name.replace('*', '1')}")
            for name in TEXT.findall(text):
                shelf.write("…", f"{number}/{name}")
    result = cli("check", "--no-media", ".")
    assert result.code == Exit.FINE, result.out


@each_page
def test_every_program_imports_what_is_there(page: Page) -> None:
    for block in page.blocks:
        if block.kind == "python":
            for node in ast.walk(ast.parse(block.text)):
                if isinstance(node, ast.ImportFrom):
                    module = importlib.import_module(str(node.module))
                    assert [
                        each.name for each in node.names if not hasattr(module, each.name)
                    ] == []


# Where it leads


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_readme_is_short_and_leads_somewhere_from_wherever_it_is_shown(language: str) -> None:
    """PyPI shows it, too, where a link has to be a whole address."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    site, files = project["urls"]["Documentation"], f"{project['urls']['Repository']}/blob/main/"
    readme = Page("README", language)
    assert len(readme.text.splitlines()) <= 150
    for link in links(readme):
        if link.startswith(site):
            assert Page(link.removeprefix(site).strip("/") or "index", language).path.exists(), link
        elif link.startswith(files):
            assert (ROOT / link.removeprefix(files)).exists(), link
        else:
            assert link.startswith("https://"), link


def test_the_changelog_begins_with_this_version() -> None:
    versions = VERSION.findall((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert versions[0] == __version__
