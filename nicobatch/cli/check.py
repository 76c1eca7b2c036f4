"""`nicobatch check`: every problem of every manifest, at once."""

from __future__ import annotations

import click

from nicobatch.cli import reading
from nicobatch.cli.exits import Exit
from nicobatch.cli.options import Common, common, paths


@click.command("check")
@paths()
@click.option("--no-media", is_flag=True, help="Leave the videos unopened.")
@common
def command(paths: tuple[str, ...], options: Common, *, no_media: bool) -> int:
    """Check manifests and their videos; sends nothing and writes nothing."""
    found = reading.read(paths, options, probe=not no_media)
    options.report().problems(found.problems, found.manifests)
    return Exit.FINE if found.is_fine(strict=options.strict) else Exit.FAILED
