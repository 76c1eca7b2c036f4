"""How fast a site may be asked on behalf of an account: until when it is parked, and its budget.

Both are kept beside the account's lock: whoever holds the lock reads and writes them. Losing them
costs a refusal at most, so they are never a reason to fail.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol, Self

from nicobatch import disk
from nicobatch.errors import Parked, RateLimited
from nicobatch.language import N_, _
from nicobatch.pipeline.locking import file_name
from nicobatch.pipeline.owner import Owner
from nicobatch.receipt import read_moment
from nicobatch.sites.base import Rate, Target

_LARGEST: Final = 100_000
"""Bytes of a file."""
_PARKED: Final = N_("{why}; nothing more is asked before {time}")
_REMOVE: Final = N_("{hint}; once that is done, remove {path} to go on at once")
_SPENT: Final = N_("{most} requests of this kind in {seconds:.0f} s are the account's budget")
_SPACED: Final = N_("the account's videos are to be {seconds:.0f} s apart")
VIDEO: Final = "video"
"""The kind by which whole videos are counted, where they are to be apart."""


class Paces(Protocol):
    """Where it is kept, of owners; of an address that asks, by an owner without an account."""

    def read(self, origin: str, owner: Owner) -> Mapping[str, Any]:
        """Return what was written, nothing where that can't be read."""
        ...

    def write(self, origin: str, owner: Owner, content: Mapping[str, Any]) -> None:
        """Replace it, as far as that can be."""
        ...

    def hint(self, origin: str, owner: Owner, hint: str) -> str:
        """Return the hint, and how a person who has followed it has nothing more waited for."""
        ...


@dataclass(frozen=True, slots=True)
class PaceFolder:
    """Keeps a file each, for every run on this machine."""

    folder: Path

    def read(self, origin: str, owner: Owner) -> Mapping[str, Any]:
        """Return what the file has, nothing where it can't be read."""
        return _read(self._path(origin, owner))

    def write(self, origin: str, owner: Owner, content: Mapping[str, Any]) -> None:
        """Replace the file; never raises."""
        _write(self._path(origin, owner), content)

    def hint(self, origin: str, owner: Owner, hint: str) -> str:
        """Return the hint, and which file is to be removed then."""
        return _(_REMOVE).format(hint=hint, path=self._path(origin, owner))

    def _path(self, origin: str, owner: Owner) -> Path:
        return self.folder / f".pace-{file_name(origin, owner)}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """One account's at a site."""

    paces: Paces
    owner: Owner
    origin: str
    rates: Mapping[str, Sequence[Rate]]
    """By kind of request, how many there may be."""
    now: Callable[[], datetime]
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(
        cls,
        target: Target,
        owner: Owner,
        paces: Paces,
        now: Callable[[], datetime],
        space: float = 0.0,
    ) -> Self:
        """Return the owner's, as the target has its rates.

        `space` is the seconds between two of its videos.
        """
        rates = {**target.rates, **({VIDEO: (Rate(1, space),)} if space else {})}
        return cls(paces=paces, owner=owner, origin=target.origin, rates=rates, now=now)

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Raise Parked where nothing may be asked yet, and remember it where a request tells so."""
        self.demand_free()
        try:
            yield
        except Parked as error:
            self.park(error)
            told, whose = {"why": str(error), "hint": error.hint}, error.of_address
            raise self._parked(told, error.retry_at, of_address=whose) from None

    def demand_free(self) -> None:
        """Raise Parked where the account, or the address that asks, has to wait."""
        for of_address in (False, True):
            kept = self._read(of_address=of_address)
            until = read_moment(kept.get("until"))
            if until and until > self.now():
                raise self._parked(kept, until, of_address=of_address)

    def forecast(self) -> Forecast:
        """Return what tells when requests could leave, those that were counted before in mind."""
        spent = _mapping(self._read())
        counted = {kind: _moments(spent.get(kind)) for kind in self.rates}
        start = self.now()
        for kept in (self._read(), self._read(of_address=True)):
            start = max(start, read_moment(kept.get("until")) or start)
        return Forecast(self.rates, counted, start)

    def park(self, error: Parked) -> None:
        """Remember until when nothing is to be asked; never raises."""
        until = error.retry_at
        if until is None or until <= self.now():
            return
        of_address = error.of_address
        told = {"until": until.isoformat(), "why": str(error), "hint": error.hint}
        with self._lock:
            self._write({**self._read(of_address=of_address), **told}, of_address=of_address)

    def spend(self, kind: str) -> None:
        """Count a request that is about to leave; raise RateLimited where there were enough."""
        rates = self.rates.get(kind, ())
        if not rates:
            return
        with self._lock:
            now = self.now()
            before = self._before(kind, now)
            spent = [(_wait(rate, before, now), rate) for rate in rates]
            seconds, rate = max(spent, key=lambda each: each[0])
            if seconds > 0:
                words = _(_SPACED if kind == VIDEO else _SPENT)
                message = words.format(most=rate.most, seconds=rate.seconds)
                raise RateLimited(message, retry_after=seconds)
            self._count(kind, [*before, now])

    def ended(self, kind: str) -> None:
        """Count what was begun as of now: what comes next is to be apart from its end."""
        if kind in self.rates:
            with self._lock:
                now = self.now()
                self._count(kind, [*self._before(kind, now), now])

    def _parked(
        self, kept: Mapping[str, Any], until: datetime | None, *, of_address: bool
    ) -> Parked:
        """Return the error that tells until when, and how a person who has set it right ends it."""
        why, hint = str(kept.get("why", "")), str(kept.get("hint", ""))
        if until is None:
            return Parked(why, hint)
        message = _(_PARKED).format(why=why, time=until.astimezone().isoformat(" ", "minutes"))
        if hint:
            hint = self.paces.hint(self.origin, self._whose(of_address=of_address), hint)
        return Parked(message, hint, retry_at=until, of_address=of_address)

    def _before(self, kind: str, now: datetime) -> list[datetime]:
        kept = _moments(_mapping(self._read()).get(kind))
        return [at for at in kept if at <= now]

    def _count(self, kind: str, moments: Sequence[datetime]) -> None:
        """Write down what was counted, as far back as it matters; the last one is now."""
        longest = max(timedelta(seconds=rate.seconds) for rate in self.rates[kind])
        recent = [at.isoformat() for at in moments if at > moments[-1] - longest]
        kept = self._read()
        self._write({**kept, "spent": {**_mapping(kept), kind: recent}})

    def _read(self, *, of_address: bool = False) -> Mapping[str, Any]:
        return self.paces.read(self.origin, self._whose(of_address=of_address))

    def _write(self, content: Mapping[str, Any], *, of_address: bool = False) -> None:
        self.paces.write(self.origin, self._whose(of_address=of_address), content)

    def _whose(self, *, of_address: bool) -> Owner:
        return self.owner._replace(account="") if of_address else self.owner


@dataclass(slots=True)
class Forecast:
    """When an account's requests could leave, one after another."""

    rates: Mapping[str, Sequence[Rate]]
    counted: dict[str, list[datetime]]
    """By kind, when requests left or are to leave."""
    at: datetime
    """When the next one could, at the earliest."""

    def after(self, kinds: Sequence[str]) -> datetime:
        """Return when the last of these requests could leave, and count all of them."""
        for kind in filter(self.rates.get, kinds):
            counted = self.counted[kind]
            while seconds := max(_wait(rate, counted, self.at) for rate in self.rates[kind]):
                self.at += timedelta(seconds=seconds)
            counted.append(self.at)
        return self.at


def _wait(rate: Rate, before: Sequence[datetime], now: datetime) -> float:
    """Return the seconds until one of the requests that are too many no longer counts."""
    window = timedelta(seconds=rate.seconds)
    counted = sorted(at for at in before if at > now - window)
    if len(counted) < rate.most:
        return 0.0
    return (counted[-rate.most] + window - now).total_seconds()


def _mapping(kept: Mapping[str, Any]) -> Mapping[str, Any]:
    spent = kept.get("spent")
    return spent if isinstance(spent, dict) else {}


def _moments(found: object) -> list[datetime]:
    return list(filter(None, map(read_moment, found))) if isinstance(found, list) else []


def _read(path: Path) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError, RecursionError):
        found = json.loads(disk.read(path, _LARGEST, follow=False))
        return found if isinstance(found, dict) else {}
    return {}


def _write(path: Path, content: Mapping[str, Any]) -> None:
    with contextlib.suppress(OSError):
        disk.make_folder(path.parent)
        disk.replace(path, json.dumps(content, ensure_ascii=False).encode())
