"""The data of one manifest, in which every key and value keeps its place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from nicobatch.manifest import scalars
from nicobatch.model import Position

Value: TypeAlias = "scalars.Scalar | list[Value] | dict[str, Value]"
Step: TypeAlias = str | int
WEIGHED = 250
"""Characters of a text that count as much as a value, where values are limited."""
Marks: TypeAlias = tuple[yaml.Mark, yaml.Mark, int]
"""Of a key, of its value, and the index at which the value ends; 0 where that is no one place."""

PROPERTIES = re.compile(r"\A(?:[&!]\S*\s+)+")
"""An anchor or a tag in front of a value."""


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


def position(mark: yaml.Mark) -> Position:
    """Count from 1, as people do."""
    return Position(mark.line + 1, mark.column + 1)
