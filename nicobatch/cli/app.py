"""The command's front door: commands by name, and every failure turned into words and a code."""

from __future__ import annotations

import difflib
import importlib
import itertools
import os
import re
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from nicobatch import __version__, installation
from nicobatch.cli import i18n, outlet, runner
from nicobatch.config import Given
from nicobatch.errors import Exit, NicobatchError, Stopped, UsageError
from nicobatch.events import ProblemFound
from nicobatch.language import N_, _

if TYPE_CHECKING:
    from nicobatch.cli.defaults import Defaults
    from nicobatch.reports import Report

COMMANDS: Final = {
    "check": _("check manifests and their videos; sends nothing"),
    "plan": _("say what publish would do; sends nothing"),
    "preview": _("write a page of what publish would do; sends nothing"),
    "publish": _("publish the videos of manifests"),
    "watch": _("publish what is dropped into a folder, for ever"),
    "fleet": _("publish for many accounts on many machines"),
    "status": _("show what was published from here"),
    "search": _("search what is on niconico"),
    "import": _("read what an account has into manifests; sends nothing"),
    "adopt": _("write the receipt of a video that is there already"),
    "delete": _("delete videos from niconico"),
    "move": _("rename a manifest or an id with its receipts; sends nothing"),
    "session": _("look after the sign-in"),
    "livetube": _("read, follow and write comments of Livetube's broadcasts"),
    "sandbox": _("serve an imitation of the sites to rehearse with"),
    "init": _("write a first manifest for video files; sends nothing"),
    "schema": _("print the manifest's JSON Schema"),
    "completion": _("print the script by which a shell completes commands and paths"),
    "doctor": _("say what works here, and what to do about the rest"),
    "help": _("show how to use a command"),
}
"""Each command is the module of its name, or in one of `_HOMES`; it is imported when called."""
_HOMES: Final = {
    "completion": "about",
    "help": "about",
    "import": "importing",
    "schema": "about",
}
"""Commands that share a module."""
_HABITS: Final = {
    "publish": ("upload", "post", "push", "send", "up", "run"),
    "check": ("validate", "lint", "verify", "test"),
    "plan": ("diff", "dry-run", "dryrun", "simulate"),
    "session": ("login", "signin", "sign-in", "auth", "logout", "account"),
    "delete": ("rm", "remove", "del", "unpublish"),
    "status": ("ls", "list", "show"),
    "move": ("mv", "rename"),
    "init": ("new", "create", "add", "generate"),
    "sandbox": ("serve", "server"),
    "search": ("find", "query"),
}
"""What other tools call our commands."""
_MEANT: Final = {habit: name for name, habits in _HABITS.items() for habit in habits}
_UNCONFIGURED: Final = frozenset({"doctor", "help", "completion", "schema"})
"""Commands that do their work whatever a config says."""
_BUG: Final = N_("this is a bug in nicobatch; what was published stays recorded")
_BUG_HINT: Final = N_("please report it with the lines on stderr, which hold no secret")
_USER: Final = re.compile(r"://[^/\s]*@")
"""Who signs in by an address, and the password: no message repeats it."""
_ABOUT: Final = _("""Publish videos to niconico and bilibili from YAML manifests.

Every video is published exactly once, or you learn exactly why not. `nicobatch COMMAND --help`
tells more of a command.
""")


class _Commands(i18n.Group):
    """Finds commands without importing the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            ctx.fail(_no_such(cmd_name))
        command = command_of(cmd_name)
        defaults: Defaults | None = ctx.obj
        return defaults.apply(cmd_name, command, ctx) if defaults else command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section(_("Commands")):
            formatter.write_dl(list(COMMANDS.items()))


def command_of(name: str) -> click.Command:
    """Return the command of that name, whose module is imported by that."""
    module = importlib.import_module(f"nicobatch.cli.{_HOMES.get(name, name)}")
    command: click.Command = getattr(module, f"{name}_command")
    return i18n.listening(command, name)


def _no_such(name: str) -> str:
    close = difflib.get_close_matches(name, COMMANDS, n=1)
    near = _MEANT.get(name.lower()) or (close[0] if close else "")
    if near:
        return _("there is no command {name}; did you mean {near}?").format(name=name, near=near)
    return _("there is no command {name}; the commands are {commands}").format(
        name=name, commands=", ".join(COMMANDS)
    )


@i18n.listening
@click.group(cls=_Commands, help=_ABOUT, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="nicobatch %(version)s")
def nicobatch() -> None:
    """Publish videos to the sites that YAML manifests name."""


def run(arguments: Sequence[str], given: Given) -> int:
    """Run the command line, with what the config has, and return its exit code; never raises."""
    with runner.prepared() as outlets:
        runner.mask_environment()
        code = _run(arguments, given)
        runner.let_go()
        return outlet.told(outlets, code)


def _run(arguments: Sequence[str], given: Given) -> int:
    try:
        words = [*map(_as_path, arguments)]
        defaults = _defaults(given, arguments) if given.path else None
        result = nicobatch.main(words, prog_name="nicobatch", standalone_mode=False, obj=defaults)
        return result if isinstance(result, int) else Exit.FINE
    except click.ClickException as error:
        return _ended(_refusal(error), arguments)
    except click.exceptions.Abort:
        return _ended(Stopped(), arguments)
    except NicobatchError as error:
        return _ended(error, arguments)
    except BrokenPipeError:
        return Exit.FAILED
    except Exception as error:  # noqa: BLE001 - the last place to turn a bug into a report
        _ended(bug(), arguments)
        click.echo(_crash(error), err=True)
        return Exit.BUG


def _defaults(given: Given, arguments: Sequence[str]) -> Defaults | None:
    """Return what the config has for the command; raise UsageError for what it can't have."""
    from nicobatch.cli.defaults import read

    called = next((word for word in arguments if word in COMMANDS), "")
    if not called:
        return None
    defaults, found = read(given, tuple(COMMANDS), command_of)
    if not found:
        return defaults
    if called in _UNCONFIGURED:
        return None
    report = _report(arguments)
    for each in found:
        report.tell(ProblemFound(problem=each, at=datetime.now(UTC)))
    raise UsageError(
        _("the settings in {file} can't be used").format(file=given.path),
        _("mend them, or set NICOBATCH_CONFIG to nothing to go without them"),
    )


def _as_path(word: str) -> str:
    """Return the word, or a file whose name begins with a dash as what can be no option.

    Shells give such names where one has written `*`; no option has a dot in it.
    """
    is_file = word.startswith("-") and "." in word and os.path.lexists(word)
    return os.path.join(".", word) if is_file else word  # noqa: PTH118 - Path leaves the dot out


def _refusal(error: click.ClickException) -> UsageError:
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context else "nicobatch"
    message = _USER.sub("://…@", error.format_message())
    return UsageError(message, _("`{path} --help` shows how to use it").format(path=path))


def _ended(error: NicobatchError, arguments: Sequence[str]) -> int:
    """Tell what ended the command, even before its options are understood."""
    from nicobatch.reports import CommandEnded

    _report(arguments).tell(CommandEnded(error))
    return error.exit_code


def _report(arguments: Sequence[str]) -> Report:
    """Return where to tell what comes before the command's options are understood."""
    from nicobatch.cli.options import Common

    return Common(format="json" if _wants_json(arguments) else "text").report()


def _wants_json(arguments: Sequence[str]) -> bool:
    pairs = itertools.pairwise(arguments)
    return "--format=json" in arguments or ("--format", "json") in pairs


def bug() -> NicobatchError:
    """Return what people are told of a bug of ours, which `_crash` has the places of."""
    return NicobatchError(_(_BUG), _(_BUG_HINT))


def _crash(error: BaseException) -> str:
    """Return what to paste: versions and the places passed, without values or arguments."""
    root = Path(__file__).parents[1]
    places = (
        f"  {_relative(frame.filename, root)}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    )
    return "\n".join(
        (
            "",
            installation.versions(),
            f"{type(error).__name__} at",
            *places,
        )
    )


def _relative(filename: str, root: Path) -> str:
    path = Path(filename)
    return str(path.relative_to(root.parent)) if path.is_relative_to(root) else path.name
