"""What the tests of niconico are about: videos, files, uploads, and a look at what arrived."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from nicobatch.media import identify
from nicobatch.model import FileIdentity, MediaInfo, Publish, PublishMode, Secret, Thumbnail, Video
from nicobatch.receipt import Receipt, Remote, Upload
from nicobatch.sandbox import DEFAULT_ACCOUNTS, Account, Sandbox
from nicobatch.sites.niconico.client import Client
from nicobatch.sites.niconico.cropping import Cropping
from nicobatch.sites.niconico.fields import Community, Options, Series, options
from nicobatch.sites.niconico.fine_uploader import total_parts
from nicobatch.sites.niconico.signin import Person
from nicobatch.sites.session import Credentials
from tests.support.faults import Play, refused

MakeClient = Callable[..., Client]
EnterDoor = Callable[..., Person]
MAIN, SECOND, CAREFUL = DEFAULT_ACCOUNTS
PART = 10_000_000
UUID = "0b5bd1e4-6b0c-4a8e-8f0a-3d1b7d0f6a11"
WIDE = MediaInfo(
    container="mp4", size=100, duration=30.0, width=640, height=360, video_codec="h264"
)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


def video(file: Path = Path("v.mp4"), **changes: Any) -> Video:
    """Return a video that asks for as little as can be."""
    own = {each.name: changes.pop(each.name) for each in fields(Options) if each.name in changes}
    given = {"id": "v", "title": "第1回", **changes}
    return Video(manifest=Path("m.yaml"), file=file, options=Options(**own), **given)


def asks(video: Video, **changes: Any) -> Video:
    """Return the video with changes, also of what only niconico has."""
    own = {each.name: changes.pop(each.name) for each in fields(Options) if each.name in changes}
    return replace(video, options=replace(options(video), **own), **changes)


FULL: dict[str, Any] = {
    "description": "一行目\n二行目\n",
    "tags": ("ゲーム", "実況プレイ動画"),
    "genre": "game",
    "thumbnail": Thumbnail(timing=500),
    "cropping": Cropping(position=3),
    "publish": Publish(PublishMode.PUBLIC),
    "series": Series(id=12345, add_to_head=True),
    "community": Community(id=10, only=True),
    "thanks_message": "いいねありがとう",
    "parent_works": ("sm9", "nc12345"),
}
"""Changes that make a video ask for everything."""


def zeros(path: Path, size: int) -> Path:
    """Make a file that takes no room on the disk; its last byte is not zero."""
    with path.open("wb") as file:
        file.truncate(size)
        file.seek(max(0, size - 1))
        file.write(b"!"[:size])
    return path


def upload_of(file: FileIdentity, url: str = "/parts", part_size: int = PART) -> Upload:
    """Return an upload of the file in which nothing was sent yet."""
    parts = total_parts(file.size, part_size)
    state = {"uuid": UUID, "url": url}
    return Upload(sha256=file.sha256, part_size=part_size, total_parts=parts, state=state)


def receipt(file: FileIdentity, **changes: Any) -> Receipt:
    """Return a receipt of the file on some site."""
    return Receipt(
        video="v",
        manifest="m.yaml",
        origin="sandbox",
        profile="garage-2026",
        account="main",
        files=(file,),
        **changes,
    )


def remote(entry: int) -> Remote:
    """Return the entry as a receipt knows it."""
    return Remote(id=str(entry), video_id=f"sm{entry}", url=f"https://example.com/sm{entry}")


def begin(client: Client, path: Path) -> tuple[int, FileIdentity, Upload]:
    """Create an entry and ask where its parts go."""
    entry, file = int(client.create().id), identify(path)
    return entry, file, upload_of(file, client.chunk_stream(entry))


def send_all(client: Client, path: Path) -> int:
    """Create an entry and send the whole file."""
    entry, file, upload = begin(client, path)
    for index in range(upload.total_parts):
        upload = client.send_part(path, upload, file, index, ignore)
    client.done(upload, file)
    return entry


def ignore(size: int) -> None:
    """Take no notice of progress."""


def entry_of(sandbox: Sandbox, entry: int) -> dict[str, Any]:
    """Return what the sandbox received for the entry."""
    return next(dict(found) for found in sandbox.audit()["entries"] if found["id"] == entry)


def only_entry(sandbox: Sandbox) -> int:
    """Return the id of the one entry that there is."""
    (found,) = sandbox.audit()["entries"]
    return int(found["id"])


def requests_of(sandbox: Sandbox) -> list[str]:
    """Return every request so far as `METHOD path`."""
    return [f"{each['method']} {each['path']}" for each in sandbox.audit()["requests"]]


class Progress:
    """Keeps what was told, and may do something when it is told."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.told: list[int] = []
        self._then = then

    def __call__(self, size: int) -> None:
        self.told.append(size)
        self._then()


def says(document: object, status: str = "200 OK", **headers: str) -> Play:
    """Answer with JSON in the sandbox's place."""
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return refused(status, named, json.dumps(document).encode())


def by_session(session: str) -> Credentials:
    return Credentials(user_session=Secret(session))


def by_password(
    account: Account, *, password: str | None = None, code: Callable[[], str] | None = None
) -> Credentials:
    secret = Secret(account.password if password is None else password)
    return Credentials(mail=account.mail, password=secret, one_time_code=code)


def redirected(location: str) -> Play:
    return refused("302 Found", [("Location", location)])
