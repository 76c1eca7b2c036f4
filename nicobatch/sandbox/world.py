"""What a sandbox gives to the site that is imitated in it, and what it wants of the site."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from nicobatch.sites import SITES

if TYPE_CHECKING:
    from flask import Blueprint

    from nicobatch.sandbox.accounts import Account
    from nicobatch.sandbox.wsgi import RequestLog


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One run of the sandbox, as all sites see it."""

    state: Path
    """The folder that the site keeps its things in."""
    log: RequestLog
    accounts: Sequence[Account]
    encode_seconds: float
    """How long a site takes over a file."""
    clock: Callable[[], float]
    """Seconds since the epoch."""
    catalogue: Mapping[str, Sequence[Mapping[str, Any]]]
    """What others have published, by service."""
    language: str
    """What the pages speak; where it is empty, what the browser prefers."""


@dataclass(eq=False)
class Refusal(Exception):
    """A request that is answered with an error."""

    status: int
    body: Mapping[str, Any]


class Imitation(Protocol):
    """One site within the sandbox; the class of this name in its module takes a `World`."""

    label: str
    """What its tab is called."""
    page: str
    """The path of its page, below where it answers."""
    secret_names: frozenset[str]
    """Parameters that must never be in a URL."""

    def routes(self) -> Iterable[Blueprint]:
        """Return what it answers, by path."""
        ...

    def failure(self, status: int, code: str, detail: str = "") -> Refusal:
        """Return an error that no service of its own is asked for, in the site's words."""
        ...

    def audit(self) -> Sequence[Mapping[str, Any]]:
        """Return each entry as it stands, as plain JSON."""
        ...


def imitations(world: Callable[[Path], World], state: Path) -> dict[str, Imitation]:
    """Make all sites of the table, by the prefix of their paths: the first answers at the root."""
    made: dict[str, Imitation] = {}
    for site, folder in folders(state).items():
        module = importlib.import_module(f"nicobatch.sites.{site}.sandbox")
        made[f"/{site}" if folder != state else ""] = module.Imitation(world(folder))
    return made


def folders(state: Path) -> dict[str, Path]:
    """Return where each site keeps its things: the first in the state's folder, others below."""
    return {site: state / site if number else state for number, site in enumerate(SITES)}
