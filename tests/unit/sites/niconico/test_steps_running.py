"""What each step does on the site, and how it asks what became of it."""

from __future__ import annotations

import threading
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch.errors import EntryGone, NicobatchError, NotYet, SiteRefuses, VideoFailed
from nicobatch.model import FileIdentity, Publish, PublishMode, Thumbnail
from nicobatch.receipt import StepState
from nicobatch.sandbox import Sandbox
from nicobatch.sites.niconico import fine_uploader
from nicobatch.sites.niconico.profiles import GARAGE_2026, PROFILES, Profile, at_origin
from nicobatch.sites.niconico.target import Niconico
from tests.support.faults import Faults
from tests.unit.sites.niconico.making import (
    PART,
    SECOND,
    UUID,
    Progress,
    entry_of,
    only_entry,
    requests_of,
    says,
    zeros,
)
from tests.unit.sites.niconico.stepping import Begin, asked, credentials, recorded, run, step

DRAFT = Publish(PublishMode.DRAFT)

# The whole way


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_video_goes_all_the_way(
    sandbox: Sandbox, stop: threading.Event, begin: Begin, profile: Profile
) -> None:
    target = Niconico(at_origin(profile, sandbox.url), credentials(), stop=stop)
    target.sign_in()
    job = begin(description="一\n二", thumbnail=Thumbnail(timing=500))
    job = run(target, job, "create", "stream", "chunks", "done", "thumbnail", "metadata", "encoded")
    assert job.receipt.remote
    found = entry_of(sandbox, int(job.receipt.remote.id))
    assert found["sha256"] == job.files[0].sha256
    assert found["metadata"]["detail"] == "一<br>二"
    assert found["metadata"]["thumbnail"]["aspectBias"] == "STANDARD"
    assert (found["thumbnails"], found["visibility"]) == ({"0": 500}, "public")


def test_a_draft_stays_one_until_it_is_published(
    sandbox: Sandbox, target: Niconico, begin: Begin
) -> None:
    job = run(target, begin(publish=DRAFT), "create", "stream", "chunks", "done", "draft")
    assert job.receipt.remote
    entry = int(job.receipt.remote.id)
    assert (entry_of(sandbox, entry)["draft"], entry_of(sandbox, entry)["published"]) == (
        True,
        False,
    )
    published = replace(job, video=replace(job.video, publish=Publish()))
    run(target, published, "metadata")
    assert entry_of(sandbox, entry)["published"] is True


def test_published_metadata_is_edited(sandbox: Sandbox, target: Niconico, begin: Begin) -> None:
    spent: list[str] = []
    start = replace(begin(), spend=spent.append)
    job = run(target, start, "create", "stream", "chunks", "done", "metadata")
    assert spent == []
    job = recorded(job, "metadata")
    run(target, replace(job, video=replace(job.video, title="第2回")), "metadata")
    assert spent == ["edit"]
    assert job.receipt.remote
    found = entry_of(sandbox, int(job.receipt.remote.id))
    assert found["metadata"]["title"] == "第2回"
    assert (found["received"]["metadata"], found["received"]["edit"]) == (1, 1)


def test_an_open_intent_is_no_edit(sandbox: Sandbox, target: Niconico, begin: Begin) -> None:
    job = run(target, begin(), "create", "stream", "chunks", "done")
    run(target, recorded(job, "metadata", StepState.OPEN), "metadata")
    assert requests_of(sandbox)[-1].startswith("POST ")


def test_a_thumbnail_without_a_moment_is_the_sites(
    sandbox: Sandbox, target: Niconico, begin: Begin
) -> None:
    job = run(target, begin(), "create")
    before = len(requests_of(sandbox))
    run(target, job, "thumbnail")
    assert len(requests_of(sandbox)) == before


@pytest.mark.parametrize("name", ["stream", "done", "draft", "metadata", "encoded"])
def test_a_step_without_its_entry(target: Niconico, begin: Begin, name: str) -> None:
    with pytest.raises(EntryGone, match="names no"):
        run(target, begin(), name)


@pytest.mark.parametrize("name", ["chunks", "done"])
def test_a_step_without_its_upload(target: Niconico, begin: Begin, name: str) -> None:
    with pytest.raises(EntryGone, match="names no upload"):
        run(target, run(target, begin(), "create"), name)


# stream, chunks


def test_an_upload_begins_with_a_name_of_its_own(
    target: Niconico, begin: Begin, tmp_path: Path
) -> None:
    job = run(target, begin(zeros(tmp_path / "v.mp4", 2 * PART + 1)), "create", "stream")
    first = job.receipt.uploads[0]
    again = run(target, job, "stream").receipt.uploads[0]
    assert (first.part_size, first.total_parts, first.done_parts) == (PART, 3, frozenset())
    name = first.state["uuid"]
    assert str(uuid.UUID(name)) == name == again.state["uuid"]  # some of its parts may be there
    assert first.state["url"].startswith("/api/v2/videos/")


def test_no_other_entry_or_file_goes_by_that_name() -> None:
    file, other = (FileIdentity("v.mp4", 3, digit * 64) for digit in "01")
    names = {fine_uploader.name_of(entry, each) for entry in (1, 11) for each in (file, other)}
    assert len(names) == 4


def test_only_missing_parts_are_sent(
    sandbox: Sandbox, target: Niconico, begin: Begin, tmp_path: Path
) -> None:
    job = run(target, begin(zeros(tmp_path / "v.mp4", 2 * PART + 1)), "create", "stream")
    calls = step(target, "chunks").calls(job)
    assert len(calls) == 3
    job = replace(job, receipt=calls[1](job)(job.receipt))
    assert job.receipt.uploads[0].done_parts == {1}
    progress = Progress()
    job = run(target, replace(job, progress=progress), "chunks", "done")
    assert sum(progress.told) == PART + 1
    assert entry_of(sandbox, only_entry(sandbox))["parts"] == {"0": 1, "1": 1, "2": 1}
    assert step(target, "chunks").calls(job) == []


def test_a_part_adds_to_what_was_learned_meanwhile(
    target: Niconico, begin: Begin, faults: Faults, tmp_path: Path
) -> None:
    job = run(target, begin(zeros(tmp_path / "v.mp4", 2 * PART + 1)), "create", "stream")
    faults.at(r"POST .*/chunks\?", says({"success": True, "newUuid": UUID}))
    change = step(target, "chunks").calls(job)[0](job)
    upload = job.receipt.uploads[0]
    after = {**upload.state, "uuid": UUID}
    newest = replace(job.receipt, uploads={0: replace(upload, done_parts=frozenset({2}))})
    learned = change(newest).uploads[0]
    assert learned == replace(upload, state=after, done_parts=frozenset({0, 2}))
    assert change(replace(newest, uploads={})).uploads[0] == replace(
        upload, state=after, done_parts=frozenset({0})
    )


@pytest.mark.parametrize(
    "url",
    [
        "/api/v2/videos/{other}/file/chunks",
        "/api/v2/videos/{entry}",
        "/api/v2/videos/{entry}/../{other}/file/chunks",
        "/api/v2/videos/{entry}0/file/chunks",
        "/elsewhere",
        "/api/v2/videos/{entry}/draft",
        "/api/v2/videos/{entry}/scene-thumbnails/0",
        "/api/v2/videos/{entry}/file/chunks?done",
        "/api/v1/videos/{entry}/file/chunks",
        "/api/v2/videos/{entry}/file/chunks\r\nX-A: 1",
        "/?a=/videos/{entry}/file/chunks",
    ],
)
def test_no_part_goes_to_another_address_than_the_entrys(
    sandbox: Sandbox, target: Niconico, begin: Begin, faults: Faults, url: str
) -> None:
    job = run(target, begin(), "create", "stream")
    assert job.receipt.remote
    entry = int(job.receipt.remote.id)
    wrong = url.format(entry=entry, other=entry + 1)
    before = len(requests_of(sandbox))
    upload = job.receipt.uploads[0]
    upload = replace(upload, state={**upload.state, "url": wrong})
    spoiled = replace(job.receipt, uploads={0: upload})
    for name in ("chunks", "done"):
        with pytest.raises(VideoFailed, match="another address than the video's"):
            run(target, replace(job, receipt=spoiled), name)
    assert len(requests_of(sandbox)) == before
    faults.at(".*upload-chunk-stream.*", says({"meta": {}, "data": {"url": wrong}}))
    with pytest.raises(SiteRefuses, match="another address than the video's"):
        run(target, job, "stream")


def test_a_new_uuid_is_one(target: Niconico, begin: Begin, faults: Faults) -> None:
    job = run(target, begin(), "create", "stream")
    faults.at(r"POST .*/chunks\?", says({"success": True, "newUuid": "x\r\nSet-Cookie: a"}))
    with pytest.raises(VideoFailed, match="no UUID"):
        run(target, job, "chunks")


# done


def test_asking_for_done(target: Niconico, begin: Begin) -> None:
    job = run(target, begin(), "create", "stream", "chunks")
    assert not asked(target, job, "done")
    assert asked(target, run(target, job, "done"), "done")


@pytest.mark.parametrize("state", ["ACCEPTED", "TRANSCODING", "TRANSFERED", "SOMETHING-NEW"])
def test_done_is_over_in_any_later_state(target: Niconico, told: Begin, state: str) -> None:
    assert asked(target, told(videoFileStatus=state), "done")


# metadata


@pytest.mark.parametrize(
    ("states", "drafted", "taken"),
    [
        (("CREATED", "INCOMPLETE"), False, False),
        (("CREATED", "COMPLETE"), False, True),
        (("CREATED", "COMPLETE"), True, False),
        (("PREPARING-REGISTER", "INCOMPLETE"), True, True),
        (("REGISTERING", "COMPLETE"), True, True),
        (("REGISTERED", "COMPLETE"), False, True),
        (("DELETED", "INCOMPLETE"), False, False),
        (("SOMETHING-NEW", "SOMETHING-NEW"), False, False),
    ],
    ids=str,
)
def test_asking_for_metadata(
    target: Niconico, told: Begin, states: tuple[str, str], drafted: bool, taken: bool
) -> None:
    job = told(postStatus=states[0], inputStatus=states[1])
    job = recorded(job, "draft") if drafted else job
    assert asked(target, job, "metadata") is taken


def test_asking_the_sandbox_for_metadata(target: Niconico, begin: Begin) -> None:
    job = run(target, begin(), "create", "stream", "chunks", "done")
    assert not asked(target, job, "metadata")
    assert asked(target, run(target, job, "metadata"), "metadata")


# encoded


@pytest.mark.parametrize("post", ["REGISTERED", "CREATED", "SOMETHING-NEW"])
def test_an_encode_is_over(target: Niconico, told: Begin, post: str) -> None:
    job = told(videoFileStatus="TRANSFERED", postStatus=post)
    assert run(target, job, "encoded") == job


@pytest.mark.parametrize(
    ("states", "error", "said"),
    [
        (("NOT-UPLOAD", "CREATED"), NotYet, "the file has not arrived"),
        (("ACCEPTED", "PREPARING-REGISTER"), NotYet, "waits its turn"),
        (("TRANSCODING", "REGISTERING"), NotYet, "the encoder is at work"),
        (("TRANSFERRED", "REGISTERED"), NotYet, "TRANSFERRED"),
        (("UNDEFINED", "UNDEFINED"), NotYet, "UNDEFINED"),
        (("SOMETHING-NEW", "SOMETHING-NEW"), NotYet, "SOMETHING-NEW"),
        (("TRANSFER-FAILED", "REGISTERED"), VideoFailed, "the encoder failed"),
        (("TRANSFERED", "DELETED"), VideoFailed, "it was deleted"),
    ],
    ids=str,
)
def test_an_encode_is_not_over(
    target: Niconico,
    told: Begin,
    states: tuple[str, str],
    error: type[NicobatchError],
    said: str,
) -> None:
    job = told(videoFileStatus=states[0], postStatus=states[1])
    with pytest.raises(error, match=said):
        run(target, job, "encoded")


def test_a_file_that_is_no_video(target: Niconico, begin: Begin, tmp_path: Path) -> None:
    job = run(target, begin(zeros(tmp_path / "v.mp4", 10)), "create", "stream", "chunks", "done")
    with pytest.raises(VideoFailed, match="the encoder failed"):
        run(target, job, "encoded")


# Entries that the site has forgotten


@pytest.mark.parametrize("name", ["stream", "chunks", "done", "thumbnail", "metadata", "encoded"])
def test_a_forgotten_entry_is_gone(
    sandbox: Sandbox, stop: threading.Event, target: Niconico, begin: Begin, name: str
) -> None:
    """To the other account, an entry is as good as forgotten."""
    job = run(target, begin(thumbnail=Thumbnail(timing=0)), "create", "stream")
    profile = at_origin(GARAGE_2026, sandbox.url)
    other = Niconico(profile, credentials(SECOND.user_session), stop=stop)
    other.sign_in()
    with pytest.raises(EntryGone):
        run(other, job, name)
