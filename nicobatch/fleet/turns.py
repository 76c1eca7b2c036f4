"""An account's turn: it begins with a new epoch, and ends together with its job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nicobatch.fleet.database import Connection, fetched
from nicobatch.fleet.queue import TurnJob, finish, wake
from nicobatch.pipeline import Owner

MOST: Final = 20
"""Videos of a turn: the next account's is not to be waited for too long."""
_BEGIN: Final = """
UPDATE nicobatch_accounts SET epoch = epoch + 1 WHERE id = %(account)s
RETURNING site, name, origin, epoch, failures, paused_at IS NOT NULL"""
_DUE: Final = """
SELECT id, at, checked, encode(content, 'hex'), failures FROM nicobatch_videos
WHERE account_id = %(account)s AND state = 'due' AND not_before <= now()
ORDER BY failures = 0, id LIMIT %(most)s"""
_HOLD: Final = """
SELECT 1 FROM nicobatch_accounts WHERE id = %(account)s AND epoch = %(epoch)s FOR UPDATE"""
_ENDED: Final = """
UPDATE nicobatch_videos SET
    state = %(state)s, not_before = now() + make_interval(secs => %(rest)s),
    failures = %(failures)s, message = %(message)s, hint = %(hint)s, at = now()
WHERE id = %(id)s AND at = %(at)s"""
"""A row that was enqueued anew meanwhile has another moment."""
_REST: Final = """
UPDATE nicobatch_accounts SET
    failures = %(failures)s, blocked = %(blocked)s, hint = %(hint)s,
    due_at = (
        SELECT CASE
            WHEN min(not_before) IS NOT NULL THEN greatest(
                min(not_before), now() + make_interval(secs => %(rest)s)
            )
        END
        FROM nicobatch_videos WHERE account_id = %(account)s AND state = 'due'
    )
WHERE id = %(account)s"""


@dataclass(frozen=True, slots=True)
class Due:
    """A video whose time has come."""

    id: int
    at: datetime
    """When its row last changed."""
    checked: str
    content: str
    failures: int
    """In a row."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An account's, for as long as nobody raises the epoch again."""

    account: int
    owner: Owner
    origin: str
    epoch: int
    failures: int
    """How many turns in a row could not go on."""
    videos: tuple[Due, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What became of a video; `rest` is the seconds after which it is tried again, if it is due."""

    video: Due
    state: str
    rest: float = 0.0
    message: str = ""
    hint: str = ""
    failures: int = 0
    """In a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """How long an account has to wait, and why."""

    seconds: float = 0.0
    failures: int = 0
    blocked: str = ""
    """Why it can't publish anything at present; empty where it can."""
    hint: str = ""


def begin(connection: Connection, job: TurnJob) -> Turn:
    """Take the account's turn, whoever had it before; one that is paused has no videos in it."""
    given = {"account": job.account, "most": MOST}
    [(site, name, origin, epoch, failures, is_paused)] = fetched(connection, _BEGIN, given)
    due = () if is_paused else tuple(Due(*row) for row in fetched(connection, _DUE, given))
    return Turn(job.account, Owner(site, name), origin, epoch, failures, due)


def end(connection: Connection, job: TurnJob, turn: Turn, ends: Sequence[End], rest: Rest) -> bool:
    """Write down what became of the turn, and end its job; False where it is another worker's."""
    given = {"account": turn.account, "epoch": turn.epoch}
    if not fetched(connection, _HOLD, given):
        return False
    for each in ends:
        told = {"state": each.state, "rest": each.rest, "failures": each.failures}
        words = {"message": each.message, "hint": each.hint}
        fetched(connection, _ENDED, {"id": each.video.id, "at": each.video.at, **told, **words})
    told = {"failures": rest.failures, "blocked": rest.blocked, "hint": rest.hint}
    fetched(connection, _REST, {**given, **told, "rest": rest.seconds})
    finish(connection, job)
    wake(connection, turn.account)
    return True
