"""The table of steps, and how the target signs in."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from nicobatch.errors import SignInNeeded, Stopped
from nicobatch.model import FileIdentity, Publish, PublishMode, Thumbnail
from nicobatch.sandbox import Sandbox
from nicobatch.sites.base import Role, Target
from nicobatch.sites.niconico import metadata
from nicobatch.sites.niconico.cropping import Aspect, Cropping
from nicobatch.sites.niconico.profiles import (
    ARTICLE_2021,
    GARAGE_2026,
    PROFILES,
    Profile,
    at_origin,
)
from nicobatch.sites.niconico.target import Niconico
from nicobatch.sites.session import Credentials
from tests.unit.sites.niconico.making import MAIN, WIDE, requests_of, video
from tests.unit.sites.niconico.stepping import Begin, credentials, run, step

FILE = FileIdentity("v.mp4", 25_000_000, "abc")
DRAFT = Publish(PublishMode.DRAFT)

# The table


@pytest.fixture
def offline() -> Niconico:
    return Niconico(GARAGE_2026, Credentials(), stop=threading.Event())


def test_the_table(offline: Niconico) -> None:
    rows = [
        (
            each.name,
            each.spec.once,
            each.ask is not None,
            each.has(Role.SENDS),
            each.has(Role.WAITS),
            each.has(Role.PROVES),
        )
        for each in offline.steps
    ]
    assert rows == [
        # name, once, ask, parts, waits, proof
        ("create", True, False, False, False, False),
        ("stream", False, False, False, False, False),
        ("chunks", False, False, True, False, False),
        ("done", True, True, False, False, False),
        ("thumbnail", False, False, False, False, False),
        ("draft", False, False, False, False, False),
        ("metadata", True, True, False, False, False),
        ("encoded", False, False, False, True, False),
        ("visible", False, False, False, True, True),
    ]


def test_it_is_a_target(offline: Niconico) -> None:
    target: Target = offline
    names = [each.name for each in target.steps]
    assert names == [spec.name for spec in target.table]
    assert target.table.name(Role.CREATES) == "create"
    assert target.table.name(Role.SEALS) == "done"
    assert target.table.name(Role.PUBLISHES) == "metadata"
    assert target.table.names(Role.CLOSES) == {"draft", "metadata"}
    assert names.index("done") < names.index("metadata")
    assert not any(each.leaves_unknown for each in target.steps)


@pytest.mark.parametrize(
    ("profile", "origin"),
    [
        (GARAGE_2026, "https://garage.nicovideo.jp"),
        (ARTICLE_2021, "https://www.upload.nicovideo.jp"),
        (at_origin(GARAGE_2026, "http://127.0.0.1:1/x"), "http://127.0.0.1:1"),
    ],
)
def test_receipts_count_for_one_origin(profile: Profile, origin: str) -> None:
    found = Niconico(profile, Credentials(), stop=threading.Event())
    assert (found.origin, found.profile) == (origin, profile.name)
    # A password can be shown again by a program; a browser's session can't be had anew.
    assert found.renews_sign_in is (profile is ARTICLE_2021)
    named = Niconico(profile, Credentials(), stop=threading.Event(), origin="sandbox")
    assert named.origin == "sandbox"


@pytest.mark.parametrize(
    ("changes", "skipped"),
    [
        ({}, {"thumbnail", "draft"}),
        ({"thumbnail": Thumbnail(timing=0)}, {"draft"}),
        ({"publish": DRAFT}, {"thumbnail", "metadata", "visible"}),
        ({"publish": Publish(PublishMode.PRIVATE)}, {"thumbnail", "draft", "visible"}),
        (
            {"publish": Publish(PublishMode.SCHEDULED, datetime(2027, 1, 1, tzinfo=UTC))},
            {"thumbnail", "draft"},
        ),
    ],
)
def test_steps_that_a_video_has_no_need_of(
    offline: Niconico, changes: dict[str, Any], skipped: set[str]
) -> None:
    wanted = video(**changes)
    inputs = {each.name: each.inputs(wanted, [WIDE], [FILE]) for each in offline.steps}
    assert {name for name, found in inputs.items() if found is None} == skipped


def test_what_each_step_rests_on(offline: Niconico) -> None:
    wanted = video(thumbnail=Thumbnail(timing=500))
    inputs = {each.name: each.inputs(wanted, [WIDE], [FILE]) for each in offline.steps}
    for name in ("metadata", "visible"):
        assert inputs.pop(name) == metadata.inputs(wanted, Aspect.STANDARD)
    file = {"sha256": "abc"}
    assert inputs == {
        "create": {},
        "stream": file,
        "chunks": file,
        "done": file,
        "thumbnail": {"thumbnail.timing": 500},
        "draft": None,
        "encoded": file,
    }


@pytest.mark.parametrize(
    ("width", "height", "aspect"), [(640, 360, "standard"), (360, 640, "tall"), (800, 340, "wide")]
)
def test_the_aspect_follows_the_video(
    offline: Niconico, width: int, height: int, aspect: str
) -> None:
    info = replace(WIDE, width=width, height=height)
    found = step(offline, "metadata").inputs(video(), [info], [FILE])
    assert found
    assert found["thumbnail.aspect"] == aspect
    chosen = video(cropping=Cropping(aspect=Aspect.WIDE))
    again = step(offline, "metadata").inputs(chosen, [info], [FILE])
    assert again
    assert again["thumbnail.aspect"] == "wide"


# Signing in


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_signing_in(
    sandbox: Sandbox, stop: threading.Event, begin: Begin, profile: Profile
) -> None:
    found = Niconico(at_origin(profile, sandbox.url), credentials(), stop=stop)
    with pytest.raises(SignInNeeded):
        run(found, begin(), "create")
    assert "user 10000001" in found.sign_in()
    assert found.who().user_id == "10000001"
    assert run(found, begin(), "create").receipt.remote
    assert sandbox.audit()["leaks"] == []


def test_a_stopped_run_signs_in_nowhere(sandbox: Sandbox, stop: threading.Event) -> None:
    stop.set()
    found = Niconico(at_origin(GARAGE_2026, sandbox.url), credentials(), stop=stop)
    with pytest.raises(Stopped):
        found.sign_in()
    assert requests_of(sandbox) == []


def test_nothing_shows_a_secret(target: Niconico) -> None:
    assert MAIN.user_session not in f"{target!r} {target}"
