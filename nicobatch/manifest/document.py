"""The data of one manifest, in which every key and value keeps its place; plain scalars."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from nicobatch.model import Position

if TYPE_CHECKING:
    import yaml

Scalar: TypeAlias = bool | int | float | str | None

CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
DECIMAL = re.compile(r"[-+]?[0-9]+")
BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
NUMERIC = frozenset("-+.0123456789")
LONGEST_NUMBER = 1000
"""Characters; Python refuses to write out numbers of more than 4,300 digits."""


def resolve(text: str) -> Scalar:
    """Return what a plain scalar stands for; a number of absurd length stays text."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if text[0] not in NUMERIC or len(text) > LONGEST_NUMBER:
        return text
    if DECIMAL.fullmatch(text):
        return int(text)
    if BASED.fullmatch(text):
        return int(text, 0)
    return float(text) if FLOAT.fullmatch(text) else text


Value: TypeAlias = "Scalar | list[Value] | dict[str, Value]"
Step: TypeAlias = str | int
WEIGHED = 250
"""Characters of a text that count as much as a value, where values are limited."""
Marks: TypeAlias = "tuple[yaml.Mark, yaml.Mark, int]"
"""Of a key, of its value, and the index at which the value ends; 0 where that is no one place."""

PROPERTIES = re.compile(r"\A(?:[&!]\S*\s+)+")
"""An anchor or a tag in front of a value."""


LINES = frozenset(("description", "text", "before", "after", "thanks_message", "dynamic"))
"""Texts of which each line counts."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a scalar stands: whose value it is, and what it is written in."""

    field: str
    """The key that it, or the list that it is in, belongs to; empty if there is none."""
    column: int
    """Of the block around it, counted from 0."""
    in_flow: bool
    in_list: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """The data of one manifest, and where its keys and values stand."""

    data: Value
    root: yaml.Mark
    marks: Mapping[int, Mapping[Step, Marks]]
    """By the `id` of a list or mapping: the marks of each key and value in it."""
    text: str
    held: Sequence[Value] = ()
    """What the data has no more, kept so that each `id` stays that of one value."""

    def place(self, *path: Step) -> Position:
        """Return where the value at the path stands, or the nearest thing around it."""
        return self._find(path, 1)

    def key_place(self, *path: Step) -> Position:
        """Return where the key at the end of the path stands."""
        return self._find(path, 0)

    def written(self, *path: Step) -> str:
        """Return the value at the path as it stands in the file; empty if it stands elsewhere."""
        value: Any = self.data
        for step in path[:-1]:
            value = value[step]
        _, mark, end = self.marks[id(value)][path[-1]]
        return PROPERTIES.sub("", self.text[mark.index : end], count=1).rstrip()

    def _find(self, path: tuple[Step, ...], side: int) -> Position:
        mark, value = self.root, self.data
        for depth, step in enumerate(path, start=1):
            known = self.marks.get(id(value), {})
            if step not in known:
                break
            key_mark, value_mark, _ = known[step]
            mark = key_mark if depth == len(path) and side == 0 else value_mark
            value = value[step]  # type: ignore[index]
        return position(mark)


def position(mark: yaml.Mark, layer: str = "") -> Position:
    """Count from 1, as people do; the layer is the part of the manifest that it is in."""
    return Position(mark.line + 1, mark.column + 1, layer)
