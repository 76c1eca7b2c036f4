"""What Livetube knows: broadcasts, their comments, and sign-ins, in one store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nicobatch.sandbox.world import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """One broadcast; times are epoch seconds."""

    id: int
    user_id: int = 0
    kind: str = "broadcast"
    stream: str
    author: str
    title: str
    tags: tuple[str, ...] = ()
    begun_at: float
    ended_at: float | None = None
    marks: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """By one less than a comment's number, what people gave it."""

    @property
    def shows_ids(self) -> bool:
        """Whether its tag asks for what tells anonymous people apart."""
        return "nanasiid" in self.tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment."""

    id: int
    user_id: int
    """0 for whoever was not signed in under the name."""
    kind: str = "comment"
    stream: str
    number: int
    name: str
    text: str
    shown_id: str
    written_at: float
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in."""

    id: int
    user_id: int
    kind: str = "session"
    value: str
    ends_at: float


Entry = Broadcast | Comment | Session
_KINDS: Final[Mapping[str, type[Entry]]] = {
    "broadcast": Broadcast,
    "comment": Comment,
    "session": Session,
}


class Records(Store[Entry]):
    """All of them; ids are given once among all kinds."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, _read)


def _read(data: dict[str, Any]) -> Entry:
    if "tags" in data:
        data["tags"] = tuple(data["tags"])
        data["marks"] = {key: tuple(scores) for key, scores in data["marks"].items()}
    return _KINDS[data["kind"]](**data)
