"""What a site may be able to do beside publishing: who asks for it takes a target of that type."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from nicobatch.language import N_
from nicobatch.model import Inputs, Json, Position, Problem, Severity
from nicobatch.receipt import Remote
from nicobatch.sites.base import Target

SAME_LENGTH: Final = 2.0
"""Seconds by which a list's whole seconds, after an encode, may be off the file's own length."""


class Standing(StrEnum):
    """Who can see a video of the account's list."""

    PUBLIC = N_("public")
    PRIVATE = N_("private")
    SCHEDULED = N_("scheduled")
    UNDER_REVIEW = N_("under review")
    DELETED = N_("deleted")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnVideo:
    """One video of the account's list; None is what the list did not tell."""

    id: str
    video_id: str
    title: str | None = None
    description: str | None = None
    """As the site keeps it."""
    duration: float | None = None
    """Seconds."""
    registered_at: datetime | None = None
    """When the public can see it, be it in the future."""
    views: int | None = None
    hidden: bool = False
    scheduled: bool = False
    under_review: bool = False
    deleted: bool = False
    more: Mapping[str, Json] = field(default_factory=dict)
    """What else the list tells, by the manifest's keys."""

    @property
    def standing(self) -> Standing:
        """Return what keeps the public from it, if anything does."""
        if self.deleted:
            return Standing.DELETED
        if self.under_review:
            return Standing.UNDER_REVIEW
        if self.scheduled:
            return Standing.SCHEDULED
        return Standing.PRIVATE if self.hidden else Standing.PUBLIC

    def is_as_long_as(self, seconds: float) -> bool:
        """Tell whether the lengths agree, as far as the list tells one."""
        return self.duration is None or abs(self.duration - seconds) <= SAME_LENGTH

    def is_called(self, title: str) -> bool:
        """Tell whether it is there, and of that title."""
        there = self.title is not None and not self.deleted
        return there and folded(str(self.title)) == folded(title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that visitors see otherwise than it was sent."""

    field: str
    """Under the manifest's name, with the number of the list's member: `tags.0`."""
    rule: str
    message: str
    hint: str = ""

    def problem(self, path: Path, place: Position) -> Problem:
        """Return the finding, in the place where it was asked for otherwise."""
        return Problem(
            rule=self.rule,
            message=self.message,
            path=path,
            line=place.line,
            column=place.column,
            hint=self.hint,
            severity=Severity.WARNING,
        )


@dataclass(frozen=True, slots=True)
class View:
    """What visitors see of one video."""

    value: str
    """For programs, in no language but theirs."""
    told: str = ""
    """For people."""
    differences: Sequence[Difference] = ()
    is_absent: bool = False
    """Whether there is nothing: it never was, or it is deleted."""


class ListsVideos(Target, Protocol):
    """Tells which videos the account has."""

    def listed(self) -> Iterable[OwnVideo]:
        """Return all that the account's list has, the newest first; raise what asking raises."""
        ...

    def find(self, id_: str) -> OwnVideo | None:
        """Return the list's video of that id; raise what asking raises."""
        ...

    def remote(self, own: OwnVideo) -> Remote:
        """Return the video of the list as a receipt names it."""
        ...

    def as_listed(self, wanted: Inputs, own: OwnVideo) -> Inputs:
        """Return the wanted inputs of what publishes with what the list tells otherwise."""
        ...

    def is_at_work(self, id_: str) -> bool:
        """Ask whether the site has yet to make a video of an entry, which its list may lack."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the site tells of one of the account's videos; what it does not tell, nobody guesses.

    All is by the manifest's keys.
    """

    data: Mapping[str, Json]
    """The video as a manifest asks for it, of this site alone; without its id and `file`."""
    unread: tuple[str, ...] = ()
    """What can't be told just now: an edit from a manifest without it would lose it."""
    assumed: tuple[str, ...] = ()
    """What is never told, and goes with each edit: where no manifest has it, as its default."""
    remarks: tuple[str, ...] = ()
    """What else is to be said of it, for people."""


class Imports(ListsVideos, Protocol):
    """Tells all that a manifest can say of the videos that the account has."""

    pause: float
    """Seconds between two requests of a reading that makes thousands."""
    page_size: int
    """How many videos a request for the list brings."""

    def read(self, own: OwnVideo) -> Reading:
        """Ask for what the list does not tell of its video; raise what asking raises.

        VideoFailed where too little is told for a manifest.
        """
        ...

    def noticed(self, sent: Inputs, own: OwnVideo) -> Inputs:
        """Return what the list tells otherwise of a video that was sent or read so."""
        ...


class Deletes(ListsVideos, Protocol):
    """Deletes videos of the account, for ever."""

    def delete(self, id_: str) -> None:
        """Delete the video; EntryGone where the site has no such one of the account."""
        ...

    def is_there(self, id_: str, *, listed: bool) -> bool:
        """Ask anew whether the account has the video, which its list had if it is `listed`."""
        ...

    def is_entry(self, id_: str) -> bool:
        """Ask whether the account has what no list tells of: a draft, an unfinished video."""
        ...


@runtime_checkable
class LooksAsVisitor(Target, Protocol):
    """Sees videos as anybody can, without a sign-in."""

    def look(self, remote: Remote, wanted: Inputs) -> View:
        """Look at the video, which was sent so; raise Passing or VideoFailed if that tells none."""
        ...


def folded(title: str) -> str:
    """Return the title without what people and sites change unawares: widths and blanks."""
    return " ".join(unicodedata.normalize("NFKC", title).split())


def is_text(text: str) -> bool:
    """Tell whether a file can hold it: the halves of surrogate pairs are no characters."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def printable(text: object, most: int = 200) -> str:
    """Return what the site said, cut where it is too long, in a form that a terminal can show."""
    blank = "\u3000"  # of Japanese text; Python does not count it as printable
    return "".join(char for char in str(text) if char.isprintable() or char == blank)[:most]
