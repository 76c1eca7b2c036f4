"""What a report has to be able to say: to people, to programs, or to a service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from nicobatch.errors import NicobatchError
from nicobatch.events import Event
from nicobatch.model import Json, Problem, Publish, Receipt, Video
from nicobatch.plan import Plan


class Row(Protocol):
    """One video's line in the closing table."""

    @property
    def video(self) -> str:
        """Return the video's key."""
        ...

    @property
    def title(self) -> str:
        """Return the video's title."""
        ...

    @property
    def state(self) -> str:
        """Return what became of it."""
        ...

    @property
    def publish(self) -> Publish:
        """Return who was to see it."""
        ...

    @property
    def note(self) -> str:
        """Return what is yet to be seen of it, if anything is."""
        ...

    @property
    def receipt(self) -> Receipt | None:
        """Return the newest receipt, if there is one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How much a search found beyond what is shown."""

    query: str
    total: int
    truncated: bool = False
    """Whether the site tells no more of what there is."""
    as_of: datetime | None = None
    """Of when the index is, where that was asked."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the site says of a receipt's video."""

    site: str
    """To its owner, in the account's list."""
    visitors: str = ""
    """To everybody, where the video is for everybody."""
    told: str = ""
    """The latter for people, where it is more than a word."""


class Report(Protocol):
    """Where a command's findings and happenings go."""

    def videos(self, videos: Sequence[Video]) -> None:
        """Take note of what the run is about, and where in its manifest each video stands."""
        ...

    def problems(self, problems: Sequence[Problem], manifests: Sequence[Path]) -> None:
        """Report what the manifests' check found."""
        ...

    def plans(self, plans: Sequence[Plan]) -> None:
        """Report what is to be done."""
        ...

    def receipts(
        self, receipts: Sequence[tuple[Path, Receipt]], site: Mapping[Path, Said] | None = None
    ) -> None:
        """Report what the journal knows, and by path what the site says, if it was asked."""
        ...

    def hits(self, hits: Sequence[Mapping[str, Json]], summary: Summary) -> None:
        """Report what a search found, each hit by niconico's names of its fields and `url`."""
        ...

    def event(self, event: Event) -> None:
        """Report a happening; may be called by several threads."""
        ...

    def outcomes(self, rows: Sequence[Row]) -> None:
        """Report what became of every video."""
        ...

    def error(self, error: NicobatchError) -> None:
        """Report what ended the command."""
        ...

    def answer(self, words: str, data: Mapping[str, Json]) -> None:
        """Report a command's one result: in words, or as data."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was."""
        ...
