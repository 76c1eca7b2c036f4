"""How a site is reached: where, by which way, and on whose behalf."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from nicobatch.model import Json, Secret
from nicobatch.origin import is_loopback, origin_of
from nicobatch.sites.abilities import Deletes, Imports, LooksAsVisitor
from nicobatch.sites.base import Rate
from nicobatch.sites.mending import Allowance, Budget
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
    moved: Mapping[str, Any] = field(default_factory=dict)
    """The profile's members that are others by now, as the user says."""
    budget: Budget | None = None
    """What the user allows each account; None leaves it to the site."""

    def named(self, base: str, shipped: str) -> str:
        """Return what receipts name as the origin, of the site's base here and as it is shipped.

        A site that has moved is the same one, with all that was published there; this machine is
        none.
        """
        moved = not (self.origin or is_loopback(base))
        return self.called or origin_of(shipped if moved else base)

    def rates(self, allowances: Sequence[Allowance], base: str) -> Mapping[str, Sequence[Rate]]:
        """Return an account's budget; this machine has none but one that the user means for it."""
        budget, here = self.budget or Budget(), bool(self.called) or is_loopback(base)
        return {} if here and not budget.at_loopback else rates(allowances, budget)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
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

    def renew(self) -> Person:
        """Have the site give a new sign-in for the one that is kept, and return whose it is.

        The new one is kept before the old one dies. Raise UsageError where the site has no such
        way, or nothing would keep it; SignInNeeded where the site gives none.
        """
        ...


class Service(Protocol):
    """A site as far as it has to be reached: what it takes, `description.Site` says."""

    def base(self, reach: Reach) -> str:
        """Return the address that what publishes is sent to."""
        ...

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

    def search(self, reach: Reach, wanted: Query, ask: Ask) -> Found:
        """Search what everybody can see; raise UsageError where the site can't be asked that."""
        ...

    def scan(self, reach: Reach, show: Callable[[str], None], stop: threading.Event) -> Secret:
        """Sign in by an address that `show` has a phone scan, and return the session.

        Raise UsageError where the site has no such way, SignInNeeded where nobody scans it in time.
        """
        ...


def rates(allowances: Iterable[Allowance], budget: Budget) -> dict[str, tuple[Rate, ...]]:
    """Return by kind of request how often it may be asked for; an interval of 0 s is none."""
    found: dict[str, tuple[Rate, ...]] = {}
    for each in allowances:
        number = budget.numbers.get(each.name, each.default)
        rate = Rate(1, number) if each.seconds is None else Rate(number, each.seconds)
        if rate.seconds:
            found[each.kind] = (*found.get(each.kind, ()), rate)
    return found
