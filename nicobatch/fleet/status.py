"""How the fleet stands: its accounts and videos by state, for people, programs and metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from nicobatch.fleet.accounts import called
from nicobatch.fleet.database import Connection, Database, fetched
from nicobatch.language import N_
from nicobatch.model import Json
from nicobatch.pipeline import Owner

_ACCOUNTS: Final = """
SELECT
    a.site, a.name, a.paused_at IS NOT NULL, a.blocked, a.hint, parked.until, parked.why,
    EXISTS (
        SELECT FROM procrastinate_jobs AS job
        WHERE job.lock = a.site || '/' || a.name AND job.status = 'doing'
    ),
    coalesce(a.due_at <= now(), false), waiting.videos,
    extract(epoch FROM now() - waiting.oldest)::float8
FROM nicobatch_accounts AS a
LEFT JOIN LATERAL (
    SELECT p.until, p.why FROM nicobatch_paces AS p
    WHERE p.site = a.site AND p.origin = a.origin AND p.account = a.name AND p.until > now()
    ORDER BY p.until DESC LIMIT 1
) AS parked ON true
CROSS JOIN LATERAL (
    SELECT count(*) AS videos, min(v.not_before) AS oldest FROM nicobatch_videos AS v
    WHERE v.account_id = a.id AND v.state = 'due' AND v.not_before <= now()
) AS waiting
ORDER BY a.site, a.name"""
_VIDEOS: Final = """
SELECT site, state, count(*) FROM nicobatch_videos GROUP BY site, state ORDER BY site, state"""
_ADDRESSES: Final = """
SELECT site, count(*) FROM nicobatch_paces WHERE account = '' AND until > now() GROUP BY site"""
STATES: Final = ("due", "done", "failed", "refused")
"""Of videos, as their rows have it."""


class AccountState(StrEnum):
    """What holds of an account: the first of these that does."""

    PAUSED = N_("paused")
    """By a person, until it is resumed."""
    BLOCKED = N_("blocked")
    """It can't publish anything until a person acts."""
    PARKED = N_("parked")
    """The site wants no more of it for some time."""
    WORKING = N_("working")
    DUE = N_("due")
    """It waits for a worker."""
    IDLE = N_("idle")


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """One account, as it stands now."""

    owner: Owner
    standing: AccountState
    waiting: int
    """Videos that could go at once."""
    oldest: float | None
    """Seconds for which the first of these has waited."""
    why: str
    hint: str
    until: datetime | None
    """When the site is to be asked again, where it is parked."""

    @property
    def data(self) -> dict[str, Json]:
        """Return what a program is told of it."""
        return {
            "account": self.owner.account,
            "site": self.owner.site,
            "state": self.standing.value,
            "waiting": self.waiting,
            "oldest_seconds": self.oldest,
            "why": self.why,
            "hint": self.hint,
            "until": self.until.isoformat() if self.until else None,
        }

    @property
    def name(self) -> str:
        """Return how commands take the account."""
        return called(self.owner)


@dataclass(frozen=True, slots=True)
class FleetStatus:
    """The whole fleet at one moment."""

    accounts: Sequence[AccountStatus]
    videos: dict[tuple[str, str], int]
    """By site and state."""
    addresses: dict[str, int]
    """By site, from how many addresses it wants to be asked no more for some time."""

    def count(self, standing: AccountState) -> int:
        """Return how many accounts stand so."""
        return sum(each.standing is standing for each in self.accounts)

    def state(self, state: str) -> int:
        """Return how many videos are in the state."""
        return sum(count for (_site, name), count in self.videos.items() if name == state)

    @property
    def oldest(self) -> float:
        """Return for how many seconds the oldest waiting video of all has waited."""
        return max((each.oldest or 0.0 for each in self.accounts), default=0.0)

    @property
    def data(self) -> dict[str, Json]:
        """Return what a program is told of all together."""
        return {
            "accounts": {each.value: self.count(each) for each in AccountState},
            "videos": {each: self.state(each) for each in STATES},
            "oldest_seconds": self.oldest,
        }


def read(database: Database) -> FleetStatus:
    """Return how the fleet stands; raise Passing."""
    return database.transaction(_read)


def _read(connection: Connection) -> FleetStatus:
    fetched(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    accounts = []
    for row in fetched(connection, _ACCOUNTS):
        site, name, paused, blocked, hint, until, why, working, due, waiting, oldest = row
        held = {
            AccountState.PAUSED: paused,
            AccountState.BLOCKED: blocked,
            AccountState.PARKED: until,
            AccountState.WORKING: working,
            AccountState.DUE: due,
            AccountState.IDLE: True,
        }
        standing = next(each for each, holds in held.items() if holds)
        told = (blocked or why or "", hint, until)
        accounts.append(AccountStatus(Owner(site, name), standing, waiting, oldest, *told))
    videos = {(site, state): count for site, state, count in fetched(connection, _VIDEOS)}
    return FleetStatus(accounts, videos, dict(fetched(connection, _ADDRESSES)))
