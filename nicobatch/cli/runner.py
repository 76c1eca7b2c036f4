"""The process: standard output and error, the CI runner that may be reading them, and signals.

Any encoding will do, and so will a reader who goes away. Secrets that a runner of GitHub's must
never show are named to it before anything is printed. They go to standard error, which it reads
first, and which is seldom kept in a file. Where it is one, nobody would read the commands, and the
secrets would lie there: none is written then.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import select
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Final, Generic, NoReturn, TextIO, TypeVar

from nicobatch.cli import outlet
from nicobatch.errors import UsageError
from nicobatch.model import Secret
from nicobatch.reports.workflow_commands import Guarded, commands, is_runner, masks, write_command

_T = TypeVar("_T")
GRACE: Final = 1.2
"""Seconds that work may take to notice that it is to stop; what it saved is saved by then."""
_TICK: Final = 0.1
_ARENA_MAX: Final = -8
"""What malloc.h calls M_ARENA_MAX."""


def mask_environment() -> None:
    """Name every secret that the environment holds, whichever account it is of."""
    if is_runner(os.environ):
        for secret in secrets_of(os.environ):
            mask(secret)


def mask(secret: Secret) -> None:
    """Name a secret to the runner, if there is one."""
    if is_runner(os.environ) and not _is_file(sys.stderr):
        for line in masks(secret.reveal()):
            write_command(line)


def secrets_of(environment: Mapping[str, str]) -> Iterator[Secret]:
    """Yield the values as they are, and a session of one cookie also as it is sent."""
    from nicobatch import sites

    sessions = [sites.site(name).session for name in sites.SITES]
    cookies = {
        end: session
        for session in sessions
        for end in (*session.cookies.values(), *session.optional.values())
    }
    names = re.compile(
        rf"NICOBATCH_(?:\w+_)?({'|'.join([*cookies, 'PASSWORD', 'OTP', 'MAIL', 'DSN'])})"
    )
    for name, value in environment.items():
        if found := names.fullmatch(name):
            yield Secret(value)
            session = cookies.get(found[1])
            if session and session.is_single:
                with contextlib.suppress(UsageError):  # it is told of when it is needed
                    yield session.read(value, name)


def _is_file(stream: TextIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except OSError:  # none that the system knows
        return False


@contextlib.contextmanager
def prepared() -> Iterator[list[outlet.Outlet]]:
    """Make both streams fit for everything that may be written as long as the context."""
    outlet.reopen()
    prepare()
    guarded = _guarded if is_runner(os.environ) else contextlib.nullcontext
    with outlet.lasting() as outlets, guarded():
        yield outlets
        let_go()


def prepare() -> None:
    """Let a console that can't show a character show its code; a runner reads UTF-8 anyway."""
    told = is_runner(os.environ) and not os.environ.get("PYTHONIOENCODING")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8" if told else None, errors="backslashreplace")


@contextlib.contextmanager
def _guarded() -> Iterator[None]:
    """Keep a runner that reads the streams from taking titles and file names for commands."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Guarded(out), Guarded(err)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err


def send(data: bytes) -> None:
    """Write bytes to standard output as they are, whatever its encoding."""
    stream = commands(sys.stdout)
    stream.flush()
    stream.buffer.write(data)
    stream.buffer.flush()


def has_reader() -> bool:
    """Tell whether standard output goes anywhere; where the system can't say, it does."""
    try:
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)  # asks for nothing but what is always told: its end
    except (AttributeError, OSError, ValueError):  # Windows, or no stream that the system knows
        return True
    return not poll.poll(0)


def let_go() -> None:
    """Let the interpreter leave in peace after the reader of a pipe has gone."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            _to_nowhere(stream)


@dataclass(slots=True)
class Work(Generic[_T]):
    """Runs something in a thread of its own, so that a signal is heard whatever it waits for."""

    stop: threading.Event
    signal: int | None = None
    _result: list[_T] = field(default_factory=list)
    _error: list[BaseException] = field(default_factory=list)

    def run(self, work: Callable[[], _T]) -> _T | None:
        """Return what the work returns, or None if it did not stop in time when asked to."""
        _share_memory()
        before = {number: signal.signal(number, self._heard) for number in _signals()}
        thread = threading.Thread(target=self._do, args=(work,), daemon=True)
        try:
            thread.start()
            self._wait(thread)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        if self._error:
            raise self._error[0]
        return self._result[0] if self._result else None

    def _do(self, work: Callable[[], _T]) -> None:
        try:
            self._result.append(work())
        except BaseException as error:  # noqa: BLE001 - handed over to the thread that waits
            self._error.append(error)

    def _wait(self, thread: threading.Thread) -> None:
        deadline = None
        while thread.is_alive():
            thread.join(_TICK)
            if self.stop.is_set():
                deadline = deadline or time.monotonic() + GRACE
                if time.monotonic() > deadline:
                    return

    def _heard(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signal's shape
        asked = signal.SIGINT if number == signal.SIGINT else signal.SIGTERM
        if self.stop.is_set():
            leave(128 + asked)
        if number == getattr(signal, "SIGHUP", None):
            _hang_up()
        self.signal = asked
        self.stop.set()


def _share_memory() -> None:
    """Have all threads take memory from one place, where the C library is glibc.

    Of itself it gives each thread a place of its own, which keeps what was freed there: some MB.
    """
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(AttributeError, OSError):  # another C library
            ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def leave(code: int) -> NoReturn:
    """Leave at once: threads that hang on the network are not waited for."""
    let_go()
    os._exit(code)


def _hang_up() -> None:
    """Have what is said from now on go nowhere instead of to the terminal that was closed."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # none that the system knows
            if stat.S_ISCHR(os.fstat(stream.fileno()).st_mode):
                _to_nowhere(stream)


def _to_nowhere(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _signals() -> Iterator[signal.Signals]:
    """Yield what asks for an orderly end: a closed terminal sends SIGHUP, Windows SIGBREAK.

    `nohup` has its command ignore SIGHUP, and so it does.
    """
    for name in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP"):
        number: signal.Signals | None = getattr(signal, name, None)
        if number and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            yield number
