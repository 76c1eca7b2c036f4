"""How bilibili is reached: `sites.service.Service`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from nicobatch.errors import Stopped, UsageError
from nicobatch.language import _
from nicobatch.model import Secret
from nicobatch.origin import origin_of
from nicobatch.sites.bilibili.limits import ALLOWANCES
from nicobatch.sites.bilibili.profiles import PROFILES, Profile, at_origin

if TYPE_CHECKING:
    from nicobatch.sites.bilibili.target import Bilibili
    from nicobatch.sites.service import Ask, Found, Query, Reach
    from nicobatch.sites.session import Credentials

PREFIX: Final = "/bilibili"
"""Where the site is at an origin that has all sites."""
_PAGE: Final = f"{PREFIX}/platform/upload-manager/article#{{video_id}}"


def profile(reach: Reach) -> Profile:
    """Return the profile, with every service where it is reached."""
    found = replace(PROFILES[reach.profile], **reach.moved)
    if reach.origin:
        found = at_origin(found, reach.origin.rstrip("/") + PREFIX)
    return replace(found, watch=origin_of(reach.watch) + _PAGE) if reach.watch else found


def base(reach: Reach) -> str:
    """Return the address that what publishes is sent to."""
    return profile(reach).member


def origin(reach: Reach) -> str:
    """Return what receipts name as their origin."""
    return reach.named(base(reach), PROFILES[reach.profile].member)


def takes(profile: str, key: str) -> bool:  # noqa: ARG001 - there is one profile
    """Tell whether the profile takes a key that others do not: none is."""
    return False


def target(
    reach: Reach,
    credentials: Credentials,
    *,
    stop: threading.Event,
    refused: Callable[[str], None],  # noqa: ARG001 - a partition is never a reason
) -> Bilibili:
    """Return bilibili on behalf of the account."""
    from nicobatch.sites.bilibili.target import Bilibili  # with all of HTTP

    there = profile(reach)
    return Bilibili(
        there,
        credentials,
        stop=stop,
        origin=origin(reach),
        proxy=reach.proxy,
        rates=reach.rates(ALLOWANCES, there.member),
    )


def search(reach: Reach, wanted: Query, ask: Ask) -> Found:  # noqa: ARG001
    """Raise UsageError: there is no search that a program may use."""
    raise UsageError(_("bilibili's search is not for programs"))


def scan(reach: Reach, show: Callable[[str], None], stop: threading.Event) -> Secret:
    """Sign in by an address that a phone scans, as a QR code, and return the session."""
    from nicobatch.http import Http
    from nicobatch.sites.bilibili import signin

    def pause(seconds: float) -> None:
        if stop.wait(seconds):
            raise Stopped

    there = profile(reach)
    http = Http(stop=stop, proxy=reach.proxy, paths=there.paths, headers=there.headers)
    try:
        door = signin.Door(there, http)
        return Secret(signin.login(door, lambda qr: show(qr.url), pause).kept())
    finally:
        http.close()
