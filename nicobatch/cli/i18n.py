"""`--lang`: which language to speak, and help texts in it.

Help texts are worded when modules are imported, so the language is looked for before that; what the
parser finds later is checked, and otherwise left alone.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

import click

from nicobatch.errors import Exit
from nicobatch.language import ENGLISH, LANGUAGES, _, chosen

_Command = TypeVar("_Command", bound=click.Command)
_OPTION: Final = "--lang"
_SHARED: Final = frozenset(
    [
        "format",
        "journal",
        "profile",
        "api_origin",
        "proxy",
        "sandbox",
        "strict",
        "quiet",
        "verbose",
        "log_file",
        "no_color",
        "github",
        "junit_file",
        "lang",
    ]
)
"""The options that stand behind a command's own ones."""
_LIVETUBE: Final = ("strict", "journal", "profile", "api_origin")
_OFFLINE: Final = ("proxy", "verbose", "log_file")
_NO_SITE: Final = ("strict", "profile", "api_origin", *_OFFLINE)
_DATABASE_ALONE: Final = ("journal", "sandbox", *_NO_SITE)
_USELESS: Final = {
    "check": _OFFLINE,
    "plan": _OFFLINE,
    "preview": _OFFLINE,
    "status": ("strict",),
    "adopt": ("strict",),
    "move": ("strict", "sandbox", "profile", "api_origin", *_OFFLINE),
    "delete": ("strict",),
    "search": ("strict", "journal"),
    "doctor": ("strict", "journal", "sandbox"),
    "session/check": ("strict", "journal"),
    "session/login": ("strict", "journal"),
    "session/refresh": ("strict", "journal", "sandbox", "api_origin"),
    "session/list": _DATABASE_ALONE,
    "fleet/work": ("strict", "journal"),
    **{f"fleet/{name}": _NO_SITE for name in ("import", "export")},
    **{f"fleet/{name}": _DATABASE_ALONE for name in ("init", "pause", "resume", "status")},
    **{f"fleet/session/{name}": _DATABASE_ALONE for name in ("set", "list", "forget")},
    **{
        f"livetube/{name}": _LIVETUBE
        for name in ("id", "live", "read", "follow", "write", "login", "logout")
    },
}
"""Shared options that a command takes, so that scripts may always give them, and doesn't offer."""
_EXAMPLES: Final = {
    "check": "videos/",
    "plan": "series.yaml",
    "preview": "series.yaml -o page.html",
    "publish": "videos/ --sandbox",
    "watch": "inbox/ --done published/",
    "status": "videos/ --remote",
    "search": "VOCALOID --tag --limit 20",
    "import": "-o channel",
    "adopt": "sm39130867 series.yaml#episode-01",
    "delete": "series.yaml#episode-01",
    "move": "series.yaml#episode-01 series.yaml#pilot",
    "doctor": "--online",
    "session": "import --browser firefox",
    "session/check": "--account second",
    "session/login": "--account second",
    "session/refresh": "--account second",
    "session/list": "--format json",
    "session/set": "--account second",
    "session/import": "--browser firefox",
    "session/forget": "--account second",
    "fleet": "enqueue videos/",
    "fleet/init": "--dsn-file /run/secrets/fleet",
    "fleet/enqueue": "videos/",
    "fleet/work": "--concurrency 8",
    "fleet/pause": "second",
    "fleet/resume": "second",
    "fleet/status": "--format json",
    "fleet/import": "videos/",
    "fleet/export": "videos/",
    "fleet/session": "set --account second --key-file /etc/nicobatch/key",
    "fleet/session/set": "--account second --key-file /etc/nicobatch/key",
    "fleet/session/list": "--format json",
    "fleet/session/forget": "--account second",
    "livetube": "live --tag ゲーム",
    "livetube/id": "http://livetube.cc/USER/TITLE",
    "livetube/live": "--tag ゲーム",
    "livetube/read": "aaaacwrg3amcm --from 10",
    "livetube/follow": "http://livetube.cc/USER/TITLE",
    "livetube/write": "aaaacwrg3amcm こんにちは --name NAME",
    "livetube/login": "--origin https://livetube.example",
    "livetube/logout": "--origin https://livetube.example",
    "sandbox": "--open",
    "init": "videos/*.mp4 -o series.yaml",
    "schema": "> manifest.schema.json",
    "completion": "bash >> ~/.bashrc",
    "help": "publish",
}


def told(arguments: Sequence[str]) -> str | None:
    """Return the last language that the command line names, None where it names none we have."""
    words = itertools.takewhile("--".__ne__, arguments)
    pairs = itertools.pairwise([*words, ""])
    values = (_value(word, following) for word, following in pairs)
    return next((each for each in reversed([*values]) if each in LANGUAGES), None)


def _value(word: str, following: str) -> str | None:
    if word == _OPTION:
        return following
    name, equals, value = word.partition("=")
    return value if equals and name == _OPTION else None


class Group(click.Group):
    """Commands within a command; without a word of which, its help is wrong usage."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Show the help where there is nothing to parse: click 8.1 would take that for success."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True, color=ctx.color)
            ctx.exit(Exit.USAGE)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is named; where there is no such one, say which there are."""
        if args and self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing:
            ctx.fail(
                _("there is no command {name}; the commands are {commands}").format(
                    name=args[0], commands=", ".join(self.list_commands(ctx))
                )
            )
        return super().resolve_command(ctx, args)


def listening(command: _Command, name: str = "") -> _Command:
    """Let the command, and those within it, take the option, and put its help in order.

    `name` is what is typed behind `nicobatch`, with a slash for a blank.
    """
    command.context_class = _Context
    if all(each.name != "lang" for each in command.params):
        command.params.append(_option())
    command.params.sort(key=lambda each: each.name in _SHARED)
    for each in command.params:
        if isinstance(each, click.Option) and each.name in _USELESS.get(name, ()):
            each.hidden = True
    if name in _EXAMPLES:
        words = " ".join(["nicobatch", *name.split("/"), _EXAMPLES[name]])
        command.epilog = _("Example: {command}").format(command=words)
    if isinstance(command, click.Group):
        for within in command.commands.values():
            listening(within, f"{name}/{within.name}".strip("/"))
    return command


class _Context(click.Context):
    def make_formatter(self) -> click.HelpFormatter:
        """Fold help texts as their language does."""
        if chosen() != ENGLISH:
            self.formatter_class = Formatter
        return super().make_formatter()


def _option() -> click.Option:
    return click.Option(
        [_OPTION],
        type=click.Choice(LANGUAGES),
        expose_value=False,
        help=_("Speak this language.  [default: as LANGUAGE, LC_ALL, LC_MESSAGES or LANG say]"),
    )


_AS_IT_IS: Final = "\b\n"
"""What click leaves the lines of a paragraph alone for."""
_PIECES: Final = re.compile(
    r"\s+|[（「『【“([]*(?:[!-~]+|[ァ-ヶー]+|\S)[、。，．：；！？）」』】”…・ーぁぃぅぇぉゃゅょっ々:;,.)\]]*"
)
"""What no line ends within: a word in Latin letters or in katakana, or another letter, with the
signs that can't begin a line."""


class Formatter(click.HelpFormatter):
    """Counts columns, where click counts letters, and breaks lines where there are no blanks."""

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        width = self.width - self.current_indent
        folded = ("\n".join(lines(each, width)) for each in text.strip().split("\n\n"))
        super().write_text("\n\n".join(_AS_IT_IS + each for each in folded))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write terms and what they mean, side by side."""
        from rich.cells import cell_len  # which no other language needs

        given = [*rows]
        column = min(max(cell_len(term) for term, _meaning in given), col_max) + col_spacing
        for term, meaning in given:
            fits = cell_len(term) <= column - col_spacing
            beside = term + " " * (column - cell_len(term)) if fits else term
            folded = lines(meaning, self.width - self.current_indent - column)
            below = [" " * column + line for line in folded]
            shown = [beside + folded[0], *below[1:]] if fits else [beside, *below]
            for line in shown:
                self.write(f"{'':{self.current_indent}}{line.rstrip()}\n")


def lines(paragraph: str, width: int) -> list[str]:
    """Fold the paragraph into lines of at most `width` columns, as far as its words allow."""
    from rich.cells import cell_len

    folded = [""]
    for piece in _PIECES.findall(paragraph.strip()):
        part = " " if "\n" in piece else piece
        if cell_len(folded[-1] + part.rstrip()) > width:
            folded.append("")
        folded[-1] = (folded[-1] + part).lstrip()
    return [line.rstrip() for line in folded]
