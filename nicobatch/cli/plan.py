"""`nicobatch plan`: what publish would do, and what it is told of manifests before it does."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

from nicobatch.actions import checking
from nicobatch.cli.ci import ci
from nicobatch.cli.notifying import notify
from nicobatch.cli.options import Common, all_or_nothing, common, paths
from nicobatch.cli.retrying import LIMIT, SPACE
from nicobatch.errors import Exit, worst_code
from nicobatch.language import N_, _
from nicobatch.pipeline import Checked
from nicobatch.plan import Verdict
from nicobatch.reports import Answered, ManifestsChecked, Report, VideosPlanned, VideosRead

if TYPE_CHECKING:
    from nicobatch.actions.publishing import Plans

_STRICT: Final = N_("nothing is published: --strict lets neither an error nor a warning pass")
_ALL_OR_NOTHING: Final = N_("nothing is published: --all-or-nothing lets no error pass")
_LEFT_OUT: Final = N_("left out, because of errors: {manifests}")
_LEFT: Final = N_("{count} more to do, which --limit leaves for later")
_AT_REST: Final = {Verdict.UNCHANGED, Verdict.LEAVE}


@click.command(
    "plan", help=_("Say what publish would do with each video; sends nothing and writes nothing.")
)
@paths()
@click.option(
    "--exit-code",
    "tells",
    is_flag=True,
    help=_("Exit with 6 if there is something to do, and with 0 if there is nothing."),
)
@click.option(
    "--account", metavar="NAME", help=_("Plan as for this account, whatever manifests say.")
)
@click.option("--no-wait", is_flag=True, help=_("Plan as for publish --no-wait."))
@SPACE
@LIMIT
@click.option(
    "--explain", is_flag=True, help=_("Name the line of the manifest that each value comes from.")
)
@common
@ci
@functools.partial(notify, sends=False)
@all_or_nothing
def plan_command(  # noqa: PLR0913 - an argument an option
    paths: tuple[str, ...],
    options: Common,
    *,
    tells: bool,
    account: str | None,
    no_wait: bool,
    space: float,
    limit: int | None,
    explain: bool,
    all_or_nothing: bool,
) -> int:
    """Say what publish would do with each video; sends nothing and writes nothing."""
    from nicobatch.actions import publishing  # which `check` has no need of

    report = options.report()
    found = sound(paths, options, report, all_or_nothing=all_or_nothing)
    if found is None:
        return Exit.FAILED
    if account is not None:
        found = found.signed_in_as(account)
    plans = publishing.planned(found, options, wait=not no_wait, space=space).limited(limit)
    return told(plans, report, tells=tells, explain=explain)


def told(plans: Plans, report: Report, *, tells: bool = False, explain: bool = False) -> int:
    """Report the plans and what is left out, and return the exit code that tells of it."""
    from nicobatch.actions import explaining

    report.tell(VideosPlanned(explaining.explained(plans) if explain else plans.plans))
    tell_left(plans, report)
    left_out = tell_left_out(plans.checked, report)
    return worst_code([left_out, _code({plan.verdict for plan in plans}, tells=tells)])


def tell_left(plans: Plans, report: Report) -> None:
    """Say for how many videos more there is something to do, where the user set a limit."""
    if plans.left:
        report.tell(Answered(_(_LEFT).format(count=plans.left), {"left": plans.left}))


def _code(verdicts: set[Verdict], *, tells: bool) -> int:
    if Verdict.REFUSE in verdicts:
        return Exit.FAILED
    return Exit.CHANGES if tells and verdicts - _AT_REST else Exit.FINE


def sound(
    paths: Sequence[str],
    options: Common,
    report: Report,
    *,
    all_or_nothing: bool,
    fetch: checking.Fetch | None = None,
) -> Checked | None:
    """Read, report what was found, and leave out what is faulty; None where nothing may be sent."""
    found = checking.read(paths, options, exclude=options.exclude, fetch=fetch)
    report.tell(VideosRead(found.videos))
    if found.problems:
        report.tell(ManifestsChecked(found.problems, found.manifests))
    if found.is_fine(strict=options.strict):
        return found
    rest = found.without_faulty()
    if options.strict or (all_or_nothing and rest.left_out):
        words = _STRICT if options.strict else _ALL_OR_NOTHING
        names = [str(path) for path in found.manifests]
        report.tell(Answered(_(words), {"left_out": names}))
        return None
    return rest if rest.ready else None


def tell_left_out(found: Checked, report: Report) -> int:
    """Say which manifests were left out, and return the exit code that tells of it."""
    if not found.left_out:
        return Exit.FINE
    names = [str(path) for path in found.left_out]
    words = _(_LEFT_OUT).format(manifests=_(", ").join(names))
    report.tell(Answered(words, {"left_out": names}))
    return Exit.FAILED
