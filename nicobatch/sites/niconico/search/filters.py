"""Filters that read well in Python, and what they are on the wire.

    Filter.equal("genre", "ゲーム") & ~Filter.range("viewCounter", lt=10_000)

What `filters[...]` can say is said by it, as the guide asks; the rest becomes a `jsonFilter`.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from nicobatch.errors import UsageError
from nicobatch.language import _
from nicobatch.model import Json
from nicobatch.sites.niconico.search.services import Kind, Service

Value: TypeAlias = str | int | bool | datetime
Bound: TypeAlias = int | datetime
Pair: TypeAlias = tuple[str, str]
_LOWER: Final = frozenset({"gt", "gte"})
_UPPER: Final = frozenset({"lt", "lte"})
_ENDS: Final[Mapping[str, tuple[str, dict[str, bool]]]] = {
    "gt": ("from", {"include_lower": False}),
    "gte": ("from", {}),
    "lt": ("to", {"include_upper": False}),
    "lte": ("to", {}),
}
"""The words of `filters[...]` in those of `jsonFilter`, where ends are within by default."""


class Filter(ABC):
    """A condition on the contents; `&`, `|` and `~` join and turn conditions."""

    __slots__ = ()

    @staticmethod
    def equal(field: str, value: Value) -> Filter:
        """Keep what has the value."""
        return Filter.any(field, (value,))

    @staticmethod
    def any(field: str, values: Iterable[Value]) -> Filter:
        """Keep what has one of the values; raise UsageError where there are none."""
        kept = tuple(values)
        if not kept:
            raise UsageError(
                _("the filter of {field} names no value").format(field=field),
                _("give it one or more"),
            )
        return _OneOf(field, tuple((str(index), value) for index, value in enumerate(kept)))

    @staticmethod
    def range(
        field: str,
        *,
        gt: Bound | None = None,
        gte: Bound | None = None,
        lt: Bound | None = None,
        lte: Bound | None = None,
    ) -> Filter:
        """Keep what lies within the bounds; raise UsageError where a side has two, or none has."""
        given = {"gt": gt, "gte": gte, "lt": lt, "lte": lte}
        bounds = {name: bound for name, bound in given.items() if bound is not None}
        if not bounds or bounds.keys() >= _LOWER or bounds.keys() >= _UPPER:
            raise UsageError(
                _("the range of {field} can't have the bounds {bounds}").format(
                    field=field, bounds=", ".join(bounds) or _("(none)")
                ),
                _("a range takes gt or gte, or lt or lte, or one of each pair"),
            )
        return _Range(field, tuple(bounds.items()))

    def __and__(self, other: Filter) -> Filter:
        return _Joined("and", (*self.operands("and"), *other.operands("and")))

    def __or__(self, other: Filter) -> Filter:
        return _Joined("or", (*self.operands("or"), *other.operands("or")))

    def __invert__(self) -> Filter:
        return _Not(self)

    def operands(self, kind: str) -> tuple[Filter, ...]:  # noqa: ARG002 - a leaf is one anywhere
        """Return what a filter of that kind joins, else the filter itself."""
        return (self,)

    @abstractmethod
    def leaves(self) -> Iterator[_Leaf]:
        """Yield the conditions on single fields."""

    @abstractmethod
    def tree(self) -> dict[str, Json]:
        """Return the filter as the guide's JSON."""

    def parameters(self) -> list[Pair]:
        """Return what the request carries."""
        parts = self.operands("and")
        leaves = [part for part in parts if isinstance(part, _Leaf)]
        if len(leaves) == len(parts) == len({leaf.field for leaf in leaves}):
            return [pair for leaf in leaves for pair in leaf.pairs()]
        return [("jsonFilter", json.dumps(self.tree(), ensure_ascii=False, separators=(",", ":")))]

    def check(self, service: Service) -> None:
        """Raise UsageError where the service can't filter so."""
        for leaf in self.leaves():
            _check_field(leaf, service)
            for _key, value in leaf.values:
                _check_value(leaf.field, value, service)


@dataclass(frozen=True, slots=True)
class _Leaf(Filter):
    field: str
    values: tuple[tuple[str, Value], ...]
    """By what stands in the second brackets of `filters[...][...]`."""

    def leaves(self) -> Iterator[_Leaf]:
        yield self

    def pairs(self) -> list[Pair]:
        return [(f"filters[{self.field}][{key}]", _text(value)) for key, value in self.values]


class _OneOf(_Leaf):
    __slots__ = ()

    def tree(self) -> dict[str, Json]:
        equals: list[dict[str, Json]] = [
            {"type": "equal", "field": self.field, "value": _json(value)}
            for _key, value in self.values
        ]
        return equals[0] if len(equals) == 1 else {"type": "or", "filters": equals}


class _Range(_Leaf):
    __slots__ = ()

    def tree(self) -> dict[str, Json]:
        node: dict[str, Json] = {"type": "range", "field": self.field}
        for name, value in self.values:
            end, exclusion = _ENDS[name]
            node |= {end: _json(value), **exclusion}
        return node


@dataclass(frozen=True, slots=True)
class _Joined(Filter):
    kind: str
    filters: tuple[Filter, ...]

    def operands(self, kind: str) -> tuple[Filter, ...]:
        return self.filters if kind == self.kind else (self,)

    def leaves(self) -> Iterator[_Leaf]:
        for each in self.filters:
            yield from each.leaves()

    def tree(self) -> dict[str, Json]:
        return {"type": self.kind, "filters": [each.tree() for each in self.filters]}


@dataclass(frozen=True, slots=True)
class _Not(Filter):
    filter: Filter

    def leaves(self) -> Iterator[_Leaf]:
        yield from self.filter.leaves()

    def tree(self) -> dict[str, Json]:
        return {"type": "not", "filter": self.filter.tree()}


_KINDS: Final[Mapping[Kind, type]] = {
    Kind.TEXT: str,
    Kind.NUMBER: int,
    Kind.MOMENT: datetime,
    Kind.FLAG: bool,
}


def _check_field(leaf: _Leaf, service: Service) -> None:
    known = service.fields.get(leaf.field)
    if known is None or not known.filterable:
        names = ", ".join(service.names("filterable"))
        raise UsageError(
            _("{service} can't filter by {field}").format(
                service=_(service.name), field=leaf.field
            ),
            _("it can filter by {names}").format(names=names),
        )
    if isinstance(leaf, _Range) and known.kind not in {Kind.NUMBER, Kind.MOMENT}:
        raise UsageError(
            _("{field} has no order, and no range").format(field=leaf.field),
            _("filter by the values that it may have"),
        )


def _check_value(name: str, value: object, service: Service) -> None:
    field = service.fields[name]
    fits = isinstance(value, _KINDS[field.kind]) and not (
        isinstance(value, bool) and field.kind is Kind.NUMBER
    )
    if isinstance(value, datetime) and value.utcoffset() is None:
        fits = False
    if not fits:
        raise UsageError(
            _("{name} can't be {value!r}: it takes {kind}").format(
                name=name, value=value, kind=_(field.kind.value)
            ),
            _("give it such a value"),
        )
    if field.choices and value not in field.choices:
        raise UsageError(
            _("{name} can't be {value}").format(name=name, value=value),
            _("it can be {choices}").format(choices=", ".join(field.choices)),
        )


def _json(value: Value) -> Json:
    return value.isoformat() if isinstance(value, datetime) else value


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(_json(value))
