"""How a run takes a lock, keeps it, and notices that it lost it.

A holder beats: it rewrites its lock every quarter of TTL. A run that wants the lock takes it over
once it has seen no beat for TTL on its own clock, or at once if the holder is a process that ended
on this machine. A holder that can't show a beat within half of TTL looks before it writes on. So no
two machines' clocks are ever compared.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from nicobatch import disk
from nicobatch.errors import Later, Locked, NicobatchError
from nicobatch.language import N_, _
from nicobatch.locks import files, processes

TTL: Final = 120.0
"""Seconds without a beat that end a hold; one number for all versions, as two of them may meet."""
_HELD = N_("{name} is in use by {operation} on {host} (pid {pid}) since {since:%Y-%m-%d %H:%M:%S}")
_GARBLED = N_("{name} seems to be in use: its lock {path} is there, but can't be understood")
_TAKEN = N_(
    "{name} was taken over by {operation} on {host} (pid {pid}) while this run was suspended"
)
_LOST = N_("{name} is no longer this run's: the lock {path} was removed or overwritten")
_WAIT = N_("let it finish or stop it; if it is gone, its lock ends within {ttl:.0f} s of waiting")
_STOPPED = N_("this run writes nothing more; run it again once the other one is done")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clocks:
    """Two of them: a suspended machine stops the one, and whoever sets the time moves the other."""

    ttl: float
    wall: Callable[[], float]
    monotonic: Callable[[], float]

    def read(self) -> tuple[float, float]:
        return self.wall(), self.monotonic()

    def are_near(self, then: tuple[float, float]) -> bool:
        """Tell whether, by both, `then` was less than half of TTL ago."""
        spans = (now - before for now, before in zip(self.read(), then, strict=True))
        return all(0 <= span < self.ttl / 2 for span in spans)


class Lease:
    """A hold on one path, given by `Locks.acquire`; as a context manager it lets go at the end."""

    def __init__(self, path: Path, name: str, holder: files.Holder, locks: Locks) -> None:
        self._path, self._name, self._holder = path, name, holder
        self._locks, self._clocks = locks, locks.clocks
        self._mutex = threading.Lock()
        self._proven: tuple[float, float] | None = self._clocks.read()
        """When the lock was last known to be ours; None once it was not."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def check(self) -> None:
        """Return while the hold is this run's; asks the disk only where beats are missing.

        Raise Later once another run may have it, JournalError where the disk doesn't say.
        """
        proven = self._proven
        if proven is None or not self._clocks.are_near(proven):
            self.beat()

    def beat(self) -> None:
        """Show that this run is alive; raise as `check` does."""
        with self._mutex:
            begun = self._clocks.read()  # a pause from here on makes the hold older, never younger
            with files.guarded(self._path, self._name):
                self._demand()
                holder = dataclasses.replace(self._holder, beat=self._holder.beat + 1)
                files.write(self._path, holder)
            self._holder, self._proven = holder, begun

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep others from taking the lock over until the context's end, however long that takes.

        Raise as `check` does. A process that ends within it lets go, as the system sees to that.
        """
        with files.guarded(self._path, self._name):
            self._demand()
            yield

    def release(self) -> None:
        """Let go, as far as the disk allows; a lock that is another's by now stays."""
        self._locks.ended(self)
        with self._mutex, contextlib.suppress(NicobatchError):
            self._proven = None
            with files.guarded(self._path, self._name):
                self._demand()
                disk.patiently(self._path.unlink)
                return
        self._locks.left.add(self._holder.token)

    def _demand(self) -> None:
        """Raise Later unless the lock is ours: waiting would not bring it back."""
        holder = files.decode(files.read(self._path))
        if holder and holder.token == self._holder.token:
            return
        self._proven = None
        if holder is None:
            raise Later(_(_LOST).format(name=self._name, path=self._path), _(_STOPPED))
        raise Later(_(_TAKEN).format(name=self._name, **_fields(holder)), _(_STOPPED))


class Locks:
    """All that one run holds. `ttl` is in seconds; the clocks are like those of `time`."""

    def __init__(
        self,
        operation: str,
        *,
        ttl: float = TTL,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._operation, self._place = operation, processes.place()
        self._born = processes.born(os.getpid())
        self.clocks = _Clocks(ttl=ttl, wall=wall, monotonic=monotonic)
        self._seen: dict[Path, tuple[bytes, float]] = {}
        """What others' locks said, and since when they said nothing else."""
        self.left: set[str] = set()
        """Tokens of holds that are over, and that may lie on a disk which was away by then."""
        self._mutex = threading.Lock()
        self._leases: set[Lease] = set()
        self._end = threading.Event()

    def acquire(self, path: Path, name: str) -> Lease:
        """Take the lock at `path`; messages call what it stands for by `name`.

        Raise Locked, at once, while it is another's or this very run's: it says whether that one is
        known to live. Whoever calls again takes the lock over when TTL passed without a beat. Raise
        JournalError where it can't be written.
        """
        with files.guarded(path, name, make=True):
            self._demand_free(path, name)
            holder = self._holder()
            lease = Lease(path, name, holder, self)
            files.write(path, holder)
        self._seen.pop(path, None)
        self._keep(lease)
        return lease

    def beat(self) -> None:
        """Beat for all that is held; a hold that is lost says so at its own `check`."""
        with self._mutex:
            leases = tuple(self._leases)
        for lease in leases:
            with contextlib.suppress(NicobatchError):
                lease.beat()

    def _demand_free(self, path: Path, name: str) -> None:
        content = files.read(path)
        holder = files.decode(content) if content is not None else None
        if content is None or self._is_dead(holder):
            return
        now = self.clocks.monotonic()
        before, since = self._seen.get(path, (content, now))
        beats = content != before
        if not beats and now - since >= self.clocks.ttl:
            return
        self._seen[path] = content, now if beats else since
        is_here = holder is not None and holder.place == self._place
        message = _(_HELD if holder else _GARBLED).format(name=name, path=path, **_fields(holder))
        raise Locked(message, _(_WAIT).format(ttl=self.clocks.ttl), lives=is_here or beats)

    def _is_dead(self, holder: files.Holder | None) -> bool:
        if holder is None or holder.place != self._place:
            return False
        if holder.token in self.left:
            return True
        return not processes.lives(holder.pid, holder.born)

    def _holder(self) -> files.Holder:
        return files.Holder(
            host=socket.gethostname(),
            pid=os.getpid(),
            born=self._born,
            place=self._place,
            operation=self._operation,
            since=datetime.fromtimestamp(self.clocks.wall(), UTC),
            token=os.urandom(16).hex(),
        )

    def _keep(self, lease: Lease) -> None:
        """Have the lease beat from now on; one thread does so for all, as long as there are any."""
        with self._mutex:
            self._leases.add(lease)
            if len(self._leases) == 1:
                self._end = threading.Event()
                keeper = threading.Thread(
                    target=self._beat_until, args=(self._end,), name="nicobatch-locks", daemon=True
                )
                keeper.start()

    def ended(self, lease: Lease) -> None:
        """Let the lease beat no more."""
        with self._mutex:
            self._leases.discard(lease)
            if not self._leases:
                self._end.set()

    def _beat_until(self, end: threading.Event) -> None:
        while not end.wait(self.clocks.ttl / 4):
            self.beat()


def _fields(holder: files.Holder | None) -> dict[str, object]:
    return {} if holder is None else dataclasses.asdict(holder)
