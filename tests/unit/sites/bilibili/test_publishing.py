"""Whole runs over the sandbox: one archive with the right bytes, whatever happens on the way."""

from __future__ import annotations

import hashlib
import stat
import urllib.request
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from nicobatch.errors import Exit, Parked, PersonNeeded, VideoFailed
from nicobatch.events import Event, Progress
from nicobatch.model import Publish, PublishMode, Thumbnail
from nicobatch.pipeline.outcome import Outcome, State
from nicobatch.plan import digest
from nicobatch.receipt import StepState
from nicobatch.settings import Settings
from nicobatch.sites.base import Rate
from nicobatch.sites.bilibili.fields import Options
from nicobatch.sites.bilibili.limits import EDIT
from tests.unit.media.test_frames import name_of, pixels
from tests.unit.media.test_pictures import STILLS
from tests.unit.sites.bilibili.making import CHUNK, Stage
from tests.unit.sites.bilibili.sandbox.client import Client


def archives(site: Client) -> list[dict[str, Any]]:
    return list(site.state()["archives"])


def only(site: Client) -> dict[str, Any]:
    (found,) = archives(site)
    return found


def uploads(site: Client) -> list[dict[str, Any]]:
    return list(site.state()["uploads"])


def sums(*files: Path) -> list[str]:
    return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]


def arrived(site: Client) -> list[str]:
    """Return the SHA-256 of each page of the one archive, in order."""
    by_name = {each["filename"]: each["sha256"] for each in uploads(site)}
    return [by_name[page["filename"]] for page in only(site)["pages"]]


def published(outcome: Outcome) -> None:
    assert outcome.error is None
    assert outcome.state is State.PUBLISHED


def test_two_pages_become_one_video(stage: Stage, site: Client, file: Path, other: Path) -> None:
    video = stage.video(file, other, thumbnail=Thumbnail(timing=500))
    published(stage.run(video))
    assert arrived(site) == sums(file, other)
    found = only(site)
    assert [page["title"] for page in found["pages"]] == ["第1集", "第2集"]
    assert (found["title"], found["body"]["tag"]) == ("第1集", "游戏")
    assert site.notes() == []
    receipt = stage.receipt(video)
    assert receipt.remote
    assert receipt.remote.video_id == found["bvid"]
    text = stage.journal.path(video).read_text(encoding="utf-8")
    assert "sign=" not in text
    assert "ak=" not in text
    assert not list((platformdirs.user_state_path("nicobatch") / "bilibili").glob("*.json"))


def test_covers_have_the_shapes_that_are_wanted(stage: Stage, site: Client, file: Path) -> None:
    video = stage.video(file, thumbnail=Thumbnail(timing=500), options=Options(cover43=True))
    published(stage.run(video))
    covers = site.state()["covers"]
    assert len(covers) == 2
    body = only(site)["body"]
    names = [body[key].rpartition("/")[2].removesuffix(".jpg") for key in ("cover", "cover43")]
    assert names == [each["name"] for each in covers]
    published_again = stage.run(replace(video, thumbnail=Thumbnail(timing=900)))
    assert published_again.state is State.UPDATED
    assert only(site)["body"]["cover"] != body["cover"]


def test_a_picture_is_cut_to_the_cover_s_shapes(stage: Stage, site: Client, file: Path) -> None:
    picture = STILLS / "turned.jpg"
    thumbnail = Thumbnail(file=picture, sha256=sums(picture)[0])
    video = stage.video(file, thumbnail=thumbnail, options=Options(cover43=True))
    published(stage.run(video))
    body = only(site)["body"]
    for key, size in {"cover": (960, 600), "cover43": (800, 600)}.items():
        with urllib.request.urlopen(body[key]) as answer:
            rows = pixels(answer.read())
        assert (len(rows[0]), len(rows)) == size
        assert (name_of(rows[9][9]), name_of(rows[-9][-9])) == ("red", "blue")
    assert stage.run(video).state is State.UNCHANGED


def test_a_picture_that_became_another_one_is_not_sent(
    stage: Stage, site: Client, file: Path
) -> None:
    thumbnail = Thumbnail(file=STILLS / "plain.png", sha256="0" * 64)
    outcome = stage.run(stage.video(file, thumbnail=thumbnail))
    assert isinstance(outcome.error, VideoFailed)
    assert "another picture than the one that was checked" in str(outcome.error)
    gone = stage.run(stage.video(file, thumbnail=Thumbnail(sha256="0" * 64)))
    assert "is not here, and has to be sent anew" in str(gone.error)
    assert archives(site) == []


def test_a_second_run_asks_for_nothing(stage: Stage, site: Client, file: Path) -> None:
    video = stage.video(file)
    published(stage.run(video))
    assert stage.run(video).state is State.UNCHANGED
    assert len(archives(site)) == 1


def test_a_stopped_run_goes_on_at_its_part(stage: Stage, site: Client, file: Path) -> None:
    video = stage.video(file)
    sent = 0

    def stop(event: Event) -> None:
        nonlocal sent
        sent += isinstance(event, Progress)
        if sent > 2:
            stage.stop.set()

    stage.listen = stop
    first = stage.run(video)
    assert first.state is not State.PUBLISHED
    (kept,) = (platformdirs.user_state_path("nicobatch") / "bilibili").glob("*.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    stage.listen = lambda event: None
    stage.stop.clear()
    published(stage.run(video))
    (upload,) = uploads(site)
    total = -(-file.stat().st_size // CHUNK)
    assert sum(upload["begun"].values()) <= total + 3  # those in flight, at most
    assert arrived(site) == sums(file)


def test_an_upload_that_is_too_old_begins_anew_alone(
    stage: Stage, site: Client, file: Path, other: Path
) -> None:
    site.fault("auth", where={"call": "part"}, after=2)
    published(stage.run(stage.video(file, other)))
    assert arrived(site) == sums(file, other)
    assert len(uploads(site)) == 3


@pytest.mark.parametrize("play", ["lost", "empty", "html"])
def test_a_submission_without_an_answer_is_looked_for(
    stage: Stage, site: Client, file: Path, play: str
) -> None:
    site.fault("submit", play=play)
    published(stage.run(stage.video(file)))
    assert arrived(site) == sums(file)


@pytest.mark.parametrize("trouble", [{"play": "drop"}, {"status": 502}, {"status": 504}])
def test_a_submission_that_never_arrived_is_made(
    stage: Stage, site: Client, file: Path, trouble: dict[str, Any]
) -> None:
    site.fault("submit", **trouble)
    published(stage.run(stage.video(file)))
    assert arrived(site) == sums(file)


def test_the_same_title_leads_to_our_own_video(stage: Stage, site: Client, file: Path) -> None:
    video = stage.video(file)
    published(stage.run(video))
    receipt = stage.receipt(video)
    steps = {name: each for name, each in receipt.steps.items() if name == "upload"}
    stage.journal.write(video, replace(receipt, steps=steps, remote=None, attempt=9))
    published(stage.run(video))
    assert len(archives(site)) == 1


def test_another_video_of_the_title_is_a_failure(stage: Stage, site: Client, file: Path) -> None:
    site.fault("submit", code=21012)
    outcome = stage.run(stage.video(file))
    assert isinstance(outcome.error, VideoFailed)
    assert outcome.error.code == "21012"
    assert "`nicobatch adopt`" in outcome.error.hint
    assert archives(site) == []


def test_a_refused_submission_is_in_nobodys_way(stage: Stage, site: Client, file: Path) -> None:
    site.fault("submit", code=99999)
    video = stage.video(file)
    outcome = stage.run(video)
    assert outcome.error
    assert outcome.error.hint.endswith(", and run it again: nothing is uploaded twice")
    published(stage.run(video))
    assert len(uploads(site)) == 1


def test_a_spoiled_page_is_uploaded_once_more(
    stage: Stage, site: Client, file: Path, other: Path
) -> None:
    site.fault("submit", code=21015, page=2)
    published(stage.run(stage.video(file, other)))
    assert arrived(site) == sums(file, other)
    assert [each["name"] for each in uploads(site)].count("第2集.mp4") == 2


def test_merging_is_waited_for(stage: Stage, site: Client, file: Path) -> None:
    site.fault("complete", status=500)
    site.fault("complete", status=504)
    published(stage.run(stage.video(file)))
    assert len(uploads(site)) == 1


@pytest.mark.parametrize("trouble", [{"status": 504}, {"play": "drop"}, {"play": "lost"}])
def test_a_part_is_sent_again(
    stage: Stage, site: Client, file: Path, trouble: dict[str, Any]
) -> None:
    site.fault("part", times=2, **trouble)
    published(stage.run(stage.video(file)))
    assert arrived(site) == sums(file)


def test_dead_lines_are_passed_over(stage: Stage, site: Client, file: Path) -> None:
    site.fault("line", status=502, times=2)
    published(stage.run(stage.video(file)))


def test_too_fast_the_account_is_parked_and_goes_on_later(
    stage: Stage, site: Client, file: Path
) -> None:
    site.fault("preupload", code=601)
    video = stage.video(file)
    outcome = stage.run(video)
    assert isinstance(outcome.error, Parked)
    assert outcome.error.exit_code == Exit.LATER
    before = len(site.state()["uploads"])
    assert isinstance(stage.run(video).error, Parked)
    assert len(site.state()["uploads"]) == before
    assert outcome.error.retry_at
    stage.advance((outcome.error.retry_at - stage.now()).total_seconds() + 1)
    published(stage.run(video))


@pytest.mark.parametrize("code", [601, 21566])
def test_a_person_is_called_and_the_next_run_submits_only(
    stage: Stage, site: Client, file: Path, code: int
) -> None:
    site.fault("submit", code=code)
    video = stage.video(file)
    outcome = stage.run(video)
    assert type(outcome.error) is PersonNeeded
    assert outcome.error.exit_code == Exit.SIGN_IN
    assert "by hand" in outcome.error.hint
    published(stage.run(video))
    assert len(uploads(site)) == 1


def test_a_time_that_comes_too_soon_meanwhile_stops_with_the_pages_kept(
    stage: Stage, site: Client, file: Path
) -> None:
    at = stage.now() + timedelta(hours=1)
    video = stage.video(file, publish=Publish(PublishMode.SCHEDULED, at))
    assert isinstance(stage.run(video).error, VideoFailed)
    assert archives(site) == []
    later = Publish(PublishMode.SCHEDULED, at + timedelta(hours=5))
    published(stage.run(replace(video, publish=later)))
    assert len(uploads(site)) == 1
    assert only(site)["body"]["dtime"] == int((at + timedelta(hours=5)).timestamp())


def test_a_returned_video_fails_with_the_sites_reason(
    stage: Stage, site: Client, file: Path
) -> None:
    site.fault("review", verdict={"state": -2, "reason": "画面有水印"})
    outcome = stage.run(stage.video(file))
    assert isinstance(outcome.error, VideoFailed)
    assert "画面有水印" in outcome.error.message


def test_what_the_site_made_of_it_otherwise_is_told(stage: Stage, site: Client, file: Path) -> None:
    site.fault("review", verdict={"tid": 17})
    published(stage.run(stage.video(file)))
    assert stage.problems() == ["partition-changed"]


def test_edits_have_a_budget_of_their_own(
    stage: Stage, site: Client, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nicobatch.sites.bilibili.target.is_loopback", lambda host: False)
    monkeypatch.setattr("nicobatch.sites.bilibili.target.BUDGET", {EDIT: (Rate(1, 86_400),)})
    video = stage.video(file)
    published(stage.run(video))
    assert stage.run(replace(video, title="第1集 改")).state is State.UPDATED
    later = stage.run(replace(video, title="第1集 再改"), Settings(busy_timeout=60.0))
    assert later.state is State.UNFINISHED
    assert only(site)["edits"] == 1


def test_a_changed_title_is_an_edit(stage: Stage, site: Client, file: Path, other: Path) -> None:
    video = stage.video(file, other)
    published(stage.run(video))
    cids = [page["cid"] for page in only(site)["pages"]]
    assert stage.run(replace(video, title="第1集 改")).state is State.UPDATED
    found = only(site)
    assert (found["title"], found["edits"]) == ("第1集 改", 1)
    assert [page["cid"] for page in found["pages"]] == cids
    assert site.notes() == []


def test_pages_that_are_added_are_appended(
    stage: Stage, site: Client, file: Path, other: Path
) -> None:
    video = stage.video(file)
    published(stage.run(video))
    longer = stage.video(file, other)
    outcome = stage.run(longer)
    assert outcome.error is None
    assert arrived(site) == sums(file, other)
    assert len(uploads(site)) == 2


def test_a_page_of_the_same_content_is_appended_as_one_of_its_own(
    stage: Stage, site: Client, file: Path, other: Path
) -> None:
    published(stage.run(stage.video(file, other)))
    outcome = stage.run(stage.video(file, other, file))
    assert outcome.error is None
    assert arrived(site) == sums(file, other, file)


def test_a_receipt_that_lost_a_page_has_it_uploaded_again(
    stage: Stage, site: Client, file: Path, other: Path
) -> None:
    video, longer = stage.video(file), stage.video(file, other)
    published(stage.run(video))
    receipt = stage.receipt(video)
    sent = replace(receipt.steps["upload"], digest=digest({"sha256": sums(file, other)}))
    steps = {**receipt.steps, "upload": sent}
    stage.journal.write(video, replace(receipt, steps=steps, attempt=9))
    assert stage.run(longer).error is None
    assert arrived(site) == sums(file, other)


def test_nothing_is_changed_during_the_review(stage: Stage, site: Client, file: Path) -> None:
    video = stage.video(file)
    published(stage.run(video, Settings(wait=False)))
    outcome = stage.run(replace(video, title="第1集 改"), Settings(wait=False, busy_timeout=0))
    assert outcome.error
    assert outcome.error.exit_code == Exit.LATER
    assert only(site)["edits"] == 0


def test_an_intent_that_was_left_open_is_settled_first(
    stage: Stage, site: Client, file: Path
) -> None:
    video = stage.video(file)
    published(stage.run(video, Settings(wait=False)))
    receipt = stage.receipt(video)
    submit = replace(receipt.steps["submit"], state=StepState.OPEN)
    steps = {**receipt.steps, "submit": submit}
    stage.journal.write(video, replace(receipt, steps=steps, remote=None, attempt=9))
    published(stage.run(video))
    assert len(archives(site)) == 1


def test_who_only_waits_is_told_of_no_field_that_stays(stage: Stage, file: Path) -> None:
    video = stage.video(file, options=Options(tid=4))
    published(stage.run(video, Settings(wait=False)))
    assert stage.run(video).state is State.PUBLISHED
    assert "site-limit" not in stage.problems()
