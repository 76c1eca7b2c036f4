"""niconico's calls, over real HTTP, against the sandbox."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from wsgiref.types import WSGIApplication, WSGIEnvironment

import pytest

from nicobatch.errors import Busy, EntryGone, Passing, SignInNeeded, VideoFailed
from nicobatch.http import Http
from nicobatch.media import identify
from nicobatch.model import Secret
from nicobatch.sandbox import Sandbox
from nicobatch.sites.niconico import metadata
from nicobatch.sites.niconico.client import Client, Status
from nicobatch.sites.niconico.cropping import Aspect
from nicobatch.sites.niconico.profiles import GARAGE_2024, GARAGE_2026, PROFILES, Profile, at_origin
from tests.support.faults import Answered, Faults, answer_lost, answered
from tests.unit.sites.niconico.making import (
    FULL,
    MAIN,
    SECOND,
    MakeClient,
    begin,
    entry_of,
    ignore,
    requests_of,
    says,
    send_all,
    video,
    zeros,
)

EACH_PROFILE = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
CREATE = r"POST .*/v2/videos\?"


# The whole way, in each profile


@EACH_PROFILE
def test_a_video_is_published(
    sandbox: Sandbox, make_client: MakeClient, small_video: Path, profile: Profile
) -> None:
    client, wanted = make_client(profile), video(small_video, **FULL)
    entry = send_all(client, small_video)
    client.scene_thumbnail(entry, 500)
    body = metadata.body(profile, entry, wanted, Aspect.STANDARD)
    client.publish(entry, body)
    assert client.status(entry) == Status("REGISTERED", "TRANSFERED", "AVAILABLE", "COMPLETE")
    found = entry_of(sandbox, entry)
    file = identify(small_video)
    assert (found["sha256"], found["size"]) == (file.sha256, file.size)
    assert found["upload"]["filename"] == small_video.name
    assert (found["thumbnails"], found["metadata"]) == ({"0": 500}, body)
    assert (found["visibility"], found["parts"]) == ("public", {"0": 1})
    assert set(found["received"].values()) == {1}
    assert sandbox.audit()["leaks"] == []


@EACH_PROFILE
def test_a_draft_is_saved_and_then_published(
    sandbox: Sandbox, make_client: MakeClient, small_video: Path, profile: Profile
) -> None:
    client = make_client(profile)
    entry = send_all(client, small_video)
    body = metadata.body(profile, entry, video(), Aspect.STANDARD)
    client.save_draft(entry, body)
    assert entry_of(sandbox, entry)["draft"] is True
    assert client.status(entry).post == "CREATED"
    client.publish(entry, body)
    assert entry_of(sandbox, entry)["published"] is True


@EACH_PROFILE
def test_a_published_video_is_edited(
    sandbox: Sandbox, make_client: MakeClient, small_video: Path, profile: Profile
) -> None:
    client = make_client(profile)
    entry = send_all(client, small_video)
    client.publish(entry, metadata.body(profile, entry, video(), Aspect.STANDARD))
    renamed = metadata.body(profile, entry, video(signature=True), Aspect.STANDARD)
    client.edit(entry, renamed)
    assert entry_of(sandbox, entry)["metadata"] == renamed
    assert requests_of(sandbox)[-1].startswith("PUT ")


def test_an_edit_that_niconico_does_not_take_can_be_made_by_hand(
    make_client: MakeClient, small_video: Path
) -> None:
    client = make_client(GARAGE_2026)
    entry = send_all(client, small_video)
    with pytest.raises(VideoFailed, match="NOT_REGISTERED") as refused:
        client.edit(entry, metadata.body(GARAGE_2026, entry, video(), Aspect.STANDARD))
    assert "`nicobatch adopt`" in refused.value.hint


@EACH_PROFILE
def test_the_sizes_around_a_part(
    sandbox: Sandbox, make_client: MakeClient, tmp_path: Path, profile: Profile
) -> None:
    client = make_client(profile)
    for size, parts in ((9_999_999, 1), (10_000_000, 1), (10_000_001, 2)):
        path = zeros(tmp_path / f"{size}.mp4", size)
        found = entry_of(sandbox, send_all(client, path))
        assert (found["size"], found["sha256"]) == (size, identify(path).sha256)
        assert found["parts"] == {str(index): 1 for index in range(parts)}


def test_parts_in_any_order_and_again(sandbox: Sandbox, client: Client, tmp_path: Path) -> None:
    path = zeros(tmp_path / "v.mp4", 20_000_001)
    entry, file, upload = begin(client, path)
    for index in (2, 0, 1, 0):
        upload = client.send_part(path, upload, file, index, ignore)
    assert upload.done_parts == {0, 1, 2}
    client.done(upload, file)
    found = entry_of(sandbox, entry)
    assert found["sha256"] == file.sha256
    assert found["parts"] == {"0": 2, "1": 1, "2": 1}


# Entries


@pytest.mark.parametrize(
    ("profile", "path"), [(GARAGE_2026, "/api/v2/videos"), (GARAGE_2024, "/v2/videos")]
)
def test_creating(sandbox: Sandbox, make_client: MakeClient, profile: Profile, path: str) -> None:
    created = make_client(profile).create()
    assert created.video_id == f"sm{created.id}"
    assert created.url == f"{sandbox.url}/watch/sm{created.id}"
    assert requests_of(sandbox) == [f"POST {path}"]


def test_an_adopted_entry_is_known_by_its_number(sandbox: Sandbox, client: Client) -> None:
    created = client.create()
    assert client.adopted(int(created.id)) == created


def test_one_at_a_time(client: Client) -> None:
    first = client.create()
    with pytest.raises(Busy) as caught:
        client.create()
    assert caught.value.blocker == first.id


def test_what_is_not_ours_is_gone(make_client: MakeClient) -> None:
    entry = int(make_client().create().id)
    with pytest.raises(EntryGone):
        make_client(session=SECOND.user_session).status(entry)


def test_the_states_of_a_new_entry(client: Client) -> None:
    status = client.status(int(client.create().id))
    assert status == Status("CREATED", "NOT-UPLOAD", "NOT-AVAILABLE", "INCOMPLETE")


@pytest.mark.parametrize(
    ("post", "file", "untouched"),
    [
        ("CREATED", "NOT-UPLOAD", True),
        ("CREATED", "ACCEPTED", False),
        ("REGISTERED", "NOT-UPLOAD", False),
        ("", "", False),
    ],
)
def test_untouched(post: str, file: str, untouched: bool) -> None:
    assert Status(post, file, "NOT-AVAILABLE", "INCOMPLETE").untouched is untouched


@pytest.mark.parametrize("session", [None, "user_session_1_bad"])
def test_without_a_good_session(
    sandbox: Sandbox, http: Http, stop: threading.Event, session: str | None
) -> None:
    client = Client(at_origin(GARAGE_2026, sandbox.url), http, stop)
    if session:
        client.use(Secret(session))
    with pytest.raises(SignInNeeded):
        client.create()


def test_the_words_of_another_year_are_refused(make_client: MakeClient) -> None:
    with pytest.raises(VideoFailed, match="FORBIDDEN X-Request-With must be nv-garage"):
        make_client(replace(GARAGE_2026, request_with="N-garage")).create()


@EACH_PROFILE
def test_every_call_says_who_calls(
    make_client: MakeClient, faults: Faults, small_video: Path, profile: Profile
) -> None:
    seen: list[WSGIEnvironment] = []

    def look(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
        seen.append(environ)
        return answered(app, environ)

    for _ in range(6):
        faults.at(".*", look)
    client = make_client(profile)
    client.status(send_all(client, small_video))
    client.adopted(1)
    assert len(seen) == 5
    for environ in seen:
        assert environ["HTTP_X_REQUEST_WITH"] == profile.request_with
        assert environ["HTTP_X_FRONTEND_ID"] == "23"
        assert environ["HTTP_X_FRONTEND_VERSION"] == profile.frontend_version
        assert environ["HTTP_COOKIE"] == f"user_session={MAIN.user_session}"
        assert environ["HTTP_USER_AGENT"].startswith("nicobatch/")
    chunked = [environ.get("HTTP_X_REQUESTED_WITH") for environ in seen]
    assert chunked == [None, None, "XMLHttpRequest", "XMLHttpRequest", None]
    assert [environ["QUERY_STRING"] for environ in seen] == ["", "", "", "done", ""]


ODD_CREATIONS: list[object] = [
    None,
    [],
    "sm1",
    {},
    {"id": 1},
    {"videoId": "sm1"},
    {"id": None, "videoId": "sm1"},
    {"id": "one", "videoId": "sm1"},
    {"id": [], "videoId": "sm1"},
]


@pytest.mark.parametrize("data", ODD_CREATIONS)
def test_a_creation_without_an_id_may_have_happened(
    client: Client, faults: Faults, data: object
) -> None:
    faults.at(CREATE, says({"meta": {"status": 201}, "data": data}, "201 Created"))
    with pytest.raises(Passing, match="gave no id") as caught:
        client.create()
    assert caught.value.outcome_unknown


def test_a_lost_answer_leaves_the_outcome_unknown(client: Client, faults: Faults) -> None:
    faults.at(CREATE, answer_lost)
    with pytest.raises(Passing) as caught:
        client.create()
    assert caught.value.outcome_unknown
    with pytest.raises(Busy):
        client.create()


@pytest.mark.parametrize("data", [None, [], {}, {"url": None}, {"url": 1}])
def test_a_stream_without_an_address(client: Client, faults: Faults, data: object) -> None:
    faults.at(r"POST .*-stream\?", says({"meta": {"status": 201}, "data": data}))
    with pytest.raises(Passing, match="no address"):
        client.chunk_stream(int(client.create().id))


def test_a_status_without_states(client: Client, faults: Faults) -> None:
    entry = int(client.create().id)
    faults.at(r"GET .*/status\?", says({"meta": {"status": 200}, "data": []}))
    with pytest.raises(Passing, match="gave none"):
        client.status(entry)


def test_states_are_open_strings_fit_for_a_terminal(client: Client, faults: Faults) -> None:
    entry = int(client.create().id)
    data = {"postStatus": "NEW\x1b[2J", "videoFileStatus": 7}
    faults.at(r"GET .*/status\?", says({"meta": {"status": 200}, "data": data}))
    assert client.status(entry) == Status("NEW[2J", "7", "UNDEFINED", "UNDEFINED")


@pytest.mark.parametrize("timing", [-1, 10**9])
def test_a_thumbnail_that_can_not_be(client: Client, small_video: Path, timing: int) -> None:
    entry = send_all(client, small_video)
    with pytest.raises(VideoFailed, match="setting the thumbnail was refused") as caught:
        client.scene_thumbnail(entry, timing)
    assert caught.value.code == "INVALID_PARAMETER"


def test_refused_metadata_says_why(client: Client, small_video: Path) -> None:
    entry = send_all(client, small_video)
    body = metadata.body(GARAGE_2026, entry, video(genre="nonsense"), Aspect.STANDARD)
    with pytest.raises(VideoFailed, match=r"sending the metadata was refused: .*genreKey"):
        client.publish(entry, body)


# Secrets


def test_nothing_shows_the_session(sandbox: Sandbox, client: Client, faults: Faults) -> None:
    faults.at(CREATE, says({"meta": {"status": 400}}, "400 Bad"))
    with pytest.raises(VideoFailed) as caught:
        client.create()
    shown = [repr(client), str(client), repr(caught.value), str(caught.value), caught.value.hint]
    assert not any(MAIN.user_session in text for text in shown)
    assert MAIN.user_session not in json.dumps(sandbox.audit())
