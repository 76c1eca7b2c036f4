"""The technical log: to the terminal (`-v`), and to a file that is the user's alone (`--log-file`).

Of a request it has method, path and status: no query, no header, no body. The file also has every
event as `--format json` tells it; secrets that are known by then are left out of both.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import stat
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, TextIO, cast

import click

from nicobatch import installation
from nicobatch.cli.runner import mask, secrets_of
from nicobatch.errors import NicobatchError, UsageError, raised_at
from nicobatch.language import _, pictured, reason
from nicobatch.model import Secret
from nicobatch.reports import Report
from nicobatch.reports.jsonl import JsonReport

_LOG: Final = logging.getLogger("nicobatch")
_EVENTS: Final = logging.getLogger("nicobatch.events")
_SHORTEST: Final = 4
"""Characters of a secret; what is shorter would be found in words that are none."""
_LEFT_OUT: Final = "***"


class Secrets:
    """What no log may hold; grows as sign-ins are read."""

    def __init__(self) -> None:
        self._known: tuple[str, ...] = ()
        for each in secrets_of(os.environ):
            self._add(each)

    def gained(self, secret: Secret) -> None:
        """Name the secret to the runner, and leave it out from now on."""
        mask(secret)
        self._add(secret)

    def without(self, text: str) -> str:
        """Return the text with stars in place of each secret."""
        for each in self._known:
            text = text.replace(each, _LEFT_OUT)
        return text

    def _add(self, secret: Secret) -> None:
        value = secret.reveal().strip()
        if len(value) >= _SHORTEST:
            known = {*self._known, value}
            self._known = tuple(sorted(known, key=len, reverse=True))


@contextlib.contextmanager
def logged(secrets: Secrets, file: Path | None, *, verbose: bool) -> Iterator[None]:
    """Log what happens until the context's end; raise UsageError where the file can't be written.

    Of an error that ends it the file has what is told of it, or where in the code it was.
    """
    handlers: list[logging.Handler] = []
    if verbose:
        handlers.append(_handler(logging.StreamHandler(sys.stderr), secrets, "%(asctime)s "))
    if file:
        handlers.append(_handler(_File(file), secrets, "%(moment)s %(levelname)s %(threadName)s "))
    _LOG.handlers[:] = handlers  # no library's: they would show queries
    _EVENTS.handlers[:] = handlers[len(handlers) - bool(file) :]
    _EVENTS.propagate = False
    if handlers:
        _LOG.setLevel(logging.DEBUG)
    _EVENTS.info("%s: %s", installation.versions(), click.get_current_context().command_path)
    try:
        yield
    except NicobatchError as error:
        _EVENTS.error("%s: %s", error.word, error)
        raise
    except Exception as error:
        _EVENTS.error("%s at %s", type(error).__name__, raised_at(error))
        raise
    finally:
        for each in handlers:
            _LOG.removeHandler(each)
            _EVENTS.removeHandler(each)
            each.close()


def report() -> Report:
    """Return what has every event written to the file, as `--format json` tells it."""
    return JsonReport(cast("TextIO", _Lines()), io.StringIO())


class _Lines(io.TextIOBase):
    """Takes lines of JSON for the log."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        _EVENTS.info("%s", text.rstrip("\n"))
        return len(text)


def _handler(handler: logging.Handler, secrets: Secrets, head: str) -> logging.Handler:
    class Pictured(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            at = datetime.fromtimestamp(record.created).astimezone()
            record.moment = at.isoformat(timespec="milliseconds")
            return pictured(secrets.without(super().format(record)))

    handler.setFormatter(Pictured(f"{head}%(message)s"))
    return handler


class _File(logging.StreamHandler[io.TextIOWrapper]):
    """Appends to a file of mode 0600; where that fails on the way, says so once and goes on."""

    def __init__(self, path: Path) -> None:
        self._path, self._failed = path, False
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        try:
            handle = os.open(path, flags, 0o600)
            if os.name != "nt" and stat.S_ISREG(os.fstat(handle).st_mode):
                os.fchmod(handle, 0o600)
        except (OSError, ValueError) as error:
            raise UsageError(_cant_log(path, reason(error))) from None
        super().__init__(open(handle, "a", encoding="utf-8", errors="backslashreplace"))  # noqa: PTH123, SIM115 - closed by `close`

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's
        """Say once that the disk is full, say: the work matters more than its log."""
        if not self._failed:
            self._failed = True
            why = sys.exc_info()[1]
            told = reason(why) if isinstance(why, OSError) else str(why)
            click.echo(_cant_log(self._path, told), err=True)

    def close(self) -> None:
        """Close the file, full disk or not."""
        with contextlib.suppress(OSError):
            self.stream.close()
        super().close()


def _cant_log(file: Path, why: str) -> str:
    return _("the log can't be written to {file}: {reason}").format(file=file, reason=why)
