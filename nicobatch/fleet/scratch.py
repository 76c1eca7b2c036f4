"""A bounded folder for the files of videos whose turn it is, where these lie in a store."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self

from filelock import FileLock, Timeout
from rich.filesize import decimal

from nicobatch import s3
from nicobatch.errors import Locked, Stopped, VideoFailed, unwritable
from nicobatch.events import Event, VideoDone
from nicobatch.events import VideoFailed as Failed
from nicobatch.fleet.stored import StoredFile, StoredFiles
from nicobatch.language import _
from nicobatch.model import MediaInfo, Problem, Video
from nicobatch.origin import stored
from nicobatch.pipeline import CheckedVideo
from nicobatch.pipeline.deciding import Identified
from nicobatch.pipeline.prefetch import Reader
from nicobatch.pipeline.session import Run

_BEAT: Final = 0.25
"""Seconds between two looks whether it is to stop."""


@dataclass(slots=True)
class Scratch:
    """The folder: one process has it at a time, and what is fetched into it has so many bytes."""

    folder: Path
    limit: int
    _used: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _lock: FileLock = field(init=False)

    def __post_init__(self) -> None:
        self._lock = FileLock(self.folder / ".lock", blocking=False, thread_local=False)

    def __enter__(self) -> Self:
        """Take the folder and empty it; raise Locked where another process has it, UsageError."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            words = _("another program fetches files into {folder}")
            hint = _("give each worker on this machine a folder of its own: --scratch")
            raise Locked(words.format(folder=self.folder), hint, lives=True) from None
        except OSError as error:
            raise unwritable(self.folder, error) from None
        for each in self.folder.iterdir():  # left behind by one that was killed
            if each.is_dir():
                shutil.rmtree(each, ignore_errors=True)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._lock.release()

    def place(self, video: Video) -> Path:
        """Return the folder of the video's files in here; no other video has the same."""
        return self.folder / hashlib.sha256(video.key.encode("utf-8", "replace")).hexdigest()[:32]

    def take(self, size: int, stop: Callable[[], bool]) -> None:
        """Wait until so many bytes have room; raise VideoFailed where they never have, Stopped."""
        if size > self.limit:
            words = _("its files have {size}, and the scratch folder has room for {limit}")
            raise VideoFailed(
                words.format(size=decimal(size), limit=decimal(self.limit)),
                _("give it more with --scratch-size, on a disk that has it"),
            )
        with self._changed:
            while self._used + size > self.limit:
                if stop():
                    raise Stopped
                self._changed.wait(_BEAT)
            self._used += size

    def give(self, size: int, folder: Path) -> None:
        """Remove a video's folder, and let others have its bytes."""
        shutil.rmtree(folder, ignore_errors=True)
        with self._changed:
            self._used -= size
            self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A video whose files are here as long as one looks into them."""

    asked: Video
    """As the manifest has it."""
    video: Video
    """With the paths of what was fetched."""
    files: tuple[StoredFile | None, ...]
    """By page, what lies in a store, be it fetched now or known from before."""
    known: StoredFiles
    """Those that were looked into."""

    @property
    def infos(self) -> tuple[MediaInfo | None, ...]:
        """Return by page what was found in files that are not fetched again."""
        return tuple(each.info if each else None for each in self.files)

    def named(self, video: Video) -> Video:
        """Return the video that was looked into with the addresses of its files."""
        asked = self.asked
        thumbnail = replace(video.thumbnail, file=asked.thumbnail.file)
        return replace(video, file=asked.file, pages=asked.pages, thumbnail=thumbnail)

    def ready(self, one: CheckedVideo) -> CheckedVideo:
        """Return what is to be published, with the addresses of its files and what these are.

        What was found in them is kept.
        """
        for file, info in zip(self.files, one.medias, strict=True):
            if file and not file.info:
                self.known.keep(file, info)
        files = tuple(each.identity if each else None for each in self.files)
        return replace(one, video=self.named(one.video), stored=files)

    def told(self, problem: Problem) -> Problem:
        """Return the finding with the address of the file that it names."""
        pairs = zip(self.video.named, self.asked.named, strict=True)
        message = problem.message
        for here, address in pairs:
            message = message.replace(str(here), stored(address) or str(here))
        return replace(problem, message=message)


@contextlib.contextmanager
def fetched(
    scratch: Scratch, video: Video, stop: Callable[[], bool], known: StoredFiles
) -> Iterator[Fetched]:
    """Give the video with its files here, but for those that are known as the store has them.

    Raise what `s3.fetch` and `take` raise.
    """
    folder = scratch.place(video)
    here = _placed(video, folder)
    there = {path: (each, s3.look(each, stop)) for each, path in _missing(video, here)}
    found = {
        path: file
        for path, (address, told) in there.items()
        if path in here.files and (file := known.find(address, told.stamp))
    }
    missing = {path: address for path, (address, _told) in there.items() if path not in found}
    size = sum(there[path][1].size for path in missing)
    scratch.take(size, stop)
    try:
        for path, address in missing.items():
            found[path] = _fetched(address, path, stop)
        yield Fetched(video, here, tuple(found.get(each) for each in here.files), known)
    finally:
        scratch.give(size, folder)


@contextlib.contextmanager
def staging(
    scratch: Scratch, videos: Sequence[CheckedVideo], run: Run
) -> Iterator[tuple[list[CheckedVideo], Run]]:
    """Give videos and run as a turn needs them, where files lie in a store.

    What the videos name is fetched right before their turn, and removed at the end of it.
    """
    stage = Stage(scratch=scratch, run=run)
    try:
        yield [stage.placed(each) for each in videos], replace(run, read=stage, listen=stage.listen)
    finally:
        for key in list(stage.taken):
            stage.drop(key)


@dataclass(slots=True, kw_only=True)
class Stage(Reader):
    """Fetches before it reads, and knows by the events which files are not needed any more."""

    scratch: Scratch
    run: Run
    stored: dict[str, CheckedVideo] = field(default_factory=dict)
    """By key, the videos with the addresses of their files."""
    taken: dict[str, tuple[int, Path]] = field(default_factory=dict)
    """By key, what the video has of the scratch."""
    _is_lost: bool = False
    """Whether nothing more of the account is tried."""

    def placed(self, ready: CheckedVideo) -> CheckedVideo:
        """Return the video with the paths that its files are going to have."""
        if not any(map(stored, ready.video.named)):
            return ready
        self.stored[ready.video.key] = ready
        return replace(ready, video=_placed(ready.video, self.scratch.place(ready.video)))

    def __call__(self, ready: CheckedVideo) -> Identified:
        """Fetch what is not here, and return the files' identities; raise as `fetched` does."""
        asked = self.stored.get(ready.video.key)
        if asked is None:
            return Reader.__call__(self, ready)
        wanted = dict(zip(ready.video.files, asked.stored, strict=True))
        missing = list(_missing(asked.video, ready.video))
        sizes = [
            file.size if (file := wanted.get(path)) else s3.look(address, self._is_over).size
            for address, path in missing
        ]
        key, folder = ready.video.key, self.scratch.place(ready.video)
        self.scratch.take(sum(sizes), self._is_over)
        self.taken[key] = sum(sizes), folder
        try:
            for address, path in missing:
                file = wanted.get(path)
                self._fetch(address, path, file.sha256 if file else ready.video.thumbnail.sha256)
        finally:
            if key not in self.taken:  # the video came to its end meanwhile
                shutil.rmtree(folder, ignore_errors=True)
        found = Reader.__call__(self, replace(ready, known=tuple(wanted.values())))
        stamps = zip(found.stamps, ready.stamps(), strict=True)
        return replace(found, stamps=tuple(before or now for before, now in stamps))

    def listen(self, event: Event) -> None:
        """Pass the event on, and drop the files of a video that has come to its end."""
        self.run.listen(event)
        if isinstance(event, VideoDone | Failed) and event.video:
            self._is_lost = self._is_lost or event.state == "skipped"
            self.drop(event.video)

    def drop(self, key: str) -> None:
        """Remove the video's files, if any are here."""
        if key in self.taken:
            self.scratch.give(*self.taken.pop(key))

    def _fetch(self, address: str, path: Path, sha256: str) -> None:
        if _fetched(address, path, self._is_over).identity.sha256 != sha256:
            raise VideoFailed(
                _("{file} in the store is another file than was enqueued").format(file=address),
                _("run `nicobatch fleet enqueue` again if it is the right one now"),
            )

    def _is_over(self) -> bool:
        return self._is_lost or self.run.stop.is_set()


def _placed(video: Video, folder: Path) -> Video:
    """Return the video with paths in the folder for what lies in a store."""

    def here(path: Path, place: str) -> Path:
        return folder / place / path.name if stored(path) else path

    picture = video.thumbnail.file
    return replace(
        video,
        file=here(video.file, "0"),
        pages=tuple(
            replace(page, file=here(page.file, str(n))) for n, page in enumerate(video.pages)
        ),
        thumbnail=replace(video.thumbnail, file=picture and here(picture, "picture")),
    )


def _missing(asked: Video, here: Video) -> Iterator[tuple[str, Path]]:
    """Yield the address of each file that lies in a store, and the path where it is to be."""
    for address, path in zip(map(stored, asked.named), here.named, strict=True):
        if address:
            yield address, path


def _fetched(address: str, path: Path, stop: Callable[[], bool]) -> StoredFile:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    identity, told = s3.fetch(address, path, stop)
    return StoredFile(address, told.stamp, replace(identity, name=path.name))
