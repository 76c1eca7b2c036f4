"""Pictures of their own, in place of a video's frame: JPEG, PNG, WebP, AVIF, and HEIC in one piece.

What a camera notes of how it was held counts, but for mirrored pictures, whose note FFmpeg's
libraries tell as a turn.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from nicobatch.errors import VideoFailed
from nicobatch.language import _, reason
from nicobatch.media import drawing, rules
from nicobatch.media.drawing import Picture
from nicobatch.media.probing import LFS_MAGIC, MediaError, is_still, opened
from nicobatch.media.source import Timed

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

PIXELS: Final = 50_000_000
"""Of a picture, at most: phones take 48 millions, and each is several bytes in memory."""
_PIPES: Final = "jpeg_pipe,png_pipe,webp_pipe"
_BOXED: Final = "mov,mp4,m4a,3gp,3g2,mj2"
"""FFmpeg's demuxer of AVIF and HEIC, which would take a video as well."""
_HEAD: Final = 64
_SQUARE: Final = Fraction(1)
_SMALLEST: Final = 3
"""JPEG can be decoded at a half, a quarter or an eighth of its sides, which saves memory."""


@dataclass(frozen=True, slots=True)
class Still:
    """What a look at a picture found; `width` and `height` are as shown."""

    sha256: str
    width: int
    height: int
    is_whole: bool
    """Whether there is nothing wrong with what could be decoded."""


def look(path: Path) -> Still:
    """Read a picture, and return what it is. Raise MediaError."""
    with _reading(path) as file:
        digest = _digest(file)
        try:
            decoded, is_whole = _decoded(file, least=1, strict=True), True
        except MediaError:
            decoded, is_whole = _decoded(file, least=1), False
    return Still(digest, *decoded.size, is_whole)


def small_picture(path: Path) -> Picture:
    """Return the picture within the bounds of `frame_at`. Raise MediaError."""
    with _reading(path) as file:
        return drawing.small(_decoded(file, least=drawing.SIDE).frame, _SQUARE)


def cropped_picture(path: Path, width: int, height: int, *, sha256: str) -> Picture:
    """Return the picture at just that size, scaled until it fills it, and cut at the centre.

    Both are even. Raise MediaError, and VideoFailed where it is not the one of that digest.
    """
    with _reading(path) as file:
        if _digest(file) != sha256:
            words = _("{name} is another picture than the one that was checked")
            raise VideoFailed(words.format(name=path.name), _("run it again"))
        decoded = _decoded(file, least=max(width, height))
        return drawing.filling(decoded.frame, _SQUARE, width, height)


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[BufferedReader]:
    """Open the file, and have what is wrong with it name it."""
    values: dict[str, object] = {"file": path, "pixels": f"{PIXELS:,}"}
    try:
        with path.open("rb") as file:
            yield file
    except MediaError as error:
        error.values |= values
        raise
    except OSError as error:
        raise MediaError(rules.UNREADABLE, values | {"reason": reason(error)}) from error


def _digest(file: BufferedReader) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class _Decoded:
    """A picture's pixels, which may be fewer than it has."""

    frame: VideoFrame
    size: tuple[int, int]
    """Its own, as it is shown."""


def _decoded(file: BinaryIO, *, least: int, strict: bool = False) -> _Decoded:
    """Decode the picture; no side comes out shorter than `least` that is longer.

    What is damaged is decoded as far as it goes, unless `strict`. Raise MediaError.
    """
    import av

    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    if head.startswith(LFS_MAGIC):
        raise MediaError(rules.PICTURE_LFS_POINTER)
    formats = {"format_whitelist": _BOXED if is_still(head) else _PIPES}
    try:
        # By what it is, not by how it is called: a name may have FFmpeg look for others.
        with opened(Timed(file), formats, pixels=PIXELS) as container:
            if _is_in_tiles(container):
                raise MediaError(rules.NOT_A_PICTURE)
            stream = container.streams.video[0]
            halvings = _halvings(stream, least)
            careful = {"err_detect": "explode"} if strict else {}
            stream.thread_count = 1
            stream.codec_context.options |= {"lowres": str(halvings), **careful}
            width, height = stream.codec_context.width, stream.codec_context.height
            frame = next(container.decode(stream))
            if not halvings:  # only JPEG's size is known before
                width, height = frame.width, frame.height
            return _Decoded(frame, drawing.standing(frame, width, height))
    except (av.FFmpegError, StopIteration, IndexError) as error:
        raise MediaError(rules.NOT_A_PICTURE) from error


def _is_in_tiles(container: InputContainer) -> bool:
    """Tell whether the picture would have to be put together, as of most phones' HEIC."""
    from av.stream import Disposition

    return any(each.disposition & Disposition.dependent for each in container.streams.video)


def _halvings(stream: VideoStream, least: int) -> int:
    """Return how often the decoder may halve the sides; JPEG's alone can, three times at most."""
    codec = stream.codec_context
    spare = min(codec.width, codec.height) // least if codec.name == "mjpeg" else 1
    return min(_SMALLEST, max(spare, 1).bit_length() - 1)
