"""Reads files before their turn: while one video is sent, the next one is identified."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from nicobatch import media
from nicobatch.model import FileIdentity
from nicobatch.pipeline.checked import CheckedVideo
from nicobatch.pipeline.deciding import Identified, Identify, PlannedVideo, identify, identity

_REMEMBERED: Final = 64
"""Files whose identity is kept for videos of the same."""


@dataclass(slots=True)
class Reader:
    """Identifies files, and reads one that other videos have as well no second time.

    Accounts share it, and one waits for the other where both want the same file.
    """

    _known: dict[media.Stamp, Future[FileIdentity]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, ready: CheckedVideo) -> Identified:
        """Return the files' identities; raise what `identify` raises."""
        return identify(ready, self._read)

    def _read(self, path: Path) -> tuple[FileIdentity, media.Stamp]:
        stamp, mine = media.Stamp.of(path), Future[FileIdentity]()
        if stamp is None:
            return identity(path)
        with self._lock:
            first = self._known.setdefault(stamp, mine)
            if len(self._known) > _REMEMBERED:
                del self._known[next(iter(self._known))]
        if first is not mine and not first.exception():
            return replace(first.result(), name=path.name), stamp
        try:
            file, stamp = identity(path)
        except BaseException as error:
            mine.set_exception(error)
            raise
        mine.set_result(file)
        return file, stamp


def prefetch(
    videos: Sequence[CheckedVideo],
    plans: Mapping[str, PlannedVideo],
    read: Identify,
) -> Generator[Future[Identified], None, None]:
    """Yield each video's identities; while one is worked on, the files of the next are being read.

    A file that was read for its plan is not read again.
    """

    def identified(ready: CheckedVideo) -> Identified:
        shown = plans.get(ready.video.key)
        return shown.identified if shown else read(ready)

    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(identified, videos[0])
        for ready in videos[1:]:
            current, following = following, reader.submit(identified, ready)
            yield current
        yield following


def fresh(ready: CheckedVideo, file: Future[Identified], read: Identify) -> Identified:
    """Return the identities, read again where a file changed while the video waited its turn."""
    identified = file.result()
    return identified if ready.stamps() == identified.stamps else read(ready)
