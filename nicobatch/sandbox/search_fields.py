"""What the content search knows of a field: the guide's tables, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final


class Kind(Enum):
    """How values of a field are written and compared."""

    TEXT = "string"
    WHOLE = "integer"
    MOMENT = "ISO 8601"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the guide's table."""

    kind: Kind
    returned: bool
    sortable: bool
    filterable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One of the services, and how far its requests may go."""

    fields: Mapping[str, Field]
    max_offset: int = 1600
    max_limit: int = 100
    empty_query: bool = False


def _table(rows: str) -> Mapping[str, Field]:
    """Read rows of name, kind, and o or - for returned, sortable, filterable."""
    kinds = {"text": Kind.TEXT, "int": Kind.WHOLE, "time": Kind.MOMENT, "bool": Kind.BOOLEAN}
    table = {}
    for name, kind, *marks in (row.split() for row in rows.strip().splitlines()):
        returned, sortable, filterable = (mark == "o" for mark in marks)
        table[name] = Field(kinds[kind], returned, sortable, filterable)
    return MappingProxyType(table)


_VIDEO: Final = _table("""
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

_SNAPSHOT: Final = MappingProxyType(
    {**_VIDEO, **_table("likeCounter int o o o\ncontentId text o - o")}
)
"""NicoNicoToolkit's table: likes were added, and ids can be filtered."""

_LIVE: Final = _table("""
    contentId                   text o - -
    title                       text o - -
    description                 text o - -
    userId                      int  o o o
    channelId                   int  o o o
    communityId                 int  o o o
    providerType                text o - o
    tags                        text o - o
    tagsExact                   text - - o
    categoryTags                text o - o
    viewCounter                 int  o o o
    commentCounter              int  o o o
    openTime                    time o o o
    startTime                   time o o o
    liveEndTime                 time o o o
    timeshiftEnabled            bool o - o
    scoreTimeshiftReserved      int  o o o
    thumbnailUrl                text o - -
    liveScreenshotThumbnailSmall text o - -
    tsScreenshotThumbnailSmall  text o - -
    communityText               text o - o
    communityIcon               text o - -
    memberOnly                  bool o - o
    liveStatus                  text o - o
""")

SERVICES: Final = MappingProxyType(
    {
        "video": Service(fields=_VIDEO),
        "live": Service(fields=_LIVE),
        "snapshot": Service(fields=_SNAPSHOT, max_offset=100_000, empty_query=True),
    }
)

TARGETS: Final = frozenset({"title", "description", "tags"})
EXACT_TARGET: Final = "tagsExact"
