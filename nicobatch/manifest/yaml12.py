"""YAML text to plain data in which every value keeps its place; never recurses, never raises.

It reads the event stream of libyaml (PyYAML's C parser, or its pure one where that is missing) and
gives plain scalars the meaning of YAML 1.2's core schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from nicobatch.manifest import document, lookalikes, yaml_errors
from nicobatch.manifest.document import LINES, WEIGHED, Document, Marks, Spot, Step, position
from nicobatch.manifest.rules import Fault, fault, in_quotes, quoted, shown
from nicobatch.manifest.schema import words
from nicobatch.manifest.yaml_errors import syntax_fault, text_of, too_deep
from nicobatch.model import Position

DEEPEST = 50
MOST_UNFOLDED = 100_000
"""Values that aliases may stand for, counted with repetition."""

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PREFIX = "tag:yaml.org,2002:"
MERGE = "<<"
TYPES: Mapping[str, tuple[type, ...]] = {
    "null": (type(None),),
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
}


def parse(text: str) -> tuple[Document | None, list[Fault]]:
    """Return the document with all faults of its YAML; None if there is nothing to go on with."""
    composer = _Composer(text)
    try:
        document = composer.compose()
    except _Refused as refused:
        return None, [*composer.found(), refused.fault]
    except yaml.YAMLError as error:
        if (end := too_deep(error)) is not None:
            return parse(text[:end])
        found = syntax_fault(error, text, composer.opened())
        reasons = [each for each in composer.in_lines() if each.place.line <= found.place.line]
        return None, [*composer.found(), *(reasons or [found])]
    return document, [*composer.found(), *composer.in_lines()]


class _Refused(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault


_NO_KEY = object()
_DROPPED = object()
_MERGED = object()


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is still open."""

    value: Any
    start: Any
    """The event that it begins with."""
    marks: dict[Step, Marks] = field(default_factory=dict)
    key: Any = _NO_KEY
    key_mark: Any = None
    size: int = 1
    height: int = 1
    merged: list[dict[str, Any]] = field(default_factory=list)
    merge_mark: Any = None


@dataclass(slots=True)
class _Anchored:
    value: Any
    size: int
    height: int


@dataclass(slots=True)
class _Composer:
    text: str
    faults: list[Fault] = field(default_factory=list)
    marks: dict[int, dict[Step, Marks]] = field(default_factory=dict)
    stack: list[_Frame] = field(default_factory=list)
    anchors: dict[str, _Anchored | None] = field(default_factory=dict)
    unused: dict[str, Fault] = field(default_factory=dict)
    """By their name, the anchors of texts that no alias has referred to."""
    held: list[Any] = field(default_factory=list)
    closed: set[int] = field(default_factory=set)
    """Lines, counted from 0, that go on with a text, and so give no key."""
    unfolded: int = 0
    documents: int = 0
    root: tuple[Any, yaml.Mark] | None = None

    def compose(self) -> Document:
        for event in yaml.parse(self.text, Loader=LOADER):
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._scalar(event)
            elif kind is yaml.MappingStartEvent:
                self._open(event, {}, "map")
            elif kind is yaml.SequenceStartEvent:
                self._open(event, [], "seq")
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._close(event)
            elif kind is yaml.AliasEvent:
                self._alias(event)
            elif kind is yaml.DocumentStartEvent:
                self._begin(event)
        if self.root is None:
            raise _Refused(fault("empty-manifest", Position(1, 1)))
        data, mark = self.root
        return Document(data, mark, self.marks, self.text, self.held)

    def opened(self) -> Position:
        return position(self.stack[-1].start.start_mark) if self.stack else Position(1, 1)

    def found(self) -> list[Fault]:
        return [*self.faults, *self.unused.values()]

    def in_lines(self) -> Iterator[Fault]:
        return lookalikes.in_lines(self.text, words(), self.closed)

    def _begin(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            raise _Refused(fault("yaml-several-documents", position(event.start_mark)))

    def _scalar(self, event: Any) -> None:
        text, tag = event.value, event.tag
        spot = self._spot()
        self.faults += yaml_errors.losses(self.text, event, spot)
        self.faults += lookalikes.in_scalar(self.text, event, spot)
        if event.style or spot.field in LINES:
            self.closed.update(range(event.start_mark.line + 1, event.end_mark.line + 1))
        value: Any = text
        if tag is not None:
            value = self._tagged(text, tag, event.start_mark)
        elif event.implicit[0]:
            is_merge = text == MERGE and self._awaits_key()
            value = _MERGED if is_merge else document.resolve(text)
        if event.anchor is not None:
            self._anchor(event.anchor, _Anchored(value, 1 + len(text) // WEIGHED, 0))
            if unused := yaml_errors.anchor(self.text, event, spot):
                self.unused[event.anchor] = unused
        self._place(value, event.start_mark, event.end_mark.index)

    def _spot(self) -> Spot:
        """Return where the next value stands."""
        frame = self.stack[-1] if self.stack else None
        if frame is None:
            return Spot("", 0, in_flow=False)
        in_list = type(frame.value) is list
        keyed = self.stack[-2] if in_list and len(self.stack) > 1 else frame
        field = keyed.key if type(keyed.key) is str else ""
        start = frame.start
        column, in_flow = start.start_mark.column, bool(start.flow_style)
        return Spot(field, column, in_flow=in_flow, in_list=in_list)

    def _awaits_key(self) -> bool:
        frame = self.stack[-1] if self.stack else None
        return frame is not None and type(frame.value) is dict and frame.key is _NO_KEY

    def _anchor(self, name: str, anchored: _Anchored | None) -> None:
        self.anchors[name] = anchored
        if name in self.unused:  # the name is given anew
            self.faults.append(self.unused.pop(name))

    def _tagged(self, text: str, tag: str, mark: yaml.Mark) -> document.Scalar:
        name = tag.removeprefix(PREFIX)
        value = document.resolve(text)
        if name not in {"str", "!"} and not isinstance(value, TYPES.get(name, ())):
            self._refuse_tag(tag, mark)
        return value if name in TYPES else text

    def _refuse_tag(self, tag: str, mark: yaml.Mark) -> None:
        name = f"!!{tag.removeprefix(PREFIX)}" if tag.startswith(PREFIX) else tag
        self.faults.append(self._at_text("yaml-tag", mark, tag=shown(name)))

    def _at_text(self, rule: str, mark: yaml.Mark, **values: object) -> Fault:
        """Say what is wrong where a text may have been meant: then quotes make it right."""
        text = text_of(yaml_errors.line_of(self.text, mark.index))
        advice = "quote" if text else ""
        return fault(rule, position(mark), advice=advice, quoted=in_quotes(text), **values)

    def _open(self, event: Any, value: Any, kind: str) -> None:
        if event.tag not in {None, "!", PREFIX + kind}:
            self._refuse_tag(event.tag, event.start_mark)
        if event.anchor is not None:
            self._anchor(event.anchor, None)
        if kind == "seq":
            self.faults += yaml_errors.first_tag(self.text, event, self._spot().field)
        self.stack.append(_Frame(value, event))
        self._check_depth(0, event.start_mark)

    def _check_depth(self, height: int, mark: yaml.Mark) -> None:
        if len(self.stack) + height > DEEPEST:
            raise _Refused(fault("yaml-too-deep", position(mark), limit=DEEPEST))

    def _close(self, event: Any) -> None:
        frame = self.stack.pop()
        value, start = frame.value, frame.start
        for source in frame.merged:
            self._merge(frame, source)
        self.marks[id(value)] = frame.marks
        if start.anchor is not None:
            self.anchors[start.anchor] = _Anchored(value, frame.size, frame.height)
        end = event.end_mark.index if start.flow_style else 0
        self._place(value, start.start_mark, end, frame.size, frame.height)

    def _merge(self, frame: _Frame, source: dict[str, Any]) -> None:
        """Add what the mapping doesn't have itself, with the places where it stands."""
        marks = self.marks[id(source)]
        for key, value in source.items():
            if key not in frame.value:
                frame.value[key] = value
                frame.marks[key] = marks[key]

    def _alias(self, event: Any) -> None:
        name, mark = event.anchor, event.start_mark
        self.unused.pop(name, None)
        if name not in self.anchors:
            raise _Refused(self._at_text("yaml-unknown-alias", mark, name=shown(name)))
        anchored = self.anchors[name]
        if anchored is None:
            raise _Refused(fault("yaml-recursive-alias", position(mark), name=shown(name)))
        self.unfolded += anchored.size
        if self.unfolded > MOST_UNFOLDED:
            raise _Refused(fault("yaml-alias-bomb", position(mark), limit=f"{MOST_UNFOLDED:,}"))
        self._check_depth(anchored.height, mark)
        self._place(anchored.value, mark, 0, anchored.size, anchored.height)

    def _place(self, value: Any, mark: yaml.Mark, end: int, size: int = 1, height: int = 0) -> None:
        if not self.stack:
            self.root = (value, mark)
            return
        frame = self.stack[-1]
        frame.size += size
        if frame.key is _MERGED:
            height -= 1 + (type(value) is list)
        frame.height = max(frame.height, height + 1)
        if type(frame.value) is list:
            frame.marks[len(frame.value)] = (mark, mark, end)
            frame.value.append(value)
        elif frame.key is _NO_KEY:
            frame.key, frame.key_mark = self._key(frame, value, mark, end), mark
        else:
            self._give(frame, value, mark, end)
            frame.key = _NO_KEY

    def _give(self, frame: _Frame, value: Any, mark: yaml.Mark, end: int) -> None:
        """Put the value under the key that stands before it."""
        if frame.key is _MERGED:
            self.held.append(value)
            frame.merged += self._sources(value, mark)
        elif frame.key is not _DROPPED:
            frame.value[frame.key] = value
            frame.marks[frame.key] = (frame.key_mark, mark, end)

    def _sources(self, value: Any, mark: yaml.Mark) -> Iterator[dict[str, Any]]:
        """Yield the mappings that `<<` names, the first of which wins."""
        is_list = type(value) is list
        for index, each in enumerate(value if is_list else [value]):
            if type(each) is dict:
                yield each
            else:
                place = self.marks[id(value)][index][1] if is_list else mark
                self.faults.append(fault("yaml-merge-key", position(place), value=quoted(each)))

    def _key(self, frame: _Frame, key: Any, mark: yaml.Mark, end: int) -> Any:
        first: Any = frame.marks[key][0] if type(key) is str and key in frame.marks else None
        if key is _MERGED:
            first, frame.merge_mark = frame.merge_mark, frame.merge_mark or mark
        elif type(key) is not str:
            written = self.text[mark.index : end] or shown(key)
            self.faults.append(fault("key-not-text", position(mark), key=shown(written)))
            return _DROPPED
        if first is None:
            return key
        values = {"key": MERGE if key is _MERGED else shown(key), "first": first.line + 1}
        self.faults.append(fault("repeated-key", position(mark), **values))
        return _DROPPED
