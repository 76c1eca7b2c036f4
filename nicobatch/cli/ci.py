"""What a CI service is told beside the report: GitHub in its own words, others by a JUnit file."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from nicobatch.cli.app import bug
from nicobatch.cli.options import Common, LocalPath, with_options
from nicobatch.errors import NicobatchError, Stopped, UsageError
from nicobatch.language import _
from nicobatch.reports import CommandEnded, Report
from nicobatch.reports.workflow_commands import is_runner, write_command

_F = TypeVar("_F", bound=Callable[..., Any])


def ci(command: _F, *, junit: bool = True) -> _F:
    """Take the options for CI services, and have `options` report to those that are asked for.

    To be written below `common`, whose `options` it needs. `junit` says whether there is a file to
    be written of the command.
    """

    @functools.wraps(command)
    def collected(
        *, options: Common, github: bool | None, junit_file: Path | None = None, **given: Any
    ) -> Any:
        if github is None:
            github = is_runner(os.environ)
        name = click.get_current_context().info_name or ""
        beside = tuple(_beside(options, name, junit_file, github=github))
        with _told_the_end(beside):
            return command(options=replace(options, beside=beside, folds=github), **given)

    return with_options(collected, (_GITHUB, _JUNIT) if junit else (_GITHUB,))  # type: ignore[return-value]


def _beside(options: Common, command: str, junit: Path | None, *, github: bool) -> Iterator[Report]:
    if github:
        from nicobatch.reports.github import GithubReport

        yield GithubReport(write_command, os.environ, command)
    if junit:
        from nicobatch.reports.junit import JunitReport
        from nicobatch.reports.record import Root

        root = Root.of(os.environ)
        checks = command == "check"
        yield JunitReport(junit, root, command, only_checks=checks, strict=options.strict)


@contextlib.contextmanager
def _told_the_end(reports: Sequence[Report]) -> Iterator[None]:
    """Let the reports know when the command has ended, and by what if it was no plain end."""
    try:
        yield
    except Exception as error:
        for report in reports:
            with contextlib.suppress(UsageError):  # what ended the command is worth more
                report.tell(CommandEnded(as_told(error)))
        raise
    for report in reports:
        report.close()


def as_told(error: Exception) -> NicobatchError:
    """Return what people are told of the error."""
    if isinstance(error, NicobatchError):
        return error
    if isinstance(error, click.ClickException):
        return UsageError(error.format_message())
    if isinstance(error, click.Abort | BrokenPipeError):
        return Stopped()
    return bug()


_GITHUB: Final = click.option(
    "--github/--no-github",
    default=None,
    help=_(
        "Tell GitHub: annotations, groups, a job summary and outputs."
        "  [default: when GITHUB_ACTIONS=true]"
    ),
)
_JUNIT: Final = click.option(
    "--junit",
    "junit_file",
    metavar="FILE",
    type=LocalPath(dir_okay=False, path_type=Path),
    help=_("Write what becomes of each video as JUnit's XML, too."),
)
