"""The call that deletes, and what is asked about its outcome, over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.types import WSGIApplication, WSGIEnvironment

import pytest

from nicobatch.errors import EntryGone, Passing, SignInNeeded, VideoFailed
from nicobatch.model import Secret
from nicobatch.sandbox import Account, Sandbox
from nicobatch.sites.niconico.profiles import GARAGE_2026, PROFILES, Profile, at_origin
from nicobatch.sites.niconico.target import Niconico
from nicobatch.sites.session import Credentials
from tests.support.faults import Answered, Faults, answer_lost, answered, refused
from tests.unit.sites.niconico.making import MAIN, SECOND, says
from tests.unit.sites.niconico.sandbox import client as plain

DELETE = r"DELETE /v1/users/me/videos/sm\d+\?"


def account(sandbox: Sandbox, profile: Profile = GARAGE_2026, who: Account = MAIN) -> Niconico:
    given = Credentials(
        user_session=Secret(who.user_session), mail=who.mail, password=Secret(who.password)
    )
    made = Niconico(at_origin(profile, sandbox.url), given, stop=threading.Event())
    made.sign_in()
    return made


@pytest.fixture
def someone(sandbox: Sandbox) -> Iterator[plain.Client]:
    with plain.Client(sandbox.url) as client:
        yield client


@pytest.fixture
def entry(someone: plain.Client, small_video: Path) -> int:
    """A published video."""
    made = someone.upload(small_video.read_bytes())
    assert someone.publish(made).ok
    return made


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_video_is_deleted_in_each_profile(
    sandbox: Sandbox, faults: Faults, entry: int, profile: Profile
) -> None:
    seen: list[WSGIEnvironment] = []

    def look(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
        seen.append(environ)
        return answered(app, environ)

    faults.at(DELETE, look)
    target = account(sandbox, profile)
    assert target.is_there(str(entry), listed=True)
    target.delete(str(entry))
    assert not target.is_there(str(entry), listed=True)
    assert not target.is_there(str(entry), listed=False)
    assert seen[0]["HTTP_X_REQUEST_WITH"] == profile.request_with
    assert sandbox.audit()["entries"][0]["deleted"]


def test_what_is_not_there_or_not_ours_is_gone(
    sandbox: Sandbox, target: Niconico, entry: int
) -> None:
    other = account(sandbox, who=SECOND)
    for each, number in ((target, 9), (other, entry)):
        with pytest.raises(EntryGone):
            each.delete(str(number))
        assert not each.is_there(str(number), listed=False)
    assert not sandbox.audit()["entries"][0]["deleted"]


def test_what_no_list_has_is_known_to_the_upload_api(
    target: Niconico, someone: plain.Client
) -> None:
    unfinished = someone.created()
    assert target.is_there(str(unfinished), listed=False)
    assert not target.is_there(str(unfinished), listed=True)
    target.delete(str(unfinished))
    assert not target.is_entry(str(unfinished))


def test_what_the_list_calls_deleted_is_gone(target: Niconico, faults: Faults, entry: int) -> None:
    item = {"isDeleted": True, "essential": {"id": f"sm{entry}"}}
    faults.at("GET /v2/users/me/videos.*", says({"meta": {}, "data": {"items": [item]}}))
    assert not target.is_there(str(entry), listed=False)


def test_it_looks_anew_each_time(target: Niconico, someone: plain.Client, entry: int) -> None:
    assert target.is_there(str(entry), listed=True)
    someone.delete(entry)
    assert not target.is_there(str(entry), listed=True)


def test_a_lost_answer_is_an_unknown_outcome(target: Niconico, faults: Faults, entry: int) -> None:
    faults.at(DELETE, answer_lost)
    with pytest.raises(Passing) as caught:
        target.delete(str(entry))
    assert caught.value.outcome_unknown


@pytest.mark.parametrize(
    ("status", "error"), [("401 Unauthorized", SignInNeeded), ("403 Forbidden", VideoFailed)]
)
def test_a_refusal_names_the_video(
    target: Niconico, faults: Faults, entry: int, status: str, error: type[Exception]
) -> None:
    faults.at(DELETE, refused(status))
    with pytest.raises(error):
        target.delete(str(entry))
    faults.at(DELETE, refused("403 Forbidden"))
    with pytest.raises(VideoFailed, match=f"deleting sm{entry} was refused: 403"):
        target.delete(str(entry))
    faults.at("GET .*/status.*", refused(status))
    with pytest.raises(error):
        target.is_entry(str(entry))
