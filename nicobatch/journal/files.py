"""Where receipts lie, and how they are written: a crash leaves the old one or the new one."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nicobatch import disk
from nicobatch.errors import JournalError, Later
from nicobatch.journal import rescue, written
from nicobatch.language import N_, _, reason
from nicobatch.model import DEFAULT_SITE, Video, on_site

if TYPE_CHECKING:
    from nicobatch.receipt import Receipt

FOLDER: Final = ".nicobatch"
REHEARSAL: Final = "sandbox"
LIMIT: Final = 1 << 20
"""Bytes that a receipt has at most: one of the longest description and 1 TB in parts has fewer."""
_NO_FILE = N_("it is no regular file, but a link, a folder or a device")
_UNREADABLE = N_("the receipt {path} can't be read: {reason}")
_DAMAGED = N_("the receipt {path} is damaged")
_RESTORE = N_(
    "restore it from version control or a backup; without it nicobatch can't know"
    " whether the video was published, so it does nothing rather than publish it twice"
)
_NEWER = N_("the receipt {path} was written by a newer nicobatch")
_IGNORED: Final = {True: "*\n", False: ".*\n"}
"""What git leaves out: a rehearsal whole; of the real site's receipts, the locks beside them."""
_OVERTAKEN = N_("another run has gone on with {path} while this one was suspended")
_SEVERAL = N_("several receipts have the name {path}, and differ in how Unicode spells it")
_KEEP_ONE = N_("keep the newest of them under this name, and put the others elsewhere")
_LEADS_OUT = N_("{folder} is a link that leads out of {base}, so nothing is kept there")
_LEADS_OUT_HINT = N_(
    "name the folder that is meant with --journal DIR, or put a folder in the link's place"
)
_UNWRITABLE = N_("the receipt {path} can't be written: {reason}")


@dataclass(frozen=True, slots=True)
class Journal:
    """The receipts of one kind of run: rehearsals keep theirs apart from the real site's."""

    root: Path | None = None
    """One folder for all receipts, in place of a `.nicobatch` beside each manifest."""
    rehearsal: bool = False

    def path(self, video: Video) -> Path:
        """Return where the video's receipt lies, or would lie."""
        return self._path(video.manifest, video.id, video.site)

    def read(self, video: Video) -> Receipt | None:
        """Return the video's receipt, None where there is none; raise JournalError."""
        return self.find(video.manifest, video.id, video.site)

    def find(self, manifest: Path, video_id: str, site: str = DEFAULT_SITE) -> Receipt | None:
        """Return the receipt by the video's names alone; raise JournalError."""
        try:
            return _read(self._path(manifest, video_id, site))
        except FileNotFoundError:
            return None

    def write(self, video: Video, receipt: Receipt, *, durable: bool = True) -> None:  # noqa: ARG002
        """Replace the video's receipt, durably in any case: else a crash may leave an empty file.

        Raise JournalError and keep the old one where that fails; what was already sent is then kept
        elsewhere. Raise Later where a later attempt of another run has written.
        """
        from nicobatch.journal import codec  # as in `_read`: who checks reads none, as a rule

        path, content = self.path(video), codec.encode(receipt).encode()
        try:
            before = _latest(path, receipt)
            if before is None:
                disk.make_folder(path.parent)
            disk.replace(path, content)
        except OSError as error:
            message = _(_UNWRITABLE).format(path=path, reason=reason(error))
            raise JournalError(message, rescue.keep(path, content, receipt)) from error
        except JournalError as error:
            raise JournalError(str(error), rescue.keep(path, content, receipt)) from error
        if receipt.remote and (before is None or before.remote != receipt.remote):
            written.note(path, receipt)
        with contextlib.suppress(OSError):
            self._keep_from_git(self._folder(video.manifest))

    def is_own(self, video: Video, receipt: Receipt) -> bool:
        """Tell whether the video's receipt names what it names by this machine's doing."""
        return written.is_noted(self.path(video), receipt)

    def vouch(self, video: Video, receipt: Receipt) -> None:
        """Have the video's receipt count as this machine's own from now on."""
        written.note(self.path(video), receipt)

    def video(self, path: Path, receipt: Receipt) -> Video:
        """Return the video of the receipt that lies there, as far as that tells; not its title.

        Its manifest and its file may be gone: it is for reading, writing and locking the receipt.
        """
        from nicobatch.receipt import ReceiptPlace

        place = ReceiptPlace.of(path, receipt.site)
        shelf = Path(place.folder.parent if self.rehearsal else place.folder)
        folder = shelf.parent if self.root is None else Path()
        return Video(
            manifest=folder / place.manifest,
            id=place.video,
            file=folder / receipt.files[0].name,
            title="",
            site=receipt.site,
            account=receipt.account,
        )

    def receipts(self, manifest: Path) -> Iterator[tuple[Path, Receipt]]:
        """Yield every receipt that lies where the manifest's do, other manifests' included."""
        for path in self.paths(manifest):
            yield path, self.at(path)

    def paths(self, manifest: Path) -> list[Path]:
        """Return where every receipt lies that `receipts` yields, in order; raise JournalError."""
        folder = self._folder(manifest)
        try:
            manifests = [each for each in _listed(folder) if each.is_dir()]
            for each in manifests:
                demand_within(self._base(manifest), Path(each))
            inside = [each for manifest in manifests for each in _listed(manifest)]
            others = [file for each in inside if _is_site(each) for file in _listed(each)]
            receipts = [Path(file) for file in (*inside, *others)]
            return sorted(path for path in receipts if path.suffix == ".json")
        except OSError as error:
            message = _("the receipts in {folder} can't be read: {reason}")
            words = message.format(folder=folder, reason=reason(error))
            raise JournalError(words, _(_RESTORE)) from None

    def at(self, path: Path) -> Receipt:
        """Return the receipt that lies there; raise FileNotFoundError, and JournalError."""
        return _read(path)

    def prepare(self, video: Video) -> None:
        """Make room for the video's locks, where git does not see them, as far as may be.

        Raise JournalError where a link leads elsewhere.
        """
        folder = self._folder(video.manifest)
        with contextlib.suppress(OSError):
            disk.make_folder(folder)
            self._keep_from_git(folder)

    def lock(self, video: Video) -> Path:
        """Return where the receipt's lock lies."""
        path = self.path(video)
        return path.with_name(f".{path.name}.lock")

    def account_lock(self, video: Video) -> Path:
        """Return where the account's lock lies, for all who share the receipts' folder."""
        name = f".account-{video.account}{on_site(video.site)}.lock"
        return self._folder(video.manifest) / name

    def _path(self, manifest: Path, video_id: str, site: str) -> Path:
        """Return where the receipt lies, in whatever spelling a copy of the folder has brought."""
        within = () if site == DEFAULT_SITE else (site,)
        path = _spelled(self._folder(manifest), (manifest.name, *within, f"{video_id}.json"))
        demand_within(self._base(manifest), path.parent)
        return path

    def _folder(self, manifest: Path) -> Path:
        """Return where the receipts lie; raise JournalError where a link has them lie elsewhere."""
        root = self.root or manifest.parent / FOLDER
        folder = root / REHEARSAL if self.rehearsal else root
        demand_within(self._base(manifest), folder)
        return folder

    def _base(self, manifest: Path) -> Path:
        """Return the folder which the user has named, out of which nothing is to lead."""
        return self.root or manifest.parent

    def _keep_from_git(self, folder: Path) -> None:
        """Hide rehearsals, and what lies beside receipts; a folder of the user's stays as it is."""
        ignore = folder / ".gitignore"
        if (self.rehearsal or self.root is None) and not os.path.lexists(ignore):
            with ignore.open("x", encoding="utf-8") as file:  # never through a link
                file.write(_IGNORED[self.rehearsal])


def _is_site(entry: os.DirEntry[str]) -> bool:
    """Tell the folder of another site's receipts from all else; those of rehearsals' have a dot."""
    return entry.name.isalnum() and entry.is_dir(follow_symlinks=False)


def _spelled(folder: Path, names: Sequence[str]) -> Path:
    """Return the path as its names are spelled there; raise JournalError where several are."""
    path = folder.joinpath(*names)
    if all(map(str.isascii, names)) or os.path.lexists(path):
        return path
    spellings = itertools.product(*map(_spellings, names))
    there = [each for pair in spellings if os.path.lexists(each := folder.joinpath(*pair))]
    if len(there) > 1:
        raise JournalError(_(_SEVERAL).format(path=path), _(_KEEP_ONE))
    return there[0] if there else path


def demand_within(base: Path, folder: Path) -> None:
    """Raise JournalError where a link on the way from the base to the folder leads out of the base.

    Who may propose files of a repository could else have others written and read.
    """
    for each in (folder, *folder.parents):
        if each == base:
            return
        if _is_link(each) and not Path(os.path.realpath(each)).is_relative_to(
            os.path.realpath(base)
        ):
            raise JournalError(_(_LEADS_OUT).format(folder=each, base=base), _(_LEADS_OUT_HINT))


def _is_link(path: Path) -> bool:
    """Tell links, and what Windows has of their kind, from all else and from nothing."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISLNK(found.st_mode) or bool(getattr(found, "st_reparse_tag", 0))


def _listed(folder: str | os.PathLike[str]) -> list[os.DirEntry[str]]:
    """Return what is in the folder and not hidden, nothing where there is none; raise OSError.

    A glob would take a folder that it may not look into for an empty one.
    """
    try:
        with os.scandir(folder) as entries:
            return [each for each in entries if not each.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _spellings(name: str) -> set[str]:
    """Return the name in one piece and taken apart, as macOS may have it: no folder is listed."""
    return {unicodedata.normalize(form, name) for form in ("NFC", "NFD")}


def _latest(path: Path, receipt: Receipt) -> Receipt | None:
    """Return the receipt that is there; raise Later where it is of a later attempt."""
    try:
        current = _read(path)
    except FileNotFoundError:
        return None
    if current.attempt > receipt.attempt:
        raise Later(_(_OVERTAKEN).format(path=path), _("see `nicobatch status`, and run it again"))
    return current


def _read(path: Path) -> Receipt:
    from nicobatch.journal import codec

    try:
        text = disk.read(path, LIMIT, follow=False).decode("utf-8")
        return codec.decode(text, path.parent.name)
    except codec.NewerReceipt:
        raise JournalError(_(_NEWER).format(path=path), _("upgrade nicobatch")) from None
    except (codec.DamagedReceipt, UnicodeDecodeError, disk.TooLarge):
        raise JournalError(_(_DAMAGED).format(path=path), _(_RESTORE)) from None
    except FileNotFoundError:
        raise
    except OSError as error:
        why = _(_NO_FILE) if isinstance(error, disk.NotRegular) else reason(error)
        message = _(_UNREADABLE).format(path=path, reason=why)
        raise JournalError(message, _(_RESTORE)) from None
