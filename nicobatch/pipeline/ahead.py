"""Reading files before their turn: while one video is sent, the next one's file is identified."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from nicobatch import media
from nicobatch.pipeline.deciding import Identified, Ready, identify


def ahead(videos: Sequence[Ready]) -> Generator[Future[Identified], None, None]:
    """Yield each video's identity; while one is worked on, the file of the next is being read."""
    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(identify, videos[0])
        for ready in videos[1:]:
            current, following = following, reader.submit(identify, ready)
            yield current
        yield following


def fresh(ready: Ready, file: Future[Identified]) -> Identified:
    """Return the file's identity, read again where it changed while the video waited its turn."""
    identified = file.result()
    if ready.file or media.Stamp.of(ready.video.file) == identified.stamp:
        return identified
    return identify(ready)
