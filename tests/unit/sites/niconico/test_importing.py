"""What the list and the watch page tell of one's own video, over real HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from nicobatch.errors import VideoFailed
from nicobatch.http import Http
from nicobatch.model import Json, Secret
from nicobatch.sandbox import Sandbox
from nicobatch.sites.abilities import OwnVideo
from nicobatch.sites.niconico.importing import ASSUMED, noticed, read
from nicobatch.sites.niconico.profiles import GARAGE_2026, at_origin
from tests.support.faults import Faults
from tests.unit.sites.niconico.making import says

AT = datetime.fromisoformat("2099-12-01T20:00:00+09:00")
PAGE = {
    "video": {"id": "sm9"},
    "genre": {"key": "game", "isNotSet": False},
    "tag": {
        "items": [
            {"name": "ゲーム", "isLocked": True},
            {"name": "弾幕\n", "isLocked": False},
            {"name": "\ud83d", "isLocked": True},
            {"isLocked": True},
        ]
    },
}


def own(**members: Any) -> OwnVideo:
    usual = {"id": "9", "video_id": "sm9", "title": "題", "description": "一<br />二"}
    return OwnVideo(**{**usual, **members})


@pytest.mark.parametrize(
    ("members", "data", "unread"),
    [
        ({}, {}, ()),
        ({"hidden": True}, {"publish": False}, ()),
        (
            {"hidden": True, "scheduled": True, "registered_at": AT},
            {"publish": {"at": AT.isoformat()}},
            (),
        ),
        ({"hidden": True, "scheduled": True}, {}, ("publish",)),
        ({"hidden": True, "under_review": True}, {}, ("publish",)),
        ({"more": {"series": {"id": 5}}}, {"series": {"id": 5}}, ()),
    ],
)
def test_a_video_as_its_manifest_has_it(
    sandbox: Sandbox,
    faults: Faults,
    http: Http,
    members: dict[str, Any],
    data: dict[str, Json],
    unread: tuple[str, ...],
) -> None:
    faults.at("GET /watch/sm9[?]responseType=json", says({"data": {"response": PAGE}}))
    reading = read(at_origin(GARAGE_2026, sandbox.url), http, Secret("s"), own(**members))
    usual = {"title": "題", "description": "一\n二", "tags": ["ゲーム"], "genre": "game"}
    assert reading.data == {**usual, **data}
    assert reading.unread == unread
    assert reading.assumed == ASSUMED
    assert reading.remarks == ("tags that viewers have given, which are not sent: 弾幕",)


def test_what_the_page_keeps_to_itself(sandbox: Sandbox, faults: Faults, http: Http) -> None:
    kept = {"data": {"response": {"reasonCode": "HIDDEN_VIDEO"}}}
    faults.at("GET /watch/sm9[?]responseType=json", says(kept, "403 Forbidden"))
    video = own(description=None)
    reading = read(at_origin(GARAGE_2026, sandbox.url), http, Secret("s"), video)
    assert reading.data == {"title": "題"}
    assert reading.unread == ("description", "tags", "genre")


@pytest.mark.parametrize("title", [None, "\ud83d"])
def test_a_video_without_a_title_is_none(http: Http, title: str | None) -> None:
    with pytest.raises(VideoFailed, match="does not tell the title of sm9"):
        read(GARAGE_2026, http, Secret("s"), own(title=title))


@pytest.mark.parametrize(
    ("sent", "members", "found"),
    [
        ({}, {}, {}),
        ({"title": "題 "}, {}, {}),
        ({"title": "旧"}, {}, {"title": "題"}),
        ({"description": "一"}, {}, {"description": "一\n二"}),
        ({"publish": "private"}, {}, {"publish": "public"}),
        ({"publish": "scheduled", "publish.at": "2026-01-01T00:00:00+09:00"}, {}, {}),
        ({}, {"hidden": True, "under_review": True}, {}),
    ],
)
def test_what_the_list_tells_otherwise(
    sent: dict[str, Any], members: dict[str, Any], found: dict[str, Any]
) -> None:
    before = {"title": "題", "description": "一\n二", "publish": "public", **sent}
    assert noticed(before, own(**members)) == found
