"""Manual pages, `man nicobatch-publish`, by the commands' help: `make dist` puts them into man/."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nicobatch import __version__, installation, language
from tests.support.docs.commands import Command, every, whole
from tests.support.docs.markdown import said
from tests.support.docs.outcomes import exit_codes

FOLDER: Final = Path(__file__).parents[3] / "man"
_FILES: Final = (
    ("MANIFEST", "nicobatch schema prints what it may hold."),
    (".nicobatch/", "Beside each manifest: its receipts, by which nothing is published twice."),
    ("config.yaml", "What one person always wants; nicobatch doctor says where it is looked for."),
)


def pages() -> Iterator[tuple[str, str]]:
    """Yield name and text of each page."""
    commands = [*every()]
    yield "nicobatch.1", "\n".join(_front(commands)) + "\n"
    for command in commands:
        for each in (command, *command.inner):
            yield f"{_title(each)}.1", "\n".join(_page(each)) + "\n"


def _front(commands: list[Command]) -> Iterator[str]:
    top = whole()
    yield from _head("nicobatch", "publish videos from YAML manifests, each exactly once")
    yield from _section("SYNOPSIS", f"\\fB{escaped(top.usage)}\\fP")
    yield from _paragraphs("DESCRIPTION", top.words)
    yield ".SH COMMANDS"
    for each in commands:
        yield from _item(f"\\fB{escaped(_title(each))}\\fP(1)", each.summary)
    yield from _options(top)
    yield ".SH EXIT STATUS"
    for code in exit_codes():
        yield from _item(f"\\fB{code}\\fP", said("exits", f"exit-{code}").replace("`", ""))
    yield ".SH FILES"
    for name, words in _FILES:
        yield from _item(f"\\fI{escaped(name)}\\fP", words)
    yield from _section("SEE ALSO", escaped(installation.DOCS))


def _page(command: Command) -> Iterator[str]:
    yield from _head(_title(command), command.summary)
    yield from _section("SYNOPSIS", f"\\fB{escaped(command.usage)}\\fP")
    yield from _paragraphs("DESCRIPTION", command.words)
    if command.inner:
        yield ".SH COMMANDS"
        for each in command.inner:
            yield from _item(f"\\fB{escaped(_title(each))}\\fP(1)", each.summary)
    yield from _options(command)
    if command.example:
        yield from _section("EXAMPLES", escaped(command.example.partition(": ")[2]))
    address = f"{installation.DOCS}/reference/commands/#{command.anchor}"
    yield from _section("SEE ALSO", "\\fBnicobatch\\fP(1),", escaped(address))


def _head(title: str, summary: str) -> Iterator[str]:
    yield f'.TH "{escaped(title.upper())}" "1" "" "nicobatch {__version__}" "nicobatch"'
    yield from _section("NAME", f"{escaped(title)} \\- {escaped(summary)}")


def _section(name: str, *lines: str) -> Iterator[str]:
    yield from (f".SH {name}", *lines)


def _paragraphs(name: str, words: str) -> Iterator[str]:
    first, *others = words.split("\n\n")
    yield from _section(name, escaped(first))
    for each in others:
        yield from (".PP", escaped(each))


def _options(command: Command) -> Iterator[str]:
    yield ".SH OPTIONS"
    for written, words in command.options:
        yield from _item(f"\\fB{escaped(written)}\\fP", words)


def _item(term: str, words: str) -> Iterator[str]:
    yield from (".TP", term, escaped(words))


def _title(command: Command) -> str:
    return f"nicobatch-{command.anchor}"


def escaped(text: str) -> str:
    """Return the text on one line of roff, which shows it as it is."""
    line = " ".join(text.split()).replace("\\", "\\(rs").replace("-", "\\-")
    return f"\\&{line}" if line.startswith((".", "'")) else line


if __name__ == "__main__":
    language.choose(language.ENGLISH)
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages():
        (FOLDER / name).write_text(text, "utf-8")
    sys.stdout.write(f"{len([*FOLDER.iterdir()])} pages in {FOLDER.name}\n")
