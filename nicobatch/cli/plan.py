"""`nicobatch plan`: what publish would do, and why."""

from __future__ import annotations

import threading

import click

from nicobatch.cli import exits, reading, wiring
from nicobatch.cli.options import Common, common, paths
from nicobatch.pipeline import decide, identify
from nicobatch.plan import Verdict


@click.command("plan")
@paths()
@common
def command(paths: tuple[str, ...], options: Common) -> int:
    """Say what publish would do with each video; sends nothing and writes nothing."""
    report = options.report()
    found = reading.sound(paths, options, report)
    if found is None:
        return exits.Exit.FAILED
    journal = reading.journal_for(found.manifests, options)
    known = reading.known_files(journal, found.manifests)
    targets = wiring.targets(found.accounts, wiring.offline(options), threading.Event())
    plans = [
        decide(each, identify(each), targets[each.video.account], journal, known).plan
        for each in found.ready
    ]
    report.plans(plans)
    refused = any(plan.verdict is Verdict.REFUSE for plan in plans)
    return exits.Exit.FAILED if refused else exits.Exit.FINE
