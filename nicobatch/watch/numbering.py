"""Videos that come without a manifest: each gets one by the template, and what comes next.

What each was given is written down before its manifest is, so that a restart goes on where it
stood, and the same file gets the same again.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from nicobatch import disk
from nicobatch.errors import JournalError
from nicobatch.journal import Journal
from nicobatch.language import _, reason
from nicobatch.media import Stamp
from nicobatch.model import Json, Problem
from nicobatch.receipt import read_moment
from nicobatch.watch.judging import Notice

_LARGEST: Final = 1 << 24
"""Bytes of the file: that of 50,000 videos takes half."""
_VERSION: Final = 1


class Template(Protocol):
    """What is to be published of each video."""

    def takes(self, name: str) -> bool:
        """Tell whether a file of that name is meant."""
        ...

    def times(self, last: Mapping[str, datetime], now: datetime) -> dict[str, datetime]:
        """Return by site the next time of its series."""
        ...

    def manifest(self, file: str, index: int, times: Mapping[str, datetime]) -> str:
        """Return the manifest of the video that has this number, and these times."""
        ...


Read = Callable[[], tuple[Template | None, tuple[Problem, ...]]]
"""Reads the template, as it is by now, and what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What one video was given."""

    video: str
    """Its file's name."""
    looks: tuple[int, int]
    """`Stamp.lasting` of the file."""
    index: int
    times: Mapping[str, datetime]
    """By site."""
    manifest: str
    """The name of the file."""


@dataclass(slots=True, kw_only=True)
class Numbering:
    """Writes the manifests of one watched folder."""

    root: Path
    path: Path
    """Where it is written down what was given."""
    base: Path
    """The folder which the user has named for that, out of which nothing is to lead."""
    read: Read
    journal: Journal
    now: Callable[[], datetime]
    _told: dict[Path, str] = field(default_factory=dict)
    """Why a video has no manifest yet."""

    def write(self, video: Path, stamp: Stamp) -> tuple[bool, Notice | None]:
        """Write the video's manifest; tell whether the video is done with, and what is to be told.

        What fails is told once, and is to be tried again.
        """
        try:
            template, problems = self.read()
            if template is None:
                return False, self._once(video, _unsound(video, problems))
            if not template.takes(video.name):
                return True, None
            given = self._given(video, stamp, template)
            if self._is_here(given.manifest):  # somebody has edited what was written
                return True, None
            text = template.manifest(given.video, given.index, given.times).encode()
            disk.replace(self.root / given.manifest, text)
        except (OSError, ValueError, JournalError) as error:
            why = reason(error) if isinstance(error, OSError) else str(error)
            words = _("no manifest can be written for {file}: {reason}")
            return False, self._once(
                video, Notice(None, video, words.format(file=video, reason=why))
            )
        words = _("{manifest} was written for {file} by the template, as number {index}")
        manifest = self.root / given.manifest
        message = words.format(manifest=manifest, file=video.name, index=given.index)
        return True, Notice(None, manifest, message)

    def _once(self, video: Path, notice: Notice) -> Notice | None:
        before, self._told[video] = self._told.get(video), notice.message
        return None if before == notice.message else notice

    def _given(self, video: Path, stamp: Stamp, template: Template) -> Given:
        """Return what the video was given before, or give it what comes next.

        A file that was given a number under another name, which is gone, takes that one along.
        """
        every, now = self._known(), self.now()
        begun = {part for path in self.journal.paths(video) for part in path.parts}
        renamed = None
        for each in every:
            is_timely = each.manifest in begun or all(at > now for at in each.times.values())
            if each.looks != stamp.lasting or not is_timely:
                continue
            if each.video == video.name:
                return each
            renamed = renamed or (None if self._is_here(each.video) else each)
        used = [each for each in every if self._is_here(each.manifest) or each.manifest in begun]
        last: dict[str, datetime] = {}
        for each in used:
            last |= {site: max(at, last.get(site, at)) for site, at in each.times.items()}
        index = renamed.index if renamed else max((each.index for each in used), default=0) + 1
        plain = f"{video.stem}.yaml"
        given = Given(
            video=video.name,
            looks=stamp.lasting,
            index=index,
            times=renamed.times if renamed else template.times(last, now),
            manifest=f"{video.stem}-{index}.yaml"
            if self._is_here(plain) or plain in begun
            else plain,
        )
        self._save([*used, given])
        return given

    def _is_here(self, name: str) -> bool:
        return os.path.lexists(self.root / name)

    def _known(self) -> list[Given]:
        """Return what is written down; raise OSError, and ValueError where it is damaged."""
        try:
            content = json.loads(disk.read(self.path, _LARGEST, follow=False))
            return [_parsed(each) for each in content["given"]]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError, KeyError, RecursionError):
            words = _("{file} is damaged: put it back, or delete it to begin with number 1")
            raise ValueError(words.format(file=self.path)) from None

    def _save(self, every: Sequence[Given]) -> None:
        if disk.leads_out(self.path.parent, self.base):  # so it is not ours
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(self.path.parent))
        disk.make_folder(self.path.parent)
        content = {"version": _VERSION, "given": [_written(each) for each in every]}
        disk.replace(self.path, json.dumps(content).encode())


def _unsound(video: Path, problems: Sequence[Problem]) -> Notice:
    words = _("the template has problems: {file} waits until it is mended")
    return Notice(None, video, words.format(file=video), problems=tuple(problems))


def _written(given: Given) -> Mapping[str, Json]:
    return {
        "video": given.video,
        "looks": given.looks,
        "index": given.index,
        "times": {site: at.isoformat() for site, at in given.times.items()},
        "manifest": given.manifest,
    }


def _parsed(content: Any) -> Given:
    size, mtime_ns = content["looks"]
    times = {site: read_moment(at) for site, at in content["times"].items()}
    return Given(
        video=str(content["video"]),
        looks=(int(size), int(mtime_ns)),
        index=int(content["index"]),
        times={site: at for site, at in times.items() if at},
        manifest=str(content["manifest"]),
    )
