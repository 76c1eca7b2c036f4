"""`nicobatch check`: what is wrong with manifests and their videos."""

from __future__ import annotations

import functools

import click

from nicobatch.actions import checking
from nicobatch.cli.ci import ci
from nicobatch.cli.counting import counting
from nicobatch.cli.options import Common, common, paths
from nicobatch.errors import Exit
from nicobatch.language import _
from nicobatch.reports import ManifestsChecked, VideosRead


@click.command(
    "check", help=_("Check manifests and their videos; sends nothing and writes nothing.")
)
@paths()
@click.option("--no-media", is_flag=True, help=_("Leave the videos unopened."))
@functools.partial(common, formats=("text", "json", "sarif"))
@ci
def check_command(paths: tuple[str, ...], options: Common, *, no_media: bool) -> int:
    """Check manifests and their videos; sends nothing and writes nothing."""
    with counting(options) as told:
        found = checking.read(
            paths, options, exclude=options.exclude, probe=not no_media, told=told
        )
    report = options.report()
    report.tell(VideosRead(found.videos))
    problems = sorted((*found.problems, *found.notes), key=checking.in_order)
    report.tell(ManifestsChecked(problems, found.manifests))
    return Exit.FINE if found.is_fine(strict=options.strict) else Exit.FAILED
