"""The whole way: a manifest on disk, the client, real HTTP, and what the sandbox's audit saw."""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nicobatch import manifest, media, sites
from nicobatch.errors import Blocked
from nicobatch.events import Event
from nicobatch.http import Http
from nicobatch.journal import Journal
from nicobatch.locks import Locks
from nicobatch.model import DEFAULT_SITE, Secret
from nicobatch.pipeline import CheckedVideo, Owner
from nicobatch.pipeline.addresses import Addresses
from nicobatch.pipeline.batch import Batch
from nicobatch.pipeline.outcome import Outcome, State
from nicobatch.pipeline.retry import Retry
from nicobatch.pipeline.session import Run
from nicobatch.plan import KnownFiles
from nicobatch.sandbox import DEFAULT_ACCOUNTS, Sandbox
from nicobatch.settings import Settings
from nicobatch.sites.niconico.fields import SITE
from nicobatch.sites.niconico.library import Library
from nicobatch.sites.niconico.limits import LIMITS
from nicobatch.sites.niconico.profiles import PROFILES, at_origin
from nicobatch.sites.niconico.target import Niconico
from nicobatch.sites.session import Credentials
from tests.support import faults
from tests.support.faults import Faults

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PERSON = DEFAULT_ACCOUNTS[0]
SIGNED_IN = Credentials(user_session=Secret(PERSON.user_session))
BY_PASSWORD = Credentials(mail=PERSON.mail, password=Secret(PERSON.password))


@dataclass
class Publisher:
    """Publishes a folder's manifests into a sandbox, as the command does, without its pauses."""

    folder: Path
    sandbox: Sandbox
    faults: Faults
    profile: str = "garage-2026"
    origin: str = ""
    """What the site is called, where it is not reached by its own address."""
    proxy: str | None = None
    credentials: Credentials = SIGNED_IN
    settings: Settings = field(default_factory=Settings)
    events: list[Event] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def write(self, text: str, name: str = "m.yaml") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def run(self) -> list[Outcome]:
        profile = at_origin(PROFILES[self.profile], self.origin or self.sandbox.url)
        site = SITE.still("community") if profile.community else SITE
        loaded = manifest.load([str(self.folder)], sites={SITE.name: site}, now=NOW)
        assert loaded.problems == ()
        ready = []
        for video in loaded.videos:
            info, problems = media.check(video, limits=LIMITS)
            assert info
            assert problems == ()
            ready.append(CheckedVideo(video, (info,)))
        stop, journal = threading.Event(), Journal()
        target = Niconico(profile, self.credentials, stop=stop, proxy=self.proxy)
        run = Run(
            journal=journal,
            known_files=lambda: KnownFiles.of(
                (str(path.resolve()), receipt)
                for manifest_path in loaded.manifests
                for path, receipt in journal.receipts(manifest_path)
            ),
            settings=self.settings,
            retry=Retry(settings=self.settings, stop=stop, sleep=self.pause),
            locks=Locks("publish"),
            lock_folder=self.folder.parent / "locks",
            stop=stop,
            listen=self.events.append,
            now=lambda: NOW,
            addresses=Addresses(journal, stop, sites.table, lambda: NOW),
        )
        return Batch(run, {Owner(DEFAULT_SITE, "main"): target}).publish(ready)

    def pause(self, seconds: float, /) -> bool:
        self.pauses.append(seconds)
        return False

    def entries(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sandbox.audit()["entries"]
        return found

    def requests(self, method: str = "") -> list[str]:
        lines = self.sandbox.audit()["requests"]
        return [f"{r['method']} {r['path']}" for r in lines if method in r["method"]]


@pytest.fixture
def publisher(tmp_path: Path, small_video: Path) -> Iterator[Publisher]:
    folder = tmp_path / "show"
    folder.mkdir()
    shutil.copy(small_video, folder / "a.mp4")
    played = Faults()
    with Sandbox(tmp_path / "site", encode_seconds=0, wrap=played.wrap) as server:
        yield Publisher(folder, server, played)
    assert server.audit()["crashes"] == []


ONE = "version: 1\nfile: a.mp4\ntitle: はじめまして\n"


def longer(video: bytes) -> bytes:
    """Return the same video in other bytes, by a `free` box at its end."""
    return video + (16).to_bytes(4, "big") + b"free" + bytes(8)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("profile", "credentials"),
    [
        ("garage-2026", SIGNED_IN),
        ("garage-2024", SIGNED_IN),
        ("article-2021", BY_PASSWORD),
        (
            "article-2021",
            Credentials(
                mail=DEFAULT_ACCOUNTS[2].mail,
                password=Secret(DEFAULT_ACCOUNTS[2].password),
                one_time_code=lambda: "123456",
            ),
        ),
    ],
)
def test_a_video_is_published_with_its_very_bytes(
    publisher: Publisher, profile: str, credentials: Credentials
) -> None:
    publisher.profile, publisher.credentials = profile, credentials
    publisher.write(ONE)
    [outcome] = publisher.run()
    assert outcome.state is State.PUBLISHED
    [entry] = publisher.entries()
    assert entry["published"]
    assert entry["sha256"] == sha256(publisher.folder / "a.mp4")
    assert entry["metadata"]["title"] == "はじめまして"
    assert publisher.sandbox.audit()["leaks"] == []


def test_the_happy_path_takes_no_request_too_many(publisher: Publisher) -> None:
    publisher.write(ONE + "thumbnail: {timing: 0.5}\n")
    publisher.run()
    base = "/api/v2/videos"
    entry = f"{base}/39130867"
    assert publisher.requests() == [
        "GET /v1/users/me",
        "GET /v2/users/me/videos",
        f"POST {base}",
        f"POST {entry}/upload-chunk-stream",
        f"POST {entry}/file/chunks",
        f"POST {entry}/file/chunks",
        f"POST {entry}/scene-thumbnails/0",
        f"POST {entry}",
        f"GET {entry}/status",
        "GET /watch/sm39130867",
    ]


@pytest.mark.parametrize("broken", [0, 1, 99])
def test_the_accounts_list_is_gone_with_the_run_and_waits_for_no_garbage_collector(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch, broken: int
) -> None:
    lists: weakref.WeakSet[Library] = weakref.WeakSet()
    begin = Library.__init__

    def noted(library: Library, *arguments: Any) -> None:
        begin(library, *arguments)
        lists.add(library)

    monkeypatch.setattr(Library, "__init__", noted)
    for _time in range(broken):
        publisher.faults.at(STEPS["create"], FAULTS["502"])
    publisher.write(ONE)
    gc.disable()
    try:
        assert [each.state for each in publisher.run()] == [
            State.FAILED if broken > 1 else State.PUBLISHED
        ]
        assert "GET /v2/users/me/videos" in publisher.requests()
        assert not lists
    finally:
        gc.enable()


def test_a_second_run_sends_nothing(publisher: Publisher) -> None:
    publisher.write(ONE)
    publisher.run()
    before = publisher.requests()
    assert [outcome.state for outcome in publisher.run()] == [State.UNCHANGED]
    assert publisher.requests() == before


@pytest.mark.parametrize(
    ("line", "path", "value"),
    [
        ("description: |\n  一行目\n  <b>二行目</b>\n", "detail", "一行目<br><b>二行目</b>"),
        ("tags: [ゲーム, 実況]\n", "tags", ["ゲーム", "実況"]),
        ("genre: game\n", "genreKey", "game"),
        ("thumbnail: {aspect: wide, position: 1}\n", "thumbnail.aspectBias", "WIDE"),
        ("thumbnail: {aspect: tall}\n", "thumbnail.cropMode", 1),
        ("thumbnail: {position: 1}\n", "thumbnail.position", 1),
        ("publish: false\n", "publish", False),
        (
            "publish: {at: 2026-12-01T11:00:00Z}\n",
            "publishTimer",
            {"use": True, "registeredAt": "2026-12-01T20:00:00+09:00"},
        ),
        ("permissions: {ng_share: false}\n", "permissionSettings.allowNgShareFlag", False),
        ("permissions: {gift: false}\n", "permissionSettings.allowGift", False),
        ("series: {id: 12, add_to_head: true}\n", "series", {"id": 12, "addToHead": True}),
        ("signature: true\n", "signature.display", True),
        ("notify_by_email: true\n", "notification.email", True),
        ("exclude_from_upload_list: true\n", "excludeFromUploadList", True),
        (
            "thanks_message: ありがとう\n",
            "thanksMessage",
            {"isVisible": True, "content": "ありがとう"},
        ),
        ("parent_works: [sm9, nc12345]\n", "commonsParentIds", ["sm9", "nc12345"]),
    ],
)
def test_each_field_arrives_in_its_place(
    publisher: Publisher, line: str, path: str, value: object
) -> None:
    publisher.write(ONE + line)
    assert publisher.run()[0].state is State.PUBLISHED
    found: Any = publisher.entries()[0]["metadata"]
    for name in path.split("."):
        found = found[name]
    assert found == value


def test_a_community_goes_to_the_article_s_api(publisher: Publisher) -> None:
    publisher.profile, publisher.credentials = "article-2021", BY_PASSWORD
    publisher.write(ONE + "community: {id: 10, only: true}\n")
    assert publisher.run()[0].state is State.PUBLISHED
    assert publisher.entries()[0]["metadata"]["community"] == {
        "belongs": True,
        "id": 10,
        "communityOnly": True,
        "groupWorkFlag": False,
    }


@pytest.mark.parametrize(("size", "parts"), [(9_999_999, 1), (10_000_000, 1), (10_000_001, 2)])
def test_files_around_the_size_of_a_part(publisher: Publisher, size: int, parts: int) -> None:
    video = publisher.folder / "a.mp4"
    free = size - video.stat().st_size
    with video.open("ab") as file:  # a `free` box: the container stays whole
        file.write(free.to_bytes(4, "big") + b"free" + bytes(free - 8))
    publisher.write(ONE)
    assert publisher.run()[0].state is State.PUBLISHED
    [entry] = publisher.entries()
    assert (entry["size"], entry["sha256"]) == (size, sha256(video))
    assert publisher.requests().count("POST /api/v2/videos/39130867/file/chunks") == parts + 1


def test_a_draft_is_saved_and_published_later(publisher: Publisher) -> None:
    publisher.write(ONE + "publish: draft\n")
    assert publisher.run()[0].state is State.PUBLISHED
    assert not publisher.entries()[0]["published"]
    publisher.write(ONE)
    assert publisher.run()[0].state is State.UPDATED
    [entry] = publisher.entries()
    assert entry["published"]


def test_a_published_video_does_not_become_a_draft(publisher: Publisher) -> None:
    publisher.write(ONE)
    publisher.run()
    publisher.write(ONE + "publish: draft\n")
    assert publisher.run()[0].state is State.REFUSED


def test_a_changed_title_changes_the_published_video(publisher: Publisher) -> None:
    publisher.write(ONE)
    publisher.run()
    publisher.write(ONE.replace("はじめまして", "二度目まして"))
    assert publisher.run()[0].state is State.UPDATED
    [entry] = publisher.entries()
    assert entry["metadata"]["title"] == "二度目まして"


def test_a_video_that_niconico_cannot_use_fails(publisher: Publisher) -> None:
    publisher.write(ONE)
    publisher.faults.at(
        "GET .*/status.*",
        faults.refused(
            "200 OK",
            body=b'{"meta": {"status": 200}, "data": {"postStatus": "CREATED",'
            b' "videoFileStatus": "TRANSFER-FAILED"}}',
        ),
    )
    [outcome] = publisher.run()
    assert outcome.state is State.FAILED
    assert "the encoder failed" in str(outcome.error)


STEPS = {
    "create": "POST /api/v2/videos[?]",
    "stream": "POST .*/upload-chunk-stream[?]",
    "chunk": "POST .*/file/chunks[?]",
    "done": "POST .*/file/chunks[?]done",
    "thumbnail": "POST .*/scene-thumbnails/0[?]",
    "metadata": "POST /api/v2/videos/[0-9]+[?]",
    "encoded": "GET .*/status[?]",
}
FAULTS = {
    "reset before": faults.reset_before,
    "answer lost": faults.answer_lost,
    "502": faults.refused("502 Bad Gateway"),
    "503 after acting": faults.unavailable_after_acting,
    "429": faults.refused("429 Too Many Requests", [("Retry-After", "7")]),
    "HTML with 200": faults.html_after_acting,
    "truncated": faults.truncated_after_acting,
    "409 page": faults.refused("409 Conflict", body=b"<html>conflict"),
    "portal": faults.refused("302 Found", [("Location", "http://portal.example/login")]),
    "failing meta": faults.refused("200 OK", body=b'{"meta": {"status": 500}}'),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_anywhere_still_gives_one_video(
    publisher: Publisher, step: str, fault: str
) -> None:
    publisher.write(ONE + "thumbnail: {timing: 0.5}\n")
    publisher.faults.at(STEPS[step], FAULTS[fault])
    [outcome] = publisher.run()
    assert publisher.faults.played
    assert outcome.state is State.PUBLISHED
    [entry] = publisher.entries()
    assert entry["published"]
    assert entry["sha256"] == sha256(publisher.folder / "a.mp4")


def test_another_upload_is_waited_for_and_left_alone(publisher: Publisher) -> None:
    publisher.write(ONE)
    busy = b'{"meta": {"error-code": "ID_ALREADY_EXISTS", "status": 409}, "data": [{"id": 5}]}'
    for _ in range(3):
        publisher.faults.at(STEPS["create"], faults.refused("409 Conflict", body=busy))
    assert publisher.run()[0].state is State.PUBLISHED
    touched = [each for each in publisher.requests() if "/videos/5" in each]
    assert {*touched} <= {"GET /api/v2/videos/5/status"}


def test_a_busy_account_is_left_for_later(publisher: Publisher) -> None:
    publisher.write(ONE)
    publisher.settings = replace(publisher.settings, busy_timeout=0.0)
    busy = b'{"meta": {"error-code": "ID_ALREADY_EXISTS", "status": 409}, "data": [{"id": 5}]}'
    publisher.faults.at(STEPS["create"], faults.refused("409 Conflict", body=busy))
    [outcome] = publisher.run()
    assert outcome.state is State.UNFINISHED
    assert "5" in str(outcome.error)


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        ("401 Unauthorized", b'{"meta": {"status": 401}}', "SignInNeeded"),
        (
            "403 Forbidden",
            b'{"meta": {"status": 403}, "data": {"errorDetail": "AB001"}}',
            "SiteRefuses",
        ),
        ("404 Not Found", b"<html>", "SiteRefuses"),
        ("400 Bad Request", b'{"meta": {"status": 400, "error-code": "NO"}}', "VideoFailed"),
    ],
)
def test_refusals_are_told_apart(
    publisher: Publisher, status: str, body: bytes, state: str
) -> None:
    publisher.write(ONE)
    publisher.faults.at(STEPS["create"], faults.refused(status, body=body))
    [outcome] = publisher.run()
    assert type(outcome.error).__name__ == state
    assert publisher.entries() == []


def test_the_same_bytes_under_another_name_are_refused(publisher: Publisher) -> None:
    publisher.write(ONE)
    publisher.run()
    (publisher.folder / "m.yaml").rename(publisher.folder / "renamed.yaml")
    [outcome] = publisher.run()
    assert outcome.state is State.REFUSED
    publisher.write(ONE + "allow_duplicate: true\n", "renamed.yaml")
    assert publisher.run()[0].state is State.PUBLISHED
    assert len(publisher.entries()) == 2


def test_a_changed_file_of_a_published_video_is_refused(
    publisher: Publisher, small_video: Path
) -> None:
    publisher.write(ONE)
    publisher.run()
    video = publisher.folder / "a.mp4"
    video.write_bytes(longer(video.read_bytes()))
    [outcome] = publisher.run()
    assert outcome.state is State.REFUSED
    assert len(publisher.entries()) == 1


def test_receipts_hold_no_secret(publisher: Publisher) -> None:
    publisher.write(ONE)
    publisher.run()
    texts = [path.read_text("utf-8") for path in publisher.folder.rglob("*.json")]
    assert texts
    assert not [text for text in texts if PERSON.user_session in text]


@pytest.mark.parametrize("parallel", [1, 4])
def test_parts_side_by_side_come_to_the_same_file(publisher: Publisher, parallel: int) -> None:
    video = publisher.folder / "a.mp4"
    free = 45_000_000 - video.stat().st_size
    with video.open("ab") as file:
        file.write(free.to_bytes(4, "big") + b"free" + os.urandom(free - 8))
    publisher.settings = replace(publisher.settings, parallel_chunks=parallel)
    publisher.write(ONE)
    publisher.faults.at(STEPS["chunk"], faults.answer_lost)
    assert publisher.run()[0].state is State.PUBLISHED
    [entry] = publisher.entries()
    assert entry["sha256"] == sha256(video)
    assert sorted(entry["parts"].values()) == [1, 1, 1, 1, 2]


def test_the_entry_of_another_receipt_is_not_adopted(publisher: Publisher) -> None:
    publisher.settings = replace(publisher.settings, retry_attempts=2, busy_timeout=60.0)
    video = (publisher.folder / "a.mp4").read_bytes()
    (publisher.folder / "b.mp4").write_bytes(longer(video))
    both = "version: 1\nvideos: [{file: a.mp4, title: A}, {file: b.mp4, title: B}]\n"
    publisher.write(both)
    for _ in range(2):  # it is not known whether there is an entry for A, and there is none
        publisher.faults.at(STEPS["create"], faults.reset_before)
    publisher.faults.at(STEPS["stream"], faults.refused("400 Bad Request"))
    assert [each.state for each in publisher.run()] == [State.FAILED, State.FAILED]
    publisher.write("version: 1\nvideos: [{file: a.mp4, title: A}]\n")
    assert [each.state for each in publisher.run()] == [State.UNFINISHED]
    publisher.write(both)
    assert [each.state for each in publisher.run()] == [State.PUBLISHED, State.PUBLISHED]
    first, second = publisher.entries()
    assert (first["metadata"]["title"], first["sha256"]) == (
        "B",
        sha256(publisher.folder / "b.mp4"),
    )
    assert (second["metadata"]["title"], second["sha256"]) == (
        "A",
        sha256(publisher.folder / "a.mp4"),
    )


def test_a_video_of_the_same_batch_is_waited_for_by_its_name(publisher: Publisher) -> None:
    (publisher.folder / "b.mp4").write_bytes(longer((publisher.folder / "a.mp4").read_bytes()))
    publisher.write("version: 1\nvideos: [{file: a.mp4, title: A}, {file: b.mp4, title: B}]\n")
    publisher.settings = Settings(wait=False)
    taken = (
        b'{"meta": {"error-code": "ID_ALREADY_EXISTS", "status": 409}, "data": [{"id": 39130867}]}'
    )
    publisher.faults.at(STEPS["create"], faults.answered)
    publisher.faults.at(STEPS["create"], faults.refused("409 Conflict", body=taken))
    assert [each.state for each in publisher.run()] == [State.PUBLISHED, State.PUBLISHED]
    [reason] = [each.data["reason"] for each in publisher.events if each.kind == "waiting"]
    assert reason == "the site is still at work on m.yaml#a (id 39130867)"


def test_what_was_left_unfinished_is_not_waited_for_in_vain(publisher: Publisher) -> None:
    (publisher.folder / "b.mp4").write_bytes(longer((publisher.folder / "a.mp4").read_bytes()))
    publisher.write("version: 1\nvideos: [{file: a.mp4, title: A}, {file: b.mp4, title: B}]\n")
    publisher.faults.at(STEPS["metadata"], faults.refused("400 Bad Request"))
    first, second = publisher.run()  # it would never end: the site waits for A's metadata
    assert (first.state, second.state) == (State.FAILED, State.UNFINISHED)
    assert isinstance(second.error, Blocked)
    assert "the unfinished upload of m.yaml#a is in the way" in str(second.error)
    assert "`nicobatch delete`" in second.error.hint
    assert [each.state for each in publisher.run()] == [State.PUBLISHED, State.PUBLISHED]
    assert len(publisher.entries()) == 2


def test_what_was_begun_is_brought_to_its_end_first(publisher: Publisher) -> None:
    (publisher.folder / "b.mp4").write_bytes(longer((publisher.folder / "a.mp4").read_bytes()))
    publisher.write("version: 1\nvideos: [{file: b.mp4, title: B}]\n")
    publisher.faults.at(STEPS["metadata"], faults.refused("400 Bad Request"))
    assert publisher.run()[0].state is State.FAILED
    publisher.write("version: 1\nvideos: [{file: a.mp4, title: A}, {file: b.mp4, title: B}]\n")
    assert [each.title for each in publisher.run()] == ["A", "B"]
    titles = [entry["metadata"]["title"] for entry in publisher.entries()]
    assert titles == ["B", "A"]


def test_an_entry_that_takes_no_other_file_has_to_be_deleted(publisher: Publisher) -> None:
    publisher.write(ONE)
    publisher.faults.at(STEPS["done"], faults.refused("400 Bad Request"))
    assert publisher.run()[0].state is State.FAILED
    video = publisher.folder / "a.mp4"
    video.write_bytes(longer(video.read_bytes()))
    [outcome] = publisher.run()
    assert outcome.error
    assert "delete the entry in the garage" in outcome.error.hint
    [entry] = publisher.entries()
    url = f"{publisher.sandbox.url}/v1/users/me/videos/{entry['videoId']}"
    cookies = {"user_session": PERSON.user_session}
    Http().send("DELETE", url, headers={"X-Request-With": "x"}, cookies=cookies)
    assert publisher.run()[0].state is State.PUBLISHED
    assert publisher.entries()[1]["sha256"] == sha256(video)
