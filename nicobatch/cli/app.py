"""The command's front door: commands by name, and every failure turned into words and a code."""

from __future__ import annotations

import difflib
import importlib
import itertools
import sys
from collections.abc import Sequence
from typing import Final

import click

from nicobatch import __version__
from nicobatch.cli import crash, exits, streams
from nicobatch.errors import NicobatchError, Stopped, UsageError
from nicobatch.reports.report import Report

COMMANDS: Final = {
    "check": "check manifests and their videos; sends nothing",
    "plan": "say what publish would do; sends nothing",
    "publish": "publish the videos of manifests",
    "status": "show what was published from here",
    "search": "search what is on niconico",
    "adopt": "write the receipt of a video that is there already",
    "delete": "delete videos from niconico",
    "session": "look after the sign-in",
    "sandbox": "serve an imitation of niconico to rehearse with",
    "schema": "print the manifest's JSON Schema",
}
"""Each command is the module of its name; it is imported when it is called."""


class _Commands(click.Group):
    """Finds commands without importing the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            ctx.fail(_no_such(cmd_name))
        module = importlib.import_module(f"nicobatch.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _no_such(name: str) -> str:
    near = difflib.get_close_matches(name, COMMANDS, n=1)
    if near:
        return f"there is no command {name}; did you mean {near[0]}?"
    return f"there is no command {name}; the commands are {', '.join(COMMANDS)}"


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="nicobatch %(version)s")
def nicobatch() -> None:
    """Publish videos to niconico from YAML manifests.

    Every video is published exactly once, or you learn exactly why not. `nicobatch COMMAND --help`
    tells more of a command.
    """


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; never raises."""
    streams.prepare()
    code = _run(arguments)
    streams.let_go()
    return code


def _run(arguments: Sequence[str]) -> int:
    try:
        result = nicobatch.main(list(arguments), prog_name="nicobatch", standalone_mode=False)
        return result if isinstance(result, int) else exits.Exit.FINE
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return exits.Exit.USAGE
    except click.ClickException as error:
        return _ended(_refusal(error), arguments)
    except click.exceptions.Abort:
        return _ended(Stopped(), arguments)
    except NicobatchError as error:
        return _ended(error, arguments)
    except BrokenPipeError:
        return exits.Exit.FAILED
    except Exception as error:  # noqa: BLE001 - the last place to turn a bug into a report
        _ended(NicobatchError(crash.MESSAGE, crash.HINT), arguments)
        click.echo(crash.report(error), err=True)
        return exits.Exit.BUG


def _refusal(error: click.ClickException) -> UsageError:
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context else "nicobatch"
    return UsageError(error.format_message(), f"`{path} --help` tells what can be said")


def _ended(error: NicobatchError, arguments: Sequence[str]) -> int:
    """Tell what ended the command, even before its options are understood."""
    report: Report
    if _wants_json(arguments):
        from nicobatch.reports.jsonl import JsonReport

        report = JsonReport(sys.stdout, sys.stderr)
    else:
        from nicobatch.reports.text import TextReport

        report = TextReport()
    report.error(error)
    return exits.of_error(error)


def _wants_json(arguments: Sequence[str]) -> bool:
    pairs = itertools.pairwise(arguments)
    return "--format=json" in arguments or ("--format", "json") in pairs
