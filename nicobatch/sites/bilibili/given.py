"""What a program gives to the document's uploader: whose upload it is, and streams of bytes."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import threading
import warnings
from pathlib import Path
from typing import BinaryIO, Final

from nicobatch.credentials import Store, from_environment
from nicobatch.errors import SignInNeeded, Stopped, UsageError
from nicobatch.language import N_, _
from nicobatch.model import DEFAULT_ACCOUNT, Secret
from nicobatch.sites.bilibili import cookies, signin
from nicobatch.sites.bilibili.fields import SITE
from nicobatch.sites.session import Credentials

_BLOCK: Final = 1 << 20
_ENDED: Final = N_(
    "bilibili has ended signing in by password and access_key: give sessdata and bili_jct, or sign"
    " in beforehand"
)


class VideoUploaderCredential:
    """Whose upload it is: the cookies of a browser that is signed in.

    Without them what `nicobatch session login --site bilibili` has kept, or the environment's.
    """

    def __init__(  # noqa: PLR0913 - the document's three, and today's
        self,
        access_key: str | None = None,
        account: str | None = None,
        password: str | None = None,
        *,
        sessdata: str | None = None,
        bili_jct: str | None = None,
        buvid3: str | None = None,
    ) -> None:
        given = {"SESSDATA": sessdata, "bili_jct": bili_jct, "buvid3": buvid3}
        self._cookies = {name: value for name, value in given.items() if value}
        if access_key or account or password:
            warnings.warn(_(_ENDED), UserWarning, stacklevel=2)

    async def login(self) -> None:
        """Raise UsageError: the site has ended this way of signing in."""
        raise UsageError(_(_ENDED), _(signin.SIGN_IN_HINT))

    async def get_access_key(self) -> str:
        """Raise UsageError: the site has ended this way of signing in."""
        raise UsageError(_(_ENDED), _(signin.SIGN_IN_HINT))

    def session(self) -> tuple[str | None, Credentials]:
        """Return the account's name on this machine, if it has one, and its sign-in; SignInNeeded.

        Cookies that were given have none: whose they are, the site knows.
        """
        if self._cookies:
            text = "; ".join(f"{key}={value}" for key, value in self._cookies.items())
            read = cookies.read(text.replace(",", "%2C"), "VideoUploaderCredential")
            return None, Credentials(user_session=read)
        found = from_environment(os.environ, DEFAULT_ACCOUNT, SITE.session)
        kept: Secret | None = found.user_session or Store.of_user(SITE).get(DEFAULT_ACCOUNT)
        if kept is None:
            raise SignInNeeded(_("nobody is signed in"), _(signin.SIGN_IN_HINT))
        return DEFAULT_ACCOUNT, Credentials(user_session=kept)


class VideoUploaderPage:
    """One file of the video."""

    def __init__(
        self, video_stream: BinaryIO, title: str, description: str = "", extension: str = "mp4"
    ) -> None:
        self.video_stream = video_stream
        self.title, self.description = title, description
        self.extension = extension.removeprefix(".")
        self._copy: Path | None = None

    async def get_size(self) -> int:
        """Return the file's size in bytes."""
        return await asyncio.to_thread(_measured, self.video_stream)

    async def get_md5(self) -> str:
        """Return the file's MD5 in hexadecimal; the site asks for none any more."""
        return await asyncio.to_thread(_digest, self.video_stream)

    def file(self, folder: Path, stop: threading.Event) -> tuple[Path, str]:
        """Return a file of the stream's bytes with the extension, and what they are known by.

        The stream's own file where it has one, else a copy in the folder.
        """
        own = path_of(self.video_stream)
        named = folder / f"{id(self):x}.{self.extension}"
        if own is None:
            if self._copy is None or not self._copy.exists():
                spool(self.video_stream, named, stop)
                self._copy = named
            with self._copy.open("rb") as copy:
                return self._copy, hashlib.file_digest(copy, "sha256").hexdigest()
        told = own.stat()
        known = f"{own.resolve()}:{told.st_size}:{told.st_mtime_ns}"
        if own.suffix.casefold() == f".{self.extension}".casefold():
            return own, known
        if not named.exists():
            try:
                named.symlink_to(own.resolve())
            except OSError:  # as Windows keeps links for few
                shutil.copyfile(own, named)
        return named, known


def path_of(stream: BinaryIO) -> Path | None:
    """Return the file that the stream reads, where it has one that can be opened again."""
    name = getattr(stream, "name", None)
    try:
        path = Path(name) if isinstance(name, str) else None
        same = path and os.path.samestat(path.stat(), os.fstat(stream.fileno()))
    except (OSError, ValueError):  # io.UnsupportedOperation is both
        return None
    return path if same and path and path.is_file() else None


def spool(stream: BinaryIO, path: Path, stop: threading.Event) -> None:
    """Copy what the stream has, from its start where it can go there; raise Stopped."""
    if stream.seekable():
        stream.seek(0)
    with path.open("wb") as file:
        while block := stream.read(_BLOCK):
            if stop.is_set():
                raise Stopped
            file.write(block)


def _measured(stream: BinaryIO) -> int:
    place = stream.tell()
    try:
        return stream.seek(0, os.SEEK_END)
    finally:
        stream.seek(place)


def _digest(stream: BinaryIO) -> str:
    place, md5 = stream.tell(), hashlib.md5(usedforsecurity=False)
    stream.seek(0)
    while block := stream.read(_BLOCK):
        md5.update(block)
    stream.seek(place)
    return md5.hexdigest()
