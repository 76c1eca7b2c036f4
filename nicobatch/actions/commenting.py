"""Livetube as commands reach it: where it is, who is signed in, and what a lost answer meant."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import platformdirs

from nicobatch.actions.access import Access
from nicobatch.actions.patience import asked
from nicobatch.credentials import SERVICE, Store
from nicobatch.errors import Again, Passing, SignInNeeded
from nicobatch.language import _
from nicobatch.livetube import Livetube
from nicobatch.model import Secret
from nicobatch.sites.session import Session

USER: Final = "NICOBATCH_LIVETUBE_USER"
PASSWORD: Final = "NICOBATCH_LIVETUBE_PASSWORD"  # noqa: S105 - the variable's name
_SESSION: Final = Session(
    cookies={"u": PASSWORD.removeprefix("NICOBATCH_")},  # what is set where it can't be kept
    domain="livetube.cc",
    home="http://livetube.cc/login",
    read=lambda text, _where: Secret(text),
)


@contextlib.contextmanager
def reached(access: Access, origin: str, stop: threading.Event | None = None) -> Iterator[Livetube]:
    """Give Livetube at that address, for a rehearsal its imitation, as long as the context."""
    with access.online() as site:
        place = f"{site.url}/livetube" if access.sandbox else origin
        proxy = None if access.sandbox else access.proxy
        with contextlib.closing(Livetube(place, proxy=proxy, stop=stop)) as livetube:
            yield livetube


def given(access: Access) -> tuple[str, str]:
    """Return the user name and the password that the environment has, or the imitation takes."""
    if access.sandbox:
        from nicobatch.sandbox import DEFAULT_ACCOUNTS

        return DEFAULT_ACCOUNTS[0].nickname, DEFAULT_ACCOUNTS[0].password
    return os.environ.get(USER, ""), os.environ.get(PASSWORD, "")


def sign_in_as(name: str, livetube: Livetube, access: Access) -> None:
    """Use the sign-in of that name, as far as there is one: without, names are not green."""
    user, password = given(access)
    if user == name and password:
        access.gained(livetube.sign_in(user, Secret(password)))
    elif not access.sandbox and (kept := store().get(livetube.origin)):
        access.gained(kept)
        livetube.session = kept


def store() -> Store:
    """Return where sessions are kept, each by the address of the Livetube that gave it."""
    folder = Path(platformdirs.user_config_dir(SERVICE))
    again = "nicobatch livetube login"
    return Store(folder / "sessions-livetube.json", _SESSION, f"{SERVICE}-livetube", again)


def sign_out(livetube: Livetube) -> bool:
    """Forget the session, and end it at the site if that can be reached; tell if there was one."""
    kept = store()
    livetube.session = kept.get(livetube.origin)
    if livetube.session:
        with contextlib.suppress(Again):  # forgotten it is all the same
            livetube.sign_out()
    return kept.forget(livetube.origin)


def write(livetube: Livetube, stream: str, text: str, name: str) -> int | None:
    """Write a comment once; return its number where a lost answer had it looked for.

    Raise Passing where it was not written, or where nobody can tell.
    """
    since = livetube.now()
    try:
        livetube.write(stream, text, name)
    except Passing as error:
        if not error.outcome_unknown:
            raise
        try:
            found = asked(lambda: livetube.written(stream, text, name, since=since), livetube.stop)
        except Again:
            hint = _("it may be there all the same: look before you write it again")
            raise Passing(error.message, hint) from None
        if found is None:
            words = _("{error}; the comments show that it was not written")
            told = words.format(error=error.message)
            raise Passing(told, _("run it again"), outcome_unknown=False) from None
        return found.number
    return None


def nobody_to_ask() -> SignInNeeded:
    """Say how to sign in where nobody can be asked."""
    return SignInNeeded(
        _("Livetube wants a user name and a password, and there is nobody to ask for them"),
        _("set {user} and {password}, or run it in a terminal").format(
            user=USER, password=PASSWORD
        ),
    )
