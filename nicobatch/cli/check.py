"""`nicobatch check`: every problem of every manifest, at once."""

from __future__ import annotations

import functools

import click

from nicobatch.cli import reading
from nicobatch.cli.ci import ci
from nicobatch.cli.exits import Exit
from nicobatch.cli.options import Common, common, paths
from nicobatch.language import _


@click.command(
    "check", help=_("Check manifests and their videos; sends nothing and writes nothing.")
)
@paths()
@click.option("--no-media", is_flag=True, help=_("Leave the videos unopened."))
@functools.partial(common, formats=("text", "json", "sarif"))
@ci
def command(paths: tuple[str, ...], options: Common, *, no_media: bool) -> int:
    """Check manifests and their videos; sends nothing and writes nothing."""
    found = reading.read(paths, options, probe=not no_media)
    report = options.report()
    report.videos(found.videos)
    report.problems(sorted((*found.problems, *found.notes), key=reading.in_order), found.manifests)
    return Exit.FINE if found.is_fine(strict=options.strict) else Exit.FAILED
