"""One report that is several: text or JSON, and beside it what a CI service wants to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from nicobatch.errors import NicobatchError
from nicobatch.events import Event
from nicobatch.model import Json, Problem, Receipt, Video
from nicobatch.plan import Plan
from nicobatch.reports.report import Report, Row, Said, Summary


class Several:
    """Tells everything to each of its reports, in their order."""

    def __init__(self, *reports: Report) -> None:
        self._reports = reports

    def videos(self, videos: Sequence[Video]) -> None:
        """Tell all of them what the run is about."""
        for each in self._reports:
            each.videos(videos)

    def problems(self, problems: Sequence[Problem], manifests: Sequence[Path]) -> None:
        """Tell all of them what the check found."""
        for each in self._reports:
            each.problems(problems, manifests)

    def plans(self, plans: Sequence[Plan]) -> None:
        """Tell all of them what is to be done."""
        for each in self._reports:
            each.plans(plans)

    def receipts(
        self, receipts: Sequence[tuple[Path, Receipt]], site: Mapping[Path, Said] | None = None
    ) -> None:
        """Tell all of them what the journal knows."""
        for each in self._reports:
            each.receipts(receipts, site)

    def hits(self, hits: Sequence[Mapping[str, Json]], summary: Summary) -> None:
        """Tell all of them what a search found."""
        for each in self._reports:
            each.hits(hits, summary)

    def event(self, event: Event) -> None:
        """Tell all of them what happened."""
        for each in self._reports:
            each.event(event)

    def outcomes(self, rows: Sequence[Row]) -> None:
        """Tell all of them what became of every video."""
        for each in self._reports:
            each.outcomes(rows)

    def error(self, error: NicobatchError) -> None:
        """Tell all of them what ended the command."""
        for each in self._reports:
            each.error(error)

    def answer(self, words: str, data: Mapping[str, Json]) -> None:
        """Tell all of them the command's result."""
        for each in self._reports:
            each.answer(words, data)

    def close(self) -> None:
        """Close all of them."""
        for each in self._reports:
            each.close()
