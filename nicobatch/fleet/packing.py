"""Checked videos as text: what a worker needs to publish one, without its manifest."""

from __future__ import annotations

import functools
import json
import os
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from nicobatch.origin import stored
from nicobatch.pipeline import CheckedVideo


def pack(ready: CheckedVideo) -> str:
    """Return the video as JSON in ASCII, with absolute paths, and without what is at its default.

    File names that are no UTF-8 are kept.
    """
    return json.dumps(_plain(ready), sort_keys=True, separators=(",", ":"))


def unpack(text: str, options: Callable[[str], type]) -> CheckedVideo:
    """Return the video of the text; `options` returns the class that has a site's own keys."""
    ready: CheckedVideo = _made(CheckedVideo, json.loads(text))
    video = ready.video
    if video.options is None:
        return ready
    own = _made(options(video.site), video.options)
    return replace(ready, video=replace(video, options=own))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        members = ((each.name, getattr(value, each.name), _default(each)) for each in fields(value))
        return {name: _plain(is_) for name, is_, default in members if is_ != default}
    if isinstance(value, Path):
        return stored(value) or os.path.abspath(value)  # noqa: PTH100 - Path's own follows links
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _default(member: Field[Any]) -> Any:
    made = member.default_factory
    return member.default if made is MISSING else made()


def _made(kind: Any, data: Any) -> Any:
    """Return what `_plain` made the data of, by the type that its member has."""
    if data is None or kind is Any:
        return data
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: _made(hints[name], each) for name, each in data.items()})
    if isinstance(kind, type) and issubclass(kind, Path | Enum):
        return kind(data)
    if kind is datetime:
        return datetime.fromisoformat(data)
    return _several(typing.get_origin(kind), typing.get_args(kind), data)


_hints = functools.cache(typing.get_type_hints)
"""What the members of a class are: it is asked for each video."""


def _several(origin: Any, inner: tuple[Any, ...], data: Any) -> Any:
    """Return a union's member, or what has several of one type."""
    if origin in {types.UnionType, typing.Union}:
        return _made(next(each for each in inner if each is not types.NoneType), data)
    if origin in {tuple, frozenset}:
        return origin(_made(inner[0], each) for each in data)
    if origin is Mapping:
        return {name: _made(inner[1], each) for name, each in data.items()}
    return data
