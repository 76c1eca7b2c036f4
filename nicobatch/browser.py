"""The user's own browsers: the niconico sign-in that one of them keeps.

The cookies are read from a copy that no other user of this machine can open, and the copy is gone
when the value is known. Nothing but the one cookie leaves this module, as a `Secret`.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from http.cookiejar import Cookie
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Final

from nicobatch import installation
from nicobatch.errors import SignInNeeded, UsageError
from nicobatch.language import N_, _
from nicobatch.model import Secret

BROWSERS: Final = MappingProxyType(
    {"firefox": "Firefox", "chrome": "Chrome", "edge": "Edge", "chromium": "Chromium"}
)
"""By name, the browser-cookie3 class that reads it; which is what people call it, too."""
DOMAIN: Final = "nicovideo.jp"
COOKIE: Final = "user_session"
_BY_HAND: Final = N_("or copy the user_session cookie by hand, for `nicobatch session set`")


def user_session(browser: str) -> Secret:
    """Return the `user_session` that the browser keeps, whether it is still good or not.

    Raise UsageError where the browser can't be read, SignInNeeded where it does not have it, or
    does not give it away.
    """
    library, name = _library(), BROWSERS[browser]
    with _private_files(), contextlib.redirect_stdout(io.StringIO()), _no_keyring_is_fine(library):
        loader = _loader(library, name)
        place = Path(loader.cookie_file)
        with tempfile.TemporaryDirectory(prefix="nicobatch-") as folder:
            loader.cookie_file = str(_copied(place, Path(folder), name))
            cookies = _cookies(loader, name)
    value = _best(cookies)
    if value is None:
        raise SignInNeeded(
            _("{name} is not signed in to niconico (in {folder})").format(
                name=name, folder=place.parent
            ),
            _(
                "sign in at https://www.nicovideo.jp with {name} and run this again, {by_hand}"
            ).format(name=name, by_hand=_(_BY_HAND)),
        )
    if not value:  # sealed in a way that the library does not even know
        raise _sealed(name)
    return Secret(value)


def _library() -> ModuleType:
    try:
        return importlib.import_module("browser_cookie3")
    except ImportError:
        raise UsageError(
            _("what reads a browser's cookies is not installed"),
            installation.missing("browser"),
        ) from None


@contextlib.contextmanager
def _private_files() -> Iterator[None]:
    """Have every file that is made meanwhile, the library's own copies too, be the user's alone."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextlib.contextmanager
def _no_keyring_is_fine(library: ModuleType) -> Iterator[None]:
    """Let the library go on without D-Bus, as it does where a bus has no keyring (Linux).

    It knows that by a RuntimeError, while a machine without a bus gives a KeyError or OSError.
    """
    connect = getattr(library, "open_dbus_connection", None)

    def connected(*args: Any, **kwargs: Any) -> Any:
        try:
            return connect(*args, **kwargs)  # type: ignore[misc]
        except Exception:  # noqa: BLE001 - whatever keeps us from the bus
            raise RuntimeError("no session bus") from None

    if connect is None:
        yield
        return
    library.open_dbus_connection = connected  # type: ignore[attr-defined]
    try:
        yield
    finally:
        library.open_dbus_connection = connect  # type: ignore[attr-defined]


def _loader(library: ModuleType, name: str) -> Any:
    """Find the browser's profile and key; the library's own words for failing say too little."""
    try:
        return getattr(library, name)(domain_name=DOMAIN)
    except library.BrowserCookieError:
        raise UsageError(
            _("no cookies of {name} are found for this user").format(name=name),
            _("name the browser that you sign in to niconico with, {by_hand}").format(
                by_hand=_(_BY_HAND)
            ),
        ) from None
    except Exception:  # noqa: BLE001 - the library raises whatever it stumbles upon
        raise _unreadable(name) from None


def _copied(place: Path, folder: Path, name: str) -> Path:
    """Copy the database with what the running browser has not yet merged into it."""
    copy = folder / place.name
    try:
        for ending in ("", "-wal"):
            with contextlib.suppress(*([FileNotFoundError] if ending else [])):
                shutil.copyfile(f"{place}{ending}", f"{copy}{ending}")
        with contextlib.closing(sqlite3.connect(copy)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except (OSError, sqlite3.Error):
        raise _unreadable(name) from None
    return copy


def _unreadable(name: str) -> UsageError:
    return UsageError(
        _("the cookies of {name} can't be read: it may keep them locked while it runs").format(
            name=name
        ),
        _("close {name} and run this again, {by_hand}").format(name=name, by_hand=_(_BY_HAND)),
    )


def _cookies(loader: Any, name: str) -> list[Cookie]:
    """Read and decrypt; nothing of what the library says is passed on."""
    try:
        return list(loader.load())
    except (sqlite3.Error, AttributeError):  # which is how the library misses a table
        raise _unreadable(name) from None
    except Exception:  # noqa: BLE001 - the library raises whatever it stumbles upon
        raise _sealed(name) from None


def _sealed(name: str) -> SignInNeeded:
    return SignInNeeded(
        _("the cookies of {name} can't be decrypted").format(name=name),
        _(
            "unlock this system's keyring, take another browser (--browser firefox), {by_hand}"
        ).format(by_hand=_(_BY_HAND)),
    )


def _best(cookies: Iterable[Cookie]) -> str | None:
    """Return the cookie of niconico as a whole, or else of a host of it; a look-alike's never."""
    found = {
        cookie.domain.lstrip("."): cookie.value or ""
        for cookie in cookies
        if cookie.name == COOKIE and f".{cookie.domain}".endswith(f".{DOMAIN}")
    }
    return found.get(DOMAIN, next(iter(found.values()), None))
