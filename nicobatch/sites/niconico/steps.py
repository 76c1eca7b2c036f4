"""The steps that publish a video on niconico, as a table for the pipeline."""

from __future__ import annotations

import functools
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from nicobatch import media
from nicobatch.errors import Busy, SiteRefuses, VideoFailed
from nicobatch.http import Http
from nicobatch.language import N_, _
from nicobatch.model import Json, MediaInfo, Receipt, Remote, StepState, Upload, Video
from nicobatch.origin import origin_of
from nicobatch.sites.base import Call, Change, Job, Role, Step, StepSpec, StepTable
from nicobatch.sites.niconico import editing, metadata, parts, signin, step_inputs
from nicobatch.sites.niconico.answers import busy, printable
from nicobatch.sites.niconico.claims import ENCODING, REGISTERED, REGISTERING, Claim
from nicobatch.sites.niconico.client import Client
from nicobatch.sites.niconico.library import Library, OwnVideo, folded
from nicobatch.sites.niconico.polling import Polling
from nicobatch.sites.niconico.profiles import Profile, SignIn
from nicobatch.sites.niconico.receipts import (
    is_of_entry,
    is_uuid,
    nothing,
    remote_of,
    upload_of,
    without,
)
from nicobatch.sites.niconico.removal import Removal

COMPLETE: Final = "COMPLETE"
"""`inputStatus` once the metadata was taken."""
_ELSEWHERE: Final = N_("niconico wants the parts sent to another address than the video's: {path}")
_NO_UUID: Final = N_("niconico gave the upload a new name that is no UUID: {text}")
_ELSEWHERE_HINT: Final = N_("nothing was sent there; please report it at the project's issue page")


TABLE: Final = StepTable(
    (
        StepSpec(name="create", roles=frozenset({Role.CREATES}), once=True, recognizes=True),
        StepSpec(name="stream"),
        StepSpec(name="chunks", roles=frozenset({Role.SENDS})),
        StepSpec(name="done", roles=frozenset({Role.SEALS}), once=True),
        StepSpec(name="thumbnail"),
        StepSpec(name="draft", roles=frozenset({Role.CLOSES})),
        StepSpec(name="metadata", roles=frozenset({Role.CLOSES, Role.PUBLISHES}), once=True),
        StepSpec(name="encoded", roles=frozenset({Role.WAITS})),
        StepSpec(name="visible", roles=frozenset({Role.WAITS, Role.PROVES})),
    )
)


class Niconico:
    """niconico, on behalf of one account: a `base.Target`."""

    table = TABLE

    def __init__(  # noqa: PLR0913 - a whole site and an account of it
        self,
        profile: Profile,
        credentials: signin.Credentials,
        *,
        stop: threading.Event,
        origin: str | None = None,
        proxy: str | None = None,
        refused: Callable[[str], None] = lambda genre: None,  # noqa: ARG005 - nobody remembers
    ) -> None:
        """`refused` is told of genres, unknown here, that niconico doesn't take."""
        self.profile = profile.name
        self.parallel_chunks = profile.parallel_chunks
        self.renews_sign_in = profile.sign_in is SignIn.PASSWORD
        self.origin = origin or origin_of(profile.garage)
        self._profile = profile
        self._credentials = credentials
        self._stop = stop
        self._proxy = proxy
        self._refused = refused
        self._http = Http(stop=stop, proxy=proxy)
        self._client = Client(profile, self._http, stop)
        self.library = Library(profile, self._http)
        self.removal = Removal(profile, self._http, self._client)
        self.polling = Polling(profile, self._http, self._client)

    def sign_in(self) -> str:
        """Make sure of the sign-in, use it from now on, and say whose it is."""
        person = self.who()
        self._client.use(person.user_session)
        self.library.use(person.user_session)
        self.removal.use(person.user_session)
        return str(person)

    def lookalikes(
        self, video: Video, info: MediaInfo, *, in_the_way: int | None
    ) -> Sequence[Remote]:
        """Return the account's videos of the same title and length.

        Raise Busy while what was in the way is yet to come into the list.
        """
        if in_the_way is not None and self._is_on_its_way(in_the_way):
            raise busy(in_the_way)
        return [self.remote(own) for own in self.library if own.is_like(video.title, info.duration)]

    def namesakes(self, video: Video, info: MediaInfo) -> Sequence[Remote]:
        """Return the account's videos of the same title and another length."""
        title, seconds = folded(video.title), info.duration
        return [
            self.remote(own)
            for own in self.library
            if not own.deleted and own.title is not None and folded(own.title) == title
            if not own.is_as_long_as(seconds)
        ]

    def mismatch(self, receipt: Receipt, video: Video, info: MediaInfo) -> str:
        """Return what speaks against the account's video being the receipt's."""
        if receipt.remote is None:
            return ""
        record = receipt.steps.get(TABLE.name(Role.PUBLISHES))
        claim = Claim(receipt.remote, record, video, info)
        return claim.mismatch(self._client, self.library)

    def room(self) -> int | None:
        """Return how many more videos the account may have, as its list tells."""
        return self.library.room

    def untouched(self, entry: int) -> Remote | None:
        """Return the entry where nothing but its creation happened to it, else None."""
        try:
            is_untouched = self._client.status(entry).untouched
        except VideoFailed:  # it is gone, or none of our business
            return None
        return self._client.adopted(entry) if is_untouched else None

    def note(self, field: str, old: Json, new: Json, *, published: bool) -> str:
        """Return what niconico can't do about the field's change."""
        return editing.note(self._profile, field, old, new, published=published)

    def _is_on_its_way(self, entry: int) -> bool:
        try:
            status = self._client.status(entry)
        except VideoFailed:  # it is gone, or none of our business
            return False
        return status.file in ENCODING or status.post in REGISTERING

    def remote(self, own: OwnVideo) -> Remote:
        """Return the video of the list as a receipt names it."""
        return Remote(id=own.id, video_id=own.video_id, url=self._client.watch_url(own.video_id))

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def who(self) -> signin.Person:
        """Ask niconico whose sign-in it is; raise SignInNeeded."""
        by_password = self._profile.sign_in is SignIn.PASSWORD
        http = Http(stop=self._stop, keep_cookies=by_password, proxy=self._proxy)
        try:
            return signin.sign_in(self._profile, self._credentials, http)
        finally:
            http.close()

    @property
    def steps(self) -> Sequence[Step]:
        """Return the table's steps, in order.

        They are made anew, as steps that are kept would keep the target, which they call, alive.
        """
        made = {
            "create": (step_inputs.always, _one(self._create), None),
            "stream": (step_inputs.content, _one(self._stream), None),
            "chunks": (step_inputs.content, self._chunks, None),
            "done": (step_inputs.content, _one(self._done), self._ask_done),
            "thumbnail": (step_inputs.timing, _one(self._thumbnail), None),
            "draft": (step_inputs.draft, _one(self._save_draft), None),
            "metadata": (step_inputs.published, _one(self._metadata), self._ask_metadata),
            "encoded": (step_inputs.content, _one(self.polling.encoded), None),
            "visible": (step_inputs.seen, _one(self.polling.visible), None),
        }
        return [
            Step(spec=spec, inputs=inputs, calls=calls, ask=ask)
            for spec in TABLE
            for inputs, calls, ask in [made[spec.name]]
        ]

    def _create(self, job: Job) -> Change:
        try:
            remote = self._client.create()
        except Busy as error:
            self.library.expire()  # which may come to hold what is in the way
            if error.blocker is None or not self._is_ours(job, error.blocker):
                raise
            remote = self._client.adopted(error.blocker)
        return lambda receipt: replace(receipt, remote=remote)

    def _is_ours(self, job: Job, blocker: int) -> bool:
        """Tell whether the entry in the way is the one that a lost answer was about.

        niconico keeps one open entry an account, so a lost creation is the next one's 409. It is
        ours if we asked for one, nobody was known to be in the way, it is no other receipt's, and
        it is still untouched.
        """
        if not job.unsettled or blocker in job.receipt.blockers or blocker in job.claimed_ids():
            return False
        return self._client.status(blocker).untouched

    def _stream(self, job: Job) -> Change:
        entry = remote_of(job).id
        url = self._client.chunk_stream(entry)
        if not is_of_entry(url, entry):
            raise SiteRefuses(_(_ELSEWHERE).format(path=printable(url)), _(_ELSEWHERE_HINT))
        size = self._profile.part_size
        upload = Upload(
            uuid=str(uuid.uuid4()),
            url=url,
            part_size=size,
            total_parts=parts.total_parts(job.file.size, size),
        )

        def change(receipt: Receipt) -> Receipt:
            return replace(without(receipt, "chunks"), upload=upload)  # no part was sent yet

        return change

    def _chunks(self, job: Job) -> Sequence[Call]:
        upload = upload_of(job)
        missing = sorted(frozenset(range(upload.total_parts)) - upload.done_parts)
        return [functools.partial(self._part, index) for index in missing]

    def _part(self, index: int, job: Job) -> Change:
        before = upload_of(job)
        after = self._client.send_part(job.video.file, before, job.file, index, job.progress)
        if not is_uuid(after.uuid):
            raise VideoFailed(_(_NO_UUID).format(text=printable(after.uuid)))

        def change(receipt: Receipt) -> Receipt:
            newest = receipt.upload or after
            done = newest.done_parts | {index}
            return replace(receipt, upload=replace(newest, uuid=after.uuid, done_parts=done))

        return change

    def _done(self, job: Job) -> Change:
        self._client.done(upload_of(job), job.file)
        return nothing

    def _ask_done(self, job: Job) -> Change | None:
        status = self._client.status(remote_of(job).id)
        return None if status.file == "NOT-UPLOAD" else nothing

    def _thumbnail(self, job: Job) -> Change:
        timing = job.video.thumbnail.timing
        if timing is not None:
            self._client.scene_thumbnail(remote_of(job).id, timing)
        return nothing

    def _save_draft(self, job: Job) -> Change:
        with metadata.explained(job.video, self._refused):
            self._client.save_draft(remote_of(job).id, self._body(job))
        return nothing

    def _metadata(self, job: Job) -> Change:
        entry, body = remote_of(job).id, self._body(job)
        with metadata.explained(job.video, self._refused):
            if job.receipt.state("metadata") is StepState.DONE:
                self._client.edit(entry, body)
            else:
                self._client.publish(entry, body)
        return lambda receipt: without(receipt, "visible")  # they see something else now

    def _body(self, job: Job) -> dict[str, object]:
        aspect = media.aspect(job.media, job.video.thumbnail.aspect)
        return metadata.body(self._profile, remote_of(job).id, job.video, aspect)

    def _ask_metadata(self, job: Job) -> Change | None:
        """Tell by the entry's states; a saved draft's input may count as complete by itself."""
        status = self._client.status(remote_of(job).id)
        drafted = job.receipt.state("draft") is not None
        taken = status.post in REGISTERED or (status.input == COMPLETE and not drafted)
        return nothing if taken else None


def _one(call: Call) -> Callable[[Job], Sequence[Call]]:
    return lambda job: [call]  # noqa: ARG005 - the same for every job
