"""`nicobatch publish`: the main job, and how patient and how thorough it is."""

from __future__ import annotations

import contextlib
import functools
import re
import shlex
import signal
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import click

from nicobatch import installation, sites
from nicobatch.actions import access, publishing
from nicobatch.actions.publishing import Plans, Publication
from nicobatch.cli import check, runner
from nicobatch.cli.ci import ci
from nicobatch.cli.options import (
    LIMIT,
    SPACE,
    Common,
    all_or_nothing,
    common,
    members_of,
    paths,
    with_options,
)
from nicobatch.errors import Exit, Stopped, worst_code
from nicobatch.language import N_, _
from nicobatch.pipeline import Outcome
from nicobatch.reports import Answered, BatchDone, CommandEnded, Report
from nicobatch.settings import Settings

_F = TypeVar("_F", bound=Callable[..., Any])
GO_ON: Final = N_("stopped; everything is saved: run the same command again to go on")
_REHEARSED: Final = N_(
    "SANDBOX: nothing was sent to {sites}; `{command}` in this folder shows the videos at {garage}"
)
_DEFAULT: Final = Settings()
_UNITS: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


def _rate(context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:  # noqa: ARG001
    """Read bytes a second, with `k`, `M` or `G` for thousands and so on, as curl has it."""
    if value is None:
        return None
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([kmg]?)", value.lower())
    rate = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not rate:
        raise click.BadParameter(
            _("{value} is no rate: write it like 500k or 5M").format(value=value)
        )
    return rate


def retry_options(command: _F, *, ends: bool = True) -> _F:
    """Take the options of `publish` and `watch`, and hand them over as `settings`.

    To be written below `common`, whose `options` it needs. `ends` says whether it is a command that
    comes to its end, and may come to it early.
    """

    @functools.wraps(command)
    def collected(*, options: Common, **given: Any) -> Any:
        taken = members_of(Settings, given)
        if taken["poll_interval"] is None:
            taken["poll_interval"] = options.poll_interval
        settings = Settings(wait=not given.pop("no_wait"), strict=options.strict, **taken)
        return command(options=options, settings=settings, **given)

    return with_options(collected, (*_RETRY, *_ENDING) if ends else _RETRY)  # type: ignore[return-value]


def _setting(name: str, kind: Any, words: str, metavar: str = "S") -> Any:
    """Return the option of a member of `Settings`, whose default it has, and shows if it is one."""
    default = getattr(_DEFAULT, name.replace("-", "_"))
    return click.option(
        f"--{name}", metavar=metavar, type=kind, default=default, show_default=True, help=words
    )


_SECONDS: Final = click.FloatRange(0)
_RETRY: Final = (
    click.option(
        "--account", metavar="NAME", help=_("Sign in as this account, whatever manifests say.")
    ),
    _setting(
        "retry-attempts",
        click.IntRange(1),
        _("How often a request is tried, the first time included."),
        "N",
    ),
    _setting("retry-max-wait", _SECONDS, _("Longest pause between two tries, in seconds.")),
    click.option(
        "--poll-interval",
        metavar="S",
        type=click.FloatRange(0, min_open=True),
        help=_(
            "First pause while a site is at work, in seconds.  [default: 5; 0.5 with --sandbox]"
        ),
    ),
    _setting(
        "busy-timeout",
        _SECONDS,
        _("How long to wait for another upload or an encode, in seconds."),
    ),
    _setting(
        "visible-timeout", _SECONDS, _("How long to look until visitors see a video, in seconds.")
    ),
    _setting(
        "parallel-chunks",
        click.IntRange(1, 16),
        _("How many parts of a file to send at once.  [default: the profile's]"),
        "N",
    ),
    click.option(
        "--limit-rate",
        metavar="RATE",
        callback=_rate,
        help=_("Bytes a second for all uploads together, such as 500k or 5M."),
    ),
    SPACE,
    click.option(
        "--no-wait",
        is_flag=True,
        help=_("End as soon as the site has everything; wait for no encoding or review."),
    ),
    click.option(
        "--without-list",
        is_flag=True,
        help=_("Create videos even if the account's list, which shows doubles, can't be read."),
    ),
)
_ENDING: Final = (
    LIMIT,
    click.option("--fail-fast", is_flag=True, help=_("Stop after the first video that fails.")),
)


@click.command("publish", help=_("Publish the videos of manifests, each exactly once."))
@paths()
@common
@ci
@retry_options
@all_or_nothing
@click.option("--dry-run", is_flag=True, help=_("Do what `plan` does, and publish nothing."))
def publish_command(  # noqa: PLR0913 - an argument an option
    paths: tuple[str, ...],
    options: Common,
    settings: Settings,
    *,
    account: str | None,
    limit: int | None,
    all_or_nothing: bool,
    dry_run: bool,
) -> int:
    """Publish the videos of manifests, each exactly once."""
    report = options.report()
    found = check.sound(paths, options, report, all_or_nothing=all_or_nothing)
    if found is None:
        return Exit.FAILED
    if account is not None:
        found = found.signed_in_as(account)
    plans = Plans(found, (), {})
    if dry_run or limit:
        planned = publishing.planned(found, options, wait=settings.wait, space=settings.space)
        plans = planned.limited(limit)
    if dry_run:
        return check.told(plans, report)
    with contextlib.closing(report):
        return _publish(plans, options, settings, report)


def _publish(plans: Plans, options: Common, settings: Settings, report: Report) -> int:
    """Publish what was checked, by the plans as far as there are any; return the exit code."""
    found = plans.checked
    publication = Publication(
        checked=found,
        access=options,
        settings=settings,
        site=options.online,
        plans=plans.videos,
    )
    work = runner.Work[list[Outcome]](publication.stopping)
    outcomes = work.run(lambda: publication.run(report.tell))
    if outcomes is None:
        report.tell(CommandEnded(Stopped(_(GO_ON))))
        runner.leave(128 + (work.signal or signal.SIGINT))
    report.tell(BatchDone(outcomes))
    check.tell_left(plans, report)
    left_out = check.tell_left_out(found, report)
    tell_rehearsed(options, report, (owner.site for owner in found.owners))
    if work.signal is not None:
        raise Stopped(_(GO_ON), signal=work.signal)
    return worst_code([left_out, *(outcome.exit_code for outcome in outcomes)])


def tell_rehearsed(options: Common, report: Report, names: Iterable[str]) -> None:
    """Say, where it was a rehearsal, that it was one, and how to look at what it has brought."""
    if options.sandbox:
        labels = ", ".join(sites.site(name).label for name in dict.fromkeys(names))
        words = _(_REHEARSED).format(
            sites=labels, command=_look_with(options), garage=access.SANDBOX_GARAGE
        )
        report.tell(Answered(words, {"sandbox": access.SANDBOX_GARAGE}))


def _look_with(options: Common) -> str:
    """Return the command that shows what this rehearsal left behind."""
    elsewhere = options.journal and f" --state {shlex.quote(str(options.site_folder()))}"
    return f"{installation.command()} sandbox{elsewhere or ''}"
