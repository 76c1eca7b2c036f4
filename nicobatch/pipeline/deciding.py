"""From a video to its plan: what the file is, what the journal knows, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import TypeAlias

from nicobatch import media, plan
from nicobatch.errors import VideoFailed
from nicobatch.events import VideoStarted
from nicobatch.journal import Receipts
from nicobatch.language import _, cant_read
from nicobatch.model import FileIdentity, Inputs, Json, MediaInfo, Problem, Video
from nicobatch.pipeline.checked import CheckedVideo
from nicobatch.plan import Known
from nicobatch.receipt import Receipt, StepState
from nicobatch.sites.base import Role, Step, StepSpec, StepTable, Target
from nicobatch.sites.description import Site


@dataclass(frozen=True, slots=True)
class Identified:
    """The files' identities, and the stamps they had before they were read."""

    files: tuple[FileIdentity, ...]
    stamps: tuple[media.Stamp | None, ...]
    """None of a file that is not here."""


Identify: TypeAlias = Callable[[CheckedVideo], Identified]
"""Reads the video's files, and returns what they are; raises VideoFailed."""


@dataclass(frozen=True, slots=True)
class PlannedVideo:
    """A video with its plan and all that the plan was made from."""

    ready: CheckedVideo
    identified: Identified
    wanted: plan.Wanted
    receipt: Receipt | None
    plan: plan.Plan

    def holds(self, file: Identified, journal: Receipts, known: Known) -> bool:
        """Tell whether the plan is what would be decided now: nobody has changed what it rests on.

        Raise JournalError.
        """
        if file.files != self.identified.files or journal.read(self.ready.video) != self.receipt:
            return False
        verdict = plan.decide(self.wanted, self.receipt, known)
        return verdict == replace(self.plan, notes=(), id="", url="", publish_at="")

    @property
    def is_afterwards(self) -> bool:
        """Whether all there is to do is to look at what is done, or to tell others of it."""
        return self.wanted.afterwards.issuperset(self.plan.steps)

    @property
    def spends(self) -> tuple[str, ...]:
        """Return the kinds of requests that budgets count, each as often as it is to be made."""
        pages, table = len(self.wanted.files), self.wanted.table
        return tuple(
            kind
            for spec in (table[name] for name in self.plan.steps)
            if (kind := self._kind(spec))
            for _ in range(pages if Role.SENDS in spec.roles else 1)
        )

    def _kind(self, spec: StepSpec) -> str:
        """Return what the step's request is: what is out is changed by one of another kind."""
        is_done = self.receipt is not None and self.receipt.state(spec.name) is StepState.DONE
        is_edit = is_done and (spec.edits or Role.PUBLISHES in spec.roles)
        return spec.edits if is_edit else spec.spends

    def summary(self) -> VideoStarted:
        """Say what is to be done."""
        return VideoStarted(
            title=self.ready.video.title,
            verdict=self.plan.verdict.value,
            steps=self.plan.steps,
            reasons=self.plan.reasons,
        )

    def warnings(self) -> Iterator[Problem]:
        """Yield what the plan notes, in its places in the manifest."""
        for note in self.plan.notes:
            yield note.problem(self.ready.video.manifest)


def without_file(
    video: Video, receipt: Receipt, site: Site, table: StepTable
) -> CheckedVideo | None:
    """Return the video as it goes on from its receipt alone; None where its files are needed."""
    told = site.unseen(video, receipt)
    is_sent = receipt.state(table.name(Role.PUBLISHES)) is StepState.DONE or told is not None
    sealed = receipt.state(table.name(Role.SEALS)) is StepState.DONE
    if not (sealed and is_sent) and not receipt.is_deleted:
        return None
    medias = tuple(map(unseen, receipt.files))
    return CheckedVideo(told or video, medias, receipt.files)


def unseen(file: FileIdentity) -> MediaInfo:
    """Return what is known of the inside of a file that is not here."""
    return MediaInfo(container="", size=file.size, duration=0.0, width=0, height=0)


def identify(
    ready: CheckedVideo, read: Callable[[Path], tuple[FileIdentity, media.Stamp]] | None = None
) -> Identified:
    """Read the whole files; raise VideoFailed where one can't be read, or changes meanwhile."""
    found = [
        (known, None) if known else (read or identity)(path)
        for path, known in zip_longest(ready.video.files, ready.known)
    ]
    return Identified(tuple(file for file, _ in found), tuple(stamp for _, stamp in found))


def identity(path: Path) -> tuple[FileIdentity, media.Stamp]:
    """Read the whole file; raise VideoFailed where it can't be read, or changes meanwhile."""
    try:
        stamp = media.Stamp.read(path.stat())
        return media.identify(path), stamp
    except OSError as error:
        raise VideoFailed(cant_read(path, error)) from None


def decide(  # noqa: PLR0913 - what a decision rests on
    ready: CheckedVideo,
    identified: Identified,
    target: Target,
    journal: Receipts,
    known: plan.Known,
    *,
    announcements: Sequence[Step] = (),
    wait: bool = True,
) -> PlannedVideo:
    """Compare what is wanted with what the journal knows; raise JournalError.

    `announcements` are the steps that follow the target's own.
    """
    receipt = journal.read(ready.video)
    goal = wanted(ready, identified.files, target, journal, announcements, wait=wait)
    verdict = plan.decide(goal, receipt, known)
    notes = tuple(_notes(verdict, goal, receipt, target))
    at = ready.video.publish.at
    told = replace(verdict, notes=notes, publish_at=at.isoformat() if at else "")
    if receipt and receipt.remote:
        told = replace(told, id=receipt.remote.video_id, url=receipt.remote.url)
    return PlannedVideo(ready, identified, goal, receipt, told)


def new_receipt(video: Video, files: tuple[FileIdentity, ...], target: Target) -> Receipt:
    """Return the receipt of a video of which nothing is done yet."""
    return Receipt(
        site=video.site,
        video=video.id,
        manifest=video.manifest.name,
        origin=target.origin,
        profile=target.profile,
        account=video.account,
        files=files,
    )


def of_files(receipt: Receipt, goal: plan.Wanted) -> Receipt:
    """Return the receipt for the wanted files: of another one's upload nothing counts."""
    same = plan.content(receipt.files) == plan.content(goal.files)
    if same or plan.only_adds(goal, receipt):
        return replace(receipt, files=goal.files)
    steps = {
        name: record
        for name, record in receipt.steps.items()
        if record.state is StepState.OPEN
        or name not in goal.steps
        or not plan.needs(receipt, name, goal.steps[name])
    }
    uploads = {
        page: upload
        for page, upload in receipt.uploads.items()
        if page < len(goal.files) and goal.files[page].sha256 == upload.sha256
    }
    return replace(receipt, files=goal.files, uploads=uploads, steps=steps)


def _notes(
    verdict: plan.Plan, goal: plan.Wanted, receipt: Receipt | None, target: Target
) -> Iterator[plan.Note]:
    """Yield what the target says of each field that the plan's steps would bring to the site."""
    published = receipt is not None and receipt.state(goal.publishing_step) is not None
    for field, old, new in _brought(verdict, goal):
        message = target.note(field, old, new, published=published)
        if message:
            place = goal.video.place(field)
            yield plan.Note(name=field, message=message, line=place.line, column=place.column)
    is_update = verdict.verdict is plan.Verdict.UPDATE
    if receipt and is_update and (keys := plan.untold(goal, receipt, "assumed")):
        message = _(
            "{site} never told them, and takes all fields at once: their defaults are sent"
        ).format(site=goal.video.site)
        place = goal.video.place()
        yield plan.Note(name=", ".join(keys), message=message, line=place.line, column=place.column)


def _brought(verdict: plan.Plan, goal: plan.Wanted) -> Iterator[tuple[str, Json, Json]]:
    """Yield each field with its old value, None where nothing was sent yet, and its new one."""
    if verdict.verdict is plan.Verdict.UPDATE:
        yield from ((each.name, each.old, each.new) for each in verdict.changes)
        return
    document: Inputs = {}
    for step in verdict.steps:
        if step not in goal.table.names(Role.WAITS):
            document = {**document, **goal.steps[step]}
    yield from ((name, None, value) for name, value in sorted(document.items()))


def wanted(  # noqa: PLR0913 - all that a manifest asks for
    ready: CheckedVideo,
    files: tuple[FileIdentity, ...],
    target: Target,
    journal: Receipts,
    announcements: Sequence[Step] = (),
    *,
    wait: bool,
) -> plan.Wanted:
    """Say what the manifest asks of the target for this video, and of others after that."""
    steps = dict[str, Inputs]()
    for step in (*target.steps, *announcements):
        if wait or not step.has(Role.WAITS):
            inputs = step.inputs(ready.video, ready.medias, files)
            same = next((each for each in steps.values() if each == inputs), inputs)
            if same is not None:  # once in memory, however many steps rest on it
                steps[step.name] = same
    return plan.Wanted(
        video=ready.video,
        files=files,
        origin=target.origin,
        receipt=str(journal.path(ready.video).resolve()),
        steps=steps,
        table=StepTable((*target.table, *(each.spec for each in announcements))),
        is_away=ready.is_away,
        by_option=ready.by_option,
    )
