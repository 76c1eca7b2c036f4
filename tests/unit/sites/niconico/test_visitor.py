"""A visitor's look, over real HTTP: every standing, and answers that tell nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nicobatch.errors import NicobatchError, Passing, VideoFailed
from nicobatch.http import Http
from nicobatch.model import Publish, PublishMode
from nicobatch.sandbox import Sandbox
from nicobatch.sites.niconico.profiles import GARAGE_2026, at_origin
from nicobatch.sites.niconico.target import Niconico
from nicobatch.sites.niconico.visitor import Sight, Visibility, look
from tests.support.faults import Faults, Play, refused
from tests.unit.sites.niconico.making import Clock, redirected, says
from tests.unit.sites.niconico.sandbox.client import Client
from tests.unit.sites.niconico.stepping import Begin, run

PAGE = "GET /watch/sm9[?]responseType=json"


def seen(sandbox: Sandbox, http: Http, video_id: str = "sm39130867") -> Sight:
    return look(at_origin(GARAGE_2026, sandbox.url), http, video_id)


def test_all_that_a_visitor_sees(
    sandbox: Sandbox, http: Http, target: Niconico, begin: Begin
) -> None:
    job = begin(description="一行目\n二行目", tags=("ゲーム", "実況"), genre="game")
    run(target, job, "create", "stream", "chunks", "done", "metadata")
    sight = seen(sandbox, http)
    assert sight == Sight(
        visibility=Visibility.VISIBLE,
        at=sight.at,
        title="第1回",
        description="一行目<br>二行目",
        genre="game",
        tags=("ゲーム", "実況"),
    )
    assert sight.at
    assert str(sight) == "visible"


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (PublishMode.PUBLIC, "visible"),
        (PublishMode.PRIVATE, "private (HIDDEN_VIDEO)"),
        (PublishMode.SCHEDULED, "scheduled for 2026-09-22 00:13 +0900"),
        (PublishMode.DRAFT, "not found (NOT_FOUND)"),
    ],
)
def test_each_way_of_publishing(
    sandbox: Sandbox,
    http: Http,
    target: Niconico,
    begin: Begin,
    clock: Clock,
    mode: PublishMode,
    words: str,
) -> None:
    at = datetime.fromtimestamp(clock.now, UTC).replace(second=0) + timedelta(days=1)
    job = begin(publish=Publish(mode, at if mode is PublishMode.SCHEDULED else None))
    step = "draft" if mode is PublishMode.DRAFT else "metadata"
    run(target, job, "create", "stream", "chunks", "done", step)
    assert str(seen(sandbox, http)) == words.replace("00:13", f"{at + timedelta(hours=9):%H:%M}")


def test_what_was_deleted_and_what_never_was(
    sandbox: Sandbox, http: Http, target: Niconico, begin: Begin
) -> None:
    run(target, begin(), "create", "stream", "chunks", "done", "metadata")
    with Client(sandbox.url) as owner:
        owner.delete(39130867, headers={"X-Request-With": "x"})
    assert str(seen(sandbox, http)) == "deleted (DELETED_VIDEO)"
    assert str(seen(sandbox, http, "sm9")) == "not found (NOT_FOUND)"


def test_while_it_is_encoded(tmp_path: Path, http: Http, clock: Clock, small_video: Path) -> None:
    with Sandbox(tmp_path / "slow", encode_seconds=10, clock=clock) as slow:
        with Client(slow.url) as owner:
            owner.publish(owner.upload(small_video.read_bytes()))
        assert str(seen(slow, http)) == "still encoding (PROCESSING_VIDEO)"
        clock.now += 10
        assert seen(slow, http).visibility is Visibility.VISIBLE


def test_it_carries_no_sign_in(
    sandbox: Sandbox, target: Niconico, begin: Begin, faults: Faults
) -> None:
    cookies: list[str] = []

    def watched(app: Any, environ: Any) -> Any:
        cookies.append(environ.get("HTTP_COOKIE", ""))
        return refused("404 Not Found")(app, environ)

    faults.at("GET /watch/.*", watched)
    job = run(target, begin(), "create")
    assert job.receipt.remote
    with pytest.raises(VideoFailed):
        target.look(job.receipt.remote, {})
    assert cookies == [""]


def page(**response: object) -> dict[str, object]:
    return {"meta": {}, "data": {"response": response}}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (says(page(video={})), Sight(visibility=Visibility.VISIBLE)),
        (says(page(video={"isDeleted": True})), Sight(visibility=Visibility.DELETED)),
        (says(page(video={"isPrivate": True})), Sight(visibility=Visibility.PRIVATE)),
        (
            says(
                page(
                    video={"title": 5, "registeredAt": "soon"},
                    genre={"key": "none", "isNotSet": True},
                    tag={"items": [{"name": "a"}, {"name": 5}, "b"]},
                )
            ),
            Sight(visibility=Visibility.VISIBLE, genre="none", tags=("a",)),
        ),
        (
            says(page(video={"registeredAt": "2026-11-21T12:00:00"}, tag={"items": 5}, genre={})),
            Sight(visibility=Visibility.VISIBLE),
        ),
        (
            says(page(errorCode="FORBIDDEN", reasonCode="HARMFUL_VIDEO"), "403 Forbidden"),
            Sight(visibility=Visibility.WITHHELD, reason="HARMFUL_VIDEO"),
        ),
        (
            says(page(reasonCode="RIGHT_HOLDER_DELETE_VIDEO"), "404 Not Found"),
            Sight(visibility=Visibility.DELETED, reason="RIGHT_HOLDER_DELETE_VIDEO"),
        ),
        (
            says(page(errorCode="GONE", deletedMessage="削除"), "404 Not Found"),
            Sight(visibility=Visibility.DELETED, reason="GONE"),
        ),
        (
            says(page(reasonCode="HIDDEN_VIDEO", publishScheduledAt=None), "403 Forbidden"),
            Sight(visibility=Visibility.PRIVATE, reason="HIDDEN_VIDEO"),
        ),
        (says(page(), "451 Unavailable"), Sight(visibility=Visibility.WITHHELD, reason="451")),
    ],
)
def test_answers(
    sandbox: Sandbox, http: Http, faults: Faults, answer: Play, expected: Sight
) -> None:
    faults.at(PAGE, answer)
    assert seen(sandbox, http, "sm9") == expected


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (refused("200 OK", body=b"<html>"), Passing, "is not the JSON that niconico sends"),
        (says([]), Passing, "is not the JSON"),
        (says({"data": []}), Passing, "is not the JSON"),
        (
            says(page(video={}), "503 Service Unavailable"),
            Passing,
            r"can't answer just now \(503\)",
        ),
        (refused("429 Too Many Requests"), Passing, r"can't answer just now \(429\)"),
        (refused("404 Not Found", body=b"<html>"), VideoFailed, "was refused: 404"),
        (redirected("https://account.nicovideo.jp/login"), VideoFailed, "was refused: 302"),
        (redirected("https://portal.example/login"), Passing, "redirects to portal.example"),
        (redirected("//["), Passing, "which is no address"),
        (refused("401 Unauthorized"), VideoFailed, "was refused: 401"),
    ],
)
def test_answers_that_tell_nothing(
    sandbox: Sandbox,
    http: Http,
    faults: Faults,
    answer: Play,
    error: type[NicobatchError],
    message: str,
) -> None:
    faults.at(PAGE, answer)
    with pytest.raises(error, match=message) as raised:
        seen(sandbox, http, "sm9")
    assert type(raised.value) is error
