"""`nicobatch plan`: what publish would do, and why."""

from __future__ import annotations

import threading
from typing import Final

import click

from nicobatch.cli import exits, reading, wiring
from nicobatch.cli.ci import ci
from nicobatch.cli.options import Common, all_or_nothing, common, paths
from nicobatch.errors import NicobatchError
from nicobatch.language import _
from nicobatch.pipeline import Reader, Ready, decide
from nicobatch.plan import Plan, Verdict

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
    found = reading.sound(paths, options, report, all_or_nothing=all_or_nothing)
    if found is None:
        return exits.Exit.FAILED
    if account is not None:
        found = found.signed_in_as(account)
    plans = planned(found, options, wait=not no_wait)
    report.plans(plans)
    left_out = reading.tell_left_out(found, report)
    return exits.worst([left_out, _code({plan.verdict for plan in plans}, tells=tells)])


def planned(found: reading.Reading, options: Common, *, wait: bool = True) -> list[Plan]:
    """Decide about every video as `publish` will; one that can't be decided about is refused."""
    journal = reading.journal_for(found.manifests, options)
    known = reading.known_files(journal, found.manifests)
    targets = wiring.targets(found.accounts, wiring.offline(options), threading.Event())

    identified = Reader()

    def plan(ready: Ready) -> Plan:
        target = targets[ready.video.account]
        try:
            return decide(ready, identified(ready), target, journal, known, wait=wait).plan
        except NicobatchError as error:
            return Plan(
                video=ready.video.key,
                verdict=Verdict.REFUSE,
                reasons=(str(error),),
                hint=error.hint,
            )

    return [plan(ready) for ready in found.ready]


def _code(verdicts: set[Verdict], *, tells: bool) -> int:
    if Verdict.REFUSE in verdicts:
        return exits.Exit.FAILED
    return exits.Exit.CHANGES if tells and verdicts - _AT_REST else exits.Exit.FINE
