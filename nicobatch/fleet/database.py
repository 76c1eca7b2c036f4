"""The fleet's database: one connection, which is made anew when it is lost."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

import psycopg
from psycopg import conninfo, errors

from nicobatch.errors import Passing, Stopped, UsageError
from nicobatch.fleet import VARIABLE
from nicobatch.language import N_, _
from nicobatch.model import Secret

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
Rows: TypeAlias = list[tuple[Any, ...]]
_T = TypeVar("_T")
_AWAY: Final = (psycopg.OperationalError, psycopg.InterfaceError, errors.ReadOnlySqlTransaction)
"""What the server's end, its restart, a cut connection or another one's takeover are raised as."""
_HABITS: Final[Mapping[str, str | int]] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15_000,
    "application_name": "nicobatch",
}
"""So that a server which went away without a word is known to be; a DSN may say otherwise."""
_IDLE: Final = "SET idle_in_transaction_session_timeout = '10s'"
"""A worker that is suspended in the middle of a transaction must not keep others waiting."""
_FIRST, _LONGEST = 0.1, 2.0
"""Seconds of the pauses between two tries to reach the server."""
_PREPARED: Final = 1
"""How often a statement is to have been asked before it is planned once for all."""
_UNREACHABLE: Final = N_("the database can't be reached: {reason}")
_FORBIDDEN: Final = N_("the database's user has not the right: {reason}")
_GRANT: Final = N_("connect as the owner of the fleet's tables, or grant the right")
_NO_DSN: Final = N_("what {place} has is no connection string of PostgreSQL's")
_LIKE: Final = N_("write it like postgresql://USER:PASSWORD@HOST/DATABASE")


@dataclass(frozen=True, slots=True)
class Transaction:
    """One that is open, for what else has each statement take effect by itself."""

    connection: Connection
    connections: int = 1
    """As of `Database`: it ends with its connection."""

    def rows(self, query: str, given: Mapping[str, Any] | None = None) -> Rows:
        """Return what one statement comes to."""
        return fetched(self.connection, query, given)


class Database:
    """One connection, for one transaction at a time; threads may share it.

    Without `patient`, Passing is raised where the server can't be reached. Else that is waited for
    until `stop`, whereupon Stopped is raised: so what is done in a transaction has to be fit to be
    done twice, as nobody knows whether one that was cut off took effect.
    """

    def __init__(
        self, dsn: Secret, stop: threading.Event, *, patient: bool = False, place: str = VARIABLE
    ) -> None:
        self._dsn, self._patient = dsn, patient
        self.stop = stop
        self._options = _options(dsn, place)
        self.connections = 0
        """How many were made: behind each but the first, the server may have crashed."""
        self._mutex = threading.Lock()
        self._connection: Connection | None = None

    def another(self, *, patient: bool = True) -> Database:
        """Return the same database by a connection of its own."""
        return Database(self._dsn, self.stop, patient=patient)

    def close(self) -> None:
        """Let go of the connection; the next use makes another one."""
        with self._mutex:
            self._let_go()

    def rows(self, query: str, given: Mapping[str, Any] | None = None) -> Rows:
        """Return what one statement, which is a transaction of its own, comes to."""
        return self._tried(lambda connection: fetched(connection, query, given))

    def transaction(self, work: Callable[[Connection], _T]) -> _T:
        """Return what the work comes to, all of which takes effect at once, or nothing of it."""

        def within(connection: Connection) -> _T:
            with connection.transaction():
                return work(connection)

        return self._tried(within)

    def _tried(self, work: Callable[[Connection], _T]) -> _T:
        pause = _FIRST
        while True:
            try:
                return self._once(work)
            except Passing:
                if not self._patient:
                    raise
                if self.stop.wait(pause):
                    raise Stopped from None
            pause = min(_LONGEST, 2 * pause)

    def _once(self, work: Callable[[Connection], _T]) -> _T:
        with self._mutex:
            try:
                return work(self._connected())
            except _AWAY as error:
                self._let_go()
                raise Passing(_(_UNREACHABLE).format(reason=self._reason(error))) from None
            except errors.InsufficientPrivilege as error:
                words = _(_FORBIDDEN).format(reason=self._reason(error))
                raise UsageError(words, _(_GRANT)) from None

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = psycopg.connect(
                **self._options, autocommit=True, prepare_threshold=_PREPARED
            )
            self._connection.execute(_IDLE)
            self.connections += 1
        return self._connection

    def _let_go(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _reason(self, error: psycopg.Error) -> str:
        """Return what the library says, in a line and without what must not be shown."""
        words = " ".join(str(error).split())
        for secret in filter(None, [self._dsn.reveal(), str(self._options.get("password") or "")]):
            words = words.replace(secret, "***")
        return words


def fetched(connection: Connection, query: str, given: Mapping[str, Any] | None = None) -> Rows:
    """Return what the statement comes to, within the connection's transaction."""
    cursor = connection.execute(query, given)
    return cursor.fetchall() if cursor.description else []


def _options(dsn: Secret, place: str) -> dict[str, Any]:
    """Read the string; raise UsageError in words that hold nothing of it."""
    with contextlib.suppress(psycopg.Error):  # whose words repeat the string
        if given := conninfo.conninfo_to_dict(dsn.reveal()):
            return {**_HABITS, **given}
    raise UsageError(_(_NO_DSN).format(place=place), _(_LIKE))
