"""The steps that publish a video on niconico: the table, and what each of them does."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from nicobatch.errors import Busy, EntryGone, NotYet, SiteRefuses, VideoFailed
from nicobatch.http import Http
from nicobatch.language import N_, _
from nicobatch.model import FileIdentity, Inputs, MediaInfo, PublishMode, Video
from nicobatch.receipt import READING, Receipt, Remote, StepState, Upload, nothing
from nicobatch.sites.abilities import printable
from nicobatch.sites.base import Call, Change, Job, Role, Row, Step, StepSpec, StepTable, only
from nicobatch.sites.niconico import cropping, fine_uploader, metadata, visitor
from nicobatch.sites.niconico.client import COMPLETE, ENCODED, FAILED, REGISTERED, Client
from nicobatch.sites.niconico.fields import options
from nicobatch.sites.niconico.library import Library
from nicobatch.sites.niconico.limits import EDIT
from nicobatch.sites.niconico.profiles import Profile

_ELSEWHERE: Final = N_("niconico wants the parts sent to another address than the video's: {path}")
_REPORT: Final = N_("nothing was sent there; please report it at the project's issue page")
_NO_UUID: Final = N_("niconico gave the upload a new name that is no UUID: {text}")
Medias: TypeAlias = Sequence[MediaInfo]
Files: TypeAlias = Sequence[FileIdentity]
TABLE: Final = StepTable(
    (
        StepSpec(
            name="create",
            label=N_("creating the video"),
            roles=frozenset({Role.CREATES}),
            once=True,
            recognizes=True,
        ),
        StepSpec(name="stream", label=N_("preparing the upload")),
        StepSpec(name="chunks", label=N_("uploading"), roles=frozenset({Role.SENDS})),
        StepSpec(
            name="done", label=N_("completing the upload"), roles=frozenset({Role.SEALS}), once=True
        ),
        StepSpec(name="thumbnail", label=N_("setting the thumbnail")),
        StepSpec(name="draft", label=N_("saving the draft"), roles=frozenset({Role.CLOSES})),
        StepSpec(
            name="metadata",
            label=N_("sending the metadata"),
            roles=frozenset({Role.CLOSES, Role.PUBLISHES}),
            once=True,
            edits=EDIT,
        ),
        StepSpec(
            name="encoded", label=N_("waiting for the encoding"), roles=frozenset({Role.WAITS})
        ),
        StepSpec(
            name="visible",
            label=N_("looking at what visitors see"),
            roles=frozenset({Role.WAITS, Role.PROVES}),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Steps:
    """What the steps do, on behalf of one account."""

    profile: Profile
    http: Http
    client: Client
    library: Library
    refused: Callable[[str], None]
    """Is told of genres, unknown here, that niconico doesn't take."""

    def made(self) -> Sequence[Step]:
        """Return the table's steps, in order."""
        rows: dict[str, Row] = {
            "create": (_nothing_at_all, only(self._create), None),
            "stream": (_content, only(self._stream), None),
            "chunks": (_content, self._chunks, None),
            "done": (_content, only(self._done), self._ask_done),
            "thumbnail": (_timing, only(self._thumbnail), None),
            "draft": (_draft, only(self._save_draft), None),
            "metadata": (_published, only(self._metadata), self._ask_metadata),
            "encoded": (_content, only(self._encoded), None),
            "visible": (_seen, only(self._visible), None),
        }
        return TABLE.made(rows, self._at_once)

    def _create(self, job: Job) -> Change:
        try:
            remote = self.client.create()
        except Busy as error:
            self.library.expire()  # which may come to hold what is in the way
            if error.blocker is None or not self._is_ours(job, error.blocker):
                raise
            remote = self.client.adopted(int(error.blocker))
        return lambda receipt: replace(receipt, remote=remote)

    def _is_ours(self, job: Job, blocker: str) -> bool:
        """Tell whether the entry in the way is the one that a lost answer was about.

        niconico keeps one open entry an account, so a lost creation is the next one's 409. It is
        ours if we asked for one, nobody was known to be in the way, it is no other receipt's, and
        it is still untouched.
        """
        if not job.unsettled or blocker in job.receipt.blockers or blocker in job.claimed_ids():
            return False
        return self.client.status(int(blocker)).untouched

    def _stream(self, job: Job) -> Change:
        entry = entry_of(job)
        url = self.client.chunk_stream(entry)
        if not fine_uploader.is_of_entry(url, entry):
            raise SiteRefuses(_(_ELSEWHERE).format(path=printable(url)), _(_REPORT))
        size, file = self.profile.part_size, job.files[0]
        upload = Upload(
            sha256=file.sha256,
            part_size=size,
            total_parts=fine_uploader.total_parts(file.size, size),
            state={fine_uploader.UUID: fine_uploader.name_of(entry, file), fine_uploader.URL: url},
        )

        def change(receipt: Receipt) -> Receipt:
            return replace(without(receipt, "chunks"), uploads={0: upload})  # no part was sent yet

        return change

    def _chunks(self, job: Job) -> Sequence[Call]:
        upload = upload_of(job)
        missing = (each for each in range(upload.total_parts) if each not in upload.done_parts)
        return [functools.partial(self._part, index) for index in missing]

    def _at_once(self, job: Job) -> int:
        return job.parallel or self.profile.parallel_chunks

    def _part(self, index: int, job: Job) -> Change:
        before = upload_of(job)
        file, path = job.files[0], job.video.file
        after = self.client.send_part(path, before, file, index, job.progress)
        if not fine_uploader.is_uuid(after.state[fine_uploader.UUID]):
            raise VideoFailed(_(_NO_UUID).format(text=printable(after.state[fine_uploader.UUID])))

        def change(receipt: Receipt) -> Receipt:
            newest = receipt.uploads.get(0, after)
            done = replace(newest, state=after.state, done_parts=newest.done_parts | {index})
            return replace(receipt, uploads={0: done})

        return change

    def _done(self, job: Job) -> Change:
        self.client.done(upload_of(job), job.files[0])
        return nothing

    def _ask_done(self, job: Job) -> Change | None:
        status = self.client.status(entry_of(job))
        return None if status.file == "NOT-UPLOAD" else nothing

    def _thumbnail(self, job: Job) -> Change:
        if (timing := job.video.thumbnail.timing) is not None:
            self.client.scene_thumbnail(entry_of(job), timing)
        return nothing

    def _save_draft(self, job: Job) -> Change:
        with metadata.explained(job.video, self.refused):
            self.client.save_draft(entry_of(job), self._body(job))
        return nothing

    def _metadata(self, job: Job) -> Change:
        entry, body = entry_of(job), self._body(job)
        if job.receipt.state("metadata") is StepState.DONE:
            job.spend(EDIT)
        with metadata.explained(job.video, self.refused):
            if job.receipt.state("metadata") is StepState.DONE:
                self.client.edit(entry, body)
            else:
                self.client.publish(entry, body)
        # Visitors see something else now, and all that could not be read was sent.
        return lambda receipt: without(without(receipt, "visible"), READING)

    def _body(self, job: Job) -> dict[str, object]:
        aspect = _aspect(job.video, job.medias)
        return metadata.body(self.profile, entry_of(job), job.video, aspect)

    def _ask_metadata(self, job: Job) -> Change | None:
        """Tell by the entry's states; a saved draft's input may count as complete by itself."""
        status = self.client.status(entry_of(job))
        drafted = job.receipt.state("draft") is not None
        taken = status.post in REGISTERED or (status.input == COMPLETE and not drafted)
        return nothing if taken else None

    def _encoded(self, job: Job) -> Change:
        """Raise NotYet until the file can be watched, and VideoFailed where it never will."""
        status = self.client.status(entry_of(job))
        if {status.file, status.post} & FAILED:
            raise VideoFailed(
                _("niconico could not use the video ({states})").format(states=status)
            )
        if status.file != ENCODED:
            raise NotYet(_("niconico is still encoding ({states})").format(states=status))
        return nothing

    def _visible(self, job: Job) -> Change:
        """Raise NotYet until visitors see the video or its timer; tell what they see otherwise."""
        sight = visitor.look(self.profile, self.http, remote_of(job).video_id)
        if sight.visibility in visitor.PENDING:
            raise NotYet(_("not visible yet: {sight}").format(sight=sight))
        if sight.visibility not in visitor.SHOWN:
            raise VideoFailed(_("not visible: {sight}").format(sight=sight))
        wanted = _seen(job.video, job.medias, job.files)
        for each in visitor.differences(wanted, sight) if wanted else ():
            job.notice(each.problem(job.video.manifest, job.video.place(each.field)))
        return nothing


# What the outcome of each step rests on


def _nothing_at_all(video: Video, medias: Medias, files: Files) -> Inputs:  # noqa: ARG001
    return {}


def _content(video: Video, medias: Medias, files: Files) -> Inputs:  # noqa: ARG001
    return {"sha256": files[0].sha256}


def _timing(video: Video, medias: Medias, files: Files) -> Inputs | None:  # noqa: ARG001
    chosen = video.thumbnail.timing
    return None if chosen is None else {"thumbnail.timing": chosen}


def _aspect(video: Video, medias: Medias) -> cropping.Aspect:
    return cropping.aspect(medias[0], options(video).cropping.aspect)


def _published_as(*modes: PublishMode) -> Callable[[Video, Medias, Files], Inputs | None]:
    """Rest on all metadata of a video that is published in one of the modes."""

    def inputs(video: Video, medias: Medias, files: Files) -> Inputs | None:  # noqa: ARG001
        fits = video.publish.mode in modes
        return metadata.inputs(video, _aspect(video, medias)) if fits else None

    return inputs


_draft: Final = _published_as(PublishMode.DRAFT)
_seen: Final = _published_as(PublishMode.PUBLIC, PublishMode.SCHEDULED)
_published: Final = _published_as(PublishMode.PUBLIC, PublishMode.PRIVATE, PublishMode.SCHEDULED)


# What steps find in a receipt, and what they learn for it


def remote_of(job: Job) -> Remote:
    """Return the video on niconico; raise EntryGone where the receipt names none."""
    if job.receipt.remote is None:
        raise EntryGone(_("the receipt names no video on niconico"))
    return job.receipt.remote


def entry_of(job: Job) -> int:
    """Return the number that niconico's calls have for the video; raise like `remote_of`."""
    return int(remote_of(job).id)


def upload_of(job: Job) -> Upload:
    """Return how far the upload has come; raise EntryGone where the receipt names none.

    Raise VideoFailed where its parts would go to another address than the entry's.
    """
    upload = job.receipt.uploads.get(0)
    if upload is None:
        raise EntryGone(_("the receipt names no upload on niconico"))
    if not fine_uploader.is_of_entry(upload.state[fine_uploader.URL], entry_of(job)):
        raise VideoFailed(
            _("the receipt wants the parts sent to another address than the video's"),
            _("somebody changed the receipt: put the right one back"),
        )
    return upload


def without(receipt: Receipt, step: str) -> Receipt:
    """Learn that the step has to be done again, whatever came of it before."""
    steps = {name: each for name, each in receipt.steps.items() if name != step}
    return replace(receipt, steps=steps)
