"""bilibili as a target: whose sign-in it is, and what the account has there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from nicobatch.errors import EntryGone, PersonNeeded
from nicobatch.http import Http
from nicobatch.language import N_, _
from nicobatch.model import Inputs, Json, MediaInfo, Video
from nicobatch.origin import is_loopback, origin_of
from nicobatch.receipt import Receipt, Remote, StepState
from nicobatch.sites.abilities import Difference, OwnVideo, Reading, View, folded, printable
from nicobatch.sites.base import Rate, Role, Step
from nicobatch.sites.bilibili import importing, signin, states
from nicobatch.sites.bilibili.client import PAGE_SIZE, Archive, Client
from nicobatch.sites.bilibili.codes import CODES
from nicobatch.sites.bilibili.limits import ALLOWANCES
from nicobatch.sites.bilibili.metadata import COPYRIGHTS
from nicobatch.sites.bilibili.pages import FILENAME, Pages
from nicobatch.sites.bilibili.profiles import Profile
from nicobatch.sites.bilibili.steps import TABLE, Steps
from nicobatch.sites.bilibili.submitting import Submitting
from nicobatch.sites.bilibili.uploads import Uploads
from nicobatch.sites.bilibili.upos import Upos
from nicobatch.sites.mending import Budget
from nicobatch.sites.service import rates
from nicobatch.sites.session import Credentials

_TITLE: Final = N_("{id} is called {title}, and the receipt says {sent}")
_UNLISTED: Final = N_("{id} is not among the account's videos")
_UNSUBMITTED: Final = N_("{id} is there already, and the receipt knows nothing of its submission")
_OTHER_PAGES: Final = N_("{id} does not have the pages that the receipt names")
_KEEPS: Final = N_("bilibili keeps the cover that it has: only another one changes it")
_NOTES: Final = MappingProxyType(
    {
        "publish.at": N_(
            "bilibili takes no other time once the video is submitted: change it in the upload"
            " manager"
        ),
        "thumbnail.timing": _KEEPS,
        "thumbnail.file": _KEEPS,
        "partition": N_("bilibili decides on the partition itself once the video is submitted"),
        "statement": N_("how bilibili takes another statement afterwards is not known"),
    }
)
"""By field, what can't be done about it, or is not known, once the video is there."""
BUDGET: Final[Mapping[str, Sequence[Rate]]] = MappingProxyType(rates(ALLOWANCES, Budget()))
"""By kind of request, where the user says nothing else."""
_CHANGED_ONLY: Final = frozenset({"thumbnail.timing", "thumbnail.file"})
"""Fields that are noted only where their value goes away."""


class Bilibili:
    """bilibili, on behalf of one account: a `base.Target`."""

    table = TABLE
    page_size = PAGE_SIZE
    renews_sign_in = False

    def __init__(  # noqa: PLR0913 - a whole site and an account of it
        self,
        profile: Profile,
        credentials: Credentials,
        *,
        stop: threading.Event,
        origin: str | None = None,
        proxy: str | None = None,
        rates: Mapping[str, Sequence[Rate]] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.profile = profile.name
        self.origin = origin or origin_of(profile.member)
        if rates is None:
            rates = {} if is_loopback(profile.member) else BUDGET
        self.rates = rates
        self.pause = 0.0 if is_loopback(profile.member) else 1.0
        self._profile = profile
        self._credentials = credentials
        self._http = Http(stop=stop, proxy=proxy, paths=profile.paths, headers=profile.headers)
        self._client = Client(profile, self._http)
        upos = Upos(profile, self._http, stop)
        uploads = Uploads(self.origin, now)
        self._steps = Steps(
            self._client,
            Pages(self._client, upos, uploads, now),
            Submitting(profile, self._client, uploads, now),
        )

    def sign_in(self) -> str:
        """Make sure of the sign-in, use it from now on, and say whose it is."""
        person = self.who()
        self._client.use(person.cookies)
        return str(person)

    def who(self) -> signin.Person:
        """Ask bilibili whose sign-in it is, and renew it where that is due; raise SignInNeeded."""
        return signin.sign_in(self._profile, self._credentials, self._http)

    def renew(self) -> signin.Person:
        """Renew the sign-in, whether that is due or not; raise as `signin.renew` does."""
        return signin.renew(self._profile, self._credentials, self._http)

    # What is asked before anything is made or changed

    def lookalikes(
        self,
        video: Video,
        medias: Sequence[MediaInfo],
        *,
        in_the_way: str | None,  # noqa: ARG002 - nothing ever is
    ) -> Sequence[Remote]:
        """Return the account's videos of the same title and length."""
        return [self.remote(own) for own in self._called(video) if _is_as_long(own, medias)]

    def namesakes(self, video: Video, medias: Sequence[MediaInfo]) -> Sequence[Remote]:
        """Return the account's videos of the same title and another length."""
        return [self.remote(own) for own in self._called(video) if not _is_as_long(own, medias)]

    def mismatch(
        self,
        receipt: Receipt,
        video: Video,
        medias: Sequence[MediaInfo],  # noqa: ARG002 - the pages' own names tell more
    ) -> str:
        """Return what speaks against the account's video being the receipt's."""
        if receipt.remote is None:
            return ""
        names = {"id": receipt.remote.video_id}
        try:
            entry = self._client.view(receipt.remote.video_id)
        except EntryGone:
            return _(_UNLISTED).format(**names)
        record = receipt.steps.get(TABLE.name(Role.PUBLISHES))
        if record is None:
            return _(_UNSUBMITTED).format(**names)
        ours = [each.state.get(FILENAME, "") for each in receipt.uploads.values()]
        if record.state is StepState.DONE and not entry.has([each for each in ours if each]):
            return _(_OTHER_PAGES).format(**names)
        title, sent = entry.archive.get("title"), record.inputs.get("title")
        titles = {folded(each) for each in (sent, video.title) if isinstance(each, str)}
        if not isinstance(title, str) or folded(title) in titles:
            return ""
        return _(_TITLE).format(**names, title=printable(title), sent=printable(sent))

    def room(self) -> int | None:
        """Return None: no limit is known."""
        return None

    def untouched(self, entry: str) -> Remote | None:  # noqa: ARG002 - as targets are asked
        """Return None: what is created is published at once."""
        return None

    def note(self, field: str, old: Json, new: Json, *, published: bool) -> str:
        """Return what bilibili can't do about the field's change."""
        if not published or field not in _NOTES or (field in _CHANGED_ONLY and new is not None):
            return ""
        return _(_NOTES[field]) if old != new else ""

    # What the account has

    def listed(self) -> Iterable[OwnVideo]:
        """Return all that the account's list has, the newest first."""
        return map(_own, self._client.archives())

    def find(self, id_: str) -> OwnVideo | None:
        """Return the list's video of that id, which may be one as viewers know it."""
        return next((own for own in self.listed() if id_ in {own.id, own.video_id}), None)

    def remote(self, own: OwnVideo) -> Remote:
        """Return the video of the list as a receipt names it."""
        return Remote(id=own.id, video_id=own.video_id, url=self._client.watch_url(own.video_id))

    def as_listed(self, wanted: Inputs, own: OwnVideo) -> Inputs:
        """Return the wanted inputs with what the site tells otherwise of the video."""
        archive = self._client.view(own.video_id).archive
        told = {
            "title": archive.get("title"),
            "description": archive.get("desc"),
            "tid": archive.get("tid"),
            "source": archive.get("source"),
            "copyright": _COPYRIGHTS.get(archive.get("copyright", 0)),
        }
        tags = archive.get("tag")
        there: dict[str, Json] = {
            name: value for name, value in told.items() if isinstance(value, str | int) and value
        }
        if isinstance(tags, str):
            there["tags"] = [each for each in tags.split(",") if each]
        return {**wanted, **there}

    def read(self, own: OwnVideo) -> Reading:
        """Ask for the video as its owner sees it in the editor."""
        return importing.read(self._client.view(own.video_id), own)

    def noticed(self, sent: Inputs, own: OwnVideo) -> Inputs:
        """Return what the list tells otherwise of a video that was sent or read so."""
        return importing.noticed(sent, own)

    def is_at_work(self, id_: str) -> bool:
        """Ask whether the site has yet to look at the video."""
        return self._client.view(id_).state in states.WAITING

    # Deleting, which the site keeps for people

    def delete(self, id_: str) -> None:  # noqa: ARG002 - whichever it is
        """Raise PersonNeeded: the site asks for a human check, and is not even asked."""
        row = CODES[340022]
        raise PersonNeeded(_(row.words), _(row.hint))

    def is_there(self, id_: str, *, listed: bool) -> bool:  # noqa: ARG002 - View knows all
        """Ask whether the account has the video."""
        return self.is_entry(id_)

    def is_entry(self, id_: str) -> bool:
        """Ask whether the account has the video, in whichever state."""
        try:
            return self._client.view(id_).state not in states.DELETED
        except EntryGone:
            return False

    # What visitors see

    def look(self, remote: Remote, wanted: Inputs) -> View:
        """Look as a visitor whether the video is there, and what it is called."""
        seen = self._client.seen(remote.video_id)
        if seen is None:
            return View("invisible", _("visitors don't see it"), (), is_absent=True)
        title = wanted.get("title")
        if not seen or not isinstance(title, str) or folded(seen) == folded(title):
            return View("visible", _("visible"))
        message = _("visitors see the title “{title}”").format(title=printable(seen))
        found = Difference(field="title", rule="visible-title-differs", message=message)
        return View("visible", _("visible"), (found,))

    @property
    def steps(self) -> Sequence[Step]:
        """Return the table's steps, in order."""
        return self._steps.made()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _called(self, video: Video) -> Iterator[OwnVideo]:
        return (own for own in self.listed() if own.is_called(video.title))


_COPYRIGHTS: Final = {number: word.value for word, number in COPYRIGHTS.items()}


def _own(archive: Archive) -> OwnVideo:
    at = datetime.fromtimestamp(archive.created, UTC) if archive.created else None
    return OwnVideo(
        id=str(archive.aid),
        video_id=archive.bvid,
        title=archive.title,
        description=archive.description,
        duration=archive.duration,
        registered_at=at,
        hidden=archive.state == states.PRIVATE,
        scheduled=archive.state == states.SCHEDULED,
        under_review=archive.state in states.WAITING,
        deleted=archive.state in states.DELETED,
        more={} if archive.tags is None else {"tags": list(archive.tags)},
    )


def _is_as_long(own: OwnVideo, medias: Sequence[MediaInfo]) -> bool:
    """Tell whether the lengths of all pages come to the video's, each rounded by the site."""
    length = sum(each.duration for each in medias)
    return own.duration is None or abs(own.duration - length) <= 2.0 * len(medias)
