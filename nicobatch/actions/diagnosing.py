"""What works on this machine, and what to do about the rest: to be read, and to be handed on.

Nothing is sent but where a site is asked on purpose. No finding holds a secret, who somebody is at
a site, or the name of the user's home.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

import platformdirs

import nicobatch
from nicobatch import installation, sites
from nicobatch.actions import sessions
from nicobatch.actions.access import Access, Site
from nicobatch.actions.patience import asked
from nicobatch.announcing.recipients import reached
from nicobatch.config.recipients import Recipient
from nicobatch.errors import Exit, NicobatchError
from nicobatch.language import N_, _, reason
from nicobatch.model import DEFAULT_ACCOUNT
from nicobatch.watch.backend import choose

LEAST_ROOM: Final = 1_000_000_000
"""Bytes; a rehearsal keeps a copy of each video, and receipts must not be cut off."""
SOON: Final = 14
"""Days before a sign-in's end from which on it should be renewed."""
_EXTRAS: Final = {
    "sandbox": "flask",
    "keyring": "keyring",
    "browser": "browser_cookie3",
    "login": "segno",
    "socks": "socks",
    "tls": "truststore",
    "livetube": "selectolax",
    "announce": "apprise",
}
"""By name, the module that shows whether it is installed."""
_LIBRARIES: Final = ("av", "click", "requests", "urllib3", "rich")
_CERTIFICATES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
_UNENDING: Final = N_("{site}: the sign-in of {account} is kept; how long it lasts is not known")
_LOW: Final = N_("{free:.1f} GB are free in {folder}: a run may end for want of room")


class Health(StrEnum):
    """How it stands with what was looked at."""

    OK = N_("ok")
    NOTE = N_("note")
    WARNING = N_("warning")
    ERROR = N_("error")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about one thing."""

    topic: str
    """For programs, in no language but theirs."""
    state: Health
    message: str
    hint: str = ""
    exit_code: int = Exit.FINE


def findings(access: Access, folder: Path, *, online: bool) -> Iterator[Finding]:
    """Yield what is found out about this machine, the folder, and the way to each site.

    `online` has each site asked whether the kept sign-ins are still good.
    """
    yield from _versions()
    yield from _environment()
    for name in filter(access.means, sites.SITES):
        site = access.site(name)
        yield _proxy(site)
        yield from _sign_ins(site, online=online)
    yield from _at_livetube()
    yield from map(functools.partial(_told, access), access.config.notify.values())
    yield _certificates()
    yield _clock(time.time())
    yield from map(_room, dict.fromkeys([folder, _state_folder(), Path(tempfile.gettempdir())]))
    choice = choose(folder, poll=False)
    yield Finding("watch", Health.OK, choice.reason, choice.hint)


def _versions() -> Iterator[Finding]:
    from importlib import metadata

    yield Finding("version", Health.OK, installation.versions())
    versions = (f"{name} {metadata.version(name)}" for name in _LIBRARIES)
    yield Finding("libraries", Health.OK, ", ".join(versions))
    there = [name for name, module in _EXTRAS.items() if importlib.util.find_spec(module)]
    extras = ", ".join(there) or _("none")
    yield Finding("extras", Health.OK, _("extras: {extras}").format(extras=extras))


def _environment() -> Iterator[Finding]:
    """Yield the names of the variables that count; what they hold may be secret."""
    for name in sorted(os.environ):
        if name.startswith("NICOBATCH_"):
            words = _("the variable {name} is set, and comes before what is kept or configured")
            yield Finding("environment", Health.NOTE, words.format(name=name))


def _proxy(site: Site) -> Finding:
    """Say by which way requests to the site go."""
    from nicobatch.http.environment import proxy_of

    base = site.service.base(site.reach)
    label = sites.site(site.name).label
    try:
        proxy = proxy_of(base, site.access.proxy)
    except NicobatchError as error:
        return _failed("proxy", error)
    if proxy is None:
        words = _("{site} is reached at {base}, without a proxy")
        return Finding("proxy", Health.OK, words.format(site=label, base=base))
    words = _("{site} is reached at {base}, by the proxy {proxy} ({source})")
    told = words.format(site=label, base=base, proxy=proxy, source=proxy.source)
    return Finding("proxy", Health.OK, told)


def _sign_ins(site: Site, *, online: bool) -> Iterator[Finding]:
    accounts = []
    try:
        for _name, each in sessions.kept([site.name]):
            accounts.append(each.account)
            days = None if each.ends is None else int((each.ends - time.time()) // 86_400)
            yield _kept(site, each.account, days)
    except NicobatchError as error:
        yield _failed("sign-in", error)
        return
    if not accounts:
        words = _("{site}: no sign-in is kept here")
        label = sites.site(site.name).label
        yield Finding("sign-in", Health.NOTE, words.format(site=label))
    for account in accounts or [DEFAULT_ACCOUNT]:
        yield from _parked(site, account)
        if online:
            yield _asked(site, account)


def _at_livetube() -> Iterator[Finding]:
    try:
        for each in sessions.kept_at_livetube():
            yield Finding(
                "sign-in", Health.OK, _(_UNENDING).format(site="Livetube", account=each.account)
            )
    except NicobatchError as error:
        yield _failed("sign-in", error)


def _parked(site: Site, account: str) -> Iterator[Finding]:
    """Yield until when the account is parked, if it is."""
    try:
        error = sessions.parked(site, account)
    except NicobatchError as unread:
        yield _failed("sign-in", unread)
        return
    if error:
        words = _("{site}: {account}: {error}")
        told = words.format(site=sites.site(site.name).label, account=account, error=error)
        yield Finding("parked", Health.WARNING, told, error.hint)


def _kept(site: Site, account: str, days: int | None) -> Finding:
    named = {"site": sites.site(site.name).label, "account": account, "days": days}
    again = _("sign in again: `nicobatch session --help` shows the ways")
    if days is None:
        return Finding("sign-in", Health.OK, _(_UNENDING).format(**named))
    if days < 0:
        words = _("{site}: the sign-in of {account} has ended")
        return Finding("sign-in", Health.ERROR, words.format(**named), again, Exit.SIGN_IN)
    words = _("{site}: the sign-in of {account} is kept, and lasts for {days} more days")
    if days >= SOON:
        return Finding("sign-in", Health.OK, words.format(**named))
    hint = _("renew it: `nicobatch session refresh --site {name} --account {account}`")
    told = hint.format(name=site.name, account=account)
    return Finding("sign-in", Health.WARNING, words.format(**named), told)


def _asked(site: Site, account: str) -> Finding:
    """Ask the site whether the sign-in is good; whose it is stays untold."""
    named = {"site": sites.site(site.name).label, "account": account}
    try:
        with closing(site.target(account)) as target:
            asked(target.who)
    except NicobatchError as error:
        words = _("{site}: {account}: {error}").format(error=error, **named)
        return replace(_failed("online", error), message=words)
    words = _("{site} answers, and accepts the sign-in of {account}")
    return Finding("online", Health.OK, words.format(**named))


def _told(access: Access, recipient: Recipient) -> Finding:
    """Say whether somebody can be told how runs went, as far as shows without telling them."""
    name = recipient.name
    try:
        reached(recipient, os.environ, access.gained)
    except NicobatchError as error:
        words = _("{name} can't be told how runs went: {reason}").format(name=name, reason=error)
        return Finding("notify", Health.WARNING, words, error.hint)
    return Finding("notify", Health.OK, _("{name} is told how runs went").format(name=name))


def _certificates() -> Finding:
    from nicobatch.http.environment import trusted

    try:
        trusted()
    except NicobatchError as error:
        return _failed("certificates", error)
    named = ", ".join(name for name in _CERTIFICATES if os.environ.get(name))
    if named:
        told = _("certificates are trusted as {variables} say").format(variables=named)
    elif importlib.util.find_spec("truststore"):
        told = _("certificates are trusted as the system trusts them")
    else:
        told = _("certificates are trusted as certifi has them")
    return Finding("certificates", Health.OK, told)


def _clock(now: float) -> Finding:
    """Hold the clock against what can't have been made after now."""
    here = datetime.fromtimestamp(now).astimezone()
    made = Path(nicobatch.__file__).stat().st_mtime
    told = here.isoformat(" ", "seconds")
    if now < made - 86_400:
        words = _("the clock shows {time}, which is before nicobatch was installed")
        hint = _("set it: sign-ins, certificates and times of publication rest on it")
        return Finding("clock", Health.ERROR, words.format(time=told), hint, Exit.FAILED)
    return Finding("clock", Health.OK, _("the clock shows {time}").format(time=told))


def _room(folder: Path) -> Finding:
    """Say how much room there is, and whether anything can be written."""
    there = next((each for each in (folder, *folder.absolute().parents) if each.is_dir()), Path())
    named = {"folder": homeless(str(folder))}
    try:
        free = shutil.disk_usage(there).free
    except OSError as error:
        words = _("{folder} can't be looked at: {reason}").format(reason=reason(error), **named)
        return Finding("room", Health.ERROR, words, exit_code=Exit.FAILED)
    mine = os.access in os.supports_effective_ids
    if not os.access(there, os.W_OK, effective_ids=mine):
        words = _("nothing can be written in {folder}").format(**named)
        return Finding("room", Health.WARNING, words)
    low = free < LEAST_ROOM
    words = _(_LOW) if low else _("{free:.1f} GB are free in {folder}")
    state = Health.WARNING if low else Health.OK
    return Finding("room", state, words.format(free=free / 1e9, **named))


def _state_folder() -> Path:
    return platformdirs.user_state_path("nicobatch")


def _failed(topic: str, error: NicobatchError) -> Finding:
    return Finding(topic, Health.ERROR, str(error), error.hint, error.exit_code)


def homeless(text: str) -> str:
    """Return the text without the name of the user's home."""
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text


def as_data(found: Finding) -> Mapping[str, str]:
    """Return the finding for programs."""
    told = {"topic": found.topic, "state": found.state.value, "message": found.message}
    return {**told, "hint": found.hint} if found.hint else told
