"""Addresses that a video's texts name: its own on other sites, and those of its neighbours.

One that is not known yet is waited for; the next video's alone is left out until it is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final, TypeAlias

from nicobatch.errors import Blocked, Stopped
from nicobatch.journal import Receipts
from nicobatch.language import N_, _
from nicobatch.model import NEXT, PREVIOUS, Video, key_of
from nicobatch.pipeline.checked import CheckedVideo
from nicobatch.pipeline.owner import Owner
from nicobatch.receipt import StepState
from nicobatch.sites.base import Role, StepTable

_LOOK: Final = 0.1
"""Seconds between two looks at whether the run is to stop."""
_WAITS: Final = N_("its text names the address on {site}, where it is not published")
_WAITS_FOR: Final = N_("its text names the address of {video}, which is not published")
_FIRST: Final = N_("it goes on by itself once {video} is published")
_THEN: Final = N_("run it again once {video} is published")
_Id: TypeAlias = tuple[Path, str, str]
"""Manifest, id and site of a video."""
Tables: TypeAlias = Callable[[str], StepTable]
"""Returns what a site's steps are, by its name."""


@dataclass(slots=True)
class Addresses:
    """What a run's videos wait for of each other."""

    journal: Receipts
    stop: threading.Event
    tables: Tables
    now: Callable[[], datetime]
    _videos: dict[_Id, Video] = field(default_factory=dict)
    _ends: dict[_Id, threading.Event] = field(default_factory=dict)
    """Of those whose address another one's texts name."""
    _depths: dict[_Id, int] = field(default_factory=dict)

    def expect(self, videos: Sequence[CheckedVideo]) -> None:
        """Have these videos waited for: each of them is to come to an end in this run."""
        for each in videos:
            self._videos[_id(each.video)] = each.video
        named = {other for each in videos for other in _needed(each.video)}
        self._ends.update((key, threading.Event()) for key in named.intersection(self._videos))
        self._depths.clear()

    def ended(self, video: Video) -> None:
        """Let go of those who wait for the video, whatever became of it."""
        if end := self._ends.get(_id(video)):
            end.set()

    def depth(self, video: Video) -> int:
        """Return how many videos wait for one another until this one can begin.

        An account that takes the lowest first never waits for one that waits for it.
        """
        todo = [video]  # no recursion: a series may have thousands
        while todo:
            others = [self._videos[each] for each in _needed(todo[-1]) if each in self._videos]
            if open_ := [each for each in others if _id(each) not in self._depths]:
                todo += open_
            else:
                deepest = max((self._depths[_id(each)] + 1 for each in others), default=0)
                self._depths[_id(todo.pop())] = deepest
        return self._depths[_id(video)]

    def resolved(self, ready: CheckedVideo) -> CheckedVideo:
        """Return the video with its texts whole, once what they name is published.

        Raise Blocked where that came to nothing, Stopped, and JournalError.
        """
        for other in _needed(ready.video):
            self._wait(other, ready.video)
        whole, missing = known(ready, self.journal, self.tables, self.now())
        needed = [each for each in missing if each.name != NEXT]
        if needed:
            raise Blocked(needed[0].reason, _(_FIRST).format(video=needed[0].video))
        return whole

    def _wait(self, other: _Id, video: Video) -> None:
        """Wait for the end of a video, but of none whose turn comes after this one's."""
        end = self._ends.get(other)
        if end and Owner.of(self._videos[other]) == Owner.of(video):
            return
        while end and not end.wait(_LOOK):
            if self.stop.is_set():
                raise Stopped


@dataclass(frozen=True, slots=True)
class MissingAddress:
    """An address that a text names, and that is not known yet."""

    name: str
    """As the text has it: a site, `previous` or `next`."""
    video: str
    """Whose address it is: the key."""

    @property
    def reason(self) -> str:
        """Say why the text can't be sent yet."""
        if self.name == PREVIOUS:
            return _(_WAITS_FOR).format(video=self.video)
        return _(_WAITS).format(site=self.name)


def known(
    ready: CheckedVideo, journal: Receipts, tables: Tables, now: datetime
) -> tuple[CheckedVideo, tuple[MissingAddress, ...]]:
    """Return the video with the addresses in its texts that are known, and which are not.

    What names the next one's is left out of the texts until that can be seen. Raise JournalError.
    """
    found, missing = dict[str, str](), list[MissingAddress]()
    for name, other in _meant(ready.video).items():
        url = _address(other, journal, tables, now if name == NEXT else None)
        if url:
            found[name] = url
        else:
            manifest, video_id, site = other
            missing.append(MissingAddress(name, key_of(manifest, video_id, site)))
    video = ready.video.naming(found)
    if any(each.name == NEXT for each in missing):
        video = video.without_next()
    return replace(ready, video=video), tuple(missing)


def demand(video: Video, site: str, journal: Receipts, tables: Tables, now: datetime) -> str:
    """Return the video's address on a site where it can be seen; Blocked where it can't yet."""
    if url := _address((video.manifest, video.id, site), journal, tables, now):
        return url
    first = key_of(video.manifest, video.id, site)
    raise Blocked(_(_WAITS).format(site=site), _(_THEN).format(video=first))


def _address(other: _Id, journal: Receipts, tables: Tables, seen_at: datetime | None) -> str:
    """Return the address of a video that is published, and by then seen if there is a time."""
    manifest, video_id, site = other
    receipt = journal.find(manifest, video_id, site)
    step = tables(site).name(Role.PUBLISHES)
    if not (receipt and receipt.remote and receipt.state(step) is StepState.DONE):
        return ""
    at = receipt.publish_at(step)
    is_early = bool(seen_at and at and at > seen_at)
    return "" if receipt.is_deleted or is_early else receipt.remote.url


def _meant(video: Video) -> Mapping[str, _Id]:
    """Return whose addresses the texts name, by the names."""
    ids = {PREVIOUS: (video.previous_id, video.site), NEXT: (video.next_id, video.site)}
    return {
        name: (video.manifest, *ids.get(name, (video.id, name))) for name in video.named_addresses
    }


def _needed(video: Video) -> tuple[_Id, ...]:
    """Return which videos have to be published before this one."""
    return tuple(other for name, other in _meant(video).items() if name != NEXT)


def _id(video: Video) -> _Id:
    return video.manifest, video.id, video.site
