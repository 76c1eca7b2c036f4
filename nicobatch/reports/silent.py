"""The report that says nothing: others have it as their base, and say what they have to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from nicobatch.errors import NicobatchError
from nicobatch.events import Event
from nicobatch.model import Json, Problem, Receipt, Video
from nicobatch.plan import Plan
from nicobatch.reports.report import Row, Said, Summary


class Silent:
    """Has no use for anything."""

    def videos(self, videos: Sequence[Video]) -> None:
        """Leave it at that."""

    def problems(self, problems: Sequence[Problem], manifests: Sequence[Path]) -> None:
        """Leave it at that."""

    def plans(self, plans: Sequence[Plan]) -> None:
        """Leave it at that."""

    def receipts(
        self, receipts: Sequence[tuple[Path, Receipt]], site: Mapping[Path, Said] | None = None
    ) -> None:
        """Leave it at that."""

    def hits(self, hits: Sequence[Mapping[str, Json]], summary: Summary) -> None:
        """Leave it at that."""

    def event(self, event: Event) -> None:
        """Leave it at that."""

    def outcomes(self, rows: Sequence[Row]) -> None:
        """Leave it at that."""

    def error(self, error: NicobatchError) -> None:
        """Leave it at that."""

    def answer(self, words: str, data: Mapping[str, Json]) -> None:
        """Leave it at that."""

    def close(self) -> None:
        """Leave it at that."""
