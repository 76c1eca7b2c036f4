"""The bytes' way to bilibili: which line, what the site allows for a file, and its parts.

Cookies go to bilibili's own hosts alone, an upload's `auth` to the host that it is for alone.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from nicobatch.errors import Passing, SiteRefuses, Stopped, VideoFailed
from nicobatch.http import Answer, FileRange, Http
from nicobatch.language import N_, _
from nicobatch.model import Secret
from nicobatch.origin import is_loopback
from nicobatch.sites.abilities import printable
from nicobatch.sites.bilibili import signin
from nicobatch.sites.bilibili.answers import part_taken, reply_of, text, whole
from nicobatch.sites.bilibili.profiles import Profile

_URI: Final = re.compile(r"upos://([A-Za-z0-9_-]{1,100})/([A-Za-z0-9_-]{1,200}\.[A-Za-z0-9]{1,10})")
_HOST: Final = re.compile(r"(?://|https?://)([A-Za-z0-9.-]+(?::\d{1,5})?)/?")
_PART_SIZES: Final = range(1, (1 << 30) + 1)
_THREADS: Final = range(1, 33)
_DELAYS: Final = range(61)
_ELSEWHERE: Final = N_("bilibili wants the parts sent to an address that is none: {address}")
_REPORT: Final = N_("nothing was sent there; please report it at the project's issue page")
_PROBED: Final = 64 << 10
"""Bytes that a probe sends: enough to tell a line that works, and no load."""


@dataclass(frozen=True, slots=True)
class Line:
    """One way for the bytes, as the site names it."""

    query: str
    """What preupload is asked with to get an endpoint of this line."""
    probe_url: str = ""

    @property
    def name(self) -> str:
        """Return its name: `bda2`."""
        found = re.search(r"(?:^|&)upcdn=([^&]*)", self.query)
        return found[1] if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What preupload allows for one file: where its parts go, and how."""

    endpoint: str
    """`https://HOST`."""
    bucket: str
    key: str
    """The file's name on the site, with its ending."""
    auth: Secret
    biz_id: int
    part_size: int
    """Bytes; the last part may be shorter."""
    threads: int
    """How many parts the site takes at once."""
    delay: float
    """Seconds that it asks to wait after a part that failed."""

    @property
    def filename(self) -> str:
        """Return what a submission calls the file."""
        return self.key.rpartition(".")[0]

    @property
    def url(self) -> str:
        """Return where its parts go."""
        return f"{self.endpoint}/{self.bucket}/{self.key}"


def allowed(profile: Profile, reply: Mapping[str, Any]) -> Allowed:
    """Read preupload's answer; raise SiteRefuses where it leads nowhere, Passing where it lacks."""
    uri, auth = _URI.fullmatch(text(reply.get("upos_uri"))), text(reply.get("auth"))
    biz_id, size = whole(reply.get("biz_id")), whole(reply.get("chunk_size"))
    if not (uri and auth and biz_id and size in _PART_SIZES and auth.isprintable()):
        raise Passing(_("preparing the upload: bilibili did not say where the parts go"))
    return Allowed(
        endpoint=endpoint(profile, text(reply.get("endpoint"))),
        bucket=uri[1],
        key=uri[2],
        auth=Secret(auth),
        biz_id=biz_id,
        part_size=size or 1,
        threads=_within(reply.get("threads"), _THREADS, 3),
        delay=float(_within(reply.get("chunk_retry_delay"), _DELAYS, 3)),
    )


def endpoint(profile: Profile, told: str) -> str:
    """Return the origin of an endpoint: https, or this machine's where the site is this machine."""
    found = _HOST.fullmatch(told)
    if not found:
        raise SiteRefuses(_(_ELSEWHERE).format(address=printable(told)), _(_REPORT))
    here = is_loopback(profile.member)
    plain = here and profile.member.startswith("http:") and is_loopback(f"http://{found[1]}")
    if told.startswith("http:") and not plain:
        raise SiteRefuses(_(_ELSEWHERE).format(address=printable(told)), _(_REPORT))
    return f"{'http' if plain else 'https'}://{found[1]}"


def total_parts(size: int, part_size: int) -> int:
    """Return how many parts a file of `size` bytes goes in."""
    return -(-size // part_size)


def lines_of(reply: Mapping[str, Any]) -> list[Line]:
    """Read the lines that a probe's answer names."""
    rows = reply.get("lines")
    return [
        Line(text(row.get("query")), text(row.get("probe_url")))
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and row.get("os") == "upos" and text(row.get("query"))
    ]


class Upos:
    """The calls to the hosts that take the bytes: no cookie ever goes there."""

    def __init__(self, profile: Profile, http: Http, stop: threading.Event) -> None:
        self._profile = profile
        self._http = http
        self._stop = stop

    def first_alive(self, lines: Iterable[Line]) -> Line | None:
        """Return the first line that answers; None where none does."""
        return next((line for line in lines if self._is_alive(line)), None)

    def _is_alive(self, line: Line) -> bool:
        try:
            host, _, path = line.probe_url.removeprefix("//").partition("/")
            url = f"{endpoint(self._profile, '//' + host)}/{path}"
            answer = self._http.send("POST", url, headers=self._headers(), body=_Zeros(_PROBED))
        except (Passing, SiteRefuses):
            return False
        return answer.status < 400

    def begin(self, to: Allowed, size: int) -> str:
        """Begin the upload of a file of `size` bytes, and return its id."""
        query = {
            "uploads": "",
            "output": "json",
            "profile": self._profile.upload_profile,
            "filesize": str(size),
            "partsize": str(to.part_size),
            "biz_id": str(to.biz_id),
        }
        reply = reply_of(self._send("POST", to, query), _("preparing the upload"))
        upload_id = text(reply.get("upload_id"))
        if not re.fullmatch(r"[A-Za-z0-9_.~-]{1,200}", upload_id):
            raise Passing(_("preparing the upload: bilibili gave it no name"))
        return upload_id

    def send_part(  # noqa: PLR0913 - what a part is made of
        self,
        to: Allowed,
        upload_id: str,
        path: Path,
        *,
        size: int,
        index: int,
        progress: Callable[[int], None],
    ) -> None:
        """Send the part, from 0, of a file of `size` bytes; a failed one takes its progress back.

        Raise UploadGone where the site no longer takes parts of this upload.
        """
        sent = 0

        def count(bytes_read: int) -> None:
            nonlocal sent
            if self._stop.is_set():
                raise Stopped
            sent += bytes_read
            progress(bytes_read)

        total, start = total_parts(size, to.part_size), index * to.part_size
        length = min(to.part_size, size - start)
        query = {
            "partNumber": str(index + 1),
            "uploadId": upload_id,
            "chunk": str(index),
            "chunks": str(total),
            "size": str(length),
            "start": str(start),
            "end": str(start + length),
            "total": str(size),
        }
        body = FileRange(path, offset=start, length=length, sent=count)
        what = _("part {number} of {total}").format(number=index + 1, total=total)
        try:
            part_taken(self._send("PUT", to, query, body=body), what)
        except Passing as error:
            progress(-sent)
            if error.retry_after is None:  # as the site asks, and not all parts at once
                error.retry_after = to.delay * random.uniform(1.0, 1.5)  # noqa: S311 - no secret
            raise
        except BaseException:
            progress(-sent)
            raise

    def complete(self, to: Allowed, upload_id: str, name: str, total: int) -> None:
        """Say that all parts, exactly 1 to `total`, are there; worth repeating while it merges."""
        query = {
            "output": "json",
            "name": name,
            "profile": self._profile.upload_profile,
            "uploadId": upload_id,
            "biz_id": str(to.biz_id),
        }
        parts = [{"partNumber": number, "eTag": "etag"} for number in range(1, total + 1)]
        answer = self._send("POST", to, query, document={"parts": parts})
        reply = reply_of(answer, _("completing the upload"))
        key = text(reply.get("key"))
        if key and key.lstrip("/") != to.key:
            raise VideoFailed(_("completing the upload: bilibili speaks of another file"))

    def _send(self, method: str, to: Allowed, query: Mapping[str, str], **parts: Any) -> Answer:
        """Send with the auth, to the host that gave it and no other."""
        assert urlsplit(to.url).netloc == urlsplit(to.endpoint).netloc  # noqa: S101
        headers = {**self._headers(), "X-Upos-Auth": to.auth.reveal()}
        url = f"{to.url}?{urlencode(query)}"
        return self._http.send(method, url, headers=headers, secret=True, **parts)

    def _headers(self) -> dict[str, str]:
        return signin.headers(self._profile)


class _Zeros:
    """A body of zeros, for a probe."""

    def __init__(self, size: int) -> None:
        self._blocks = iter([bytes(size)])
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        return self._blocks

    def read(self, size: int = -1) -> bytes:  # noqa: ARG002 - there is one block
        return next(self._blocks, b"")


def _within(value: object, bounds: range, otherwise: int) -> int:
    return value if isinstance(value, int) and value in bounds else otherwise
