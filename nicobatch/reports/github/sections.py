"""The sections of the job summary: what was found, what is to be done, what there is now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from nicobatch.language import _
from nicobatch.plan import Plan
from nicobatch.reports import ManifestsChecked, ReceiptsRead, words
from nicobatch.reports.github.markdown import lines, link, text
from nicobatch.reports.github.summary import Section
from nicobatch.reports.places import Root
from nicobatch.reports.record import Case, Record


@dataclass(frozen=True, slots=True)
class Source:
    """Where the repository's files can be read, at the commit that the run is about."""

    root: Root
    address: str = ""
    """Ends with the commit; empty where there is none."""

    @classmethod
    def of(cls, environment: Mapping[str, str], root: Root) -> Self:
        """Take it from the variables that a runner sets."""
        names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")
        server, repository, commit = (environment.get(name, "") for name in names)
        known = server and repository and commit
        return cls(root, f"{server}/{repository}/blob/{commit}" if known else "")

    def place(self, path: Path, line: int) -> str:
        """Return a line of a file as a link, or as text where it can't be read there."""
        return self._link(f"{self.root.path(path)}:{line}", path, line)

    def video(self, case: Case) -> str:
        """Return a video's key as a link to where it begins, or as text."""
        shown = f"{self.root.path(case.manifest)}#{case.name}"
        return self._link(shown, case.manifest, case.place.line)

    def _link(self, shown: str, path: Path, line: int) -> str:
        uri, inside = self.root.uri(path)
        return link(shown, f"{self.address}/{uri}#L{line}" if self.address and inside else "")


@dataclass(frozen=True, slots=True)
class Sections:
    """Words the sections of one command's summary."""

    command: str
    source: Source

    def problems(self, checked: ManifestsChecked) -> Section:
        """List what the check found."""
        rows = [
            (
                self.source.place(each.path, each.line),
                text(_of(_(each.severity.value), each.message, each.hint)),
                text(each.rule),
            )
            for each in checked.problems
        ]
        columns = (_("place"), _("problem"), _("rule"))
        return self._section(columns, rows, words.check_summary(checked))

    def plans(self, plans: Sequence[Plan], record: Record) -> Section:
        """List what is to be done, by its sign."""
        rows = [
            (
                f"`{words.SIGNS[plan.verdict]}`",
                self.source.video(record[plan.video]),
                text(record[plan.video].title),
                lines(
                    _of(_(plan.verdict.value), "; ".join(plan.reasons), plan.hint),
                    *([f"{plan.id} {plan.url}"] if plan.id else []),
                    *(f"{note.name}: {note.message}" for note in plan.notes),
                ),
            )
            for plan in plans
        ]
        columns = ("", _("video"), _("title"), _("plan"))
        return self._section(columns, rows, words.plan_summary(plans))

    def receipts(self, read: ReceiptsRead) -> Section:
        """List what the journal knows, and what the site says where it was asked."""
        rows = [
            (
                *map(text, words.receipt_cells(read, path)),
                link(receipt.remote.video_id, receipt.remote.url) if receipt.remote else "",
            )
            for path, receipt in read.receipts.items()
        ]
        return self._section((*words.receipt_columns(read), _("link")), rows)

    def videos(self, cases: Iterable[Case]) -> Section:
        """List what became of the videos."""
        rows = [
            (
                self.source.video(case),
                text(case.title),
                text(_state(case)),
                link(case.text("id"), case.text("url")),
            )
            for case in cases
        ]
        return self._section((_("video"), _("title"), _("state"), _("link")), rows)

    def _section(
        self, columns: Sequence[str], rows: Sequence[Sequence[str]], closing: str = ""
    ) -> Section:
        heading = f"nicobatch {self.command}"
        return Section(heading=heading, columns=columns, rows=rows, closing=closing)


def _state(case: Case) -> str:
    if not case.end:
        return _("not begun") if case.began is None else _("unfinished")
    return _of(words.ended(case.end), case.text("message"), case.text("hint"))


def _of(first: str, *more: str) -> str:
    """Put what belongs together into one cell."""
    return ": ".join(filter(None, (first, " – ".join(filter(None, more)))))
