"""A video's announcements as steps."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from nicobatch.announcing import services
from nicobatch.errors import UsageError
from nicobatch.journal import Receipts
from nicobatch.language import N_, _
from nicobatch.model import (
    ADDRESS,
    Announcement,
    FileIdentity,
    Inputs,
    MediaInfo,
    PublishMode,
    Secret,
    Severity,
    Video,
)
from nicobatch.pipeline import addresses
from nicobatch.pipeline.afterwards import warning
from nicobatch.receipt import nothing, read_moment
from nicobatch.sites.base import Call, Change, Job, Role, Step, StepSpec

if TYPE_CHECKING:
    from nicobatch.livetube import Livetube

ORIGIN_VARIABLE: Final = "NICOBATCH_LIVETUBE_ORIGIN"
"""Names where Livetube is, if it is not where it was."""
LIVETUBE: Final = "livetube"
APPRISE: Final = "apprise"
_LABELS: Final = MappingProxyType(
    {
        LIVETUBE: N_("announcing it on Livetube"),
        APPRISE: N_("announcing it through apprise"),
    }
)
_URL: Final = "{url}"
_TEXT: Final = "text"
"""Under which an intent holds what was about to be written."""
_SEEN: Final = frozenset({PublishMode.PUBLIC, PublishMode.SCHEDULED})
_UNSET: Final = N_("the environment variable {name} is not set")
_SET_IT: Final = N_("set it to the address, as apprise has it, and run it again")
_UNKNOWN: Final = N_("nobody knows whether the announcement has reached {name}; it is not repeated")
_LOOK: Final = N_("look there, and say it by hand if it has not")
_REHEARSED: Final = N_("a rehearsal sends nothing to {name}, which would be told: {text}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcer:
    """Makes the steps by which a run tells others of its videos; threads may share it."""

    origin: str
    """Livetube's."""
    journal: Receipts
    tables: addresses.Tables
    now: Callable[[], datetime]
    stop: threading.Event
    proxy: str | None = None
    rehearses: bool = False
    """Whether Livetube is an imitation, and nobody else is to be told."""
    gained: Callable[[Secret], None] = lambda secret: None  # noqa: ARG005 - nobody listens
    """Is told of the addresses that the environment holds, before they are used."""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def steps(self, video: Video) -> Sequence[Step]:
        """Return a step for each of the video's announcements, in order."""
        return [self._step(each) for each in video.announce]

    def _step(self, announcement: Announcement) -> Step:
        spec, inputs = _spec(announcement), _inputs(announcement)
        if announcement.kind == LIVETUBE:
            comment = _OnLivetube(self, announcement, spec.name)
            step = Step(spec=spec, inputs=inputs, calls=_one(comment.write), ask=comment.ask)
            return replace(step, sent=comment.sent)
        message = _ThroughApprise(self, announcement)
        return Step(spec=spec, inputs=inputs, calls=_one(message.send), ask=message.give_up)

    def text(self, announcement: Announcement, job: Job) -> str:
        """Return what is to be said; raise Blocked where an address in it is not known yet."""
        text = announcement.text
        for site in dict.fromkeys(ADDRESS.findall(text)):
            url = addresses.demand(job.video, site, self.journal, self.tables, self.now())
            text = text.replace(f"{{{site}.url}}", url)
        own = job.receipt.remote.url if job.receipt.remote else ""
        return text.replace(_URL, own)

    def livetube(self) -> Livetube:
        """Return a client, which whoever asks for it closes."""
        from nicobatch.livetube import Livetube

        return Livetube(self.origin, proxy=self.proxy, stop=self.stop)


@dataclass(frozen=True, slots=True)
class _OnLivetube:
    """A comment to be written, which can be looked for."""

    announcer: Announcer
    announcement: Announcement
    step: str

    def sent(self, job: Job) -> Inputs:
        """Return what the comments are searched for, should the answer be lost."""
        return {_TEXT: self.announcer.text(self.announcement, job)}

    def write(self, job: Job) -> Change:
        text, _since = self._intent(job)
        with self.announcer.livetube() as site:
            site.write(site.stream(self.announcement.to), text)
        return nothing

    def ask(self, job: Job) -> Change | None:
        """Look for the words of then among the comments since then."""
        text, since = self._intent(job)
        with self.announcer.livetube() as site:
            found = site.written(site.stream(self.announcement.to), text, since=since)
        return nothing if found else None

    def _intent(self, job: Job) -> tuple[str, datetime | None]:
        """Return the words that are written down, and since when they are."""
        record = job.receipt.steps[self.step]
        return str(record.inputs.get(_TEXT, "")), read_moment(record.at)


@dataclass(frozen=True, slots=True)
class _ThroughApprise:
    """A message to whatever a variable's address means, where nothing can be looked up."""

    announcer: Announcer
    announcement: Announcement

    def send(self, job: Job) -> Change:
        name, announcer = self.announcement.to, self.announcer
        text = announcer.text(self.announcement, job)
        if announcer.rehearses:
            told = _(_REHEARSED).format(name=name, text=text)
            job.notice(job.video.problem("announce", "rehearsal", told, severity=Severity.NOTE))
            return nothing
        address = announcer.environment.get(name, "").strip()
        if not address:
            raise UsageError(_(_UNSET).format(name=name), _(_SET_IT))
        secret = Secret(address)
        announcer.gained(secret)
        services.send(secret, text, name)
        return nothing

    def give_up(self, job: Job) -> Change:
        """Say that nobody can tell, and let it be done: it is not sent a second time."""
        message = _(_UNKNOWN).format(name=self.announcement.to)
        job.notice(warning(job.video, message, _(_LOOK)))
        return nothing


def specs(video: Video) -> Iterator[StepSpec]:
    """Yield what is known of the steps of the video's announcements."""
    return map(_spec, video.announce)


def unset(video: Video, steps: Sequence[str], environment: Mapping[str, str]) -> Iterator[str]:
    """Yield, in words, which variables these steps of the video need, and the environment lacks."""
    for each in video.announce:
        is_due = each.kind == APPRISE and _spec(each).name in steps
        if is_due and not environment.get(each.to, "").strip():
            yield _(_UNSET).format(name=each.to)


def _spec(announcement: Announcement) -> StepSpec:
    kind = announcement.kind
    sign = hashlib.sha256(announcement.to.encode()).hexdigest()[:8]
    return StepSpec(
        name=f"announce-{kind}-{sign}",
        label=_LABELS[kind],
        roles=frozenset({Role.WAITS, Role.ANNOUNCES}),
        once=True,
    )


def _inputs(
    announcement: Announcement,
) -> Callable[[Video, Sequence[MediaInfo], Sequence[FileIdentity]], Inputs | None]:
    """Rest on where it goes to, for a video that others are to see."""
    identity: Inputs = {f"announce.{announcement.kind}": announcement.to}
    return lambda video, _medias, _files: identity if video.publish.mode in _SEEN else None


def _one(call: Call) -> Callable[[Job], Sequence[Call]]:
    return lambda job: [call]  # noqa: ARG005 - the same for every job
