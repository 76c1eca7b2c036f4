"""YAML text to plain data in which every value keeps its place; never recurses, never raises.

It reads the event stream of libyaml (PyYAML's C parser, or its pure one where that is missing) and
gives plain scalars the meaning of YAML 1.2's core schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from nicobatch.manifest import scalars
from nicobatch.manifest.rules import Fault, fault, shown
from nicobatch.manifest.yaml_errors import syntax_fault, too_deep
from nicobatch.model import Position

Value: TypeAlias = "scalars.Scalar | list[Value] | dict[str, Value]"
Step: TypeAlias = str | int

DEEPEST = 50
MOST_UNFOLDED = 100_000
"""Values that aliases may stand for, counted with repetition."""

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PREFIX = "tag:yaml.org,2002:"
TYPES: Mapping[str, tuple[type, ...]] = {
    "null": (type(None),),
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
}


@dataclass(frozen=True, slots=True)
class Document:
    """The data of one manifest, and where its keys and values stand."""

    data: Value
    root: yaml.Mark
    marks: Mapping[int, Mapping[Step, tuple[yaml.Mark, yaml.Mark]]]
    """By the `id` of a list or mapping: the marks of each key and value in it."""

    def place(self, *path: Step) -> Position:
        """Return where the value at the path stands, or the nearest thing around it."""
        return self._find(path, 1)

    def key_place(self, *path: Step) -> Position:
        """Return where the key at the end of the path stands."""
        return self._find(path, 0)

    def _find(self, path: tuple[Step, ...], side: int) -> Position:
        mark, value = self.root, self.data
        for depth, step in enumerate(path, start=1):
            known = self.marks.get(id(value), {})
            if step not in known:
                break
            mark = known[step][side if depth == len(path) else 1]
            value = value[step]  # type: ignore[index]
        return position(mark)


def position(mark: yaml.Mark) -> Position:
    """Count from 1, as people do."""
    return Position(mark.line + 1, mark.column + 1)


def parse(text: str) -> tuple[Document | None, list[Fault]]:
    """Return the document with all faults of its YAML; None if there is nothing to go on with."""
    composer = _Composer()
    try:
        document = composer.compose(text)
    except _Refused as refused:
        return None, [*composer.faults, refused.fault]
    except yaml.YAMLError as error:
        if (end := too_deep(error)) is not None:
            return parse(text[:end])
        return None, [*composer.faults, syntax_fault(error, text, composer.opened())]
    return document, composer.faults


class _Refused(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault


_NO_KEY = object()
_DROPPED = object()


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is still open."""

    value: Any
    marks: dict[Step, tuple[yaml.Mark, yaml.Mark]]
    start: yaml.Mark
    anchor: str | None
    key: Any = _NO_KEY
    key_mark: Any = None
    size: int = 1
    height: int = 1


@dataclass(slots=True)
class _Anchored:
    value: Any
    size: int
    height: int


@dataclass(slots=True)
class _Composer:
    faults: list[Fault] = field(default_factory=list)
    marks: dict[int, dict[Step, tuple[yaml.Mark, yaml.Mark]]] = field(default_factory=dict)
    stack: list[_Frame] = field(default_factory=list)
    anchors: dict[str, _Anchored | None] = field(default_factory=dict)
    unfolded: int = 0
    documents: int = 0
    root: tuple[Any, yaml.Mark] | None = None

    def compose(self, text: str) -> Document:
        for event in yaml.parse(text, Loader=LOADER):
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._scalar(event)
            elif kind is yaml.MappingStartEvent:
                self._open(event, {}, "map")
            elif kind is yaml.SequenceStartEvent:
                self._open(event, [], "seq")
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._close()
            elif kind is yaml.AliasEvent:
                self._alias(event)
            elif kind is yaml.DocumentStartEvent:
                self._begin(event)
        if self.root is None:
            raise _Refused(fault("empty-manifest", Position(1, 1)))
        data, mark = self.root
        return Document(data, mark, self.marks)

    def opened(self) -> Position:
        return position(self.stack[-1].start) if self.stack else Position(1, 1)

    def _begin(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            raise _Refused(fault("yaml-several-documents", position(event.start_mark)))

    def _scalar(self, event: Any) -> None:
        text, tag = event.value, event.tag
        if tag is None:
            value = scalars.resolve(text) if event.implicit[0] else text
        else:
            value = self._tagged(text, tag, event.start_mark)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(value, 1, 0)
        self._place(value, event.start_mark)

    def _tagged(self, text: str, tag: str, mark: yaml.Mark) -> scalars.Scalar:
        name = tag.removeprefix(PREFIX)
        value = scalars.resolve(text)
        if name not in {"str", "!"} and not isinstance(value, TYPES.get(name, ())):
            self._refuse_tag(tag, mark)
        return value if name in TYPES else text

    def _refuse_tag(self, tag: str, mark: yaml.Mark) -> None:
        name = f"!!{tag.removeprefix(PREFIX)}" if tag.startswith(PREFIX) else tag
        self.faults.append(fault("yaml-tag", position(mark), tag=shown(name)))

    def _open(self, event: Any, value: Any, kind: str) -> None:
        mark = event.start_mark
        if event.tag not in {None, "!", PREFIX + kind}:
            self._refuse_tag(event.tag, mark)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.stack.append(_Frame(value, {}, mark, event.anchor))
        self._check_depth(0, mark)

    def _check_depth(self, height: int, mark: yaml.Mark) -> None:
        if len(self.stack) + height > DEEPEST:
            raise _Refused(fault("yaml-too-deep", position(mark), limit=DEEPEST))

    def _close(self) -> None:
        frame = self.stack.pop()
        self.marks[id(frame.value)] = frame.marks
        if frame.anchor is not None:
            self.anchors[frame.anchor] = _Anchored(frame.value, frame.size, frame.height)
        self._place(frame.value, frame.start, frame.size, frame.height)

    def _alias(self, event: Any) -> None:
        name, mark = event.anchor, event.start_mark
        if name not in self.anchors:
            raise _Refused(fault("yaml-unknown-alias", position(mark), name=shown(name)))
        anchored = self.anchors[name]
        if anchored is None:
            raise _Refused(fault("yaml-recursive-alias", position(mark), name=shown(name)))
        self.unfolded += anchored.size
        if self.unfolded > MOST_UNFOLDED:
            raise _Refused(fault("yaml-alias-bomb", position(mark), limit=f"{MOST_UNFOLDED:,}"))
        self._check_depth(anchored.height, mark)
        self._place(anchored.value, mark, anchored.size, anchored.height)

    def _place(self, value: Any, mark: yaml.Mark, size: int = 1, height: int = 0) -> None:
        if not self.stack:
            self.root = (value, mark)
            return
        frame = self.stack[-1]
        frame.size += size
        frame.height = max(frame.height, height + 1)
        if type(frame.value) is list:
            frame.marks[len(frame.value)] = (mark, mark)
            frame.value.append(value)
        elif frame.key is _NO_KEY:
            frame.key, frame.key_mark = self._key(frame, value, mark), mark
        else:
            if frame.key is not _DROPPED:
                frame.value[frame.key] = value
                frame.marks[frame.key] = (frame.key_mark, mark)
            frame.key = _NO_KEY

    def _key(self, frame: _Frame, key: Any, mark: yaml.Mark) -> Any:
        if type(key) is not str:
            self.faults.append(fault("key-not-text", position(mark), key=shown(key)))
        elif key in frame.value:
            first = frame.marks[key][0].line + 1
            self.faults.append(fault("repeated-key", position(mark), key=shown(key), first=first))
        elif key == "<<":
            self.faults.append(fault("yaml-merge-key", position(mark)))
        else:
            return key
        return _DROPPED
