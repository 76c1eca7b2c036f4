"""The options of `watch` alone, and the values they come to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from nicobatch.cli.options import LocalPath
from nicobatch.language import _
from nicobatch.watch.backend import Backend
from nicobatch.watch.pauses import Pauses

SETTLE: Final = {Backend.NATIVE: 10.0, Backend.POLL: 30.0}
"""Seconds; where nobody tells of changes, other machines write, and their clocks are others."""
LONGEST: Final = 60
"""How many rescans apart the tries of something that keeps failing are at most."""
_NEVER: Final = math.inf
"""What comes to its end tries nothing twice."""
_FIRST_ABSENCE: Final = 5.0
_LONGEST_ABSENCE: Final = 300.0
"""Seconds between two looks for a folder that went away: a look costs next to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What `watch` alone can be told."""

    settle: float | None
    rescan: float
    poll: bool
    once: bool
    done: Path | None
    failed: Path | None
    heartbeat: Path | None
    allow_outside: bool

    def settling(self, backend: Backend) -> float:
        """Return how long a file has to stay as it is, in seconds."""
        return SETTLE[backend] if self.settle is None else self.settle

    @property
    def pauses(self) -> Pauses:
        """Return how long what has failed is left alone."""
        if self.once:
            return Pauses(_NEVER, _NEVER)
        return Pauses(self.rescan, LONGEST * self.rescan)

    @property
    def absence(self) -> Pauses:
        """Return when to look again for a folder that went away."""
        return Pauses(min(self.rescan, _FIRST_ABSENCE), max(self.rescan, _LONGEST_ABSENCE))


_folder_to = LocalPath(file_okay=False, path_type=Path)
WISHES: Final = (
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
