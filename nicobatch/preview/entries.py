"""What a preview is made from: videos with their media and plans, and every finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from nicobatch.model import MediaInfo, Problem, Video
from nicobatch.plan import Plan
from nicobatch.sites.base import Site, StepTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One video of a manifest, as far as it could be read."""

    video: Video
    """Without id, and with no more than could be read, where its entry has errors."""
    site: Site
    media: MediaInfo | None = None
    detail: str = ""
    """Its description as it is sent: HTML, newlines as `<br>`."""
    plan: Plan | None = None
    """None where errors keep it from being planned."""
    sign: str = ""
    """The plan's sign."""
    url: str = ""
    """Where it is on the site already."""
    table: StepTable = field(default_factory=StepTable)
    """What the site's steps are."""

    @property
    def is_complete(self) -> bool:
        """Whether the manifest's entry could be read in full."""
        return bool(self.video.id)

    @property
    def is_legible(self) -> bool:
        """Whether more than its file could be read, its title at least."""
        return bool(self.video.id or self.video.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything that one preview shows."""

    entries: Sequence[Entry]
    problems: Sequence[Problem]
    summary: str
    """How many videos meet which verdict, in words."""
    site: str
    """Where it would all go."""
    is_fine: bool
    """Whether nothing found keeps the videos from being published."""
    now: datetime
    zone: tzinfo | None = None
    """Whose clock to show; None is this machine's."""
