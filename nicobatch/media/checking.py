"""The door for `check`, `plan` and `publish`: everything that is wrong with a video's file."""

from __future__ import annotations

import functools
import os
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nicobatch import disk
from nicobatch.language import _, reason
from nicobatch.media import files, probing, rules
from nicobatch.media.files import Stamp
from nicobatch.media.probing import MediaError
from nicobatch.model import MediaInfo, Problem, Video
from nicobatch.origin import stored
from nicobatch.sites.fields import Limits

if TYPE_CHECKING:
    from nicobatch.media import pictures

_PICTURE: Final = "thumbnail.file"
_NAMED: Final = 3
"""Files that a note about many names."""


def check(
    video: Video,
    *,
    limits: Limits,
    page: int = 0,
    probe: bool = True,
    taken: Collection[Path] = frozenset(),
) -> tuple[MediaInfo | None, tuple[Problem, ...]]:
    """Return what is in one of the video's files, if that could be told, and all its problems.

    `limits` are those of the site that it is meant for. Without `probe` the file is not opened: it
    is there and not empty, or it has a problem. What is `taken`, as `places` has it, is not
    suggested for a file that is not there.
    """
    path, place = video.files[page], _field(video, page)
    try:
        _look(path, is_folder=rules.IS_FOLDER, empty=rules.EMPTY)
        if not probe:
            return None, ()
        info = _probed(path, Stamp.of(path))
    except MediaError as error:
        hint = files.hint(path, taken) if error.rule is rules.NOT_FOUND else ""
        return None, (_problem(video, place, error.rule, error.values, hint=hint),)
    return info, check_found(video, info, limits=limits, page=page)


def check_found(
    video: Video, info: MediaInfo, *, limits: Limits, page: int = 0
) -> tuple[Problem, ...]:
    """Return the problems of a file in which a look has found this."""
    found = _excess(video, video.files[page], _field(video, page), info, limits)
    return (*found, *(() if page else _outside(video, info)))


_SPARE: Final = 10
"""Characters by which the name is longer under which a receipt is written first."""


def check_lengths(
    video: Video, receipt: Path, longest: int | None = disk.longest_path()
) -> tuple[Problem, ...]:
    """Return which paths, of the video's files and of its receipt, are longer than can be used."""
    if longest is None:
        return ()
    found = []
    pages = enumerate(video.files)
    paths = ((_field(video, page), path, rules.PATH_TOO_LONG, 0) for page, path in pages)
    for place, path, rule, more in (*paths, ("id", receipt, rules.RECEIPT_TOO_LONG, _SPARE)):
        count = len(os.path.abspath(path)) + more  # noqa: PTH100 - links stay links
        if count > longest:
            values: dict[str, object] = {"file": path, "count": count, "limit": longest}
            found.append(_problem(video, place, rule, values))
    return tuple(found)


def _field(video: Video, page: int) -> str:
    """Return by what name the page's file stands in the manifest."""
    return f"pages.{page}.file" if video.pages else "file"


def check_picture(
    video: Video, *, limits: Limits, probe: bool = True
) -> tuple[str, tuple[Problem, ...]]:
    """Return the SHA-256 of the picture that stands for the video, and all its problems.

    Without a picture, one that can be read, or `probe`, it is empty.
    """
    path = video.thumbnail.file
    if path is None:
        return "", ()
    try:
        _look(path, is_folder=rules.PICTURE_IS_FOLDER, empty=rules.PICTURE_EMPTY)
        if not probe:
            return "", ()
        still = _looked_at(path, Stamp.of(path))
    except MediaError as error:
        return "", (_problem(video, _PICTURE, error.rule, error.values),)
    return still.sha256, tuple(_flaws(video, path, still, limits))


def _flaws(video: Video, path: Path, still: pictures.Still, limits: Limits) -> Iterator[Problem]:
    values: dict[str, object] = {"file": path, "width": still.width, "height": still.height}
    if not still.is_whole:
        yield _problem(video, _PICTURE, rules.PICTURE_DAMAGED, values)
    if limits.picture and (still.width < limits.picture[0] or still.height < limits.picture[1]):
        wanted = "{}×{}".format(*limits.picture)
        values |= {"site": limits.site, "wanted": wanted}
        yield _problem(video, _PICTURE, rules.PICTURE_SMALL, values)


@functools.lru_cache(maxsize=64)
def _looked_at(path: Path, stamp: Stamp | None) -> pictures.Still:  # noqa: ARG001 - as `_probed`
    """Read the picture, but once where several videos have the same."""
    from nicobatch.media import pictures  # which most videos have none of

    return pictures.look(path)


@functools.lru_cache(maxsize=64)
def _probed(path: Path, stamp: Stamp | None) -> MediaInfo:  # noqa: ARG001 - of it as it looks now
    """Look into the file, but once where several videos in a row have the same."""
    return probing.probe(path)


def is_away(found: Sequence[Problem]) -> bool:
    """Tell by what was found whether the video itself is not here."""
    return any(each.rule in rules.ABSENT for each in found)


def away(videos: Sequence[Video]) -> Problem:
    """Say of videos of one manifest, the first of them named first, that no file is missed."""
    files = _(", ").join(str(each.file) for each in videos[:_NAMED])
    more = _("{files} and {count} more").format(files=files, count=len(videos) - _NAMED)
    named: dict[str, object] = {"files": files if len(videos) <= _NAMED else more}
    return _problem(videos[0], "file", rules.AWAY, named)


def _look(path: Path, *, is_folder: rules.Rule, empty: rules.Rule) -> None:
    """Raise `MediaError` for what shows without opening the file."""
    if address := stored(path):
        raise MediaError(rules.IN_STORE, {"file": address})
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MediaError(rules.NOT_FOUND, {"file": path}) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise MediaError(rules.UNREADABLE, {"file": path, "reason": reason(error)}) from error
    if stat.S_ISDIR(found.st_mode):
        raise MediaError(is_folder, {"file": path})
    if not stat.S_ISREG(found.st_mode):  # opening a pipe would wait for ever
        raise MediaError(rules.UNREADABLE, {"file": path, "reason": _(rules.NO_ORDINARY_FILE)})
    if not found.st_size:
        raise MediaError(empty, {"file": path})


def _excess(
    video: Video, path: Path, place: str, info: MediaInfo, limits: Limits
) -> Iterator[Problem]:
    values: dict[str, object] = {
        "file": path,
        "site": limits.site,
        "container": info.container.upper(),
        "duration": _clock(info.duration),
    }
    if info.container not in limits.containers:
        yield _problem(video, place, replace(rules.UNUSUAL, message=limits.formats), values)
    if info.size > limits.file_size:
        sizes = {"size": f"{info.size:,}", "limit": f"{limits.file_size:,}"}
        yield _problem(video, place, rules.TOO_LARGE, values | sizes)
    if info.duration > limits.duration:
        yield _problem(video, place, rules.TOO_LONG, values | {"limit": _clock(limits.duration)})


def _outside(video: Video, info: MediaInfo) -> Iterator[Problem]:
    timing = None if video.thumbnail.file else video.thumbnail.timing
    if timing is not None and info.duration and timing >= info.duration * 1000:
        values = {"timing": _clock(timing / 1000), "duration": _clock(info.duration)}
        yield _problem(
            video, "thumbnail.timing", rules.TIMING_OUTSIDE, {"file": video.file, **values}
        )


def _problem(
    video: Video, place: str, rule: rules.Rule, values: dict[str, object], *, hint: str = ""
) -> Problem:
    message = _(rule.message).format(**values)
    hint = hint or _(rule.hint).format(**values)
    return video.problem(place, rule.id, message, hint, rule.severity)


def _clock(seconds: float) -> str:
    """Write a time as manifests do: `0:01:02.500`, thousandths only where there are any."""
    minutes, thousandths = divmod(round(seconds * 1000), 60_000)
    rest = f"{thousandths / 1000:06.3f}".removesuffix(".000")
    return f"{minutes // 60}:{minutes % 60:02}:{rest}"
