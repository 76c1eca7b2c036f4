"""What the account has already, as the pipeline asks for it before it creates anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from nicobatch.errors import Busy
from nicobatch.media import probe
from nicobatch.model import MediaInfo
from nicobatch.receipt import Remote
from nicobatch.sandbox import Sandbox
from nicobatch.sites.niconico.target import Niconico
from tests.support.faults import Faults, Play
from tests.unit.sites.niconico.making import WIDE, requests_of, says, video
from tests.unit.sites.niconico.sandbox.client import Client
from tests.unit.sites.niconico.stepping import Begin, run

STATUS = r"GET .*/status\?"


@pytest.fixture
def info(small_video: Path) -> MediaInfo:
    return probe(small_video)


@pytest.fixture
def blocked(sandbox: Sandbox, target: Niconico, begin: Begin) -> int:
    """The id of an entry that was found in the way."""
    with Client(sandbox.url) as hand:
        entry = hand.created()
    with pytest.raises(Busy):
        run(target, begin(), "create")
    return entry


def posted(sandbox: Sandbox, file: Path, title: str = "第1回") -> int:
    """Have the account's owner post a video by hand."""
    with Client(sandbox.url) as hand:
        entry = hand.upload(file.read_bytes())
        assert hand.publish(entry, title=title).ok
    return entry


def test_a_video_of_the_same_title_and_length_is_named(
    sandbox: Sandbox, target: Niconico, small_video: Path, info: MediaInfo
) -> None:
    entry = posted(sandbox, small_video)
    posted(sandbox, small_video, "第2回")
    url = f"{sandbox.url}/watch/sm{entry}"
    expected = [Remote(id=str(entry), video_id=f"sm{entry}", url=url)]
    assert target.lookalikes(video(small_video), [info], in_the_way=None) == expected
    assert target.lookalikes(video(small_video), [info], in_the_way=None) == expected
    assert requests_of(sandbox).count("GET /v2/users/me/videos") == 1


def test_after_somebody_was_in_the_way_the_newest_are_looked_at_again(
    sandbox: Sandbox, target: Niconico, begin: Begin, info: MediaInfo, small_video: Path
) -> None:
    assert target.lookalikes(video(small_video), [info], in_the_way=None) == []
    with Client(sandbox.url) as hand:
        entry = hand.upload(small_video.read_bytes())
        with pytest.raises(Busy):
            run(target, begin(), "create")
        hand.publish(entry, title="第１回")
    assert [each.id for each in target.lookalikes(video(small_video), [info], in_the_way=None)] == [
        str(entry)
    ]
    assert requests_of(sandbox).count("GET /v2/users/me/videos") == 2


@pytest.mark.parametrize(
    "states",
    [
        {"postStatus": "CREATED", "videoFileStatus": "ACCEPTED"},
        {"postStatus": "CREATED", "videoFileStatus": "TRANSCODING"},
        {"postStatus": "REGISTERING", "videoFileStatus": "TRANSFERED"},
    ],
)
def test_while_the_one_in_the_way_is_on_its_way_there_is_no_telling(
    target: Niconico, blocked: int, info: MediaInfo, faults: Faults, states: dict[str, str]
) -> None:
    faults.at(STATUS, says({"meta": {"status": 200}, "data": states}))
    with pytest.raises(Busy) as caught:
        target.lookalikes(video(), [info], in_the_way=str(blocked))
    assert caught.value.blocker == str(blocked)
    assert target.lookalikes(video(), [info], in_the_way=str(blocked)) == []


@pytest.mark.parametrize(
    "answer",
    [
        says({"meta": {"status": 404}}, "404 Not Found"),
        says({"meta": {"status": 403}}, "403 Forbidden"),
        says({"meta": {"status": 200}, "data": {"videoFileStatus": "NOT-UPLOAD"}}),
        says({"meta": {"status": 200}, "data": {"videoFileStatus": "TRANSFER-FAILED"}}),
        says({"meta": {"status": 200}, "data": {"postStatus": "REGISTERED"}}),
        says({"meta": {"status": 200}, "data": {"postStatus": "NEWLY-INVENTED"}}),
    ],
)
def test_what_does_not_move_is_not_waited_for(
    target: Niconico, blocked: int, info: MediaInfo, faults: Faults, answer: Play
) -> None:
    faults.at(STATUS, answer)
    assert target.lookalikes(video(), [info], in_the_way=str(blocked)) == []
    assert len(faults.played) == 1


def test_namesakes_have_the_title_and_another_length(target: Niconico, faults: Faults) -> None:
    rows = [
        ("第1回", 600),
        ("第１回 ", 60),
        ("第1回", 30),
        ("第2回", 600),
        (None, 600),
        ("第1回", 0),
    ]
    items: list[dict[str, object]] = [
        {"essential": {"id": f"sm{number}", "title": title, "duration": seconds}}
        for number, (title, seconds) in enumerate(rows)
    ]
    items.append({**items[0], "isDeleted": True, "essential": {"id": "sm9", "title": "第1回"}})
    data = {
        "items": items,
        "totalCount": len(items),
        "limitation": {"user": {"uploadableCount": 3}},
    }
    faults.at("GET /v2/users/me/videos.*", says({"meta": {}, "data": data}))
    assert [each.id for each in target.namesakes(video(), [WIDE])] == ["0", "1"]
    assert target.room() == 3
