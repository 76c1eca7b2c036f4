"""What can be asked of which service, the guide's tables as data, and what is found there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Final, TypeVar

from nicobatch.language import N_
from nicobatch.model import Json
from nicobatch.sites.niconico.profiles import Profile

KEYWORD_TARGETS: Final = ("title", "description", "tags")
"""Where keywords are looked for, in any combination."""
EXACT_TARGET: Final = "tagsExact"
"""Where whole tags are looked for; it stands alone."""
MAX_LIMIT: Final = 100
"""Hits of one answer."""
MAX_NAME: Final = 40
"""Characters of an application's name, in `_context` and in the User-Agent."""


T = TypeVar("T")


class Kind(Enum):
    """What a field holds, in words that fit into "takes ..."."""

    TEXT = N_("text")
    NUMBER = N_("a whole number")
    MOMENT = N_("a date and time with its time zone")
    FLAG = N_("true or false")


@dataclass(frozen=True, slots=True)
class Field:
    """A row of the guide's tables."""

    kind: Kind
    returnable: bool
    sortable: bool
    filterable: bool
    choices: tuple[str, ...] = ()
    """Of an enum: the only values there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One endpoint of the search, what it knows of its contents and how far it tells of them."""

    name: str
    base: Callable[[Profile], str]
    """Picks its host."""
    path: str
    fields: Mapping[str, Field]
    link: Callable[[Profile], str]
    """Picks where a content is looked at, by its `{video_id}`."""
    max_offset: int = 1600
    empty_query: bool = False
    """Whether `q` may be empty, which finds everything."""

    def names(self, ability: str) -> tuple[str, ...]:
        """Return the fields that are `returnable`, `sortable` or `filterable`."""
        return tuple(name for name, field in self.fields.items() if getattr(field, ability))


@dataclass(frozen=True, slots=True)
class Hit:
    """A video or a live programme, as far as it was asked about: fields that may all be null.

    `fields` holds the site's own words. The readers return None for what is null, was not asked
    for, or is nothing of the type: the guide's own sample has a 31st of April.
    """

    fields: Mapping[str, Json]

    @property
    def content_id(self) -> str | None:
        """Return the id, as links have it."""
        return self.text("contentId")

    @property
    def title(self) -> str | None:
        """Return the title."""
        return self.text("title")

    def text(self, name: str) -> str | None:
        """Return a field of text."""
        return self._of_type(name, str)

    def number(self, name: str) -> int | None:
        """Return a field that is a whole number."""
        return self._of_type(name, int)

    def flag(self, name: str) -> bool | None:
        """Return a field that is true or false."""
        return self._of_type(name, bool)

    def moment(self, name: str) -> datetime | None:
        """Return a field that is a moment."""
        try:
            return datetime.fromisoformat(self.text(name) or "")
        except ValueError:
            return None

    def _of_type(self, name: str, kind: type[T]) -> T | None:
        value = self.fields.get(name)
        return value if isinstance(value, kind) and type(value) is kind else None


def _table(rows: str) -> Mapping[str, Field]:
    """Read rows of name, kind, an o or - for each of the guide's columns, and an enum's values."""
    kinds = {"text": Kind.TEXT, "int": Kind.NUMBER, "time": Kind.MOMENT, "bool": Kind.FLAG}
    table = {}
    for name, kind, *rest in (row.split() for row in rows.strip().splitlines()):
        returnable, sortable, filterable = (mark == "o" for mark in rest[:3])
        table[name] = Field(kinds[kind], returnable, sortable, filterable, tuple(rest[3:]))
    return MappingProxyType(table)


_VIDEO_FIELDS: Final = _table("""
    contentId       text o - -
    title           text o - -
    description     text o - -
    userId          int  o o o
    viewCounter     int  o o o
    mylistCounter   int  o o o
    lengthSeconds   int  o o o
    thumbnailUrl    text o - -
    startTime       time o o o
    threadId        int  o o o
    commentCounter  int  o o o
    lastCommentTime time o o o
    categoryTags    text o - o
    channelId       int  o o o
    tags            text o - o
    tagsExact       text - - o
    lockTagsExact   text o - o
    genre           text o - o
    genre.keyword   text o - o
""")
_SNAPSHOT_FIELDS: Final = MappingProxyType(
    {**_VIDEO_FIELDS, **_table("contentId text o - o\nlikeCounter int o o o")}
)
"""What a client of 2026 knows beyond the guide: likes, and ids as a filter."""
_LIVE_FIELDS: Final = _table("""
    contentId                    text o - -
    title                        text o - -
    description                  text o - -
    userId                       int  o o o
    channelId                    int  o o o
    communityId                  int  o o o
    providerType                 text o - o official community channel
    tags                         text o - o
    tagsExact                    text - - o
    categoryTags                 text o - o
    viewCounter                  int  o o o
    commentCounter               int  o o o
    openTime                     time o o o
    startTime                    time o o o
    liveEndTime                  time o o o
    timeshiftEnabled             bool o - o
    scoreTimeshiftReserved       int  o o o
    thumbnailUrl                 text o - -
    liveScreenshotThumbnailSmall text o - -
    tsScreenshotThumbnailSmall   text o - -
    communityText                text o - o
    communityIcon                text o - -
    memberOnly                   bool o - o
    liveStatus                   text o - o past onair reserved
""")

SNAPSHOT: Final = Service(
    name=N_("the snapshot search of videos"),
    base=lambda profile: profile.snapshot,
    path="/api/v2/snapshot/video/contents/search",
    fields=_SNAPSHOT_FIELDS,
    link=lambda profile: profile.watch,
    max_offset=100_000,
    empty_query=True,
)
VIDEO: Final = Service(
    name=N_("the contents search of videos"),
    base=lambda profile: profile.search,
    path="/api/v2/video/contents/search",
    fields=_VIDEO_FIELDS,
    link=lambda profile: profile.watch,
)
LIVE: Final = Service(
    name=N_("the contents search of live programmes"),
    base=lambda profile: profile.search,
    path="/api/v2/live/contents/search",
    fields=_LIVE_FIELDS,
    link=lambda _profile: "https://nico.ms/{video_id}",
)
ENDPOINTS: Final = MappingProxyType(
    {
        "video": MappingProxyType({"snapshot": SNAPSHOT, "contents": VIDEO}),
        "live": MappingProxyType({"contents": LIVE}),
    }
)
"""By what is looked for and by endpoint, the one to use by default first."""
VERSION_PATH: Final = "/api/v2/snapshot/version"
