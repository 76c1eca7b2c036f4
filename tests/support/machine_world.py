"""A creator's folder, both sites' imitations and a clock, where runs can be cut short anywhere."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from nicobatch import manifest, media, sites
from nicobatch.actions import checking
from nicobatch.http import Http
from nicobatch.journal import FOLDER, Journal
from nicobatch.locks import Locks
from nicobatch.model import Secret
from nicobatch.pipeline import CheckedVideo, Owner
from nicobatch.pipeline.addresses import Addresses
from nicobatch.pipeline.batch import Batch
from nicobatch.pipeline.outcome import Outcome
from nicobatch.pipeline.retry import Retry
from nicobatch.pipeline.session import Run
from nicobatch.receipt import Receipt
from nicobatch.sandbox import DEFAULT_ACCOUNTS, Sandbox
from nicobatch.settings import Settings
from nicobatch.sites.base import Target
from nicobatch.sites.bilibili import fields as bilibili_fields
from nicobatch.sites.bilibili import profiles as bilibili_profiles
from nicobatch.sites.bilibili.target import Bilibili
from nicobatch.sites.niconico.fields import SITE
from nicobatch.sites.niconico.profiles import PROFILES, at_origin
from nicobatch.sites.niconico.target import Niconico
from nicobatch.sites.session import Credentials
from tests.support import faults
from tests.support.faults import Faults, drained
from tests.support.machine_model import BILIBILI, NICONICO, content
from tests.unit.sites.bilibili.making import credentials as cookies
from tests.unit.sites.bilibili.sandbox.client import PREFIX, Client

ENCODING: Final = 30.0
"""Seconds that a site takes for a video."""
PART: Final = 1_500
"""Bytes of which bilibili wants its parts."""
SETTINGS: Final = Settings(retry_attempts=3, busy_timeout=600.0, parallel_chunks=1)
PERSON: Final = DEFAULT_ACCOUNTS[0]
CREDENTIALS: Final = Credentials(
    user_session=Secret(PERSON.user_session), mail=PERSON.mail, password=Secret(PERSON.password)
)

STEPS: Final = {
    "preupload": f"GET {PREFIX}/preupload[?]name.*",
    "init": f"POST {PREFIX}/n[0-9a-f]*.mp4[?]uploads.*",
    "part": f"PUT {PREFIX}/.*",
    "complete": f"POST {PREFIX}/n[0-9a-f]*.mp4[?]output.*",
    "submit": f"POST {PREFIX}/x/vu/web/add/v3.*",
    "change": f"POST {PREFIX}/x/vu/web/edit.*",
    "view": f"GET {PREFIX}/x/vupre/web/archive/view.*",
    "archives": f"GET {PREFIX}/x/web/archives.*",
    "create": "POST (/api)?/v2/videos[?]",
    "stream": "POST .*/upload-chunk-stream[?]",
    "chunk": "POST .*/file/chunks[?]",
    "done": "POST .*/file/chunks[?]done",
    "draft": "POST .*/draft[?]",
    "metadata": "POST .*/v2/videos/[0-9]+[?]",
    "edit": "PUT .*/v2/videos/[0-9]+[?]",
    "status": "GET .*/status[?]",
    "list": "GET .*/v2/users/me/videos[?].*",
}
FAULTS: Final = {
    "reset before": faults.reset_before,
    "answer lost": faults.answer_lost,
    "502": faults.refused("502 Bad Gateway"),
    "503 after acting": faults.unavailable_after_acting,
    "429": faults.refused("429 Too Many Requests", [("Retry-After", "7")]),
    "HTML with 200": faults.html_after_acting,
    "truncated": faults.truncated_after_acting,
    "failing meta": faults.refused("200 OK", body=b'{"meta": {"status": 500}}'),
    "400": faults.refused("400 Bad Request", body=b'{"meta": {"status": 400}}'),
}
TROUBLES: Final = sorted(
    {*itertools.product(STEPS, FAULTS)} - {("list", "400"), ("archives", "400")}
)
"""A site that has no list can't tell that the journal was lost."""


_ENDED: Final = {
    NICONICO: ("401 Unauthorized", b'{"meta": {"status": 401}}'),
    BILIBILI: ("200 OK", b'{"code": -101, "message": "", "ttl": 1}'),
}
"""How a site says that it has ended the sign-in; bilibili's hosts of bytes never ask for one."""


class Killed(BaseException):
    """The process is no more; nothing in nicobatch may catch this for good."""


@dataclass
class Clock:
    """The true time, which passes while somebody waits, and this machine's idea of it."""

    now: float = 1_795_000_000.0
    skew: float = 0.0

    def true(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now + self.skew

    def step(self, hours: int) -> None:
        self.skew += 3600.0 * hours

    def wait(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Cut:
    """Does something at one moment: before or after one of a run's requests or journal writes."""

    at: int
    action: Callable[[], None]
    moments: int = 0
    dead: bool = False

    def moment(self) -> None:
        if not self.dead and self.moments == self.at:
            self.action()
        if self.dead:  # whatever still runs has no effect on anything
            raise Killed
        self.moments += 1

    @contextlib.contextmanager
    def hooked(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            for owner, name in ((Http, "send"), (Journal, "write")):
                stack.enter_context(patch.object(owner, name, self._around(getattr(owner, name))))
            yield

    def _around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def around(*args: Any, **parts: Any) -> Any:
            self.moment()
            result = call(*args, **parts)
            self.moment()
            return result

        return around


@functools.cache
def dead_pid() -> int:
    """Return the pid of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


@dataclass
class World:
    """Everything outside of nicobatch."""

    profile: str = "garage-2026"
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    expired: set[str] = field(default_factory=set)
    """Which sites have ended the sign-in."""
    _there: list[dict[str, Any]] | None = None

    def __post_init__(self) -> None:
        self._held = contextlib.ExitStack()
        self._root = root = Path(self._held.enter_context(tempfile.TemporaryDirectory()))
        self.folder = root / "show"
        self.folder.mkdir()
        self.journal = Journal()
        self.sandbox = Sandbox(
            root / "site",
            encode_seconds=ENCODING,
            wrap=lambda app: self.faults.wrap(self._gate(app)),
            clock=self.clock.true,
        )
        self._held.enter_context(self.sandbox)
        with Client(self.sandbox.url) as bilibili:
            bilibili.set(chunk_size=PART, chunk_retry_delay=0)

    def close(self) -> None:
        self._held.close()

    def entries(self, site: str = NICONICO) -> list[dict[str, Any]]:
        """Return what the site has; what bilibili has was submitted, and is there for all to see.

        The sites are asked once after whatever changes anything there.
        """
        self._there = self._there or self.sandbox.audit()["entries"]
        found = self._there
        if site == NICONICO:
            return [each for each in found if "kind" not in each]
        sent = {each["filename"]: each["sha256"] for each in found if each.get("kind") == "upload"}
        return [
            {
                "id": each["id"],
                "published": True,
                "draft": bool(each["body"]["is_only_self"]),
                "deleted": False,
                "sha256": content([sent[page["filename"]] for page in each["pages"]]),
                "metadata": {"title": each["title"]},
            }
            for each in found
            if each.get("kind") == "archive"
        ]

    def receipts(self, site: str | None = None) -> list[Receipt]:
        found = (receipt for _, receipt in self.journal.receipts(self.folder / "any.yaml"))
        return [receipt for receipt in found if site in {None, receipt.site}]

    def expire(self) -> None:
        self.expired |= {NICONICO, BILIBILI}

    def lose_journal(self) -> None:
        shutil.rmtree(self.folder / FOLDER, ignore_errors=True)

    def delete(self, entry: int) -> None:
        """Delete it as a person does, in the garage."""
        self._there = None
        path = f"{self.sandbox.url}/v1/users/me/videos/sm{entry}"
        cookies = {"user_session": PERSON.user_session}
        headers = {"X-Request-With": "nv-garage"}
        expired, self.expired = self.expired, set()  # the browser has a sign-in of its own
        assert Http().send("DELETE", path, headers=headers, cookies=cookies).status == 200
        self.expired = expired

    def put(self, name: str, content: bytes) -> str:
        """Write a file the way exporters do, as a new one; return its SHA-256."""
        part = self.folder / f"{name}.part"
        part.write_bytes(content)
        part.replace(self.folder / name)
        return hashlib.sha256(content).hexdigest()

    def write(self, name: str, videos: Sequence[Mapping[str, object]]) -> None:
        """Replace whatever manifest there is."""
        for old in self.folder.glob("*.yaml"):
            old.unlink()
        if videos:
            document = {"version": 1, "videos": videos}
            (self.folder / name).write_text(json.dumps(document), encoding="utf-8")

    def run(
        self,
        cut: Cut | None = None,
        stop: threading.Event | None = None,
        *,
        elsewhere: bool = False,
    ) -> list[Outcome] | None:
        """Publish the folder, perhaps from another machine; None where the process was killed.

        The sites come one after the other, so that the same moment of two runs is the same.
        """
        self._there = None
        stop, manifests = stop or threading.Event(), tuple(self.folder.glob("*.yaml"))
        machine = self._root / ("far" if elsewhere else "here")
        run = Run(
            journal=self.journal,
            known_files=lambda: checking.known_files(self.journal, manifests),
            settings=SETTINGS,
            retry=Retry(settings=SETTINGS, stop=stop, sleep=self._sleeping(stop), draw=max),
            locks=Locks("publish", wall=self.clock.wall, monotonic=self.clock.true),
            lock_folder=machine / "locks",
            stop=stop,
            listen=lambda event: None,
            now=self._now,
            addresses=Addresses(self.journal, stop, sites.table, self._now),
        )
        ready, outcomes = tuple(self._ready()), list[Outcome]()
        with (
            patch.dict(os.environ, XDG_STATE_HOME=str(machine / "state")),
            (cut or Cut(-1, lambda: None)).hooked(),
            contextlib.suppress(Killed),
        ):
            for site, target in self._targets(stop).items():
                own = [each for each in ready if each.video.site == site]
                outcomes += Batch(run, {Owner(site, "main"): target}).publish(own)
            return outcomes
        self._rebuild_locks()
        return None

    def _targets(self, stop: threading.Event) -> Mapping[str, Target]:
        at, url = bilibili_profiles.at_origin, self.sandbox.url + PREFIX
        return {
            NICONICO: Niconico(
                at_origin(PROFILES[self.profile], self.sandbox.url), CREDENTIALS, stop=stop
            ),
            BILIBILI: Bilibili(
                at(bilibili_profiles.WEB_2026, url), cookies(), stop=stop, now=self._now
            ),
        }

    def kill(self, cut: Cut, *, elsewhere: bool) -> None:
        """End the process at this very moment; its locks stay, as another machine's perhaps."""
        cut.dead = True
        change = {"host": "far", "place": "far"} if elsewhere else {"pid": dead_pid()}
        self._left = {
            path: json.dumps({**json.loads(path.read_text("ascii")), **change})
            for path in self._root.rglob(".*.lock")
        }
        for path in self.folder.glob(f"{FOLDER}/*/*.json"):
            path.with_name(f".{path.name}.torn").write_text('{"nicobatch": 1', encoding="utf-8")

    def _rebuild_locks(self) -> None:
        """Undo what the end of the run did, as it is no part of being killed."""
        for path, text in self._left.items():
            path.write_text(text, encoding="ascii")

    def _sleeping(self, stop: threading.Event) -> Callable[[float], bool]:
        def sleep(seconds: float) -> bool:
            self.clock.wait(seconds)
            return stop.is_set()

        return sleep

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.wall(), UTC)

    def _ready(self) -> Iterator[CheckedVideo]:
        community = PROFILES[self.profile].community
        site = SITE.still("community") if community else SITE
        both = {each.name: each for each in (site, bilibili_fields.SITE)}
        loaded = manifest.load([str(self.folder)], sites=both, now=self._now())
        assert loaded.problems == ()
        for video in loaded.videos:
            checked = [
                media.check(replace(video, file=file), limits=both[video.site].limits)
                for file in video.files
            ]
            assert [problem for _, found in checked for problem in found] == []
            yield CheckedVideo(video, tuple(info for info, _ in checked if info))

    def _gate(self, app: WSGIApplication) -> WSGIApplication:
        """Refuse once the sign-in has ended; niconico renews it by a password."""

        def gated(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            path = environ["PATH_INFO"]
            if path == "/secure/login":
                self.expired.discard(NICONICO)
            site = BILIBILI if path.startswith(PREFIX) else NICONICO
            if site not in self.expired or path.startswith((f"{PREFIX}/n", f"{PREFIX}/OK")):
                return app(environ, start_response)
            drained(environ)
            status, body = _ENDED[site]
            start_response(status, [("Content-Length", str(len(body)))])
            return [body]

        return gated


def padded(video: bytes, size: int) -> bytes:
    """Return the whole video with `size` more bytes than any player looks at: a `free` box."""
    return video + (8 + size).to_bytes(4, "big") + b"free" + bytes(size)
