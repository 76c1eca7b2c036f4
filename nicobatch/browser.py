"""The user's own browsers: the sign-in at a site that one of them keeps.

The cookies are read from a copy that no other user of this machine can open, and the copy is gone
when their values are known. Nothing but the session leaves this module, as a `Secret`.
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
from dataclasses import dataclass
from http.cookiejar import Cookie
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Final

from nicobatch import installation
from nicobatch.errors import SignInNeeded, UsageError
from nicobatch.language import N_, _
from nicobatch.model import Secret
from nicobatch.sites.description import Site

BROWSERS: Final = MappingProxyType(
    {"firefox": "Firefox", "chrome": "Chrome", "edge": "Edge", "chromium": "Chromium"}
)
"""By name, the browser-cookie3 class that reads it; which is what people call it, too."""
_BY_HAND: Final = N_("or copy the {cookies} cookie by hand, for `nicobatch session set`")


def session_of(browser: str, site: Site) -> Secret:
    """Return the session at the site that the browser keeps, whether it is still good or not.

    Raise UsageError where the browser can't be read, or has what can be no session; SignInNeeded
    where it has none, or does not give it away.
    """
    library, there = _library(), _Browser(BROWSERS[browser], site)
    with _private_files(), contextlib.redirect_stdout(io.StringIO()), _no_keyring_is_fine(library):
        place, cookies = there.cookies(library)
    wanted = site.session
    names = (*wanted.cookies, *wanted.optional)
    found = {name: _best(cookies, name, wanted.domain) for name in names}
    values = {name: value for name, value in found.items() if value is not None}
    if not values.keys() >= wanted.cookies.keys():
        raise SignInNeeded(
            _("{name} is not signed in to {site} (in {folder})").format(
                name=there.name, site=site.name, folder=place.parent
            ),
            there.hint(_("sign in at {home} with {name} and run this again, {by_hand}")),
        )
    if not all(values.values()):  # sealed in a way that the library does not even know
        raise there.sealed()
    return wanted.of_cookies(values, _("what {browser} keeps").format(browser=there.name))


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


@dataclass(frozen=True, slots=True)
class _Browser:
    """One browser, asked for the cookies of one site; errors repeat nothing that is found there."""

    name: str
    site: Site

    def cookies(self, library: ModuleType) -> tuple[Path, list[Cookie]]:
        """Return where the browser keeps them, and the cookies, read from a copy and decrypted."""
        loader = self._loader(library)
        place = Path(loader.cookie_file)
        with tempfile.TemporaryDirectory(prefix="nicobatch-") as folder:
            loader.cookie_file = str(self._copied(place, Path(folder)))
            try:
                return place, list(loader.load())
            except (sqlite3.Error, AttributeError):  # which is how the library misses a table
                raise self._unreadable() from None
            except Exception:  # noqa: BLE001 - the library raises whatever it stumbles upon
                raise self.sealed() from None

    def _loader(self, library: ModuleType) -> Any:
        """Find the browser's profile and key; the library's words for failing say too little."""
        try:
            return getattr(library, self.name)(domain_name=self.site.session.domain)
        except library.BrowserCookieError:
            raise UsageError(
                _("no cookies of {name} are found for this user").format(name=self.name),
                self.hint(_("name the browser that you sign in to {site} with, {by_hand}")),
            ) from None
        except Exception:  # noqa: BLE001 - the library raises whatever it stumbles upon
            raise self._unreadable() from None

    def _copied(self, place: Path, folder: Path) -> Path:
        """Copy the database with what the running browser has not yet merged into it."""
        copy = folder / place.name
        try:
            for ending in ("", "-wal"):
                with contextlib.suppress(*([FileNotFoundError] if ending else [])):
                    shutil.copyfile(f"{place}{ending}", f"{copy}{ending}")
            with contextlib.closing(sqlite3.connect(copy)) as database:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except (OSError, sqlite3.Error):
            raise self._unreadable() from None
        return copy

    def _unreadable(self) -> UsageError:
        message = _("the cookies of {name} can't be read: it may keep them locked while it runs")
        hint = _("close {name} and run this again, {by_hand}")
        return UsageError(message.format(name=self.name), self.hint(hint))

    def sealed(self) -> SignInNeeded:
        """Say that the cookies can't be decrypted."""
        message = _("the cookies of {name} can't be decrypted")
        hint = _(
            "unlock this system's keyring, take another browser (--browser firefox), {by_hand}"
        )
        return SignInNeeded(message.format(name=self.name), self.hint(hint))

    def hint(self, words: str) -> str:
        """Return the words, with what else there is to do."""
        by_hand = _(_BY_HAND).format(cookies=", ".join(self.site.session.cookies))
        site, home = self.site.name, self.site.session.home
        return words.format(name=self.name, site=site, home=home, by_hand=by_hand)


def _best(cookies: Iterable[Cookie], name: str, domain: str) -> str | None:
    """Return the cookie of the site as a whole, or else of a host of it; a look-alike's never."""
    found = {
        cookie.domain.lstrip("."): cookie.value or ""
        for cookie in cookies
        if cookie.name == name and f".{cookie.domain}".endswith(f".{domain}")
    }
    return found.get(domain, next(iter(found.values()), None))
