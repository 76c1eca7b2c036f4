"""From a video to its plan: what the file is, what the journal knows, and what follows."""

from __future__ import annotations

from dataclasses import dataclass

from nicobatch import media, plan
from nicobatch.errors import VideoFailed
from nicobatch.journal import Journal
from nicobatch.model import FileIdentity, Json, MediaInfo, Receipt, Video
from nicobatch.target import Target


@dataclass(frozen=True, slots=True)
class Ready:
    """A video without problems, and what a look into its file found."""

    video: Video
    media: MediaInfo


@dataclass(frozen=True, slots=True)
class Identified:
    """A file's identity, and the stamp it had before it was read."""

    file: FileIdentity
    stamp: media.Stamp


@dataclass(frozen=True, slots=True)
class Decided:
    """A video with its plan and all that the plan was made from."""

    ready: Ready
    identified: Identified
    wanted: plan.Wanted
    receipt: Receipt | None
    plan: plan.Plan

    @property
    def only_proves(self) -> bool:
        """Whether all there is to do is to look at what is done."""
        return self.wanted.proofs.issuperset(self.plan.steps)

    def summary(self) -> dict[str, Json]:
        """Say what is to be done, for an event."""
        return {
            "title": self.ready.video.title,
            "verdict": self.plan.verdict.value,
            "steps": list(self.plan.steps),
            "reasons": list(self.plan.reasons),
        }


def identify(ready: Ready) -> Identified:
    """Read the whole file; raise VideoFailed where it can't be read, or changes meanwhile."""
    path = ready.video.file
    try:
        stamp = media.stamp(path)
        return Identified(media.identify(path), stamp)
    except OSError as error:
        raise VideoFailed(f"{path} can't be read: {error.strerror}") from None


def decide(  # noqa: PLR0913 - what a decision rests on
    ready: Ready,
    identified: Identified,
    target: Target,
    journal: Journal,
    known: plan.KnownFiles,
    *,
    wait: bool = True,
) -> Decided:
    """Compare what is wanted with what the journal knows; raise JournalError."""
    receipt = journal.read(ready.video)
    goal = wanted(ready, identified.file, target, journal, wait=wait)
    verdict = plan.decide(goal, receipt, known)
    if verdict.verdict is not plan.Verdict.REFUSE:
        known.claim(goal)
    return Decided(ready, identified, goal, receipt, verdict)


def wanted(
    ready: Ready, file: FileIdentity, target: Target, journal: Journal, *, wait: bool
) -> plan.Wanted:
    """Say what the manifest asks of the target for this video."""
    steps = {
        step.name: inputs
        for step in target.steps
        if wait or not step.waits
        if (inputs := step.inputs(ready.video, ready.media, file)) is not None
    }
    return plan.Wanted(
        video=ready.video,
        file=file,
        origin=target.origin,
        receipt=str(journal.path(ready.video).resolve()),
        steps=steps,
        sealing_step=target.sealing_step,
        publishing_step=target.publishing_step,
        proofs=frozenset(step.name for step in target.steps if step.proof),
    )
