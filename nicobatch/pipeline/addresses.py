"""Addresses on other sites that a video's texts name, as `{SITE.url}`: they are waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeAlias

from nicobatch.errors import Blocked, Stopped
from nicobatch.journal import Journal
from nicobatch.language import N_, _
from nicobatch.model import Video
from nicobatch.pipeline.checked import CheckedVideo
from nicobatch.receipt import StepState
from nicobatch.sites.base import Role, StepTable

_LOOK: Final = 0.1
"""Seconds between two looks at whether the run is to stop."""
_WAITS: Final = N_("its text names the address on {site}, where it is not published")
_FIRST: Final = N_("it goes on by itself once {video} is published")
_Id: TypeAlias = tuple[Path, str, str]
Tables: TypeAlias = Callable[[str], StepTable]
"""Returns what a site's steps are, by its name."""


@dataclass(slots=True)
class Addresses:
    """What a run's videos wait for of each other."""

    journal: Journal
    stop: threading.Event
    tables: Tables
    _videos: dict[_Id, Video] = field(default_factory=dict)
    _ends: dict[_Id, threading.Event] = field(default_factory=dict)

    def expect(self, videos: Sequence[CheckedVideo]) -> None:
        """Have these videos waited for: each of them is to come to an end in this run."""
        for each in videos:
            key = _id(each.video, each.video.site)
            self._videos[key], self._ends[key] = each.video, threading.Event()

    def ended(self, video: Video) -> None:
        """Let go of those who wait for the video, whatever became of it."""
        if end := self._ends.get(_id(video, video.site)):
            end.set()

    def depth(self, video: Video) -> int:
        """Return how many videos wait for one another until this one can begin.

        An account that takes the lowest first never waits for one that waits for it.
        """
        others = (self._videos.get(_id(video, site)) for site in video.named_sites)
        return max((1 + self.depth(each) for each in others if each), default=0)

    def resolved(self, ready: CheckedVideo) -> CheckedVideo:
        """Return the video with its texts whole, once what they name is published.

        Raise Blocked where that came to nothing, Stopped, and JournalError.
        """
        for site in ready.video.named_sites:
            self._wait(_id(ready.video, site))
        whole, missing = known(ready, self.journal, self.tables)
        if missing:
            other = replace(ready.video, site=missing[0])
            message = _(_WAITS).format(site=missing[0])
            raise Blocked(message, _(_FIRST).format(video=other.key))
        return whole

    def _wait(self, other: _Id) -> None:
        end = self._ends.get(other)
        while end and not end.wait(_LOOK):
            if self.stop.is_set():
                raise Stopped


def known(
    ready: CheckedVideo, journal: Journal, tables: Tables
) -> tuple[CheckedVideo, tuple[str, ...]]:
    """Return the video with the addresses in its texts that are known, and which sites' are not.

    Raise JournalError.
    """
    found, missing = dict[str, str](), []
    for site in ready.video.named_sites:
        receipt = journal.find(ready.video.manifest, ready.video.id, site)
        is_out = receipt and receipt.state(tables(site).name(Role.PUBLISHES)) is StepState.DONE
        if receipt and receipt.remote and is_out and not receipt.is_deleted:
            found[site] = receipt.remote.url
        else:
            missing.append(site)
    return replace(ready, video=ready.video.naming(found)), tuple(missing)


def _id(video: Video, site: str) -> _Id:
    return video.manifest, video.id, site
