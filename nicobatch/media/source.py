"""Few and small reads of a file, whatever it claims; and a look at samples that its index names."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final, Literal

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.index import IndexEntries
    from av.stream import Stream
    from av.video.stream import VideoStream

_MOST: Final = 150_000
"""Reads until a file is given up: a second's work. Twelve hours in fragments of a second take
some 90,000."""
_SECONDS: Final = 2.0
"""Seconds of work: a first picture of 8K in the slowest of codecs takes one."""
_LARGEST: Final = 1 << 24
"""Bytes that are read at once, at most."""
_WORD: Final = 8
"""Bytes of a number, at most."""
_TAIL: Final = 4096
"""Bytes that are read to tell whether there is anything."""
_PLACES: Final = 16
"""Places of a file that are looked at for what is blank in it."""


class TooComplex(Exception):
    """The file consists of more parts than a video has, or of heavier ones."""


class Timed:
    """An open file that is read from as long as that brings something: FFmpeg itself goes on."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._end = 0.0
        self.is_over = False
        self.begin()

    def begin(self) -> None:
        """Give it its time anew. What counts is work: a slow disk may take as long as it likes."""
        self._end = time.thread_time() + _SECONDS

    def read(self, length: int = -1) -> bytes:
        """Return the next bytes; none when the time is over."""
        self.is_over = self.is_over or time.thread_time() > self._end
        return b"" if self.is_over else self._file.read(length)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to another place."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._file.tell()


class Source:
    """An open file; raises `TooComplex` when it was read from too often, and OSError."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self.size = file, size
        self._left = _MOST

    def at(self, position: int, length: int) -> bytes:
        """Return the bytes there; fewer where the file ends, or where they are too many."""
        if not self._left:
            raise TooComplex
        self._left -= 1
        if not 0 <= position < self.size:
            return b""
        self._file.seek(position)
        return self._file.read(min(length, _LARGEST))

    def number(self, position: int, length: int, order: Literal["little", "big"] = "little") -> int:
        """Return the unsigned number there; 0 where it is longer than numbers get."""
        return int.from_bytes(self.at(position, length) if length <= _WORD else b"", order)

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Give back the place in the file, for whoever else reads it."""
        position = self._file.tell()
        yield
        self._file.seek(position)

    def is_blank(self, start: int, end: int) -> bool:
        """Tell whether the last kilobytes before the end are zeros, as in a file to be filled."""
        start, end = max(start, end - _TAIL), min(end, self.size)
        return end - start > 0 and not any(self.at(start, end - start))

    def has_blank(self) -> bool:
        """Tell whether kilobytes are zeros at the end, or before one of some places."""
        places = (*range(_TAIL, self.size, self.size // _PLACES + 1), self.size)
        return any(self.is_blank(0, place) for place in places)


@dataclass(frozen=True, slots=True)
class Container:
    """How the files of one format are laid out. Each may raise `OSError` and `TooComplex`."""

    is_mine: Callable[[Source], bool]
    """Tells whether the file begins as such files do."""
    cut_short: Callable[[Source], bool]
    """Tells whether the file is less than it was written with."""
    last_moment: Callable[[Source], float | None] | None = None
    """Returns at which second the last picture or sound is, where FFmpeg doesn't read that."""


_HEADED: Final = frozenset({"avi", "flv"})
"""Containers whose index names samples with the headers before them, which are never blank."""
_NEVER_BLANK: Final = frozenset(
    {"h264", "hevc", "av1", "vp8", "vp9", "mpeg4", "mpeg1video", "mpeg2video", "mjpeg", "prores"}
    | {"dnxhd", "vc1", "wmv3", "png", "aac", "mp3", "mp2", "ac3", "eac3"}
)
"""Codecs that write no sample of zeros, as PCM does for silence and others for black."""
_PACKED: Final = frozenset({"mpegts", "mpeg", "ogg"})
"""Containers without an index, of packets of at most 64 KiB that are never blank."""
_PADDING: Final = (1 << 16) + _TAIL
"""Zeros that may stand behind a whole file, or within a packet."""
_TELLING: Final = 16
"""Bytes from which on a sample tells something."""
_FRONT: Final = 4096
"""Bytes of a sample that are looked at."""
_LAST, _SPREAD = 3, 8
"""How many samples are looked at: at the end, and evenly before it, as downloads come in pieces."""
_KEYS: Final = 2
"""Pictures that are tried at the end: one may be damaged in a file that is whole."""


def ends_beyond(container: InputContainer, size: int) -> bool:
    """Tell whether a track's last indexed sample lies outside the file.

    The boxes don't show it where the last of them has no declared length.
    """
    last = (each for track in container.streams for each in track.index_entries[-1:])
    return any(each.pos + each.size > size for each in last)


def has_blanks(container: InputContainer, source: Source) -> bool:
    """Tell whether samples are blank that the index names, by a look at a few."""
    headed = container.format.name in _HEADED
    with source.aside():
        if container.format.name in _PACKED and _has_gap(source):
            return True
        return any(
            (headed or _codec(each) in _NEVER_BLANK) and _has_blank(each, source)
            for each in container.streams
        )


def ends_in_pictures(container: InputContainer, stream: VideoStream) -> bool:
    """Tell whether one of the last pictures that stand for themselves can be decoded.

    So it is taken to be where the index knows none but the first.
    """
    import av

    times = list(_key_times(stream))
    for moment in times:
        with contextlib.suppress(av.FFmpegError):
            container.seek(moment, stream=stream)
            for packet in container.demux(stream):
                packet.decode()
                return True
    return not times


def _has_gap(source: Source) -> bool:
    """Tell whether there is nothing for longer than a packet, at the end or at some places."""
    length = source.size - _PADDING
    places = (length * each // _SPREAD for each in range(_SPREAD + 1) if length > 0)
    return any(not any(source.at(place, _PADDING)) for place in places)


def _key_times(stream: VideoStream) -> Iterator[int]:
    entries, found = stream.index_entries, 0
    for number in range(len(entries) - 1, 0, -1):
        if entries[number].is_keyframe:
            yield entries[number].timestamp
            found += 1
        if found == _KEYS:
            return


def _has_blank(stream: Stream, source: Source) -> bool:
    entries = stream.index_entries
    for number in _picked(entries):
        entry = entries[number]
        length = min(entry.size, _FRONT)
        if entry.size >= _TELLING and not any(source.at(entry.pos, length)):
            return True
    return False


def _picked(entries: IndexEntries) -> set[int]:
    count = len(entries)
    last = range(max(count - _LAST, 0), count)
    return {*last, *(count * each // _SPREAD for each in range(1, _SPREAD) if count)}


def _codec(stream: Stream) -> str:
    codec = getattr(stream, "codec_context", None)
    return str(codec.codec.canonical_name) if codec else ""
