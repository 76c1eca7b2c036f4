"""`nicobatch plan`: what publish would do, and why."""

from __future__ import annotations

from typing import Final

import click

from nicobatch.actions import publishing
from nicobatch.cli import check
from nicobatch.cli.ci import ci
from nicobatch.cli.options import Common, all_or_nothing, common, paths
from nicobatch.errors import Exit, worst_code
from nicobatch.language import _
from nicobatch.plan import Verdict

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
@common
@ci
@all_or_nothing
def command(  # noqa: PLR0913 - an argument an option
    paths: tuple[str, ...],
    options: Common,
    *,
    tells: bool,
    account: str | None,
    no_wait: bool,
    all_or_nothing: bool,
) -> int:
    """Say what publish would do with each video; sends nothing and writes nothing."""
    report = options.report()
    found = check.sound(paths, options, report, all_or_nothing=all_or_nothing)
    if found is None:
        return Exit.FAILED
    if account is not None:
        found = found.signed_in_as(account)
    plans = publishing.planned(found, options, wait=not no_wait).plans
    report.plans(plans)
    left_out = check.tell_left_out(found, report)
    return worst_code([left_out, _code({plan.verdict for plan in plans}, tells=tells)])


def _code(verdicts: set[Verdict], *, tells: bool) -> int:
    if Verdict.REFUSE in verdicts:
        return Exit.FAILED
    return Exit.CHANGES if tells and verdicts - _AT_REST else Exit.FINE
