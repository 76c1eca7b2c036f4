"""How a site is reached: where, by which way, and on whose behalf."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from nicobatch.model import Json, Secret
from nicobatch.sites.abilities import Deletes, Imports, LooksAsVisitor
from nicobatch.sites.session import Credentials

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where a site is, and how requests come there."""

    profile: str
    """Which version of its interface."""
    origin: str | None = None
    """Where all of its services are, in place of their own hosts."""
    called: str | None = None
    """What receipts name as their origin, where it is not that one or the profile's."""
    watch: str | None = None
    """Where videos are looked at, with `{video_id}`, where it is not the profile's."""
    proxy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a search looks for, as `nicobatch search` has it; the site checks it."""

    query: str
    tag: bool = False
    """Whether the query is whole tags, not words."""
    title: bool = False
    """Whether only titles are looked into."""
    user: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    min_views: int | None = None
    sort: str
    limit: int
    service: str
    endpoint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found, and how much there is beyond that."""

    hits: Sequence[Mapping[str, Json]]
    """Each by the site's names of its fields, and `url`."""
    total: int
    truncated: bool
    """Whether the site tells no more of what there is."""
    as_of: datetime | None = None
    """Of when the index is, where that was asked."""


class Ask(Protocol):
    """Makes a call, and makes it again as long as its fault passes."""

    def __call__(self, call: Callable[[], _T], /) -> _T:
        """Return what the call returns; raise the last of its errors."""
        ...


class Person(Protocol):
    """Whose sign-in it is; as text, for people."""

    @property
    def data(self) -> Mapping[str, Json]:
        """Return it for programs."""
        ...


class Account(Deletes, Imports, LooksAsVisitor, Protocol):
    """A site on behalf of one account; what it can't do raises UsageError, in the site's words."""

    def who(self) -> Person:
        """Ask whose the sign-in is; SignInNeeded where it is no good."""
        ...


class Service(Protocol):
    """A site as far as it has to be reached: what it takes, `base.Site` says."""

    def origin(self, reach: Reach) -> str:
        """Return what receipts name as their origin."""
        ...

    def takes(self, profile: str, key: str) -> bool:
        """Tell whether this version of the interface takes a manifest's key that others do not."""
        ...

    def target(
        self,
        reach: Reach,
        credentials: Credentials,
        *,
        stop: threading.Event,
        refused: Callable[[str], None],
    ) -> Account:
        """Return the site on behalf of the account; `refused` hears of genres that it refuses."""
        ...

    def search(self, reach: Reach, wanted: Wanted, ask: Ask) -> Found:
        """Search what everybody can see; raise UsageError where the site can't be asked that."""
        ...

    def scan(self, reach: Reach, show: Callable[[str], None], stop: threading.Event) -> Secret:
        """Sign in by an address that `show` has a phone scan, and return the session.

        Raise UsageError where the site has no such way, SignInNeeded where nobody scans it in time.
        """
        ...
