"""Whether a video file was cut short, or set up to be filled: told by what its container declares.

FFmpeg opens a half-copied file without complaint wherever the header came first, and only a read
to the end would show the gap: minutes for a file of several gigabytes. The containers themselves
say how long they are, so a few headers are enough, whatever the size. Those that don't, MPEG's for
one, are taken as they are.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

from nicobatch.media import asf, flv, iso, matroska, riff
from nicobatch.media.source import Source

_CONTAINERS: Final[tuple[ModuleType, ...]] = (matroska, riff, asf, flv, iso)
"""In the order in which they are asked whether the file is theirs."""


def is_known(source: Source) -> bool:
    """Tell whether the file is in a container whose length can be told. May raise `OSError`."""
    return _container(source) is not None


def cut_short(source: Source) -> bool:
    """Tell whether the file is less than its container was written with.

    False for what has no such container. May raise `OSError` and `TooComplex`.
    """
    container = _container(source)
    return container is not None and bool(container.cut_short(source))


def last_moment(source: Source) -> float | None:
    """Return at which second the last of the pictures and sounds is; None where none is found.

    For containers whose index FFmpeg doesn't read at once. May raise `OSError` and `TooComplex`.
    """
    tell = getattr(_container(source), "last_moment", None)
    return tell(source) if tell else None


def _container(source: Source) -> ModuleType | None:
    return next((each for each in _CONTAINERS if each.is_mine(source)), None)
