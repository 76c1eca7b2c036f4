"""What happens on the way, told as it happens: to reports, and to whoever uses the library.

Each kind is a class of its own; `data` holds its members ready for JSON, by the names that
`--format json` has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, TypeAlias

from nicobatch.model import Problem

_UNTOLD: Final = {"untold": True}
"""Marks a member that `data` does not have."""
_UNDATED: Final = datetime.min.replace(tzinfo=UTC)


def _optional(default: str | float | None = "") -> Any:
    """Return a member that JSON leaves out where there is nothing to say in it."""
    return field(default=default, metadata={"optional": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A happening; whoever passes it on fills in when it was, and which video it is about."""

    kind: ClassVar[str]
    """The `event` of `--format json`."""
    at: datetime = _UNDATED
    """With its zone."""
    video: str | None = None
    """The `key` of the video it is about: `MANIFEST#VIDEO`."""

    @property
    def about(self) -> str:
        """Return what names the video among all that are told of; empty where it is about none."""
        return self.video or ""

    @property
    def data(self) -> dict[str, Any]:
        """Return what it tells, ready for JSON, by the names of its members."""
        given = ((each, getattr(self, each.name)) for each in fields(self)[2:])
        return {
            each.name: value
            for each, value in given
            if "untold" not in each.metadata
            and (value not in ("", None) or "optional" not in each.metadata)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStarted(Event):
    """A run of publishing began."""

    kind = "batch_started"
    videos: int = 0
    bytes: int = 0
    """Of all the videos' files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Event):
    """The site took the sign-in of an account."""

    kind = "signed_in"
    account: str = ""
    who: str = ""
    """Whose it is, in the site's words."""
    site: str = _optional()
    """Where it is not the default one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoStarted(Event):
    """A video's turn began, with what is to be done for it."""

    kind = "video_started"
    title: str = ""
    verdict: str = ""
    steps: Sequence[str] = ()
    reasons: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted(Event):
    """A step of a video was begun."""

    kind = "step_started"
    step: str = ""
    label: str = field(default="", metadata=_UNTOLD)
    """What is going on in it, for people: a message, as the site's table has it."""
    sends: bool = field(default=False, metadata=_UNTOLD)
    """Whether bytes of the file leave in it, of which `Progress` tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone(Event):
    """A step of a video is done, and in its receipt."""

    kind = "step_done"
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Event):
    """Bytes of a video's file have left; `sent` falls where some have to be sent again."""

    kind = "progress"
    sent: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting(Event):
    """Something is tried again after a pause."""

    kind = "waiting"
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemFound(Event):
    """Something was found that a person should know of."""

    kind = "problem"
    problem: Problem

    @property
    def data(self) -> dict[str, Any]:
        """Return the finding's members, by the names that a check gives them."""
        told = asdict(self.problem)
        del told["site"]  # one finding may be of the videos of several
        return {**told, "path": str(self.problem.path)}


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoDone(Event):
    """A video's turn is over, and it is as the manifest asks, or left alone."""

    kind = "video_done"
    state: str = ""
    """`pipeline.State`, such as `published`, `updated`, `unchanged`."""
    title: str = ""
    publish: str = "public"
    """`model.PublishMode`: who is to see it."""
    publish_at: str | None = None
    """ISO 8601, where it is scheduled."""
    size: int = 0
    """Bytes of its file."""
    note: str = _optional()
    """What is yet to be seen of it, or why it is left alone."""
    hint: str = _optional()
    id: str = _optional()
    """What the site calls it."""
    url: str = _optional()
    again_at: str | None = _optional(None)
    """ISO 8601: before then a later run has nothing to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFailed(Event):
    """A video's turn is over, and it is not as the manifest asks."""

    kind = "video_failed"
    state: str = ""
    title: str = ""
    size: int = 0
    message: str = ""
    hint: str = ""
    type: str = ""
    """The kind of error in a word, such as `sign-in-needed`."""
    again_at: str | None = _optional(None)
    """ISO 8601: before then a later run is in vain."""
    needs_person: bool = field(default=False, metadata=_UNTOLD)
    """Whether nothing goes on before somebody acts at the site, or looks there."""


End: TypeAlias = VideoDone | VideoFailed
"""One of them comes last of what happens to a video."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchStarted(Event):
    """A folder is watched from now on."""

    kind = "watch_started"
    folder: str = ""
    backend: str = ""
    """`native` or `poll`."""
    message: str = ""
    """Why this backend."""
    hint: str = _optional()


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderChanged(Event):
    """A watched folder is held by another, went away, or is there again."""

    kind = "folder"
    folder: str = ""
    state: str = ""
    """`held`, `unavailable` or `available`."""
    message: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChanged(Event):
    """A manifest of a watched folder, with its files, came to another state."""

    kind = "unit"
    path: str = ""
    state: str | None = None
    message: str = ""
    hint: str = _optional()
    seconds: float | None = _optional(None)
    """After which it is tried again; None: only once it changes."""
    account: str = _optional()
    """Who can't publish, where that is why."""
    reason: str = field(default="", metadata=_UNTOLD)
    """Why it failed, in the same words each time that it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Event):
    """A manifest, with its files, was moved out of a watched folder."""

    kind = "moved"
    path: str | None = None
    """None where an earlier run's move was brought to its end."""
    folder: str = ""
    message: str = ""
    hint: str = _optional()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified(Event):
    """Who does not look was told how it goes, or could not be."""

    kind = "notified"
    name: str = ""
    """Who, as `notify` in `config.yaml` has it."""
    state: str = ""
    """`sent`, `failed` or `rehearsed`."""
    message: str = ""
    """What was said, or in a rehearsal would be; where it failed, why."""
    hint: str = _optional()
