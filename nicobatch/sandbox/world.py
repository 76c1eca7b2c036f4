"""What a sandbox gives to the site that is imitated in it, and what it wants of the site.

It gives people, the world of a run, and a store on disk: small JSON files, each replaced whole.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Protocol, TypeVar, cast

from nicobatch.sites import SITES

if TYPE_CHECKING:
    from flask import Blueprint

    from nicobatch.sandbox.app import RequestLog

BESIDE: Final = ("livetube",)
"""What is imitated beside the sites that videos are published to."""
_TOKEN: Final = 32
"""Hex digits of what a form repeats of the sign-in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who can sign in to a site; `otp` is the one-time code that it then asks for, if it does."""

    mail: str
    password: str
    user_id: int
    nickname: str
    premium: bool = False
    otp: str | None = None
    uploadable_count: int | None = None
    """How many videos it may have; None is what its kind of account may."""

    @property
    def user_session(self) -> str:
        """Return the cookie's value, the same in every run: `user_session_<userId>_<hex>`."""
        return f"user_session_{self.user_id}_{hashlib.sha256(self.mail.encode()).hexdigest()}"

    def cookie(self, name: str) -> str:
        """Return what a cookie of theirs holds: the session, or its end where forms repeat it."""
        return self.user_session[-_TOKEN:] if name.endswith("_jct") else self.user_session


DEFAULT_ACCOUNTS: Final = (
    Account(
        mail="sandbox@example.com",
        password="sandbox",  # noqa: S106 - as public as the sandbox
        user_id=10_000_001,
        nickname="サンドボックス",
        premium=True,
    ),
    Account(
        mail="second@example.com",
        password="second",  # noqa: S106
        user_id=10_000_002,
        nickname="砂場の友だち",
    ),
    Account(
        mail="otp@example.com",
        password="sandbox",  # noqa: S106
        user_id=10_000_003,
        nickname="慎重な砂場",
        otp="123456",
    ),
)
_MORE: Final = 20_000_000


def numbered(count: int) -> tuple[Account, ...]:
    """Return so many more accounts, the same in every run: `account1` and so on."""
    return tuple(
        Account(
            mail=f"account{number}@example.com",
            password="sandbox",  # noqa: S106
            user_id=_MORE + number,
            nickname=f"account{number}",
            premium=True,
        )
        for number in range(1, count + 1)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One run of the sandbox, as all sites see it."""

    state: Path
    """The folder that the site keeps its things in."""
    log: RequestLog
    accounts: Sequence[Account]
    encode_seconds: float
    """How long a site takes over a file."""
    clock: Callable[[], float]
    """Seconds since the epoch."""
    catalogue: Mapping[str, Sequence[Mapping[str, Any]]]
    """What others have published, by service."""
    language: str
    """What the pages speak; where it is empty, what the browser prefers."""

    def account(self, user_id: int) -> Account | None:
        """Return an account; None once it is no longer among ours."""
        return next((who for who in self.accounts if who.user_id == user_id), None)

    def owner(self, user_id: int) -> str:
        """Return what pages call the owner of a video: the number of one who has left."""
        account = self.account(user_id)
        return account.nickname if account else str(user_id)


@dataclass(eq=False)
class Refusal(Exception):
    """A request that is answered with an error."""

    status: int
    body: Mapping[str, Any]


class Imitation(Protocol):
    """One site within the sandbox; the class of this name in its module takes a `World`."""

    label: str
    """What its tab is called."""
    page: str
    """The path of its page, below where it answers."""
    secret_names: frozenset[str]
    """Parameters that must never be in a URL."""

    def routes(self) -> Iterable[Blueprint]:
        """Return what it answers, by path."""
        ...

    def failure(self, status: int, code: str, detail: str = "") -> Refusal:
        """Return an error that no service of its own is asked for, in the site's words."""
        ...

    def audit(self) -> Sequence[Mapping[str, Any]]:
        """Return each entry as it stands, as plain JSON."""
        ...


def imitations(world: Callable[..., World], state: Path) -> dict[str, Imitation]:
    """Make all that is imitated, by the prefix of its paths: the first site answers at the root.

    `world` makes the world of a site of the `state` in which that site keeps its things.
    """
    made: dict[str, Imitation] = {}
    for site, folder in folders(state).items():
        room = f"nicobatch.{site}" if site in BESIDE else f"nicobatch.sites.{site}"
        module = importlib.import_module(f"{room}.sandbox")
        made[f"/{site}" if folder != state else ""] = module.Imitation(world(state=folder))
    return made


def folders(state: Path) -> dict[str, Path]:
    """Return where each site keeps its things: the first in the state's folder, others below."""
    names = (*SITES, *BESIDE)
    return {site: state / site if number else state for number, site in enumerate(names)}


class Record(Protocol):
    """A frozen dataclass of JSON's types."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> int:
        """Its number, which is never given twice."""
        ...

    @property
    def user_id(self) -> int:
        """Whose it is."""
        ...


R = TypeVar("R", bound=Record)
K = TypeVar("K", bound=Record)


class Store(Generic[R]):
    """All entries of a site, and where their bytes and pictures lie.

    Reads are snapshots; each change holds the lock for one small write.
    """

    def __init__(
        self, root: Path, read: Callable[[dict[str, Any]], R], *, first_id: int = 1
    ) -> None:
        self._first_id = first_id
        self._records = root / "entries"
        self._files = root / "files"
        self._thumbnails = root / "thumbnails"
        for folder in (self._records, self._files, self._thumbnails):
            folder.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        paths = self._records.glob("*.json")
        loaded = (read(json.loads(path.read_text("utf-8"))) for path in paths)
        self._entries = {entry.id: entry for entry in sorted(loaded, key=lambda entry: entry.id)}

    def __iter__(self) -> Iterator[R]:
        with self.lock:
            return iter(tuple(self._entries.values()))

    def get(self, entry_id: int) -> R | None:
        """Return the entry as it is now."""
        return self._entries.get(entry_id)

    def all(self, kind: type[K], user_id: int | None = None) -> Iterator[K]:
        """Yield the entries of a kind, of one account or of all, oldest first."""
        for entry in self:
            if isinstance(entry, kind) and user_id in {None, entry.user_id}:
                yield entry

    def add(self, make: Callable[[int], R]) -> R:
        """Keep the entry that is made of an id that was never used before."""
        with self.lock:
            return self._put(make(max(self._entries, default=self._first_id - 1) + 1))

    def make(self, kind: Callable[..., K], /, **members: Any) -> K:
        """Keep a new entry of the kind."""
        return cast("K", self.add(lambda number: cast("R", kind(id=number, **members))))

    def update(self, entry_id: int, change: Callable[[R], R]) -> R:
        """Apply the change to the newest state and return what came of it."""
        with self.lock:
            return self._put(change(self._entries[entry_id]))

    def file(self, entry_id: int) -> Path:
        """Return where the entry's bytes lie, or will."""
        return self._files / f"{entry_id}.video"

    def thumbnail(self, entry_id: int, index: str) -> Path:
        """Return where the thumbnail of that index lies, or will."""
        return self._thumbnails / f"{entry_id}-{index}.jpg"

    def _put(self, entry: R) -> R:
        write_json(self._records / f"{entry.id}.json", asdict(entry))
        self._entries[entry.id] = entry
        return entry


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Replace the file whole: whoever reads meanwhile has the old one or the new one."""
    temp = path.with_suffix(".tmp")
    temp.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    temp.replace(path)
