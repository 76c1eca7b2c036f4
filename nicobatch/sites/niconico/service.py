"""How niconico is reached: `sites.service.Service`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from nicobatch.errors import UsageError
from nicobatch.language import _
from nicobatch.sites.niconico.limits import ALLOWANCES
from nicobatch.sites.niconico.profiles import PROFILES, Profile, at_origin

if TYPE_CHECKING:
    from nicobatch.model import Secret
    from nicobatch.sites.niconico.target import Niconico
    from nicobatch.sites.service import Ask, Found, Query, Reach
    from nicobatch.sites.session import Credentials


def profile(reach: Reach) -> Profile:
    """Return the profile, with every service where it is reached."""
    found = replace(PROFILES[reach.profile], **reach.moved)
    if reach.origin:
        found = at_origin(found, reach.origin)
    return replace(found, watch=reach.watch) if reach.watch else found


def base(reach: Reach) -> str:
    """Return the address that what publishes is sent to."""
    return profile(reach).garage


def origin(reach: Reach) -> str:
    """Return what receipts name as their origin."""
    return reach.named(base(reach), PROFILES[reach.profile].garage)


def takes(profile: str, key: str) -> bool:
    """Tell whether the profile takes the key: a community, as until 2024."""
    return key in PROFILES[profile].metadata_keys


def target(
    reach: Reach, credentials: Credentials, *, stop: threading.Event, refused: Callable[[str], None]
) -> Niconico:
    """Return niconico on behalf of the account."""
    from nicobatch.sites.niconico.target import Niconico  # with all of HTTP

    return Niconico(
        profile(reach),
        credentials,
        stop=stop,
        origin=origin(reach),
        proxy=reach.proxy,
        rates=reach.rates(ALLOWANCES, base(reach)),
        refused=refused,
    )


def search(reach: Reach, wanted: Query, ask: Ask) -> Found:
    """Search as the public does, without a sign-in."""
    from nicobatch.sites.niconico.search.finding import find  # with all of HTTP

    return find(profile(reach), reach.proxy, wanted, ask)


def scan(reach: Reach, show: Callable[[str], None], stop: threading.Event) -> Secret:  # noqa: ARG001
    """Raise UsageError: there is no such sign-in."""
    raise UsageError(
        _("niconico has no sign-in by a code that a phone scans"),
        _("sign in with a browser, and run `nicobatch session import` or `session set`"),
    )
