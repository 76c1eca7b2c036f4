"""Where manifests go with their videos once they are through: whole, and at once.

A folder is filled under a hidden name. First its result.json says what is to come from where; then
each file is renamed into it, the manifest last; then it gets its name. So whatever happens between,
`recover` knows how to finish it. Nothing is overwritten, and nothing is deleted but the source of
a copy that was held against it. What others have put there is left alone.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from nicobatch import disk
from nicobatch.errors import UsageError
from nicobatch.language import N_, _, reason
from nicobatch.media import Stamp
from nicobatch.model import Json
from nicobatch.watch import move_plan
from nicobatch.watch.judging import WatchJob
from nicobatch.watch.move_plan import COPY, RESULT, FileMove, MovePlan, NotMoved, Stays, is_spare

_LONGEST: Final = 200
"""Bytes of a folder's name: file systems take 255, and a number and our own words come to it."""
_LARGEST: Final = 1 << 26
"""Bytes of a result, at most: that of 20,000 videos takes a tenth."""

_OTHER: Final = N_("name another folder; it may lie within the watched one")
_ROOM: Final = N_("make room, or let the folders be written to; it is tried again")
_WHO: Final = N_("find out who has put it there; then delete it")


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of the moves that an earlier run, or a failed try, had left unfinished."""

    outcomes: tuple[tuple[Path, Path | NotMoved], ...] = ()
    """For each manifest, by where it lay: the folder it is in now, or why it is not in any."""

    @property
    def finished(self) -> tuple[Path, ...]:
        """Return the folders that are complete now."""
        return tuple(each for _, each in self.outcomes if isinstance(each, Path))

    @property
    def left(self) -> tuple[NotMoved, ...]:
        """Return why others are not: worth another try after a pause."""
        return tuple(each for _, each in self.outcomes if isinstance(each, NotMoved))

    def of(self, manifest: Path) -> Path | NotMoved | None:
        """Return what became of one manifest of the root; None where its move was not begun."""
        folder = Path(os.path.realpath(manifest.parent))
        return dict(self.outcomes).get(folder / manifest.name)


class Destination:
    """Takes in jobs of one watched folder; any thread may call it."""

    def __init__(self, folder: Path, root: Path) -> None:
        """Take where to move to, and the watched folder; raise UsageError. Nothing is made yet."""
        self.folder, self._root = Path(os.path.realpath(folder)), root
        self._lock = threading.Lock()
        self._busy: set[Path] = set()
        self._was_there = False
        plain, base = (Path(os.path.abspath(each)) for each in (folder, root))  # noqa: PTH100
        if plain.is_relative_to(base) and self.folder != self.root / plain.relative_to(base):
            words = _("{folder} is a link in the watched folder, where others may change it")
            hint = _("name the folder that it leads to: {real}")
            raise UsageError(words.format(folder=folder), hint.format(real=self.folder))
        if self.folder == self.root:
            words = _("{folder} is the watched folder itself: its manifests would never leave it")
            raise UsageError(words.format(folder=folder), _(_OTHER))
        if self.folder.exists() and not self.folder.is_dir():
            words = _("{folder} is a file, and manifests are to be moved into it")
            raise UsageError(words.format(folder=folder), _(_OTHER))

    @property
    def root(self) -> Path:
        """Return the watched folder without links in its path."""
        return Path(os.path.realpath(self._root))

    def put(self, job: WatchJob, result: Mapping[str, Json], keep: Collection[Path] = ()) -> Path:
        """Move the manifest and its files, and return the folder that holds them and result.json.

        What is in `keep` stays. Raise NotMoved; if files were moved by then, `recover` finishes it.
        """
        plan = MovePlan.of(job, self.root, keep, result)
        try:
            with self._lock:
                partial = self._begin(plan)
                self._busy.add(partial)
            return self._finish_or_undo(partial, plan)
        except OSError as error:
            raise self._stuck(plan.manifest, error) from error

    def recover(self) -> Recovered:
        """Finish what was begun for this root. To be called while the watched folder is there."""
        outcomes: list[tuple[Path, Path | NotMoved]] = []
        try:
            self._make()
        except OSError as error:
            words = _("{folder} can't be made: {reason}")
            message = words.format(folder=self.folder, reason=reason(error))
            outcomes.append((self.folder, NotMoved(message, _(_ROOM))))
        except NotMoved as error:
            return Recovered(((self.folder, error),))
        for partial in self._unfinished():
            what = partial
            try:
                if plan := self._plan(partial):
                    what = plan.manifest
                    outcomes.append((what, self._finish(partial, plan)))
            except NotMoved as error:
                outcomes.append((what, error))
            except OSError as error:
                outcomes.append((what, self._stuck(what, error)))
            finally:
                self._busy.discard(partial)
        return Recovered(tuple(outcomes))

    def _make(self) -> None:
        """Have the folder there; raise OSError, and NotMoved where it has become a link.

        One elsewhere is made only once. Where it goes away it is waited for, as it may be a share:
        what is made in its stead lies on another disk.
        """
        _refuse_link(self.folder)
        if not self._was_there or self.folder.is_relative_to(self.root):
            disk.make_folder(self.folder, mode=0o750)
            self._was_there = True

    def _begin(self, plan: MovePlan) -> Path:
        """Make the hidden folder, and have its plan on the disk; raise OSError and NotMoved."""
        self._make()
        if not self.folder.is_dir():
            words = _("{folder} is not there, so {manifest} was not moved")
            message = words.format(folder=self.folder, manifest=plan.manifest.name)
            raise NotMoved(message, _("mount it again, or make it; it is tried again"))
        partial = _make_hidden(self.folder, plan.manifest.stem)
        try:
            disk.replace(partial / RESULT, plan.encode())
        except OSError:
            _clear(partial, RESULT)
            raise
        disk.sync_folder(self.folder)
        return partial

    def _finish_or_undo(self, partial: Path, plan: MovePlan) -> Path:
        try:
            return self._finish(partial, plan)
        except (OSError, NotMoved):
            if not any(each.is_in(partial) for each in plan.files):
                _clear(partial, RESULT)
            raise
        finally:
            self._busy.discard(partial)

    def _unfinished(self) -> Iterator[Path]:
        """Yield hidden folders that nobody in this process is at work on, and claim each."""
        for partial in sorted(self.folder.glob(".*.partial")):
            with self._lock:
                if partial in self._busy or not partial.is_dir():
                    continue
                self._busy.add(partial)
            yield partial

    def _plan(self, partial: Path) -> MovePlan | None:
        """Return what is to become of the root's files; None where it is no matter of this root.

        Raise OSError and NotMoved.
        """
        path = partial / RESULT
        try:
            if not move_plan.is_own(partial):
                words = _("{file} is a link, or another user's, and is left alone")
                raise NotMoved(words.format(file=partial), _(_WHO))
            plan = MovePlan.decode(disk.read(path, _LARGEST, follow=False))
        except FileNotFoundError:  # so nothing was moved into it
            _clear(partial)
            return None
        except (disk.NotRegular, disk.TooLarge, ValueError):
            words = _("{file} can't be understood, so its folder can't be finished")
            hint = _("a newer nicobatch may do so; else take out what is in that folder")
            raise NotMoved(words.format(file=path), hint) from None
        if plan.manifest.parent != self.root:  # another watcher may be at work on its own
            return None
        if not plan.is_for(self.root):
            words = _("{file} asks for what nicobatch doesn't do, so its folder is left alone")
            raise NotMoved(words.format(file=path), _(_WHO))
        return plan

    def _finish(self, partial: Path, plan: MovePlan) -> Path:
        """Carry out what is left of the plan; raise OSError and NotMoved."""
        files = tuple(_carry_out(each, partial) for each in plan.files)
        if files != plan.files:
            disk.replace(partial / RESULT, replace(plan, files=files).encode())
        _sweep(partial)
        for folder in {partial, *((partial / each.place).parent for each in files if each.place)}:
            disk.sync_folder(folder)
        final = _reveal(partial, plan.manifest.stem)
        with contextlib.suppress(OSError):  # where the name is lost again, `recover` gives it anew
            disk.sync_folder(self.folder)
        return final

    def _stuck(self, what: Path, error: OSError) -> NotMoved:
        words, why = _("{manifest} can't be moved to {folder}: {reason}"), reason(error)
        message = words.format(manifest=what.name, folder=self.folder, reason=why)
        return NotMoved(message, _(_ROOM))


def _carry_out(move: FileMove, partial: Path) -> FileMove:
    """Move the file unless it is there by now; return what became of the move."""
    if move.place is None:
        return move
    source, place = move.source, partial / move.place
    _refuse_link(place)
    found = Stamp.of(source)
    if move.is_in(partial):
        if found and move.fits(found):  # a copy was made, and its source was not removed yet
            move_plan.leave(source, place)
        return move
    if found is None:
        words = _("{file} is gone while it was being moved to {folder}")
        hint = _("put it back, or take everything out of that folder and delete the folder")
        raise NotMoved(words.format(file=source, folder=partial), hint)
    if not move.fits(found):
        return replace(move, place=None, stays=Stays.CHANGED)
    place.parent.mkdir(parents=True, exist_ok=True)
    move_plan.move(source, place, partial / COPY)
    return move


def _refuse_link(path: Path) -> None:
    """Raise NotMoved where what is brought there would come to lie elsewhere."""
    if move_plan.is_behind_link(path):
        words = _("{file} is a link, or lies behind one, so nothing is moved there")
        raise NotMoved(words.format(file=path), _(_WHO))


def _sweep(partial: Path) -> None:
    for each in partial.iterdir():
        if is_spare(each.name):
            each.unlink()


def _clear(partial: Path, *names: str) -> None:
    """Remove what was set up to hold files and holds none; a folder with anything in it stays."""
    with contextlib.suppress(OSError):
        _sweep(partial)
        for name in names:
            (partial / name).unlink()
    for folder in [*sorted(partial.rglob("*/"), reverse=True), partial]:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _make_hidden(folder: Path, stem: str) -> Path:
    """Make the folder to be filled, under the first hidden name that is free."""
    for name in _names(stem):
        with contextlib.suppress(FileExistsError):
            partial = folder / f".{name}.partial"
            partial.mkdir()
            return partial
    raise AssertionError(stem)


def _reveal(partial: Path, stem: str) -> Path:
    """Give the folder that is filled the first name that is free."""
    for name in _names(stem):
        final = partial.with_name(name)
        if os.path.lexists(final):  # a rename would take the place of an empty folder
            continue
        try:
            return partial.rename(final)
        except OSError:
            if not os.path.lexists(final):
                raise
    raise AssertionError(stem)


def _names(stem: str) -> Iterator[str]:
    """Yield the name of the folder, then those it takes where that is taken."""
    while len(os.fsencode(stem)) > _LONGEST:
        stem = stem[:-1]
    yield stem
    for number in itertools.count(2):
        yield f"{stem} ({number})"
