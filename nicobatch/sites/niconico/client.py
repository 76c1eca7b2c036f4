"""niconico's calls, one method each: they send, and they tell what the answer means.

No call repeats itself, waits, or remembers anything: that is the pipeline's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from nicobatch.errors import Passing, SiteRefuses, Stopped, VideoFailed
from nicobatch.http import Answer, Http
from nicobatch.language import N_, _
from nicobatch.model import FileIdentity, Secret
from nicobatch.origin import origin_of
from nicobatch.receipt import Remote, Upload
from nicobatch.sites.abilities import printable
from nicobatch.sites.niconico import fine_uploader
from nicobatch.sites.niconico.answers import IDS, below, data_of, joined, text_of
from nicobatch.sites.niconico.profiles import Profile
from nicobatch.sites.niconico.signin import NVAPI_HEADERS

FRONTEND_ID: Final = "23"
"""The garage's number among niconico's own clients."""

ENCODING: Final = frozenset({"ACCEPTED", "TRANSCODING"})
"""`videoFileStatus` from the upload's end to the encoding's."""
ENCODED: Final = "TRANSFERED"
"""`videoFileStatus` of a file that can be watched; the spelling is niconico's."""
FAILED: Final = frozenset({"TRANSFER-FAILED", "DELETED"})
"""What `videoFileStatus` or `postStatus` becomes where there is nothing to watch."""
REGISTERING: Final = frozenset({"PREPARING-REGISTER", "REGISTERING"})
REGISTERED: Final = REGISTERING | {"REGISTERED"}
"""`postStatus` from the moment the video was published."""
_STATES: Final = MappingProxyType(
    {
        "NOT-UPLOAD": N_("the file has not arrived"),
        "ACCEPTED": N_("the file has arrived, and waits its turn"),
        "TRANSCODING": N_("the encoder is at work"),
        "TRANSFERED": N_("encoded"),
        "TRANSFER-FAILED": N_("the encoder failed"),
        "DELETED": N_("it was deleted"),
    }
)
"""By `videoFileStatus`; the last one may be a `postStatus`, too."""
COMPLETE: Final = "COMPLETE"
"""`inputStatus` once the metadata was taken."""
_BY_HAND: Final = N_(
    "how niconico takes changes of a published video is a guess: make this one in the garage,"
    " then remove the video's receipt and write it anew with `nicobatch adopt`"
)


@dataclass(frozen=True, slots=True)
class Status:
    """An entry's four states, as open strings: new values are to be expected."""

    post: str
    file: str
    thumbnail: str
    input: str

    def __str__(self) -> str:
        """Say what niconico is doing; a state that is not known here goes by niconico's name."""
        state = self.post if self.post in FAILED else self.file
        return _(_STATES.get(state, state))

    @property
    def untouched(self) -> bool:
        """Whether nothing but its creation has happened to the entry."""
        return (self.post, self.file) == ("CREATED", "NOT-UPLOAD")


class Client:
    """The upload API, on behalf of one account."""

    def __init__(self, profile: Profile, http: Http, stop: threading.Event) -> None:
        self._profile = profile
        self._http = http
        self._stop = stop
        self._session: Secret | None = None
        self._origin = origin_of(profile.garage)
        self._headers = {
            "X-Request-With": profile.request_with,
            "X-Frontend-Id": FRONTEND_ID,
            "X-Frontend-Version": profile.frontend_version,
        }

    def use(self, user_session: Secret) -> None:
        """Sign every call with this session from now on."""
        self._session = user_session

    def create(self) -> Remote:
        """Open an entry for a new video; `Busy` while another one of the account is open."""
        data = data_of(self._post(self._videos()), _("creating the video"))
        try:
            number, video_id = int(data["id"]), printable(data["videoId"])
        except (KeyError, OverflowError, TypeError, ValueError):
            number, video_id = 0, ""
        if number not in IDS or not video_id.isalnum():
            raise Passing(_("creating the video: niconico gave no id for it"))
        return Remote(id=str(number), video_id=video_id, url=self.watch_url(video_id))

    def adopted(self, number: int) -> Remote:
        """Return the entry that is known by its number alone; user videos are `sm` and that."""
        video_id = f"sm{number}"
        return Remote(id=str(number), video_id=video_id, url=self.watch_url(video_id))

    def chunk_stream(self, entry: int) -> str:
        """Return where the entry's parts go: a path on the API's own origin."""
        url = f"{self._videos(entry)}/upload-chunk-stream"
        data = data_of(self._post(url), _("preparing the upload"), entry=True)
        target = text_of(below(data).get("url"))
        if target is None:
            raise Passing(_("preparing the upload: niconico gave no address for the parts"))
        return resolve(self._profile.garage, target)

    def send_part(
        self,
        path: Path,
        upload: Upload,
        file: FileIdentity,
        index: int,
        progress: Callable[[int], None],
    ) -> Upload:
        """Send one part; return the upload with it done. A failed part takes its progress back."""
        sent = 0

        def count(size: int) -> None:
            nonlocal sent
            if self._stop.is_set():
                raise Stopped
            sent += size
            progress(size)

        body = fine_uploader.PartBody(
            path,
            offset=index * upload.part_size,
            length=fine_uploader.part_length(upload, file, index),
            fields=fine_uploader.part_fields(upload, file, index),
            sent=count,
        )
        headers = {"Content-Type": body.content_type, "X-Requested-With": "XMLHttpRequest"}
        try:
            answer = self._post(self._parts_url(upload), headers=headers, body=body)
            reply = fine_uploader.reply_of(
                answer,
                _("part {number} of {total}").format(number=index + 1, total=upload.total_parts),
            )
        except BaseException:
            progress(-sent)
            raise
        uuid = str(reply.get("newUuid") or upload.state["uuid"])
        state = {**upload.state, "uuid": uuid}
        return replace(upload, state=state, done_parts=upload.done_parts | {index})

    def done(self, upload: Upload, file: FileIdentity) -> None:
        """Tell that all parts were sent."""
        headers = {"X-Requested-With": "XMLHttpRequest"}
        form = fine_uploader.done_fields(upload, file)
        url = f"{self._parts_url(upload)}?done"
        fine_uploader.reply_of(
            self._post(url, headers=headers, form=form), _("completing the upload")
        )

    def _parts_url(self, upload: Upload) -> str:
        """Complete the receipt's path; whoever wrote it, the sign-in goes to the API alone."""
        url = f"{self._origin}{upload.state['url']}"
        if origin_of(url) != self._origin:
            raise VideoFailed(
                _("the receipt wants the parts sent to another host, and nothing was sent there"),
                _("somebody changed the receipt: put the right one back"),
            )
        return url

    def scene_thumbnail(self, entry: int, timing: int) -> None:
        """Make the frame at `timing` milliseconds the thumbnail's candidate 0."""
        url = f"{self._videos(entry)}/scene-thumbnails/0"
        data_of(
            self._post(url, form={"timing": str(timing)}), _("setting the thumbnail"), entry=True
        )

    def publish(self, entry: int, body: Mapping[str, Any]) -> None:
        """Send the metadata, which publishes the video."""
        self._submit("POST", self._videos(entry), body)

    def save_draft(self, entry: int, body: Mapping[str, Any]) -> None:
        """Send the metadata without publishing."""
        self._submit("POST", f"{self._videos(entry)}/draft", body)

    def edit(self, entry: int, body: Mapping[str, Any]) -> None:
        """Send the metadata of a video that is published already."""
        try:
            self._submit(self._profile.edit_method, self._videos(entry), body)
        except VideoFailed as error:
            error.hint = error.hint or _(_BY_HAND)
            raise

    def _submit(self, method: str, url: str, body: Mapping[str, Any]) -> None:
        data_of(self._send(method, url, document=body), _("sending the metadata"), entry=True)

    def status(self, entry: int) -> Status:
        """Ask how far the entry has come."""
        answer = self._send("GET", f"{self._videos(entry)}/status")
        data = data_of(answer, _("asking for the state"), entry=True)
        if not isinstance(data, dict):
            raise Passing(_("asking for the state: niconico gave none"))
        names = ("postStatus", "videoFileStatus", "thumbnailStatus", "inputStatus")
        return Status(*(printable(data.get(name, "UNDEFINED")) for name in names))

    def delete(self, entry: int) -> None:
        """Delete the video, for ever; EntryGone where niconico has no such video of the account.

        The 2021 article has the call; nobody has shown what it does to drafts.
        """
        url = f"{self._profile.nvapi}/v1/users/me/videos/sm{entry}"
        answer = self._send("DELETE", url, headers=NVAPI_HEADERS)
        data_of(answer, _("deleting sm{number}").format(number=entry), entry=True)

    def watch_url(self, video_id: str) -> str:
        """Return where viewers find the video."""
        return self._profile.watch.format(video_id=video_id)

    def _videos(self, entry: int | None = None) -> str:
        url = f"{self._profile.garage}/v2/videos"
        return url if entry is None else f"{url}/{entry}"

    def _post(self, url: str, **parts: Any) -> Answer:
        return self._send("POST", url, **parts)

    def _send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, **parts: Any
    ) -> Answer:
        cookies = {"user_session": self._session.reveal()} if self._session else {}
        all_headers = {**self._headers, **(headers or {})}
        return self._http.send(method, url, headers=all_headers, cookies=cookies, **parts)


def resolve(base: str, target: str) -> str:
    """Return the path, on the base's origin, of a `target` that the site gave.

    It may be absolute, under the base (`/api/v2/…`), or relative to it (`/v2/…`, as the garage
    answers even where the API lives under `/api`). Raise SiteRefuses when it leaves the origin: the
    sign-in goes there and nowhere else.
    """
    url = urlsplit(joined(base + "/", target))
    if origin_of(url.geturl()) != origin_of(base):
        raise SiteRefuses(
            _("niconico wants the parts sent to another host ({host})").format(
                host=printable(url.netloc)
            ),
            _("nothing was sent there; please report it at the project's issue page"),
        )
    path = url._replace(scheme="", netloc="", fragment="").geturl()
    return path if urlsplit(target).netloc else _under(urlsplit(base).path, path)


def _under(base: str, path: str) -> str:
    """Complete a host-relative path by the part of the base that it leaves out."""
    for start in range(len(base)):
        if base[start] == "/" and path.startswith(base[start:] + "/"):
            return base[:start] + path
    return base + path if path.startswith("/v2/") else path
