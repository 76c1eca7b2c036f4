"""A real PostgreSQL for tests: on a socket in a temporary folder, and gone with the tests.

Each test has a database of its own, which is a copy of one that was prepared once.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_PLACES: Final = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "usr/local/pgsql/bin")
"""Where packages put the server's programs, beside PATH."""
_USERS: Final = ("postgres", "nobody")
"""On whose behalf root starts the server, which refuses to run as root."""
_SETTINGS: Final = {
    "listen_addresses": "",  # the socket alone
    "fsync": "off",  # a crash of the server is tried, one of the machine isn't
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "jit": "off",
}


def programs() -> Path | None:
    """Return the folder with `initdb`, of the newest version that is here, or None."""
    if sys.platform == "win32":  # sockets and users are other things there
        return None
    found = [path for place in _PLACES for path in Path("/").glob(f"{place}/initdb")]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve())
    return max(found, key=_version).parent if found else None


def _version(program: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(program))]


@dataclass(frozen=True)
class Database:
    """One test's database: `dsn` is for whoever connects."""

    server: Postgres
    name: str

    @property
    def dsn(self) -> str:
        return self.server.dsn(self.name)

    def sql(self, statements: str) -> list[list[str]]:
        """Run the statements, and return the rows of the last that has any, as text."""
        return self.server.sql(statements, self.name)

    def cut(self) -> int:
        """Cut all connections to this database, in the middle of whatever they do; say how many."""
        return int(
            self.server.sql(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"  # waits up to 5 s
                f" WHERE datname = '{self.name}'"
            )[0][0]
        )


class Postgres:
    """One server: starts with the first database, ends with `close`."""

    def __init__(self, bin_folder: Path) -> None:
        self._bin = bin_folder
        self._identity = _identity()
        self._folder: Path | None = None
        self._templates: dict[Callable[[str], object], str] = {}
        self._numbers = itertools.count(1)

    def dsn(self, database: str = "postgres") -> str:
        """Return how the database is reached, whoever the user is that asks."""
        return f"postgresql://postgres@/{database}?host={self._home()}"

    def database(self, prepare: Callable[[str], object] | None = None) -> Database:
        """Return a new database: empty, or as `prepare`, called once with a DSN, left another."""
        template = self._template(prepare) if prepare else "template1"
        return self._create(template)

    def sql(self, statements: str, database: str = "postgres") -> list[list[str]]:
        """Run the statements as psql does: each its own transaction; rows are text."""
        out = self._run(
            *("psql", "-XqAt", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-d", self.dsn(database)),
            stdin=statements,
        )
        return [line.split("\x1f") for line in out.splitlines()]

    def start(self) -> None:
        """Start what `stop` ended; return once it takes connections."""
        log = self._home() / "log"
        self._run("pg_ctl", "-D", str(self._home() / "data"), "-l", str(log), "-w", "-s", "start")

    def stop(self, *, crash: bool = False) -> None:
        """End the server: `crash` as if it was killed, otherwise what runs is rolled back."""
        mode = "immediate" if crash else "fast"
        self._run("pg_ctl", "-D", str(self._home() / "data"), "-m", mode, "-w", "-s", "stop")

    def restart(self, *, crash: bool = False) -> None:
        """Stop, and start again: every connection is gone, and what was committed is there."""
        self.stop(crash=crash)
        self.start()

    def close(self) -> None:
        """End the server and remove its folder, whatever state it is in."""
        if self._folder is not None:
            if (self._folder / "data" / "postmaster.pid").exists():
                self.stop(crash=True)
            shutil.rmtree(self._folder, ignore_errors=True)

    def _template(self, prepare: Callable[[str], object]) -> str:
        if prepare not in self._templates:
            made = self._create("template1")
            prepare(made.dsn)
            self._templates[prepare] = made.name
        return self._templates[prepare]

    def _create(self, template: str) -> Database:
        name = f"test{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return Database(self, name)

    def _home(self) -> Path:
        """Return the server's folder; the first who asks waits until the server has started."""
        if self._folder is None:
            # A socket's path has a hundred characters at most.
            self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
            if self._identity:
                os.chown(self._folder, self._identity["user"], self._identity["group"])
            data = str(self._folder / "data")
            self._run(
                *("initdb", "-D", data, "-U", "postgres", "-A", "trust"),
                *("-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"),
            )
            settings = _SETTINGS | {"unix_socket_directories": str(self._folder)}
            with (self._folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as conf:
                conf.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
            self.start()
        return self._folder

    def _run(self, program: str, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run(  # not as text: a message may be in any encoding
            [self._bin / program, *arguments],
            input=stdin.encode(),
            capture_output=True,
            cwd="/",  # which every user may enter
            env=_environment(),
            check=False,
            **self._identity,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.decode(errors='replace')}")
        return str(done.stdout, "utf-8")


def _environment() -> Mapping[str, str]:
    """Return the environment without what points PostgreSQL's programs elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}


def _identity() -> dict[str, Any]:
    """Return on whose behalf `subprocess` starts the programs: another's where root asks."""
    if os.geteuid():
        return {}
    import pwd

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    other = next(known[name] for name in _USERS if name in known)
    return {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": ()}
