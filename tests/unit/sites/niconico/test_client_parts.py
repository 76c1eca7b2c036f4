"""Parts on their way: what Fine Uploader's answers mean, and parts that come to no end."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from nicobatch.errors import (
    EntryGone,
    NicobatchError,
    Passing,
    SignInNeeded,
    StartOver,
    Stopped,
    VideoFailed,
)
from nicobatch.http import BLOCK
from nicobatch.sandbox import Sandbox
from nicobatch.sites.niconico.client import Client
from tests.support.faults import Faults, Play, answer_lost, refused
from tests.unit.sites.niconico.making import (
    Progress,
    begin,
    entry_of,
    ignore,
    requests_of,
    says,
    zeros,
)

PARTS = r"POST .*/file/chunks\?"
DONE = r"POST .*/file/chunks\?done"


FAILED = {"success": False, "error": "no\x1b[2J"}
PAGE = refused("200 OK", (), b"<html>hello")
WORDS: list[Any] = [
    pytest.param(says(FAILED), Passing, id="success-false-repeats"),
    pytest.param(says(FAILED | {"reset": True}), StartOver, id="reset"),
    pytest.param(says(FAILED | {"preventRetry": True}), VideoFailed, id="preventRetry"),
    pytest.param(
        says(FAILED | {"reset": True, "preventRetry": True}), StartOver, id="reset-comes-first"
    ),
    pytest.param(says(FAILED | {"preventRetry": "true"}), Passing, id="only-true-is-true"),
    pytest.param(says({"success": "true"}), Passing, id="success-is-no-text"),
    pytest.param(says({"uuid": "x"}), Passing, id="without-success"),
    pytest.param(says({"meta": {"status": 200}}), Passing, id="an-envelope-is-no-success"),
    pytest.param(says([]), Passing, id="a-list"),
    pytest.param(PAGE, Passing, id="a-page"),
    pytest.param(says(FAILED, "500 Oh"), Passing, id="500"),
    pytest.param(says({"success": True}, "500 Oh"), Passing, id="500-is-no-success"),
    pytest.param(says(FAILED, "400 Bad"), VideoFailed, id="400"),
    pytest.param(says(FAILED, "404 Gone"), EntryGone, id="404"),
    pytest.param(says({"meta": {"status": 404}}, "404 Gone"), EntryGone, id="404-in-envelope"),
    pytest.param(says({"meta": {"status": 401}}, "401 No"), SignInNeeded, id="401"),
    pytest.param(says(FAILED, "302 Found", Location="/login"), SignInNeeded, id="to-the-login"),
    pytest.param(
        says(FAILED | {"preventRetry": True}, "500 Oh"), VideoFailed, id="500-preventRetry"
    ),
    pytest.param(says(FAILED | {"reset": True}, "500 Oh"), StartOver, id="500-reset"),
    pytest.param(answer_lost, Passing, id="lost"),
]


@pytest.mark.parametrize(("play", "error"), WORDS)
def test_words_of_fine_uploader(
    client: Client, faults: Faults, small_video: Path, play: Play, error: type[NicobatchError]
) -> None:
    _, file, upload = begin(client, small_video)
    faults.at(PARTS, play)
    progress = Progress()
    with pytest.raises(NicobatchError) as caught:
        client.send_part(small_video, upload, file, 0, progress)
    assert type(caught.value) is error
    assert str(caught.value).isprintable()
    assert progress.told[-1] == -file.size
    assert sum(progress.told) == 0
    upload = client.send_part(small_video, upload, file, 0, progress)
    assert (sum(progress.told), upload.done_parts) == (file.size, frozenset({0}))
    faults.at(DONE, play)
    with pytest.raises(error):
        client.done(upload, file)


def test_a_busy_endpoint_says_when_to_come_back(
    client: Client, faults: Faults, small_video: Path
) -> None:
    _, file, upload = begin(client, small_video)
    for words in (PARTS, DONE):
        faults.at(words, refused("503 Busy", [("Retry-After", "42")], b"later"))
    with pytest.raises(Passing) as part:
        client.send_part(small_video, upload, file, 0, ignore)
    with pytest.raises(Passing) as done:
        client.done(upload, file)
    assert (part.value.retry_after, done.value.retry_after) == (42, 42)


def test_the_message_names_the_part_and_the_reason(
    client: Client, faults: Faults, tmp_path: Path
) -> None:
    path = zeros(tmp_path / "v.mp4", 10_000_001)
    _, file, upload = begin(client, path)
    faults.at(PARTS, says({"success": False, "error": "disk full"}))
    with pytest.raises(Passing, match=r"^part 2 of 2 was refused: disk full$"):
        client.send_part(path, upload, file, 1, ignore)


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        ("503 Busy", Passing, "niconico can't answer just now \\(503 parts are arriving\\)"),
        ("400 Bad", VideoFailed, "completing the upload was refused: 400 parts are arriving"),
    ],
)
def test_the_reason_is_told_whatever_the_status(
    client: Client,
    faults: Faults,
    small_video: Path,
    status: str,
    error: type[NicobatchError],
    words: str,
) -> None:
    _, file, upload = begin(client, small_video)
    faults.at(DONE, says({"success": False, "error": "parts are arriving"}, status))
    with pytest.raises(error, match=words):
        client.done(upload, file)


def test_a_new_uuid_is_followed(client: Client, faults: Faults, small_video: Path) -> None:
    _, file, upload = begin(client, small_video)
    faults.at(PARTS, says({"success": True, "newUuid": "another"}))
    after = client.send_part(small_video, upload, file, 0, ignore)
    assert (after.state["uuid"], after.done_parts) == ("another", frozenset({0}))


def test_the_sandbox_checks_what_the_client_claims(
    sandbox: Sandbox, client: Client, tmp_path: Path
) -> None:
    """A file that is another one than its identity says does not get through."""
    path = zeros(tmp_path / "v.mp4", 10_000_001)
    _, file, upload = begin(client, path)
    with pytest.raises(VideoFailed, match="parts are missing"):
        client.done(client.send_part(path, upload, file, 0, ignore), file)


# A part that does not come to its end


def test_a_part_is_told_block_by_block(client: Client, tmp_path: Path) -> None:
    path = zeros(tmp_path / "v.mp4", 2 * BLOCK + 1)
    _, file, upload = begin(client, path)
    progress = Progress()
    client.send_part(path, upload, file, 0, progress)
    assert progress.told == [BLOCK, BLOCK, 1]


def test_a_stop_within_a_part(
    sandbox: Sandbox, client: Client, stop: threading.Event, tmp_path: Path
) -> None:
    path = zeros(tmp_path / "v.mp4", 9 * BLOCK)
    entry, file, upload = begin(client, path)
    progress = Progress(then=stop.set)
    with pytest.raises(Stopped):
        client.send_part(path, upload, file, 0, progress)
    assert progress.told == [BLOCK, -BLOCK]
    with pytest.raises(Stopped):
        client.status(entry)
    sandbox.stop()
    assert entry_of(sandbox, entry)["parts"] == {}
    assert f"GET /api/v2/videos/{entry}/status" not in requests_of(sandbox)


def test_a_file_that_became_shorter(client: Client, tmp_path: Path) -> None:
    path = zeros(tmp_path / "v.mp4", 3 * BLOCK)
    _, file, upload = begin(client, path)
    zeros(path, BLOCK)
    progress = Progress()
    with pytest.raises(VideoFailed, match="became shorter"):
        client.send_part(path, upload, file, 0, progress)
    assert sum(progress.told) == 0


def test_a_file_that_is_gone(client: Client, tmp_path: Path) -> None:
    path = zeros(tmp_path / "v.mp4", 10)
    _, file, upload = begin(client, path)
    path.unlink()
    with pytest.raises(VideoFailed, match=r"v\.mp4 can't be read"):
        client.send_part(path, upload, file, 0, ignore)


def test_an_empty_file_has_no_parts(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    path.touch()
    _, file, upload = begin(client, path)
    assert upload.total_parts == 0
    with pytest.raises(VideoFailed, match="empty file"):
        client.done(upload, file)
