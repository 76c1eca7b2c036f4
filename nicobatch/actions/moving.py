"""Moving: another name for a manifest or a video of one, which takes its receipts along.

The receipts are copied, then the manifest is renamed or edited, then the old receipts are removed.
In between both names have them, and `publish` refuses what two receipts name. A small file tells
the next run what was begun.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from nicobatch import disk, sites
from nicobatch.actions.access import Access
from nicobatch.actions.patience import Hold, lock_folder, telling
from nicobatch.actions.receipts import of_video
from nicobatch.errors import UsageError, unwritable
from nicobatch.events import Event
from nicobatch.journal import FOLDER, REHEARSAL, Journal, moving
from nicobatch.language import N_, _, cant_read
from nicobatch.locks import Locks
from nicobatch.locks.files import GUARD
from nicobatch.manifest import naming
from nicobatch.manifest.identity import id_faults
from nicobatch.manifest.naming import SUFFIXES, Named
from nicobatch.manifest.renaming import Ids
from nicobatch.manifest.rules import problem
from nicobatch.model import Json, Position, Video
from nicobatch.pipeline import Owner
from nicobatch.pipeline.locking import AccountLocks, Guards

BEGUN: Final = ".move.json"
"""Beside the receipts: what an unfinished move is from and to."""
_LARGEST: Final = 10_000
"""Bytes of it."""
_LARGEST_MANIFEST: Final = 1_000_000
_WHAT: Final = N_("{old} and {new} are neither two manifests nor two videos of one manifest")
_WHAT_HINT: Final = N_("write `nicobatch move old.yaml new.yaml`, or `move m.yaml#old m.yaml#new`")
_FOLDERS: Final = N_("{new} is not in the folder of {old}, from which it names its files")
_FOLDERS_HINT: Final = N_("move the whole folder by hand: its receipts are in it")
_SUFFIX: Final = N_("{new} is no name of a manifest")
_SUFFIX_HINT: Final = N_("it has to end in .yaml or .yml, and to begin with no dot")
_ALIKE: Final = N_("{old} and {new} are one name on some systems")
_ALIKE_HINT: Final = N_("move it to another name first, and from there to this one")
_ON_ALL: Final = N_("the id of {video} is one on all of its sites")
_ON_ALL_HINT: Final = N_("leave @{site} out")
_TAKEN: Final = N_("{new} is there already, and nothing is overwritten")
_TAKEN_HINT: Final = N_("take another name")
_HAS_RECEIPT: Final = N_("there is a receipt of {new} already, and nothing is overwritten: {path}")
_HAS_RECEIPT_HINT: Final = N_(
    "take another name; or, if you know that its video is nobody's any more, remove the receipt"
)
_GONE: Final = N_("{old} does not exist, and no receipt is left of it")
_GONE_HINT: Final = N_("check the spelling, and the folder that you are in")
_UNFINISHED: Final = N_("another move was begun and is not finished: {old} to {new}")
_UNFINISHED_HINT: Final = N_(
    "bring it to its end first: run `nicobatch move` with these two names; {path} tells of it"
)
_UNCLEAR: Final = N_("what another move has begun can't be read: {path}")
_UNCLEAR_HINT: Final = N_("see which names have receipts in that folder, and remove the file")
_MOVED: Final = N_("{old} is {new} now; receipts: {count}")
_COMMIT: Final = N_("    commit together: {paths}")


@dataclass(frozen=True, slots=True)
class _Held:
    """A receipt, the video whose it is, and the one whose it becomes."""

    journal: Journal
    path: Path
    origin: str
    video: Video
    target: Video


@dataclass(frozen=True, slots=True)
class Renaming:
    """One name to another."""

    old: Named
    new: Named
    access: Access

    @classmethod
    def of(cls, old: str, new: str, access: Access) -> Renaming:
        """Read the two names; raise UsageError where one of them can't be."""
        first, second = (naming.named(each) or naming.gone(each) for each in (old, new))
        move = cls(first, second, access)
        move._demand_sense(old, new)
        return move

    def carry_out(self, listen: Callable[[Event], None]) -> tuple[str, dict[str, Json]]:
        """Move it, and say so in words and as data; raise UsageError, JournalError, Locked."""
        with self._locked(listen) as check:
            held, begun = self._held(self.old), self._is_begun()
            is_done = self._is_done(known=begun or bool(held))
            self._demand_free(begun=begun)
            if not is_done and self.old.video and self.new.video:  # before anything is copied
                self._ids().renamed(self.old.video, self.new.video)
            if held:
                self._note()
            if not is_done:
                for each in held:
                    check()
                    moving.copy(each.journal, each.video, each.target)
                check()
                self._change()
            for each in held:
                check()
                if each.journal.read(each.target) is None:
                    moving.copy(each.journal, each.video, each.target)
                moving.drop(each.journal, each.video)
            self._begun.unlink(missing_ok=True)
        for folder in {each.path.parent for each in held}:
            _tidy(folder)
        return self._told(held)

    def _demand_sense(self, old: str, new: str) -> None:
        """Raise UsageError where the names are not of a kind, or the new one can't be."""
        (manifest, video), (target, name) = (
            (each.manifest, each.video) for each in (self.old, self.new)
        )
        if (video is None) != (name is None) or (video is not None and manifest != target):
            raise UsageError(_(_WHAT).format(old=old, new=new), _(_WHAT_HINT))
        if os.path.realpath(manifest.parent) != os.path.realpath(target.parent):
            raise UsageError(_(_FOLDERS).format(new=new, old=old), _(_FOLDERS_HINT))
        if target.suffix.lower() not in SUFFIXES or target.name.startswith("."):
            raise UsageError(_(_SUFFIX).format(new=target), _(_SUFFIX_HINT))
        for each in filter(None, (video, name)):
            site = each.rpartition("@")[2]
            if site in sites.SITES and "@" in each:
                raise UsageError(_(_ON_ALL).format(video=each), _(_ON_ALL_HINT).format(site=site))
        for found in id_faults(name, Position(1, 1)) if name is not None else ():
            told = problem(found, target)
            raise UsageError(f"{new}: {told.message}", told.hint)
        if disk.fold(video or manifest.name) == disk.fold(name or target.name):
            raise UsageError(_(_ALIKE).format(old=old, new=new), _(_ALIKE_HINT))

    # What is there

    @property
    def _shelf(self) -> Path:
        return self.access.journal or self.old.manifest.parent / FOLDER

    @property
    def _begun(self) -> Path:
        return self._shelf / BEGUN

    @property
    def _names(self) -> dict[str, Json]:
        """Return both names as seen from the manifest's folder, wherever a later run begins."""
        names = (replace(each, manifest=Path(each.manifest.name)) for each in (self.old, self.new))
        return dict(zip(("from", "to"), map(_text, names), strict=True))

    def _held(self, name: Named) -> list[_Held]:
        """Return the receipts of that name on every site, those of rehearsals included."""
        journals = [Journal(self.access.journal, rehearsal=each) for each in (False, True)]
        return [
            _Held(journal, path, receipt.origin, video, self._target(video))
            for journal in journals
            for path, receipt in of_video(Named(name.manifest), journal)
            for video in [journal.video(path, receipt)]
            if name.video is None or disk.is_same_name(video.id, name.video)
        ]

    def _target(self, video: Video) -> Video:
        manifest = video.manifest.with_name(self.new.manifest.name)
        return replace(video, manifest=manifest, id=self.new.video or video.id)

    def _ids(self) -> Ids:
        path = self.old.manifest
        try:
            return Ids.of(path, disk.read(path, _LARGEST_MANIFEST), sites.Described())
        except OSError as error:
            raise UsageError(cant_read(path, error)) from None

    def _is_done(self, *, known: bool) -> bool:
        """Tell whether the manifest has the new name already, by an earlier run or by hand.

        `known` is whether anything is left of the old one; UsageError where it can't be told.
        """
        if self.old.video is not None and self.new.video is not None:
            ids = self._ids()
            if (is_there := self.old.video in ids) or not (known and self.new.video in ids):
                ids.demand(self.old.video)
            is_taken = is_there and ids.has_like(self.new.video, but=self.old.video)
        else:
            is_there, is_new = map(os.path.lexists, (self.old.manifest, self.new.manifest))
            if not is_there and not (known and is_new):
                raise UsageError(_(_GONE).format(old=_text(self.old)), _(_GONE_HINT))
            is_taken = is_there and is_new
        if is_taken:
            raise UsageError(_(_TAKEN).format(new=_text(self.new)), _(_TAKEN_HINT))
        return not is_there

    def _demand_free(self, *, begun: bool) -> None:
        """Raise UsageError where the new name has receipts, and not by this very move."""
        for each in () if begun else self._held(self.new):
            message = _(_HAS_RECEIPT).format(new=_text(self.new), path=each.path)
            raise UsageError(message, _(_HAS_RECEIPT_HINT))

    def _is_begun(self) -> bool:
        """Tell whether an earlier run began this move; raise UsageError where it was another."""
        try:
            kept = json.loads(disk.read(self._begun, _LARGEST, follow=False))
            old, new = str(kept["from"]), str(kept["to"])
        except FileNotFoundError:
            return False
        except (OSError, ValueError, TypeError, LookupError, RecursionError):
            message = _(_UNCLEAR).format(path=self._begun)
            raise UsageError(message, _(_UNCLEAR_HINT)) from None
        if {"from": old, "to": new} != self._names:
            hint = _(_UNFINISHED_HINT).format(path=self._begun)
            raise UsageError(_(_UNFINISHED).format(old=old, new=new), hint)
        return True

    @contextlib.contextmanager
    def _locked(self, listen: Callable[[Event], None]) -> Iterator[Callable[[], None]]:
        """Keep every other run from the accounts of the receipts; gives what makes sure of it."""
        take = Hold(locks=Locks("move"), waiting=telling(listen, _text(self.old)))
        accounts = dict[tuple[str, Owner], AccountLocks]()
        guards = dict[tuple[Journal, Owner], Guards]()
        with contextlib.ExitStack() as stack:
            for each in self._held(self.old):
                owner = Owner.of(each.video)
                account = AccountLocks(lock_folder(), each.origin, owner)
                if (each.origin, owner) not in accounts:
                    accounts[each.origin, owner] = stack.enter_context(account)
                    account.hold(take)
                if (each.journal, owner) not in guards:
                    held = accounts[each.origin, owner].of_receipt(each.journal, each.video, take)
                    guards[each.journal, owner] = stack.enter_context(held)

            def check() -> None:
                for account in accounts.values():
                    account.check()
                for guard in guards.values():
                    guard.check()

            yield check

    # What is done

    def _note(self) -> None:
        with _writing(self._begun):
            disk.replace(self._begun, json.dumps(self._names).encode())

    def _change(self) -> None:
        """Give the manifest its new name, or the video its new id in it."""
        old, new = self.old, self.new
        if old.video is None or new.video is None:
            with _writing(new.manifest):
                disk.patiently(lambda: old.manifest.rename(new.manifest))
                disk.sync_folder(new.manifest.parent)
            return
        path = Path(os.path.realpath(old.manifest))
        data = self._ids().renamed(old.video, new.video)
        with _writing(path):
            disk.replace(path, data, mode=stat.S_IMODE(path.stat().st_mode))

    def _told(self, held: Sequence[_Held]) -> tuple[str, dict[str, Json]]:
        old, new = _text(self.old), _text(self.new)
        words = _(_MOVED).format(old=old, new=new, count=len(held))
        receipts = [str(each.journal.path(each.target)) for each in held]
        folders = (self._shelf, *Path(os.path.realpath(self._shelf)).parents)
        if any(os.path.lexists(each / ".git") for each in folders):
            paths = dict.fromkeys([self.old.manifest, self.new.manifest])
            if any(not each.journal.rehearsal for each in held):
                paths[self._shelf] = None
            words += "\n" + _(_COMMIT).format(paths=", ".join(map(str, paths)))
        return words, {"from": old, "to": new, "receipts": receipts}


def _text(name: Named) -> str:
    return str(name.manifest) if name.video is None else f"{name.manifest}#{name.video}"


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unwritable(path, error) from None


def _tidy(folder: Path) -> None:
    """Remove a folder in which receipts lay if nothing is left there; the locks' guard is."""
    with contextlib.suppress(OSError):
        if {each.name for each in folder.iterdir()} <= {GUARD}:
            (folder / GUARD).unlink(missing_ok=True)
            folder.rmdir()
            if folder.parent.name not in {FOLDER, REHEARSAL}:  # a site's, within a manifest's
                _tidy(folder.parent)
