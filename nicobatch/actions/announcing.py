"""How a run tells others of its videos, and what it lacks for that."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

from nicobatch import announcing, sites
from nicobatch.actions.access import Access, Site
from nicobatch.announcing import Announcer
from nicobatch.journal import Receipts
from nicobatch.livetube import ORIGIN
from nicobatch.pipeline.deciding import PlannedVideo
from nicobatch.plan import Note


def announcer(site: Site, journal: Receipts, stop: threading.Event) -> Announcer:
    """Return what tells others of videos, or in a rehearsal only Livetube's imitation."""
    access = site.access
    there = os.environ.get(announcing.ORIGIN_VARIABLE) or ORIGIN
    return Announcer(
        origin=f"{site.url}/livetube" if access.sandbox else there,
        journal=journal,
        tables=sites.table,
        now=lambda: datetime.now(UTC),
        stop=stop,
        proxy=None if access.sandbox else access.proxy,
        rehearses=access.sandbox,
        gained=access.gained,
    )


def unset(video: PlannedVideo, access: Access) -> Iterator[Note]:
    """Yield a note for each address that the environment lacks for an announcement."""
    if access.sandbox:  # which sends nothing there
        return
    place = video.ready.video.place("announce")
    for message in announcing.unset(video.ready.video, video.plan.steps, os.environ):
        yield Note(name="announce", message=message, line=place.line, column=place.column)
