"""The search's `filters[…]` and `jsonFilter`, made into predicates over documents."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, NoReturn, TypeAlias

from nicobatch.sandbox import answers
from nicobatch.sandbox.search_fields import Field, Kind
from nicobatch.sandbox.search_query import fold

Document: TypeAlias = Mapping[str, Any]
Predicate: TypeAlias = Callable[[Document], bool]
Fields: TypeAlias = Mapping[str, Field]

_NAME: Final = re.compile(r"filters\[(?P<field>[\w.]+)\]\[(?P<key>\d+|gte|gt|lte|lt)\]")
_WHOLE: Final = re.compile(r"-?[0-9]+")
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
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
    return partial(_all, predicates)


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
    return partial(_all, predicates)


def _nodes(node: Mapping[str, Any], fields: Fields) -> list[Predicate]:
    if not isinstance(node["filters"], list) or not node["filters"]:
        _refuse("jsonFilter: filters must be a list")
    return [_node(below, fields) for below in node["filters"]]


def _or_node(node: Mapping[str, Any], fields: Fields) -> Predicate:
    return partial(_any, _nodes(node, fields))


def _and_node(node: Mapping[str, Any], fields: Fields) -> Predicate:
    return partial(_all, _nodes(node, fields))


def _not_node(node: Mapping[str, Any], fields: Fields) -> Predicate:
    below = _node(node["filter"], fields)
    return lambda document: not below(document)


_NODES: Final = {
    "equal": (_equal_node, {"field", "value"}, set[str]()),
    "range": (_range_node, {"field"}, {"from", "to", "include_lower", "include_upper"}),
    "or": (_or_node, {"filters"}, set[str]()),
    "and": (_and_node, {"filters"}, set[str]()),
    "not": (_not_node, {"filter"}, set[str]()),
}


def _all(predicates: list[Predicate], document: Document) -> bool:
    return all(predicate(document) for predicate in predicates)


def _any(predicates: list[Predicate], document: Document) -> bool:
    return any(predicate(document) for predicate in predicates)


def _equal_any(fields: Fields, name: object, values: list[Any]) -> Predicate:
    field = _filterable(fields, name)
    wanted = {comparable(field.kind, value, str(name)) for value in values}
    return lambda document: not wanted.isdisjoint(_values(document, str(name), field.kind))


def _bound(fields: Fields, name: object, key: str, value: object) -> Predicate:
    field = _filterable(fields, name)
    if field.kind not in {Kind.WHOLE, Kind.MOMENT}:
        _refuse(f"{name}: has no order to be ranged over")
    limit = comparable(field.kind, value, str(name))
    compare = _COMPARE[key]
    return lambda document: any(
        compare(found, limit) for found in _values(document, str(name), field.kind)
    )


def _filterable(fields: Fields, name: object) -> Field:
    field = fields.get(name) if isinstance(name, str) else None
    if field is None or not field.filterable:
        _refuse(f"{name}: can't be filtered by")
    return field


def _values(document: Document, name: str, kind: Kind) -> list[Any]:
    value = document[name]
    if value is None:
        return []
    values = value.split(" ") if name in _WORDS else [value]
    return [comparable(kind, each, name) for each in values]


def comparable(kind: Kind, value: object, name: str) -> Any:
    """Return the value in a form that compares as its field does."""
    try:
        return _READ[kind](value)
    except (ValueError, TypeError):
        _refuse(f"{name}: must be a value of the type {kind.value}")


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
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


_READ: Final[Mapping[Kind, Callable[[object], Any]]] = {
    Kind.TEXT: _text,
    Kind.WHOLE: _whole,
    Kind.MOMENT: _moment,
    Kind.BOOLEAN: _boolean,
}


def _refuse(detail: str) -> NoReturn:
    raise answers.search(detail=detail)
