"""What the fleet lets go of: videos that their manifests have no more, and deleted manifests'.

A share that is not mounted looks like one on which everything was deleted. So a manifest counts as
deleted only where the nearest folder that is still there has another one, or a video of it, on the
same disk.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from nicobatch.actions.access import Access
from nicobatch.actions.fleet_turns import options_of
from nicobatch.errors import Locked, UsageError
from nicobatch.fleet import accounts, videos
from nicobatch.fleet.database import Connection, Database
from nicobatch.fleet.packing import unpack
from nicobatch.fleet.receipts import place
from nicobatch.language import N_, _
from nicobatch.model import Json, key_of
from nicobatch.pipeline import Owner

_Shown: TypeAlias = "Collection[tuple[Path, int | None]]"
"""Folders, and the numbers of the disks that they are shown to be on."""
_REMOVED: Final = N_("{video} is in its manifest no more: the fleet does not publish it")
_STAYS: Final = N_("{video} is in its manifest no more, and stays in the fleet: {reason}")
_REMOVED_WITH: Final = N_("{video} is gone with its manifest: the fleet does not publish it")
_STAYS_WITHOUT: Final = N_("{video} stays in the fleet, though its manifest is gone: {reason}")
_BEGUN: Final = N_("it was begun")
_GOES_ON: Final = N_(
    "it is published as it was enqueued, unless `nicobatch fleet pause {account}` holds the account"
)
_AWAY: Final = N_(
    "{manifest} is not there; its videos stay in the fleet ({count}): no manifest is left in"
    " {folder}, as where a share is not mounted"
)
_MOUNT: Final = N_(
    "mount it; if the manifest was deleted, any other manifest in {folder} shows that the share is"
    " there; or hold the account with `nicobatch fleet pause ACCOUNT`"
)


@dataclass(frozen=True, slots=True)
class Gone:
    """A video that its manifest has no more, and that isn't done."""

    video: str
    """Its key."""
    message: str
    hint: str = ""
    """What can be done, where it is still the fleet's."""

    @property
    def data(self) -> dict[str, Json]:
        """Return what a program is told of it."""
        told = {"message": self.message, "hint": self.hint}
        return {"video": self.video, "removed": self.is_removed, **told}

    @property
    def is_removed(self) -> bool:
        """Tell whether the fleet has it no more, either."""
        return not self.hint


@dataclass(frozen=True, slots=True)
class MissingManifest:
    """A manifest that was enqueued, and that is not where it lay."""

    manifest: Path
    videos: int
    """How many of it are not done."""
    folder: Path
    """The nearest one that is still there."""
    is_deleted: bool
    """Whether other manifests show that the folder is not a share that is away."""

    @property
    def data(self) -> dict[str, Json]:
        """Return what a program is told of one that may be away."""
        told = {"message": self.message, "hint": self.hint}
        return {"manifest": os.fspath(self.manifest), "videos": self.videos, **told}

    @property
    def message(self) -> str:
        """Return why its videos stay."""
        told = {"manifest": self.manifest, "count": self.videos, "folder": self.folder}
        return _(_AWAY).format(**told)

    @property
    def hint(self) -> str:
        """Return what can be done."""
        return _(_MOUNT).format(folder=self.folder)


def missing(
    database: Database, paths: Sequence[str], there: Collection[Path]
) -> tuple[MissingManifest, ...]:
    """Return which manifests in those of the paths that are folders are not there any more.

    `there` are the manifests that were found in them. Raise Passing.
    """
    found = {os.path.abspath(each) for each in there}  # noqa: PTH100 - Path's own follows links
    shown = _shown(map(Path, found))
    gone = (
        (path, count)
        for name, count in _enqueued(database, paths).items()
        if name not in found and not _is_there(path := Path(name))
    )
    return tuple(_missing(database, path, count, shown) for path, count in gone)


def _enqueued(database: Database, paths: Sequence[str]) -> dict[str, int]:
    """Return which manifests below the folders have how many videos that are not done."""
    lay = dict[str, int]()
    for folder in filter(os.path.isdir, paths):
        with contextlib.suppress(UsageError):  # a name that the database can't hold
            lay.update(videos.below(database, place(Path(folder))))
    return lay


def _missing(database: Database, manifest: Path, count: int, shown: _Shown) -> MissingManifest:
    folder = next(filter(_is_there, manifest.parents))
    here = folder, _disk(folder)
    is_shown = here in shown or here in _shown(_files(database, manifest))
    return MissingManifest(manifest, count, folder, is_shown)


def _shown(files: Iterable[Path]) -> _Shown:
    """Return which folders are shown to be there by files in and below them."""
    disks = ((each, _disk(each)) for each in files)
    return {(up, disk) for each, disk in disks if disk is not None for up in each.parents}


def _files(database: Database, manifest: Path) -> Iterator[Path]:
    """Yield the files of what is not done of the manifest."""
    for text in videos.packed(database, os.fspath(manifest)):
        yield from unpack(text, options_of).video.files


def let_go(
    connection: Connection,
    access: Access,
    manifest: str,
    kept: Collection[tuple[str, str]] | None,
) -> Iterator[Gone]:
    """Remove what the manifest has no more, as far as nothing of it was begun.

    `kept` are the ids and sites of the videos that it has; None where it is deleted itself.
    """
    words = (_REMOVED_WITH, _STAYS_WITHOUT) if kept is None else (_REMOVED, _STAYS)
    for id_, video, site, account, name in videos.undone(connection, manifest):
        if (video, site) not in (kept or ()) and access.means(site):
            called, owner = key_of(Path(manifest), video, site), Owner(site, name)
            removed, stays = (_(each) for each in words)
            reason, hint = _kept_by(connection, id_, owner, account)
            told = (stays if reason else removed).format(video=called, reason=reason)
            yield Gone(called, told, hint)


def _kept_by(connection: Connection, id_: int, owner: Owner, account: int) -> tuple[str, str]:
    """Remove the video, or return why it stays, and what can be done about it."""
    try:
        accounts.demand_idle(connection, owner, account)
    except Locked as error:
        return str(error), error.hint
    if videos.remove(connection, id_):
        return "", ""
    return _(_BEGUN), _(_GOES_ON).format(account=accounts.called(owner))


def _is_there(path: Path) -> bool:
    """Tell whether it is there, or may be: of a share in trouble nobody knows."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _disk(path: Path) -> int | None:
    """Return the number of the file system that it lies on; None where that can't be said."""
    try:
        return path.stat().st_dev
    except OSError:
        return None
