"""What a video's index names: samples that must be there, in a file that is more than set up."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from nicobatch.media.source import Source

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.index import IndexEntries
    from av.stream import Stream
    from av.video.stream import VideoStream

_HEADED: Final = frozenset({"avi", "flv"})
"""Containers whose index names samples with the headers before them, which are never blank."""
_NEVER_BLANK: Final = frozenset(
    {"h264", "hevc", "av1", "vp8", "vp9", "mpeg4", "mpeg1video", "mpeg2video", "mjpeg", "prores"}
    | {"dnxhd", "vc1", "wmv3", "png", "aac", "mp3", "mp2", "ac3", "eac3"}
)
"""Codecs that write no sample of zeros, as PCM does for silence and others for black."""
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
    for time in times:
        with contextlib.suppress(av.FFmpegError):
            container.seek(time, stream=stream)
            for packet in container.demux(stream):
                packet.decode()
                return True
    return not times


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
