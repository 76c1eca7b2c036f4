from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from nicobatch.sandbox import Sandbox
from tests.unit.sites.niconico.sandbox.client import SECOND, Client
from tests.unit.sites.niconico.sandbox.conftest import ENCODE_SECONDS, Clock


def test_a_video_from_creation_to_the_public(
    sandbox: Sandbox, client: Client, clock: Clock, large_video: bytes
) -> None:
    entry = client.upload(large_video)
    picture = client.post(f"/api/v2/videos/{entry}/scene-thumbnails/0", data={"timing": "1000"})
    assert picture.json()["data"]["timing"] == 1000
    assert client.publish(entry).json() == {"meta": {"status": 200}}
    assert client.watch(entry)["reasonCode"] == "PROCESSING_VIDEO"
    clock.encode()
    assert client.status(entry) == {
        "postStatus": "REGISTERED",
        "videoFileStatus": "TRANSFERED",
        "thumbnailStatus": "AVAILABLE",
        "inputStatus": "COMPLETE",
    }
    assert client.watch(entry)["video"]["title"] == "第1回 はじめての冒険"
    found = client.audit(entry)
    assert found == sandbox.audit()["entries"][0]
    assert found["sha256"] == hashlib.sha256(large_video).hexdigest()
    assert found["size"] == len(large_video)
    assert found["parts"] == {"0": 1, "1": 1, "2": 1}
    assert found["received"] == {
        "create": 1,
        "stream": 1,
        "part": 3,
        "done": 1,
        "thumbnail": 1,
        "metadata": 1,
        "status": 1,
    }
    assert (found["published"], found["draft"], found["deleted"]) == (True, False, False)


def test_the_answer_to_create_is_the_articles(client: Client) -> None:
    answer = client.create()
    assert answer.status_code == 201
    assert answer.json() == {
        "meta": {"status": 201},
        "data": {
            "id": 39130867,
            "videoId": "sm39130867",
            "status": {
                "postStatus": "CREATED",
                "videoFileStatus": "NOT-UPLOAD",
                "thumbnailStatus": "NOT-AVAILABLE",
                "inputStatus": "INCOMPLETE",
            },
        },
    }


def test_create_takes_no_body(client: Client) -> None:
    assert client.post("/api/v2/videos", json={}).status_code == 400


def test_the_file_goes_through_its_states_by_the_clock(
    client: Client, clock: Clock, video: bytes
) -> None:
    entry = client.upload(video)
    client.publish(entry)
    seen = []
    for _ in range(5):
        status = client.status(entry)
        seen.append((status["videoFileStatus"], status["postStatus"]))
        clock.now += ENCODE_SECONDS / 4
    assert seen == [
        ("ACCEPTED", "PREPARING-REGISTER"),
        ("TRANSCODING", "REGISTERING"),
        ("TRANSCODING", "REGISTERING"),
        ("TRANSCODING", "REGISTERING"),
        ("TRANSFERED", "REGISTERED"),
    ]


def test_what_is_no_video_fails_to_be_encoded_and_blocks_nobody(
    client: Client, clock: Clock
) -> None:
    entry = client.upload(b"not a video" * 100)
    assert client.status(entry)["videoFileStatus"] == "ACCEPTED"
    clock.encode()
    assert client.status(entry)["videoFileStatus"] == "TRANSFER-FAILED"
    assert client.publish(entry).json()["meta"]["error-code"] == "VIDEO_FILE_NOT_AVAILABLE"
    assert client.create().status_code == 201


def _nothing(_client: Client, _clock: Clock, _entry: int) -> None:
    pass


def _publish(client: Client, _clock: Clock, entry: int) -> None:
    assert client.publish(entry).ok


def _encode(_client: Client, clock: Clock, _entry: int) -> None:
    clock.encode()


def _publish_and_encode(client: Client, clock: Clock, entry: int) -> None:
    assert client.publish(entry).ok
    clock.encode()


def _draft(client: Client, _clock: Clock, entry: int) -> None:
    assert client.draft(entry).ok


def _draft_and_encode(client: Client, clock: Clock, entry: int) -> None:
    assert client.draft(entry).ok
    clock.encode()


def _delete(client: Client, _clock: Clock, entry: int) -> None:
    assert client.delete(entry).ok


@pytest.mark.parametrize(
    ("happening", "blocks"),
    [
        (_nothing, True),
        (_publish, True),
        (_encode, True),
        (_publish_and_encode, False),
        (_draft, True),
        (_draft_and_encode, False),
        (_delete, False),
    ],
)
def test_one_upload_at_a_time(
    client: Client,
    clock: Clock,
    video: bytes,
    happening: Callable[[Client, Clock, int], None],
    blocks: bool,
) -> None:
    entry = client.upload(video)
    happening(client, clock, entry)
    answer = client.create()
    assert answer.status_code == (409 if blocks else 201)
    if blocks:
        assert answer.json() == {
            "meta": {"error-code": "ID_ALREADY_EXISTS", "status": 409},
            "data": [{"id": entry}],
        }
        assert client.audit(entry)["received"]["create_refused"] == 1


def test_accounts_do_not_block_each_other(sandbox: Sandbox, client: Client) -> None:
    entry = client.created()
    with Client(sandbox.url, SECOND) as other:
        assert other.create().status_code == 201
        assert other.status(entry)["meta"]["error-code"] == "NOT_FOUND"


def test_publishing_happens_once(client: Client, clock: Clock, video: bytes) -> None:
    entry = client.upload(video)
    assert client.draft(entry, title="下書き").ok
    assert client.draft(entry, title="下書き二").ok
    assert client.audit(entry)["draft"] is True
    assert client.status(entry)["inputStatus"] == "INCOMPLETE"
    assert client.edit(entry).json()["meta"] == {"status": 409, "error-code": "NOT_REGISTERED"}
    assert client.publish(entry).ok
    for again in (client.publish(entry), client.draft(entry)):
        assert again.status_code == 409
        assert again.json()["meta"]["error-code"] == "ALREADY_REGISTERED"
    assert client.edit(entry, title="新しい題").ok
    clock.encode()
    assert client.watch(entry)["video"]["title"] == "新しい題"


@pytest.mark.parametrize("save", ["publish", "draft"])
def test_details_come_after_the_file(client: Client, save: str) -> None:
    entry = client.created()
    answer = getattr(client, save)(entry)
    assert answer.status_code == 400
    assert answer.json()["data"]["errorDetail"] == "videoFileStatus: is NOT-UPLOAD"


def test_a_deleted_entry_is_gone_for_writes(client: Client, video: bytes) -> None:
    entry = client.upload(video)
    assert client.delete(entry).json() == {"meta": {"status": 200}}
    assert client.status(entry)["postStatus"] == "DELETED"
    assert client.publish(entry).status_code == 404
    assert client.delete(entry).status_code == 404
    found = client.audit(entry)
    assert (found["deleted"], found["received"]["delete"]) == (True, 2)


def test_each_prefix_answers_with_its_own_chunk_url(sandbox: Sandbox, client: Client) -> None:
    entry = client.created()
    assert client.stream(entry) == f"/api/v2/videos/{entry}/file/chunks"
    with Client(sandbox.url, api="/v2", word="N-garage") as article:
        first = article.post(f"/v2/videos/{entry}/upload-chunk-stream").json()["data"]
        again = article.post(f"/v2/videos/{entry}/upload-chunk-stream").json()["data"]
    assert first == again
    assert first["url"] == f"/v2/videos/{entry}/file/chunks"


@pytest.mark.parametrize(
    ("api", "word", "status"),
    [
        ("/api/v2", "nv-garage", 200),
        ("/api/v2", "N-garage", 403),
        ("/api/v2", "else", 403),
        ("/v2", "nv-garage", 200),
        ("/v2", "N-garage", 200),
        ("/v2", "else", 403),
    ],
)
def test_the_guard_header(sandbox: Sandbox, api: str, word: str, status: int) -> None:
    with Client(sandbox.url, api=api, word=word) as client:
        answer = client.get(f"{api}/users/me")
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["data"] == {"username": "サンドボックス", "communities": []}
    else:
        assert answer.json()["meta"] == {"status": 403, "error-code": "FORBIDDEN"}


def test_nobody_is_let_in_without_a_session(sandbox: Sandbox) -> None:
    with Client(sandbox.url, None) as guest:
        answer = guest.create()
        assert answer.status_code == 401
        assert answer.json()["meta"] == {"status": 401, "error-code": "UNAUTHORIZED"}
        answer = guest.get("/v1/users/me")
        assert answer.json()["meta"] == {"status": 401, "errorCode": "UNAUTHORIZED"}
