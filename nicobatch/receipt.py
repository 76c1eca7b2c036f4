"""What the journal knows of one video on one site: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import PurePath
from typing import Final, Self

from nicobatch.model import DEFAULT_SITE, FileIdentity, Inputs, key_of


class StepState(StrEnum):
    """An open step was begun and its outcome is not known; a done one needs no repeat."""

    OPEN = "open"
    DONE = "done"


DELETION: Final = "delete"
"""The step by which a video leaves the site; done, it makes the receipt a tombstone."""
READING: Final = "import"
"""The step by which a video that was there came to be known, where the site did not tell all of it:
`unread` and `assumed` are what `sites.abilities.Reading` has, until all is sent once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One step's state, with what its outcome rests on."""

    state: StepState
    digest: str
    """SHA-256 of the canonical JSON of `inputs`."""
    inputs: Inputs = field(default_factory=dict)
    at: str
    """UTC, ISO 8601."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """The video on the site."""

    id: str
    """As the site's own calls have it: a number on the sites there are."""
    video_id: str
    """As viewers know it: `sm39130867`."""
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """How far the bytes of one file have come."""

    sha256: str
    """Of the file: of another one's upload nothing counts."""
    part_size: int
    """Bytes; the last part may be shorter."""
    total_parts: int
    done_parts: frozenset[int] = frozenset()
    """Indices from 0."""
    state: Mapping[str, str] = field(default_factory=dict)
    """What the site's own steps have to know to go on with it; no secret."""

    @property
    def is_sent(self) -> bool:
        """Whether every part has arrived."""
        return len(self.done_parts) >= self.total_parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """All that is known of one video on one site: the proof that it needs no second upload."""

    site: str = DEFAULT_SITE
    video: str
    manifest: str
    origin: str
    profile: str
    account: str
    files: tuple[FileIdentity, ...]
    """One a page, in order."""
    attempt: int = 0
    """How many runs have worked on it: a later one's writing is never overwritten by an older's."""
    steps: Mapping[str, StepRecord] = field(default_factory=dict)
    remote: Remote | None = None
    uploads: Mapping[int, Upload] = field(default_factory=dict)
    """By page, from 0."""
    blockers: tuple[str, ...] = ()
    """Ids of entries seen in the way, which are somebody else's and never adopted."""
    abandoned: tuple[str, ...] = ()
    """Ids of entries that the site forgot before they were finished."""

    @property
    def key(self) -> str:
        """Name the video by its manifest's name alone: the receipt may lie apart from it."""
        return key_of(self.manifest, self.video, self.site)

    def state(self, step: str) -> StepState | None:
        """Return how far the step came; None means that it was never begun."""
        record = self.steps.get(step)
        return record.state if record else None

    def publish_at(self, step: str) -> datetime | None:
        """Return when the video is to be published, as the step sent it or was about to."""
        record = self.steps.get(step)
        return read_moment(record.inputs.get("publish.at")) if record else None

    @property
    def is_begun(self) -> bool:
        """Whether anything began under it, so that it has taken its files."""
        return bool(self.remote or self.steps)

    @property
    def is_deleted(self) -> bool:
        """Whether the video was there and was deleted, so that nothing is left of it."""
        return self.state(DELETION) is StepState.DONE


@dataclass(frozen=True, slots=True)
class ReceiptPlace:
    """What the place of a receipt tells: it may have been moved since it was written."""

    folder: PurePath
    """Of all receipts."""
    manifest: str
    video: str
    site: str

    @classmethod
    def of(cls, path: PurePath, site: str) -> Self:
        """Return what the place of a receipt of the site tells."""
        manifest = path.parent if site == DEFAULT_SITE else path.parents[1]
        return cls(manifest.parent, manifest.name, path.stem, site)

    @property
    def key(self) -> str:
        """Name the video as messages do: `MANIFEST#VIDEO`, and `@SITE` where it is another."""
        return key_of(self.manifest, self.video, self.site)


def nothing(receipt: Receipt) -> Receipt:
    """Learn nothing beyond that it worked."""
    return receipt


def read_moment(value: object) -> datetime | None:
    """Read a moment that has its zone, as a receipt or a site writes it; None if it is none."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at and at.tzinfo else None
