"""niconico as a target: whose sign-in it is, and what the account has there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from nicobatch.errors import EntryGone, NotYet, UsageError, VideoFailed
from nicobatch.http import Http
from nicobatch.language import N_, _
from nicobatch.model import Inputs, Json, MediaInfo, Secret, Video
from nicobatch.origin import is_loopback, origin_of
from nicobatch.receipt import Receipt, Remote, StepRecord, StepState
from nicobatch.sites.abilities import OwnVideo, Reading, View, folded, printable
from nicobatch.sites.base import Rate, Role, Step
from nicobatch.sites.niconico import importing, metadata, signin, visitor
from nicobatch.sites.niconico.answers import busy
from nicobatch.sites.niconico.client import (
    ENCODED,
    ENCODING,
    REGISTERED,
    REGISTERING,
    Client,
    Status,
)
from nicobatch.sites.niconico.library import PAGE_SIZE, Library
from nicobatch.sites.niconico.profiles import Profile, SignIn
from nicobatch.sites.niconico.steps import TABLE, Steps
from nicobatch.sites.session import Credentials

_TITLE: Final = N_("{id} is called {title}, and the receipt says {sent}")
_LENGTHS: Final = N_("{id} is {listed:.0f} s long, and {file} is {seconds:.0f} s long")
_DELETED: Final = N_("{id} is deleted")
_UNLISTED: Final = N_("{id} is not among the account's videos")
_PUBLISHED: Final = N_("{id} is published already, and the receipt knows nothing of that")
_UNPUBLISHED: Final = N_("{id} is not published, and the receipt says that it is")
_ENCODING: Final = N_("niconico lists {id}, which is to be changed, once it is encoded")


class Niconico:
    """niconico, on behalf of one account: a `base.Target`."""

    table = TABLE
    page_size = PAGE_SIZE

    def __init__(  # noqa: PLR0913 - a whole site and an account of it
        self,
        profile: Profile,
        credentials: Credentials,
        *,
        stop: threading.Event,
        origin: str | None = None,
        proxy: str | None = None,
        rates: Mapping[str, Sequence[Rate]] = MappingProxyType({}),
        refused: Callable[[str], None] = lambda genre: None,  # noqa: ARG005 - nobody remembers
    ) -> None:
        """`rates` are the account's budget, by kind of request.

        `refused` is told of genres, unknown here, that niconico doesn't take.
        """
        self.profile = profile.name
        self.renews_sign_in = profile.sign_in is SignIn.PASSWORD
        self.origin = origin or origin_of(profile.garage)
        self.pause = 0.0 if is_loopback(profile.www) else 1.0
        self.rates = rates
        self._profile = profile
        self._credentials = credentials
        self._stop = stop
        self._proxy = proxy
        self._session = Secret("")
        self._http = Http(stop=stop, proxy=proxy, paths=profile.paths, headers=profile.headers)
        self._client = Client(profile, self._http, stop)
        self._library = Library(profile, self._http)
        self._steps = Steps(profile, self._http, self._client, self._library, refused)

    def sign_in(self) -> str:
        """Make sure of the sign-in, use it from now on, and say whose it is."""
        person = self.who()
        self._client.use(person.user_session)
        self._library.use(person.user_session)
        self._session = person.user_session
        return str(person)

    def lookalikes(
        self, video: Video, medias: Sequence[MediaInfo], *, in_the_way: str | None
    ) -> Sequence[Remote]:
        """Return the account's videos of the same title and length.

        Raise Busy while what was in the way is yet to come into the list.
        """
        status = self._status(in_the_way) if in_the_way is not None else None
        if status and (status.file in ENCODING or status.post in REGISTERING):
            raise busy(in_the_way)
        return [
            self.remote(own)
            for own in self._library
            if own.is_called(video.title) and own.is_as_long_as(medias[0].duration)
        ]

    def namesakes(self, video: Video, medias: Sequence[MediaInfo]) -> Sequence[Remote]:
        """Return the account's videos of the same title and another length."""
        return [
            self.remote(own)
            for own in self._library
            if own.is_called(video.title) and not own.is_as_long_as(medias[0].duration)
        ]

    def mismatch(self, receipt: Receipt, video: Video, medias: Sequence[MediaInfo]) -> str:
        """Return what speaks against the account's video being the receipt's."""
        if receipt.remote is None:
            return ""
        record, id_ = receipt.steps.get(TABLE.name(Role.PUBLISHES)), receipt.remote.video_id
        is_done = record is not None and record.state is StepState.DONE
        if is_done and (own := self.find(receipt.remote.id)):
            return _difference(own, id_, record, video, medias[0])
        try:
            status = self._client.status(int(receipt.remote.id))
        except EntryGone:  # which an upload that was not published may well be
            return _(_UNLISTED).format(id=id_) if is_done else ""
        if status.post not in REGISTERED:
            return _(_UNPUBLISHED).format(id=id_) if is_done else ""
        if record is None:
            return _(_PUBLISHED).format(id=id_)
        if own := self.find(receipt.remote.id):
            return _difference(own, id_, record, video, medias[0])
        if status.file not in ENCODING:
            return _(_UNLISTED).format(id=id_)
        self._library.expire()
        raise NotYet(_(_ENCODING).format(id=id_))

    def room(self) -> int | None:
        """Return how many more videos the account may have, as its list tells."""
        return self._library.room

    def untouched(self, entry: str) -> Remote | None:
        """Return the entry where nothing but its creation happened to it, else None."""
        status = self._status(entry)
        return self._client.adopted(int(entry)) if status and status.untouched else None

    def note(self, field: str, old: Json, new: Json, *, published: bool) -> str:
        """Return what niconico can't do about the field's change."""
        return metadata.note(self._profile, field, old, new, published=published)

    def listed(self) -> Iterable[OwnVideo]:
        """Return all that the account's list has, the newest first."""
        return self._library

    def find(self, id_: str) -> OwnVideo | None:
        """Return the list's video of that id."""
        return self._library.find(id_)

    def as_listed(self, wanted: Inputs, own: OwnVideo) -> Inputs:
        """Return the wanted inputs with what the list tells otherwise of the video."""
        return metadata.as_listed(wanted, own)

    def read(self, own: OwnVideo) -> Reading:
        """Ask the watch page for what the list does not tell."""
        return importing.read(self._profile, self._http, self._session, own)

    def noticed(self, sent: Inputs, own: OwnVideo) -> Inputs:
        """Return what the list tells otherwise of a video that was sent or read so."""
        return importing.noticed(sent, own)

    def is_at_work(self, id_: str) -> bool:
        """Ask whether the entry's file is not encoded yet."""
        return self._client.status(int(id_)).file != ENCODED

    def delete(self, id_: str) -> None:
        """Delete the video, for ever; EntryGone where niconico has no such one of the account."""
        self._client.delete(int(id_))

    def is_there(self, id_: str, *, listed: bool) -> bool:
        """Ask anew whether the account has the video, which its list had if it is `listed`."""
        anew = Library(self._profile, self._http)
        anew.use(self._session)
        own = anew.find(id_)
        if own:
            return not own.deleted
        return not listed and self.is_entry(id_)

    def is_entry(self, id_: str) -> bool:
        """Ask the upload API, which knows what no list has: drafts and unfinished videos."""
        try:
            return self._client.status(int(id_)).post != "DELETED"
        except EntryGone:
            return False

    def look(self, remote: Remote, wanted: Inputs) -> View:
        """Look at the watch page, and hold what it shows against what was sent."""
        sight = visitor.look(self._profile, self._http, remote.video_id)
        found = visitor.differences(wanted, sight)
        return View(sight.value, str(sight), found, sight.visibility in visitor.ABSENT)

    def _status(self, entry: str) -> Status | None:
        """Ask how far the entry has come; None where it is gone, or none of our business."""
        try:
            return self._client.status(int(entry))
        except VideoFailed:
            return None

    def remote(self, own: OwnVideo) -> Remote:
        """Return the video of the list as a receipt names it."""
        return Remote(id=own.id, video_id=own.video_id, url=self._client.watch_url(own.video_id))

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def renew(self) -> signin.Person:
        """Raise UsageError: niconico gives no session for another one."""
        raise UsageError(
            _("niconico gives no new session for an old one"),
            _("sign in with a browser, and run `nicobatch session import` or `session set`"),
        )

    def who(self) -> signin.Person:
        """Ask niconico whose sign-in it is; raise SignInNeeded."""
        by_password = self._profile.sign_in is SignIn.PASSWORD
        http = Http(
            stop=self._stop,
            keep_cookies=by_password,
            proxy=self._proxy,
            paths=self._profile.paths,
            headers=self._profile.headers,
        )
        try:
            return signin.sign_in(self._profile, self._credentials, http)
        finally:
            http.close()

    @property
    def steps(self) -> Sequence[Step]:
        """Return the table's steps, in order."""
        return self._steps.made()


def _difference(
    own: OwnVideo, id_: str, record: StepRecord | None, video: Video, info: MediaInfo
) -> str:
    """Compare with the list, whose title was sent last, or by an edit of a lost answer."""
    if own.deleted:
        return _(_DELETED).format(id=id_)
    file, seconds = video.file.name, info.duration
    if seconds and not own.is_as_long_as(seconds):  # none is known where the file is not here
        return _(_LENGTHS).format(id=id_, listed=own.duration, file=file, seconds=seconds)
    sent = record.inputs.get("title") if record else None
    titles = {folded(each) for each in (sent, video.title) if isinstance(each, str)}
    if own.title is None or folded(own.title) in titles:
        return ""
    return _(_TITLE).format(id=id_, title=printable(own.title), sent=printable(sent))
