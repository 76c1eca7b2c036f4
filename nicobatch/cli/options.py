"""The options that commands share, and the values they come to."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from nicobatch.actions.access import Access, one_time_code
from nicobatch.cli.completing import offered
from nicobatch.cli.runner import mask
from nicobatch.config import Config
from nicobatch.language import _
from nicobatch.model import Secret
from nicobatch.origin import check_local, check_private, is_address, is_proxy
from nicobatch.reports import Report, Several
from nicobatch.reports.colors import is_painted, is_terminal
from nicobatch.reports.findings import Findings
from nicobatch.sites import SITES, profiles, site

if TYPE_CHECKING:
    from rich.console import Console

_F = TypeVar("_F", bound=Callable[..., Any])


class LocalPath(click.Path):
    """A file or folder of this machine, which shells complete; an address is none."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str | bytes | os.PathLike[str]:
        """Return the path, or say that it is an address, before a slash of it is lost."""
        check_local(os.fspath(value))
        return super().convert(value, param, ctx)


def ask_code() -> str:
    """Return the one-time code, asked for in a terminal where the environment has none."""
    if os.environ.get("NICOBATCH_OTP") or not sys.stdin.isatty():
        return one_time_code()
    code: str = click.prompt(_("one-time code from niconico"), err=True)
    return code


@dataclass(frozen=True, slots=True, kw_only=True)
class Common(Access):
    """What every command that reads manifests can be told."""

    gained: Callable[[Secret], None] = mask
    code: Callable[[], str] = ask_code
    format: str = "text"
    exclude: tuple[str, ...] = ()
    """Globs of what is passed over where folders are searched."""
    strict: bool = False
    quiet: bool = False
    verbose: bool = False
    log_file: Path | None = None
    color: bool = True
    beside: tuple[Report, ...] = ()
    """What a CI service is told with."""
    folds: bool = False
    """Whether a log's lines can be folded by workflow commands."""
    made: Report | None = None
    """The report, where it is made already."""

    def report(self) -> Report:
        """Return where this command's findings and happenings go."""
        if self.made:
            return self.made
        beside = self.beside
        if self.log_file:
            from nicobatch.cli.log import report

            beside = (*beside, report())
        return Several(self._report(), *beside) if beside else self._report()

    def _report(self) -> Report:
        if self.format == "json":
            from nicobatch.reports.jsonl import JsonReport

            return JsonReport(sys.stdout, sys.stderr)
        if self.format == "sarif":
            from nicobatch.reports.record import Root
            from nicobatch.reports.sarif import SarifReport

            return SarifReport(sys.stdout, Root.of(os.environ), map(site, SITES))
        if self.format == "csv":
            from nicobatch.reports.spreadsheet import CsvReport
            from nicobatch.reports.text import TextReport

            people = TextReport(quiet=True, color=self.color)
            return CsvReport(sys.stdout, people, {each: site(each) for each in SITES})
        terminal = is_terminal(sys.stdout, os.environ)
        if self.color and is_painted(os.environ, terminal=terminal):
            return self._for_people()
        return Findings(self._for_people, quiet=self.quiet)

    def _for_people(self) -> Report:
        from nicobatch.reports.text import TextReport  # which takes longer to load than a check

        return TextReport(
            quiet=self.quiet,
            color=self.color,
            bars=not self.verbose,
            yaml=self.format == "yaml",
            progress=_folded if self.folds else None,
        )


def _folded(console: Console) -> Report:
    from nicobatch.reports.github import Groups
    from nicobatch.reports.progress import Lines
    from nicobatch.reports.workflow_commands import write_command

    return Groups(Lines(console), write_command)


def paths(*, required: bool = True) -> Callable[[_F], _F]:
    """Take manifests, folders and globs, what to pass over in folders, and which sites' part."""
    metavar = "PATH..." if required else "[PATH]..."
    argument = click.argument(
        "paths",
        metavar=metavar,
        nargs=-1,
        required=required,
        type=LocalPath(),
        shell_complete=offered,
    )
    return lambda command: argument(_EXCLUDE(of_sites(command)))


def common(command: _F, *, formats: Sequence[str] = ("text", "json")) -> _F:
    """Take the options of DESIGN's common row, and hand them over as `options`."""

    @functools.wraps(command)
    def collected(**given: Any) -> Any:
        taken = members_of(Common, given)
        taken["config"] = getattr(click.get_current_context().obj, "config", Config())
        options = Common(color=not given.pop("no_color"), **taken)
        if options.sandbox and options.api_origin:
            raise click.UsageError(_("--sandbox and --api-origin name two places to publish to"))
        if not (options.verbose or options.log_file):
            return command(options=options, **given)
        from nicobatch.cli import log  # with all of logging

        secrets = log.Secrets()
        with log.logged(secrets, options.log_file, verbose=options.verbose):
            return command(options=replace(options, gained=secrets.gained), **given)

    return with_options(collected, (_format(formats), *_COMMON))  # type: ignore[return-value]


def shared_options() -> list[click.Option]:
    """Return the options of DESIGN's common row, which a config may set for every command."""
    params = with_options(click.Command("every"), (_format(("text", "json")), *_COMMON)).params
    return [each for each in params if isinstance(each, click.Option)]


def members_of(kind: type, given: dict[str, Any]) -> dict[str, Any]:
    """Take out of what was given what the dataclass has a member for."""
    return {each.name: given.pop(each.name) for each in fields(kind) if each.name in given}


def all_or_nothing(command: _F) -> _F:
    """Take the option by which one faulty manifest keeps all from being published."""
    option = click.option(
        "--all-or-nothing",
        is_flag=True,
        help=_("Publish nothing at all while any manifest has an error."),
    )
    return option(command)


def with_options(command: _F, table: Sequence[Callable[[Any], Any]]) -> _F:
    """Give the command every option of the table, which `--help` lists in the table's order."""
    for option in reversed(table):
        command = option(command)
    return command


def _origin(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    check_private(given := plain_address(context, parameter, value))
    return given


def plain_address(context: click.Context, parameter: click.Parameter, value: str) -> str:  # noqa: ARG001
    """Return where a site is, without a sign-in; it need not be one that may be sent there."""
    if "@" in value:
        raise click.BadParameter(_("the address can't hold a user name or a password"))
    if not is_address(value):
        raise click.BadParameter(
            _("{value} is no address of a site: write it like https://127.0.0.1:8025").format(
                value=value
            )
        )
    return value.rstrip("/")


def _proxy(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:  # noqa: ARG001
    if value is None:
        return None
    if "@" in value:
        raise click.BadParameter(_("a password is seen by others here: set HTTPS_PROXY instead"))
    if value.startswith("socks"):
        raise click.BadParameter(
            _("a SOCKS proxy is taken from a variable: set ALL_PROXY=socks5h://HOST:PORT")
        )
    if "://" not in value or not is_proxy(value):
        raise click.BadParameter(
            _("{value} is no proxy: write it like http://127.0.0.1:3128").format(value=value)
        )
    return value


def _format(formats: Sequence[str]) -> Callable[[_F], _F]:
    return click.option(
        "--format",
        type=click.Choice(formats),
        default="text",
        help=_("How to report; json is one event a line on stdout."),
    )


_PROFILES: Final = profiles()
_EXCLUDE = click.option(
    "--exclude",
    metavar="GLOB",
    multiple=True,
    help=_("Pass over what matches where folders are searched: a name, or a path (repeatable)."),
)
of_sites = click.option(
    "--site",
    "sites",
    type=click.Choice(list(SITES)),
    multiple=True,
    help=_("Take only what is for this site (repeatable).  [default: every site's]"),
)
_COMMON = (
    click.option(
        "--journal",
        metavar="DIR",
        type=LocalPath(file_okay=False, path_type=Path),
        help=_("Keep receipts in this folder, not in .nicobatch beside each manifest."),
    ),
    click.option(
        "--profile",
        type=click.Choice(_PROFILES),
        default=_PROFILES[0],
        show_default=True,
        help=_("Which version of niconico's API to use."),
    ),
    click.option(
        "--api-origin",
        metavar="URL",
        envvar="NICOBATCH_API_ORIGIN",
        callback=_origin,
        help=_("Talk to this address in place of the sites' own."),
    ),
    click.option(
        "--proxy",
        metavar="URL",
        callback=_proxy,
        help=_("Send everything by this proxy (also: HTTPS_PROXY)."),
    ),
    click.option(
        "--sandbox", is_flag=True, help=_("Rehearse against a local imitation of each site.")
    ),
    click.option("--strict", is_flag=True, help=_("Let warnings count as errors.")),
    click.option("-q", "--quiet", is_flag=True, help=_("Say only what is wrong, and the result.")),
    click.option("-v", "--verbose", is_flag=True, help=_("Log each request to stderr.")),
    click.option(
        "--log-file",
        metavar="FILE",
        type=LocalPath(dir_okay=False, path_type=Path),
        help=_("Append a log of requests and events to this file, without secrets."),
    ),
    click.option("--no-color", is_flag=True, help=_("Write without colors (also: NO_COLOR).")),
)
