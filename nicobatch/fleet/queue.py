"""Jobs, each of which is an account's turn: Procrastinate's tables and functions, in transactions.

Its own worker is not used: it dies with its connection, and it ends a job in another transaction
than what the job has done, so that a worker which was suspended ends its successor's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from procrastinate.sql import queries
from psycopg import errors

from nicobatch.fleet.database import Connection, Database, fetched

_QUEUE: Final = "account-"
"""What a queue's name begins with; an account's number follows: workers may serve some alone."""
_WAKE: Final = """
INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)
SELECT 'account-' || id, 'turn', name, name, jsonb_build_object('account', id)
FROM (
    SELECT id, site || '/' || name AS name FROM nicobatch_accounts
    WHERE due_at <= now() AND paused_at IS NULL
    AND (%(account)s::integer IS NULL OR id = %(account)s)
) AS due
WHERE NOT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE lock = due.name AND status = 'doing')
AND NOT EXISTS (
    SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = due.name AND status = 'todo'
)
ORDER BY name COLLATE "C"
ON CONFLICT DO NOTHING"""
"""In the order in which accounts are held: who wakes the same ones may have to be waited for."""
_BEAT: Final = (
    "UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = %(id)s RETURNING 1"
)
_STALLED: Final = """
SELECT job.id, account.id
FROM procrastinate_jobs AS job
JOIN nicobatch_accounts AS account ON account.id = (job.args ->> 'account')::integer
LEFT JOIN procrastinate_workers AS worker ON worker.id = worker_id
WHERE status = 'doing'
AND (worker.id IS NULL OR last_heartbeat < now() - make_interval(secs => %(stall)s))
FOR UPDATE OF job, account SKIP LOCKED"""
"""What somebody else holds, be it to enqueue, is swept by the next beat: nobody is waited for."""
_TAKE_AWAY: Final = "UPDATE nicobatch_accounts SET epoch = epoch + 1 WHERE id = %(account)s"
_FINISH: Final = "DELETE FROM procrastinate_jobs WHERE id = %(job)s"
_PRUNE: Final = """
DELETE FROM procrastinate_workers
WHERE last_heartbeat < now() - make_interval(secs => %(stall)s)"""


@dataclass(frozen=True, slots=True)
class TurnJob:
    """An account's turn, fetched by this worker."""

    id: int
    account: int


def wake(connection: Connection, account: int | None = None) -> None:
    """Have each account that is due a job, unless it has one; or only this one account."""
    fetched(connection, _WAKE, {"account": account})


def finish(connection: Connection, job: TurnJob) -> None:
    """End the job."""
    fetched(connection, _FINISH, {"job": job.id})


def sweep(connection: Connection, stall: float) -> None:
    """Have the turns of workers begun anew that showed no beat for so many seconds.

    The lock of such a job stays held, and nothing else frees it. Where another job of the account
    waits already, this one can't wait as well, and ends as failed.
    """
    for id_, account in fetched(connection, _STALLED, {"stall": stall}):
        fetched(connection, _TAKE_AWAY, {"account": account})
        try:
            with connection.transaction():
                again = dict.fromkeys(("retry_at", "new_priority", "new_queue_name", "new_lock"))
                fetched(connection, queries["retry_job"], {"job_id": id_, **again})
        except errors.UniqueViolation:
            failed = {"job_id": id_, "status": "failed", "delete_job": False}
            fetched(connection, queries["finish_job"], failed)
    fetched(connection, _PRUNE, {"stall": stall})


class Seat:
    """A worker's place at the queue: by its beats the others know that it lives."""

    def __init__(self, database: Database, *, stall: float) -> None:
        self._database, self._stall = database, stall
        self._id: int | None = None

    def beat(self) -> None:
        """Show that this worker lives, take from the dead, and wake who is due."""

        def work(connection: Connection) -> int:
            id_ = self._id
            if id_ is None or not fetched(connection, _BEAT, {"id": id_}):
                [(id_,)] = fetched(connection, queries["register_worker"])
            sweep(connection, self._stall)
            wake(connection)
            return int(id_)

        self._id = self._database.transaction(work)

    def fetch(self, accounts: Sequence[int] | None) -> TurnJob | None:
        """Return the next job, or of these accounts alone; None where there is none."""
        queues = None if accounts is None else [f"{_QUEUE}{each}" for each in accounts]
        given = {"queues": queues, "worker_id": self._id}
        try:
            [(id_, *_more, args, _at, _queue, _tries, _worker)] = self._database.rows(
                queries["fetch_job"], given
            )
        except errors.ForeignKeyViolation:  # it was taken for dead; the next beat makes it known
            return None
        return None if id_ is None else TurnJob(id_, args["account"])

    def leave(self) -> None:
        """Give up the place, which takes the jobs that it still has for stalled at once."""
        if self._id is not None:
            self._database.rows(queries["unregister_worker"], {"worker_id": self._id})
            self._id = None
