"""Reads files before their turn: while one video is sent, the next one is identified."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

from nicobatch import media
from nicobatch.model import FileIdentity
from nicobatch.pipeline.deciding import CheckedVideo, Identified, PlannedVideo, identify

_REMEMBERED: Final = 64
"""Files whose identity is kept for videos of the same."""


@dataclass(slots=True)
class Reader:
    """Identifies files, and reads one that is the last videos' as well no second time."""

    _known: dict[media.Stamp, FileIdentity] = field(default_factory=dict)

    def __call__(self, ready: CheckedVideo) -> Identified:
        """Return the file's identity; raise what `identify` raises."""
        stamp = media.Stamp.of(ready.video.file)
        if stamp in self._known and not ready.file:
            return Identified(replace(self._known[stamp], name=ready.video.file.name), stamp)
        found = identify(ready)
        if found.stamp:
            if len(self._known) >= _REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[found.stamp] = found.file
        return found


def prefetch(
    videos: Sequence[CheckedVideo], plans: Mapping[str, PlannedVideo]
) -> Generator[Future[Identified], None, None]:
    """Yield each video's identity; while one is worked on, the file of the next is being read.

    A file that was read for its plan is not read again.
    """
    read = Reader()

    def identified(ready: CheckedVideo) -> Identified:
        shown = plans.get(ready.video.key)
        return shown.identified if shown else read(ready)

    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(identified, videos[0])
        for ready in videos[1:]:
            current, following = following, reader.submit(identified, ready)
            yield current
        yield following


def fresh(ready: CheckedVideo, file: Future[Identified]) -> Identified:
    """Return the file's identity, read again where it changed while the video waited its turn."""
    identified = file.result()
    if ready.file or media.Stamp.of(ready.video.file) == identified.stamp:
        return identified
    return identify(ready)
