"""The options of a fleet's commands: its database, the key to its sign-ins, the scratch folder."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from nicobatch import installation
from nicobatch.cli.options import Common, LocalPath, common, with_options
from nicobatch.cli.retrying import UNITS
from nicobatch.errors import UsageError
from nicobatch.fleet import VARIABLE
from nicobatch.language import N_, _, cant_read
from nicobatch.model import Secret

if TYPE_CHECKING:
    from nicobatch.fleet.database import Database
    from nicobatch.fleet.scratch import Scratch

_F = TypeVar("_F", bound=Callable[..., Any])
KEY_VARIABLE: Final = "NICOBATCH_FLEET_KEY_FILE"
_NO_CLIENT: Final = N_("what a fleet needs is not installed")
_NO_LIBRARY: Final = N_("PostgreSQL's client library (libpq) is missing")
_LIBRARY: Final = N_("install libpq with the system's packages, or psycopg[binary] with Python's")
_NO_DATABASE: Final = N_("no database is named")
_NAME_IT: Final = N_("set NICOBATCH_FLEET_DSN, or give --dsn-file FILE")
key_file = click.option(
    "--key-file",
    metavar="FILE",
    envvar=KEY_VARIABLE,
    type=LocalPath(dir_okay=False, path_type=Path),
    help=_("Where the key to the kept sign-ins lies (also: NICOBATCH_FLEET_KEY_FILE)."),
)
_DSN: Final = click.option(
    "--dsn-file",
    metavar="FILE",
    type=LocalPath(exists=True, dir_okay=False, path_type=Path),
    help=_("Read the database's connection string from this file, not NICOBATCH_FLEET_DSN."),
)


def with_database(
    command: _F, *, formats: Sequence[str] = ("text", "json"), is_prepared: bool = True
) -> _F:
    """Take which database it is, and hand it over as `database`: it has to be prepared by then."""

    @functools.wraps(command)
    def connected(*, options: Common, dsn_file: Path | None, **given: Any) -> int:
        dsn, place = _dsn(dsn_file)
        options.gained(dsn)
        with contextlib.closing(_database(dsn, place)) as database:
            if is_prepared:
                from nicobatch.fleet.schema import demand_current

                demand_current(database)
            return int(command(options=options, database=database, **given))

    return common(with_options(connected, (_DSN,)), formats=formats)  # type: ignore[return-value]


def _dsn(file: Path | None) -> tuple[Secret, str]:
    """Return the connection string, and where it was found."""
    if file is not None:
        return _written(file), str(file)
    if given := os.environ.get(VARIABLE, "").strip():
        return Secret(given), VARIABLE
    raise UsageError(_(_NO_DATABASE), _(_NAME_IT))


def _written(file: Path) -> Secret:
    """Return what is written in the file, whatever that is; raise UsageError."""
    try:
        return Secret(file.read_text("utf-8", errors="replace").strip())
    except OSError as error:
        raise UsageError(cant_read(file, error)) from None


def _database(dsn: Secret, place: str) -> Database:
    """Return the database, or say what is missing to use one."""
    if not (importlib.util.find_spec("psycopg") and importlib.util.find_spec("procrastinate")):
        raise UsageError(_(_NO_CLIENT), installation.missing("fleet"))
    try:
        from nicobatch.fleet.database import Database
    except ImportError:
        raise UsageError(_(_NO_LIBRARY), _(_LIBRARY)) from None
    return Database(dsn, threading.Event(), place=place)


def _size(context: click.Context, parameter: click.Parameter, value: str) -> int:  # noqa: ARG001
    """Read bytes, with `k`, `M`, `G` or `T` for thousands and so on."""
    match = re.fullmatch(r"([0-9]{1,12})([kmgt]?)", value.lower())
    size = int(match[1]) * UNITS[match[2]] if match else 0
    if not size:
        raise click.BadParameter(
            _("{value} is no size: write it like 500M or 50G").format(value=value)
        )
    return size


_SCRATCH: Final = (
    click.option(
        "--scratch",
        metavar="DIR",
        type=LocalPath(file_okay=False, path_type=Path),
        help=_("Fetch files that lie in a store (s3://) into this folder; it is this program's."),
    ),
    click.option(
        "--scratch-size",
        metavar="SIZE",
        default="50G",
        show_default=True,
        callback=_size,
        help=_("How many bytes of such files lie there at once, like 500M or 50G."),
    ),
)


def with_scratch(command: _F) -> _F:
    """Take where files are fetched into, and hand it over as `scratch`; None where nowhere."""

    @functools.wraps(command)
    def opened(*, options: Common, scratch: Path | None, scratch_size: int, **given: Any) -> int:
        with _scratch(scratch, scratch_size) as folder:
            return int(command(options=options, scratch=folder, **given))

    return with_options(opened, _SCRATCH)  # type: ignore[return-value]


@contextlib.contextmanager
def _scratch(folder: Path | None, limit: int) -> Iterator[Scratch | None]:
    if folder is None:
        yield None
        return
    from nicobatch.fleet.scratch import Scratch

    with Scratch(folder, limit) as scratch:
        yield scratch
