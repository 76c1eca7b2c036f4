"""The commands and their options, in the words of their help."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import click

from nicobatch.cli.app import COMMANDS, command_of, nicobatch
from tests.support.docs.markdown import code, fence, page, plain, said, table

_NAME: Final = re.compile(r"--?[a-z][a-z-]*")


@dataclass(frozen=True, slots=True)
class Command:
    """What a command's help tells."""

    name: str
    """What is typed behind `nicobatch`: `session login`."""
    summary: str
    usage: str
    words: str
    """Paragraphs, with a blank line between two."""
    options: Sequence[tuple[str, str]]
    """How each is written, and what it does."""
    example: str
    inner: Sequence[Command] = ()

    @property
    def anchor(self) -> str:
        """Return the name of its place on the page."""
        return self.name.replace(" ", "-")

    def option_anchor(self, written: str) -> str:
        """Return the name of an option's place: that of its longest name."""
        return f"{self.anchor}{max(_NAME.findall(written), key=len)}"


def every() -> Iterator[Command]:
    """Yield each command, in the order of the help; those of a group are within it."""
    top = click.Context(nicobatch, info_name="nicobatch", **nicobatch.context_settings)
    for name, summary in COMMANDS.items():
        yield _read(command_of(name), name, summary, top)


def whole() -> Command:
    """Return what the help of `nicobatch` alone tells."""
    return _read(nicobatch, "", "", None)


def _read(command: click.Command, name: str, summary: str, parent: click.Context | None) -> Command:
    called = name.rpartition(" ")[2] or None
    settings = nicobatch.context_settings  # a command keeps its first context's help option
    context = command.context_class(command, info_name=called, parent=parent, **settings)
    params = (each for each in command.get_params(context) if isinstance(each, click.Option))
    records = (each.get_help_record(context) for each in params)
    inner = command.commands if isinstance(command, click.Group) and name else {}
    return Command(
        name=name,
        summary=summary or command.get_short_help_str(500),
        usage=" ".join(["nicobatch", *name.split(), *command.collect_usage_pieces(context)]),
        words=inspect.cleandoc(command.help or "").partition("\f")[0].replace("\b\n", ""),
        options=[each for each in records if each],
        example=(command.epilog or "").replace("\b\n", ""),
        inner=[_read(each, f"{name} {key}", "", context) for key, each in inner.items()],
    )


def commands_page() -> str:
    """Return the page of all commands."""
    found = list(every())
    rows = ([f"[{code(each.name)}](#{each.anchor})", plain(each.summary)] for each in found)
    return page(
        f"# {said('commands', 'title')}",
        said("commands", "lead"),
        table([said("commands", "command"), said("commands", "meaning")], rows),
        *(block for each in found for block in _section(each, 2)),
    )


def _section(command: Command, level: int) -> Iterator[str]:
    yield f"{'#' * level} {code(command.name)} {{#{command.anchor}}}"
    yield fence("console", f"$ {command.usage}")
    yield from map(plain, re.split(r"\n\s*\n", command.words))
    yield plain(re.sub(r"nicobatch .+", r"`\g<0>`", command.example))
    rows = (
        [f"{code(written)}{{#{command.option_anchor(written)}}}", plain(words)]
        for written, words in command.options
    )
    yield table([said("commands", "option"), said("commands", "meaning")], rows)
    for each in command.inner:
        yield from _section(each, level + 1)
