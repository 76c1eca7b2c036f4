"""The fields of the content search, as the guide has them, and predicates over documents."""

from __future__ import annotations

import json
import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any, Final, NoReturn, TypeAlias

from nicobatch.sites.niconico.sandbox import answers


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the guide's table."""

    kind: str
    """A name of `_KINDS`."""
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
    table = {}
    for name, kind, *marks in (row.split() for row in rows.strip().splitlines()):
        returned, sortable, filterable = (mark == "o" for mark in marks)
        table[name] = Field(kind, returned, sortable, filterable)
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

Document: TypeAlias = Mapping[str, Any]
Predicate: TypeAlias = Callable[[Document], bool]
Fields: TypeAlias = Mapping[str, Field]

_NAME: Final = re.compile(r"filters\[(?P<field>[\w.]+)\]\[(?P<key>\d+|gte|gt|lte|lt)\]")
_WHOLE: Final = re.compile(r"-?[0-9]+")
_COMPARE: Final = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
_WORDS: Final = frozenset({"tags", "tagsExact", "lockTagsExact", "categoryTags"})
"""Fields that hold several words, separated by blanks."""


def parse_filters(items: Iterable[tuple[str, str]], fields: Fields) -> Predicate:
    """Return what all `filters[…]` parameters ask for together."""
    equal: dict[str, list[str]] = {}
    predicates: list[Predicate] = []
    for name, value in items:
        match = _NAME.fullmatch(name)
        if not match:
            _refuse(f"{name}: is no filter")
        if match["key"].isdecimal():
            equal.setdefault(match["field"], []).append(value)
        else:
            predicates.append(_bound(fields, match["field"], match["key"], value))
    predicates += [_equal_any(fields, field, values) for field, values in equal.items()]
    return _joined(all, predicates)


def parse_json_filter(text: str, fields: Fields) -> Predicate:
    """Return what the tree of `jsonFilter` asks for."""
    try:
        return _node(json.loads(text), fields)
    except (ValueError, RecursionError):
        _refuse("jsonFilter: is no JSON")


def _node(node: object, fields: Fields) -> Predicate:
    if not isinstance(node, dict) or node.get("type") not in _NODES:
        _refuse(f"jsonFilter: type must be one of {', '.join(_NODES)}")
    build, required, optional = _NODES[node["type"]]
    keys = node.keys() - {"type"}
    if not required <= keys <= required | optional:
        _refuse(f"jsonFilter: {node['type']} takes {', '.join(sorted(required | optional))}")
    return build(node, fields)


def _equal_node(node: Mapping[str, Any], fields: Fields) -> Predicate:
    return _equal_any(fields, node["field"], [node["value"]])


def _range_node(node: Mapping[str, Any], fields: Fields) -> Predicate:
    predicates = []
    for end, flag, words in (
        ("from", "include_lower", ("gt", "gte")),
        ("to", "include_upper", ("lt", "lte")),
    ):
        inclusive = node.get(flag, True)
        if not isinstance(inclusive, bool):
            _refuse(f"jsonFilter: {flag} must be true or false")
        if end in node:
            predicates.append(_bound(fields, node["field"], words[inclusive], node[end]))
    if not predicates:
        _refuse("jsonFilter: range takes from or to")
    return _joined(all, predicates)


def _joined_nodes(
    how: Callable[[Iterable[bool]], bool], node: Mapping[str, Any], fields: Fields
) -> Predicate:
    if not isinstance(node["filters"], list) or not node["filters"]:
        _refuse("jsonFilter: filters must be a list")
    return _joined(how, [_node(below, fields) for below in node["filters"]])


def _not_node(node: Mapping[str, Any], fields: Fields) -> Predicate:
    below = _node(node["filter"], fields)
    return lambda document: not below(document)


_NODES: Final[Mapping[str, tuple[Callable[..., Predicate], set[str], set[str]]]] = {
    "equal": (_equal_node, {"field", "value"}, set()),
    "range": (_range_node, {"field"}, {"from", "to", "include_lower", "include_upper"}),
    "or": (partial(_joined_nodes, any), {"filters"}, set()),
    "and": (partial(_joined_nodes, all), {"filters"}, set()),
    "not": (_not_node, {"filter"}, set()),
}


def _joined(how: Callable[[Iterable[bool]], bool], predicates: list[Predicate]) -> Predicate:
    return lambda document: how(predicate(document) for predicate in predicates)


def _equal_any(fields: Fields, name: object, values: list[Any]) -> Predicate:
    field = _filterable(fields, name)
    wanted = {comparable(field.kind, value, str(name)) for value in values}
    return lambda document: not wanted.isdisjoint(_values(document, str(name), field.kind))


def _bound(fields: Fields, name: object, key: str, value: object) -> Predicate:
    field = _filterable(fields, name)
    if field.kind not in {"int", "time"}:
        _refuse(f"{name}: has no order to be ranged over")
    limit = comparable(field.kind, value, str(name))
    compare: Callable[[Any, Any], bool] = _COMPARE[key]
    return lambda document: any(
        compare(found, limit) for found in _values(document, str(name), field.kind)
    )


def _filterable(fields: Fields, name: object) -> Field:
    field = fields.get(name) if isinstance(name, str) else None
    if field is None or not field.filterable:
        _refuse(f"{name}: can't be filtered by")
    return field


def _values(document: Document, name: str, kind: str) -> list[Any]:
    value = document[name]
    if value is None:
        return []
    values = value.split(" ") if name in _WORDS else [value]
    return [comparable(kind, each, name) for each in values]


def fold(text: str) -> str:
    """Return the text without its differences of width and case."""
    return unicodedata.normalize("NFKC", text).casefold()


def comparable(kind: str, value: object, name: str) -> Any:
    """Return the value in a form that compares as its field does."""
    words, read = _KINDS[kind]
    try:
        return read(value)
    except (ValueError, TypeError):
        _refuse(f"{name}: must be a value of the type {words}")


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    if not _WHOLE.fullmatch(str(value)):
        raise ValueError
    return int(value)


def _moment(value: object) -> datetime:
    if not isinstance(value, str):
        raise TypeError
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return fold(value)


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value not in ("true", "false"):
        raise ValueError
    return value == "true"


_KINDS: Final[Mapping[str, tuple[str, Callable[[object], Any]]]] = {
    "text": ("string", _text),
    "int": ("integer", _whole),
    "time": ("ISO 8601", _moment),
    "bool": ("boolean", _boolean),
}
"""How values of a field are written, and what reads them to be compared."""


def _refuse(detail: str) -> NoReturn:
    raise answers.search(detail)
