"""What a video's container declares: whether the file was cut short, and how long it lasts.

FFmpeg opens a half-copied file without complaint wherever the header came first, and only a read
to the end would show the gap: minutes for a file of several gigabytes. The containers themselves
say how long they are, so a few headers are enough, whatever the size. Those that don't, MPEG's for
one, are taken as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nicobatch.media.chunks import AVI, ISO
from nicobatch.media.matroska import MATROSKA
from nicobatch.media.source import Container, Source
from nicobatch.media.streams import ASF, FLV

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream

_CONTAINERS: Final = (MATROSKA, AVI, ASF, FLV, ISO)
"""In the order in which they are asked whether the file is theirs."""
_CLOSE: Final = 1.0
"""Seconds by which an AVI's header may differ from its index, which counts every picture."""
_LAST: Final = 60.0
"""Seconds that the last picture may stay, elsewhere; a slide that stays longer, as long again."""


def is_known(source: Source) -> bool:
    """Tell whether the file is in a container whose length can be told. May raise `OSError`."""
    return _container(source) is not None


def cut_short(source: Source) -> bool:
    """Tell whether the file is less than its container was written with.

    False for what has no such container. May raise `OSError` and `TooComplex`.
    """
    container = _container(source)
    return container is not None and container.cut_short(source)


def last_moment(source: Source) -> float | None:
    """Return at which second the last of the pictures and sounds is; None where none is found.

    For containers whose index FFmpeg doesn't read at once. May raise `OSError` and `TooComplex`.
    """
    container = _container(source)
    return container.last_moment(source) if container and container.last_moment else None


def seconds(container: InputContainer, source: Source) -> float:
    """Return how many seconds the video lasts; 0 where nothing tells. May raise `TooComplex`."""
    told = (container.duration or 0) / 1_000_000
    if container.format.name == "avi":
        return _of_avi(container, told, source.size)
    with source.aside():
        moment = last_moment(source)
    if moment is None:
        return told
    end = max(moment - max(container.start_time or 0, 0) / 1_000_000, 0.0)
    return told if _fits(told, end) else end


def _container(source: Source) -> Container | None:
    return next((each for each in _CONTAINERS if each.is_mine(source)), None)


def _of_avi(container: InputContainer, told: float, size: int) -> float:
    """Return what the pictures' index says, and a longer sound if it is not too long for that."""
    picture = next(iter(container.streams.video), None)
    end = _indexed(picture, size) if picture else 0.0
    if not (picture and end):
        return told
    if abs(_claimed(picture) - end) < _CLOSE and _fits(told, end):
        return told
    sounds = (_claimed(each) for each in container.streams.audio)
    return max([end, *(each for each in sounds if _fits(each, end))])


def _indexed(stream: Stream, size: int) -> float:
    """Return when the track ends by its index; 0 where that is not all of the file's."""
    last = stream.index_entries[-2:]
    if len(last) < 2 or stream.time_base is None or last[1].pos < size // 2:
        return 0.0
    return float((2 * last[1].timestamp - last[0].timestamp) * stream.time_base)


def _claimed(stream: Stream) -> float:
    return float((stream.duration or 0) * (stream.time_base or 0))


def _fits(told: float, end: float) -> bool:
    return told > 0 and end - _LAST < told < 2 * end + _LAST
