"""What the metadata step is taken to have sent, for a video that it never sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from nicobatch.model import Inputs, Publish, PublishMode
from nicobatch.sites.abilities import OwnVideo
from nicobatch.sites.niconico.cropping import Aspect
from nicobatch.sites.niconico.metadata import as_listed, inputs
from tests.unit.sites.niconico.making import video

AT = datetime.fromisoformat("2026-12-01T20:00:00+09:00")


def wanted(description: str = "一行目\n二行目\n", publish: Publish | None = None) -> Inputs:
    return inputs(
        video(description=description, publish=publish or Publish(), tags=("ゲーム",)),
        Aspect.STANDARD,
    )


def own(**facts: Any) -> OwnVideo:
    return OwnVideo(id="9", video_id="sm9", **facts)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"title": "第1回", "description": "一行目<br>二行目"},
        {"description": "一行目<br />\n二行目<BR>"},
        {"description": "一行目\n二行目"},
        {"under_review": True, "hidden": True},
    ],
)
def test_nothing_differs(facts: dict[str, Any]) -> None:
    assert as_listed(wanted(), own(**facts)) == wanted()


@pytest.mark.parametrize(
    ("facts", "changes"),
    [
        ({"title": "古い題"}, {"title": "古い題"}),
        ({"title": ""}, {"title": ""}),
        ({"description": "古い<br>説明"}, {"description": "古い\n説明"}),
        ({"description": ""}, {"description": ""}),
        ({"hidden": True}, {"publish": "private"}),
        (
            {"hidden": True, "scheduled": True, "registered_at": AT},
            {"publish": "scheduled", "publish.at": AT.isoformat()},
        ),
        ({"scheduled": True}, {"publish": "scheduled"}),
    ],
)
def test_what_differs_is_as_it_is_there(facts: dict[str, Any], changes: dict[str, Any]) -> None:
    assert as_listed(wanted(), own(**facts)) == {**wanted(), **changes}


def test_a_timer_that_still_runs_is_taken_to_be_the_manifests() -> None:
    timed = wanted(publish=Publish(PublishMode.SCHEDULED, AT))
    assert as_listed(timed, own(scheduled=True, hidden=True)) == timed
    assert as_listed(timed, own()) == {**timed, "publish": "public", "publish.at": None}
