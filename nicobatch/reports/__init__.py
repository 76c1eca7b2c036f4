"""What people and programs get to read: of what happens (`events`), and of what a command comes to.

A report is `tell` and `close`; each format is a module.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from nicobatch.errors import NicobatchError
from nicobatch.events import Event
from nicobatch.model import Json, Problem, Severity, Video

if TYPE_CHECKING:
    from nicobatch.pipeline.outcome import Outcome
    from nicobatch.plan import Plan
    from nicobatch.receipt import Receipt
    from nicobatch.sites.base import StepTable


class Report(Protocol):
    """Where a command's results and happenings go: to people, to programs, or to a service."""

    def tell(self, event: Event) -> None:
        """Report it, or have no use for it; may be called by several threads."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was, and files whole."""
        ...


class Several:
    """Tells everything to each of its reports, in their order."""

    def __init__(self, *reports: Report) -> None:
        self._reports = reports

    def tell(self, event: Event) -> None:
        """Tell all of them."""
        for each in self._reports:
            each.tell(event)

    def close(self) -> None:
        """Close all of them."""
        for each in self._reports:
            each.close()


class Result(Event):
    """What a command comes to: told once and for all, while everything else has its moment."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class VideosRead(Result):
    """What the run is about, and where in its manifest each video stands."""

    kind = "videos"
    videos: Sequence[Video]


@dataclass(frozen=True, slots=True)
class ManifestsChecked(Result):
    """What the manifests' check found."""

    kind = "checked"
    problems: Sequence[Problem]
    manifests: Sequence[Path]

    @property
    def data(self) -> dict[str, Any]:
        """Return how many findings there are, in how many manifests."""
        counts = Counter(each.severity for each in self.problems)
        errors, warnings = counts[Severity.ERROR], counts[Severity.WARNING]
        return {"manifests": len(self.manifests), "errors": errors, "warnings": warnings}


@dataclass(frozen=True, slots=True)
class VideosPlanned(Result):
    """What is to be done for each video."""

    kind = "planned"
    plans: Sequence[Plan]
    are_all: bool = True
    """Whether no video is left out: of some alone, people are told how many by who told of them."""

    @property
    def data(self) -> dict[str, Any]:
        """Return how many videos meet which verdict."""
        verdicts = Counter(plan.verdict.value for plan in self.plans)
        return {"videos": len(self.plans), "verdicts": dict(verdicts)}


@dataclass(frozen=True, slots=True)
class BatchDone(Result):
    """What became of every video."""

    kind = "batch_done"
    outcomes: Sequence[Outcome]

    @property
    def data(self) -> dict[str, Any]:
        """Return how many videos came to which end."""
        states = Counter(each.state.value for each in self.outcomes)
        return {"videos": len(self.outcomes), "states": dict(states)}


@dataclass(frozen=True, slots=True)
class Said:
    """What the site says of a receipt's video."""

    site: str
    """To its owner, in the account's list."""
    visitors: str = ""
    """To everybody, where the video is for everybody."""
    told: str = ""
    """The latter for people, where it is more than a word."""


@dataclass(frozen=True, slots=True)
class ReceiptsRead(Result):
    """What the journal knows, and by path what the site says, if it was asked."""

    kind = "receipt"
    receipts: Mapping[Path, Receipt]
    tables: Callable[[str], StepTable]
    """Returns the steps of the site of a name."""
    site: Mapping[Path, Said] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HitsFound(Result):
    """What a search found, and how much there is beyond what is shown."""

    kind = "result"
    hits: Sequence[Mapping[str, Json]]
    """Each by the site's names of its fields, and `url`."""
    query: str
    total: int
    truncated: bool = False
    """Whether the site tells no more of what there is."""
    as_of: datetime | None = None
    """Of when the index is, where that was asked."""

    @property
    def data(self) -> dict[str, Any]:
        """Return how many hits there are."""
        numbers = {"hits": len(self.hits), "total": self.total, "truncated": self.truncated}
        return {**numbers, "as_of": _iso(self.as_of)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRead(Result):
    """A comment of a broadcast."""

    kind = "comment"
    number: int
    name: str
    green: bool
    """Whether whoever has the name was signed in."""
    id: str
    time: datetime | None
    text: str
    live: bool | None
    """Whether the broadcast was on."""
    banned: bool
    icon: Mapping[str, Json] | None

    @property
    def data(self) -> dict[str, Any]:
        """Return its members, the time as ISO 8601."""
        members = ("number", "name", "green", "id", "time", "text", "live", "banned", "icon")
        return {**{name: getattr(self, name) for name in members}, "time": _iso(self.time)}


@dataclass(frozen=True, slots=True, kw_only=True)
class BanTold(Result):
    """A comment that was told of is banned by now, or no more."""

    kind = "ban"
    number: int
    banned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingInterrupted(Result):
    """Comments can't be read, and will be asked for again after a pause."""

    kind = "waiting"
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastsFound(Result):
    """Which broadcasts are on."""

    kind = "result"
    broadcasts: Sequence[Mapping[str, Json]]
    """Each with `id title author url viewing views comments created tags`."""

    @property
    def data(self) -> dict[str, Any]:
        """Return how many there are."""
        return {"broadcasts": len(self.broadcasts)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Result):
    """What a command lists: for people a table, words, or both; for programs a line a member."""

    kind = "listed"
    member: str
    """The kind of each member's line."""
    members: Sequence[Mapping[str, Json]]
    headings: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    words: str = ""
    """Below the table; may be several lines."""

    @property
    def data(self) -> dict[str, Any]:
        """Return how many members there are."""
        return {"members": len(self.members)}


@dataclass(frozen=True, slots=True)
class CommandEnded(Result):
    """What ended the command."""

    kind = "error"
    error: NicobatchError

    @property
    def data(self) -> dict[str, Any]:
        """Return what is told of the error, and what to do about it."""
        return {"message": str(self.error), "hint": self.error.hint}


@dataclass(frozen=True, slots=True)
class Answered(Result):
    """A command's one result."""

    kind = "result"
    words: str
    """For people; may be several lines."""
    result: Mapping[str, Json]
    """The same for programs."""

    @property
    def data(self) -> dict[str, Any]:
        """Return the result."""
        return dict(self.result)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
