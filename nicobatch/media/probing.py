"""A look into a video file with FFmpeg's libraries (PyAV): first picture, index, shape."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from nicobatch.language import _, reason
from nicobatch.media import declared, rules
from nicobatch.media.source import (
    Source,
    Timed,
    TooComplex,
    ends_beyond,
    ends_in_pictures,
    has_blanks,
)
from nicobatch.model import MediaInfo

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

LFS_MAGIC: Final = b"version https://git-lfs.github.com/spec/v1"

CONTAINERS: Final = {
    "mov,mp4,m4a,3gp,3g2,mj2": "mp4",
    "matroska,webm": "mkv",
    "avi": "avi",
    "flv": "flv",
    "mpegts": "mpegts",
    "mpeg": "mpeg",
    "asf": "asf",
    "ogg": "ogg",
    "mxf": "mxf",
    "rm": "rm",
    "dv": "dv",
    "wtv": "wtv",
}
"""FFmpeg's demuxers of real video files, and the names for people. FFmpeg is held to these: it
would open pictures and text as videos as well, and follow playlists to other files and hosts."""

DEMUXERS: Final = {"format_whitelist": ",".join(CONTAINERS), "protocol_whitelist": "file"}

_PIXELS: Final = 8192 * 4352
"""Of a picture, at most: what H.264, H.265 and AV1 allow at level 6.2, which is 8K and more."""

_SIZED: Final = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "asf"})
"""Demuxers whose files say how large their pictures are."""

_PICTURE_BRANDS: Final = frozenset({b"avif", b"heic", b"heix", b"mif1"})
"""Still pictures in MP4's clothes (ISO/IEC 23008-12)."""

_HEAD: Final = 64
"""Bytes at the front that tell the containers apart."""

_FRONT: Final = 4096
"""Bytes at the front that are not all zeros in any file, unless it is still to be filled."""

_COVERS: Final = frozenset({"mjpeg", "png", "bmp", "webp", "gif"})
"""Codecs of pictures."""

_FIRST_PACKETS: Final = 300
"""Packets within which a picture must come: ten seconds at 30 a second."""


@dataclass(eq=False)
class MediaError(Exception):
    """The file is no video that can be published; `rule` says why, `values` fill its words."""

    rule: rules.Rule
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return _(self.rule.message).format(**self.values)


def probe(path: Path) -> MediaInfo:
    """Return what is in the video file, from its header, its index and its first picture.

    `duration` is 0 where the file doesn't say: an unfinished recording. Raises `MediaError`.
    """
    values: dict[str, object] = {"file": path}
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            values["size"] = f"{size:,}"
            return _probe(file, size)
    except OSError as error:
        values["reason"] = reason(error)
        raise MediaError(rules.UNREADABLE, values) from error
    except MediaError as error:
        error.values |= values
        raise


def opened(
    file: BinaryIO | Timed, demuxers: Mapping[str, str] = DEMUXERS, *, pixels: int = _PIXELS
) -> InputContainer:
    """Open a video for reading, whatever encoding its titles are in. Raises `av.FFmpegError`.

    No picture of more pixels is decoded, whatever the container says of it.
    """
    import av

    # From PyAV 19 on this is so, and can't be asked for.
    old = int(av.__version__.partition(".")[0]) < 19
    tolerant: dict[str, Any] = {"metadata_errors": "surrogateescape"} if old else {}
    decoders = {"max_pixels": str(pixels)}
    options = {**demuxers, **decoders}
    container: InputContainer = av.open(file, "r", options=options, **tolerant)
    for stream in container.streams.video:
        if stream.codec_context is not None:  # None where FFmpeg doesn't know it
            stream.codec_context.options = dict(decoders)
    return container


def is_still(head: bytes) -> bool:
    """Tell of a file's first bytes whether it is a picture that MP4's demuxer would open."""
    return head[4:8] == b"ftyp" and head[8:12] in _PICTURE_BRANDS


def _probe(file: BinaryIO, size: int) -> MediaInfo:
    import av

    head = file.read(_HEAD)
    if head.startswith(LFS_MAGIC):
        raise MediaError(rules.LFS_POINTER)
    if is_still(head):
        raise MediaError(rules.NOT_A_VIDEO)
    source, timed, known = Source(file, size), Timed(file), False
    try:
        known = declared.is_known(source)
        _refuse_cut(source)
        file.seek(0)
        with opened(timed) as container:
            return _describe(container, head, source, timed)
    except TooComplex as error:
        raise MediaError(rules.TOO_COMPLEX) from error
    except (av.FFmpegError, MediaError) as error:
        if timed.is_over:
            raise MediaError(rules.TOO_COMPLEX) from error
        if isinstance(error, MediaError):
            raise
        if source.size > _FRONT and source.is_blank(0, _FRONT):
            raise MediaError(rules.UNFILLED) from error
        raise MediaError(rules.BROKEN if known else rules.NOT_A_VIDEO) from error


def _refuse_cut(source: Source) -> None:
    if declared.cut_short(source):
        raise MediaError(rules.UNFILLED if source.has_blank() else rules.TRUNCATED)


def _describe(container: InputContainer, head: bytes, source: Source, timed: Timed) -> MediaInfo:
    stream = moving(container)
    if stream is None:
        raise MediaError(_pictureless(container))
    if ends_beyond(container, source.size):
        raise MediaError(rules.TRUNCATED)
    frame = _first_frame(container, stream)
    timed.begin()
    if has_blanks(container, source) or not ends_in_pictures(container, stream):
        raise MediaError(rules.UNFILLED)
    rotation = round(-frame.rotation / 90) * 90 % 360  # FFmpeg counts counter-clockwise
    width = max(1, round(frame.width * (stream.sample_aspect_ratio or 1)))
    height = frame.height
    return MediaInfo(
        container=_container_name(container.format.name, head),
        size=source.size,
        duration=declared.seconds(container, source),
        width=height if rotation % 180 else width,
        height=width if rotation % 180 else height,
        rotation=rotation,
        video_codec=stream.codec_context.name,
        audio_codec=_audio_codec(container),
    )


def moving(container: InputContainer) -> VideoStream | None:
    """Return the picture track that a player shows: the default one, or of several the largest.

    A still picture never is: a cover, as music files have, or a camera's thumbnail.
    """
    from av.stream import Disposition

    still = Disposition.attached_pic | Disposition.still_image | Disposition.timed_thumbnails
    tracks = [each for each in container.streams.video if not each.disposition & still]
    several = [each for each in tracks if not _is_picture(each)]
    return max(several or tracks, key=_rank, default=None)


def _is_picture(stream: VideoStream) -> bool:
    """Tell whether the track has one picture; Matroska doesn't count, and has covers as JPEG."""
    codec = getattr(stream.codec_context, "name", "")
    return stream.frames == 1 or (not stream.frames and codec in _COVERS)


def _rank(stream: VideoStream) -> tuple[bool, int]:
    from av.stream import Disposition

    codec = stream.codec_context  # None where FFmpeg doesn't know it
    area = getattr(codec, "width", 0) * getattr(codec, "height", 0)
    return bool(stream.disposition & Disposition.default), area


def _pictureless(container: InputContainer) -> rules.Rule:
    """Return the rule that a file without a moving picture breaks."""
    if container.streams.audio:
        return rules.SOUND
    return rules.NOT_A_VIDEO if len(container.streams) else rules.BROKEN


def _audio_codec(container: InputContainer) -> str | None:
    """Return the first sound track's codec; a phone may add one that FFmpeg doesn't know."""
    for stream in container.streams.audio:
        return str(getattr(stream.codec_context, "name", "unknown"))
    return None


def _is_too_large(container: InputContainer, stream: VideoStream) -> bool:
    """Tell whether one picture alone takes long, and gigabytes.

    A size that FFmpeg was told to refuse is 0 afterwards, in containers that always have one.
    """
    codec = stream.codec_context
    refused = not codec.width and container.format.name in _SIZED
    return refused or codec.width * codec.height > _PIXELS


def _first_frame(container: InputContainer, stream: VideoStream) -> VideoFrame:
    """Decode the first picture: proof that there is one, and the way to its rotation."""
    import av

    if stream.codec_context is None:
        raise MediaError(rules.BROKEN)
    if _is_too_large(container, stream):
        raise MediaError(rules.PICTURE_TOO_LARGE, {"pixels": f"{_PIXELS:,}"})
    stream.thread_count = 1  # starting threads takes longer than the one picture
    for packet in islice(container.demux(stream), _FIRST_PACKETS):
        try:
            if frames := packet.decode():
                return frames[0]
        except av.FFmpegError:  # clips cut from a stream may begin amid a group of pictures
            continue
    raise MediaError(rules.BROKEN)


def _container_name(demuxer: str, head: bytes) -> str:
    name = CONTAINERS[demuxer]
    if name == "mp4" and (head[4:8] != b"ftyp" or head[8:12] == b"qt  "):
        return "mov"
    if name == "mkv" and b"webm" in head:  # the EBML header's DocType
        return "webm"
    return name
