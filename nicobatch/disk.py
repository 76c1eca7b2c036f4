"""Files that are written whole or not at all, and read only if they are files and of sane size.

Names beside the file that one could foresee are never opened, and no link is followed: who may
write into a folder can't direct what is written there to another place. Everything raises OSError.
"""

from __future__ import annotations

import errno
import functools
import os
import stat
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, TypeVar

_Result = TypeVar("_Result")

_PAUSES: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between tries on Windows, where a scanner or a reader may have the file open."""
_CANT_SYNC: Final = frozenset(
    getattr(errno, name)
    for name in ("EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EBADF", "EACCES", "EPERM", "EISDIR")
    if hasattr(errno, name)
)
"""What folders of some mounts answer to fsync: a rename is as durable there as the mount has it."""


_MAX_PATH: Final = 260
"""Of Windows, unless it was told to take longer ones."""


class NotRegular(OSError):
    """What lies there is no regular file: a folder, a pipe, a device, a terminal, or a link."""


class TooLarge(OSError):
    """The file holds more bytes than were asked for at the most."""


def read(path: Path, limit: int, *, follow: bool = True) -> bytes:
    """Return the content of a regular file of at most `limit` bytes.

    Never waits for a pipe's other end. Without `follow`, a link counts as no regular file. Raise
    NotRegular, TooLarge, FileNotFoundError or another OSError.
    """
    content = patiently(lambda: _read(path, limit, follow=follow))
    if len(content) > limit:
        raise TooLarge(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return content


def head(path: Path, size: int) -> bytes:
    """Return the first `size` bytes of a regular file, or all if there are fewer; see `read`."""
    return patiently(lambda: _read(path, size, follow=True))[:size]


def _read(path: Path, limit: int, *, follow: bool) -> bytes:
    if not follow and path.is_symlink():
        raise NotRegular(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not follow:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    if not stat.S_ISREG(_mode(path)):  # a device may act on being opened alone
        raise NotRegular(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
    with os.fdopen(os.open(path, flags), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise NotRegular(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
        return file.read(limit + 1)


def _mode(path: Path) -> int:
    """Return the file's mode; a name that the system can't even ask for is nobody's."""
    try:
        return path.stat().st_mode
    except ValueError:  # a NUL, or letters that the locale's encoding lacks
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from None


def real(path: str | os.PathLike[str]) -> str | None:
    """Return where the path leads, all links followed; None where nobody may look.

    So it is with `/proc/1/exe`, and with a link that is replaced at this moment.
    """
    try:
        return os.path.realpath(path)
    except OSError:
        return None
    except ValueError:  # a NUL in it, or letters that the system's names don't have
        return os.path.abspath(path)  # noqa: PTH100 - of what can't exist, as of what doesn't


def identity(path: str | os.PathLike[str]) -> tuple[str, int, int] | None:
    """Return what all names of one file have in common, and no other file's; None as `real`.

    Where the disk takes capital and small letters, or NFC and NFD, for the same, names that differ
    in nothing else are one file's if device and inode say so. Hard links are files of their own.
    """
    where = real(path)
    if where is None:
        return None
    try:
        found = os.stat(where)  # noqa: PTH116 - for each file of each manifest
    except (OSError, ValueError):  # ValueError: as of `real`
        return where, 0, 0
    return fold(where), found.st_dev, found.st_ino


def fold(name: str) -> str:
    """Return what two names have in common if some disk can't tell them apart."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


class Names:
    """The names of files, in which each is found by any name that the disk takes for it."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._by_fold: dict[str, list[Path]] = {}
        for each in paths:
            self._by_fold.setdefault(fold(str(each)), []).append(each)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, Path) and self.spelled(path) is not None

    def spelled(self, path: Path) -> Path | None:
        """Return the file's name as it stands here, None where it has none."""
        alike = self._by_fold.get(fold(str(path)), [])
        if path in alike:
            return path
        wanted = identity(path) if alike else None  # which looks at the disk
        return next((each for each in alike if wanted and identity(each) == wanted), None)

    def of(self, paths: Iterable[Path]) -> set[Path]:
        """Return those names, as they stand here, that are of any of these files."""
        return set(filter(None, map(self.spelled, paths)))


def leads_out(path: str | os.PathLike[str], root: Path) -> bool:
    """Tell whether the path, all links followed, may lie elsewhere than below the root."""
    place, base = real(path), real(root)
    return place is None or base is None or not Path(place).is_relative_to(base)


def spelled(path: Path) -> list[Path]:
    """Return the path as it is on the disk: itself, or all that spell its letters otherwise.

    macOS may take a name apart (NFD) that the keyboard typed in one piece (NFC). Several that
    differ in nothing else can only be told apart by the very spelling. Empty: it isn't there.
    """
    if os.path.lexists(path):
        return [path]
    if str(path).isascii():
        return []
    folders = spelled(path.parent) if path.parent.name else [path.parent]
    return [
        folder / name
        for folder in folders
        for name in _names(folder)
        if is_same_name(name, path.name)
    ]


def is_same_name(name: str, other: str) -> bool:
    """Tell whether two names have the same letters, however Unicode spells them."""
    return unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", other)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - no path is needed for each
    except OSError:
        return []


@functools.cache
def longest_path() -> int | None:
    """Return how many characters a path may have; None where the system sets no such limit."""
    if sys.platform == "win32":
        import ctypes

        try:
            takes_long = ctypes.WinDLL("ntdll").RtlAreLongPathsEnabled() & 0xFF
        except (AttributeError, OSError):  # before Windows 10
            takes_long = 0
        return None if takes_long else _MAX_PATH - 1  # with its NUL
    return None


def replace(path: Path, content: bytes, *, durable: bool = True, mode: int = 0o644) -> None:
    """Put the content in the file's place: whoever looks finds the old file or the new one.

    `durable` waits for the disk. A link is itself replaced, never what it leads to.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}."[:64])
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                sync(file.fileno())
        if mode != 0o600:  # mkstemp's own
            Path(name).chmod(mode)
        patiently(lambda: Path(name).replace(path))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def make_folder(folder: Path, *, mode: int = 0o777) -> None:
    """Make the folder and those above it, durably, where they are missing."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=mode, exist_ok=True)
        sync_folder(each.parent)


def sync(handle: int) -> None:
    """Wait until what was written to the open file is on the disk itself."""
    if sys.platform == "darwin":  # pragma: no cover - where fsync leaves it in the drive's cache
        import fcntl

        try:
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
        except OSError:  # a network mount, which knows no such thing
            os.fsync(handle)
    else:
        os.fsync(handle)


def sync_folder(folder: Path) -> None:
    """Wait until the folder's names are on the disk, where its mount can do that."""
    if os.name == "nt":  # Windows opens no folders, and renames through its own journal
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        if error.errno in _CANT_SYNC:  # one may write in a folder that one may not list
            return
        raise
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANT_SYNC:
            raise
    finally:
        os.close(handle)


def patiently(
    act: Callable[[], _Result],
    *,
    windows: bool = os.name == "nt",
    sleep: Callable[[float], None] = time.sleep,
) -> _Result:
    """Do it, and on Windows again for two seconds while another program has the file open."""
    for pause in _PAUSES if windows else ():
        try:
            return act()
        except PermissionError:
            sleep(pause)
    return act()
