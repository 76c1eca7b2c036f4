"""The options of `watch` alone."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from nicobatch.cli.options import LocalPath
from nicobatch.language import _

_folder_to = LocalPath(file_okay=False, path_type=Path)
WATCH_OPTIONS: Final = (
    click.option(
        "--settle",
        metavar="S",
        type=click.FloatRange(0),
        help=_("How long a file must stay unchanged, in seconds.  [default: 10; 30 when polling]"),
    ),
    click.option(
        "--rescan",
        metavar="S",
        type=click.FloatRange(0, min_open=True),
        default=60.0,
        show_default=True,
        help=_("Look at the whole folder at least this often, in seconds."),
    ),
    click.option("--poll", is_flag=True, help=_("Don't rely on the system to tell of changes.")),
    click.option("--once", is_flag=True, help=_("Publish what is there, and end.")),
    click.option(
        "--done", metavar="DIR", type=_folder_to, help=_("Move what is published to this folder.")
    ),
    click.option(
        "--failed",
        metavar="DIR",
        type=_folder_to,
        help=_("Move what can't be published to this folder, with the reason."),
    ),
    click.option(
        "--heartbeat",
        metavar="FILE",
        type=LocalPath(dir_okay=False, path_type=Path),
        help=_("Write this file every few seconds, as a sign of life."),
    ),
    click.option(
        "--allow-outside",
        is_flag=True,
        help=_("Publish videos that lie outside the folder, too."),
    ),
)
