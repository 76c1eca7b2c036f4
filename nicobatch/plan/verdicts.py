"""What a plan says, and what it is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from nicobatch.language import N_
from nicobatch.model import FileIdentity, Inputs, Json, Problem, Severity, Video
from nicobatch.sites.base import Role, StepTable

NOTE_RULE: Final = "site-limit"
"""Of a warning that a field can't be had, or not for sure, from the site."""


class Verdict(StrEnum):
    """What becomes of a video."""

    CREATE = N_("create")
    RESUME = N_("resume")
    UPDATE = N_("update")
    UNCHANGED = N_("unchanged")
    LEAVE = N_("leave")
    """It was deleted on purpose."""
    REFUSE = N_("refuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A published field that the manifest now wants otherwise."""

    name: str
    old: Json
    new: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the site can't do about a field, or what nobody knows it to do."""

    name: str
    """The field, under the manifest's name."""
    message: str
    line: int = 1
    column: int = 1
    """Where in the manifest the field has its value, like a `Problem`'s."""

    def problem(self, manifest: Path) -> Problem:
        """Return it as a warning at its place."""
        return Problem(
            rule=NOTE_RULE,
            message=f"{self.name}: {self.message}",
            path=manifest,
            line=self.line,
            column=self.column,
            severity=Severity.WARNING,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a value of a video stands in its manifest."""

    name: str
    """The field: `publish.at`."""
    line: int
    column: int
    layer: str
    """`defaults`, `video`, `defaults.SITE`, `video.SITE`; `manifest` for what stands at its top."""
    made: bool = False
    """Whether the value was made of what stands there: of a pattern, a placeholder, a series."""
    file: str = ""
    """The shared file, as the manifest names it, whose text it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The verdict on one video, the steps to run, and why."""

    video: str
    verdict: Verdict
    steps: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    changes: tuple[FieldChange, ...] = ()
    hint: str = ""
    notes: tuple[Note, ...] = ()
    id: str = ""
    """What the site calls the video that its receipt names."""
    url: str = ""
    publish_at: str = ""
    """When it is to be published, with the zone (ISO 8601); empty where no time is given."""
    sources: tuple[Source, ...] = ()
    """Of each value that the manifest gives; only where that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the manifest asks of one site for one video."""

    video: Video
    files: tuple[FileIdentity, ...]
    """One a page, in order."""
    origin: str
    receipt: str
    """The path of its receipt, there or not yet: no other video has the same."""
    steps: Mapping[str, Inputs]
    """Every step the video needs, in order, with what its outcome rests on."""
    table: StepTable
    """What the site's steps are."""
    is_away: bool = False
    """Whether a file is not here, and only known from the receipt."""
    by_option: bool = False
    """Whether `--account` names the account, and not the manifest."""

    @property
    def sealing_step(self) -> str:
        """Return the step after which the uploaded file can't be another one."""
        return self.table.name(Role.SEALS)

    @property
    def publishing_step(self) -> str:
        """Return the step after which others may see the video."""
        return self.table.name(Role.PUBLISHES)

    @property
    def proofs(self) -> frozenset[str]:
        """Return the steps that only look at what is done."""
        return self.table.names(Role.PROVES)

    @property
    def afterwards(self) -> frozenset[str]:
        """Return the steps that change nothing on the site: proofs and announcements."""
        return self.proofs | self.table.names(Role.ANNOUNCES)
