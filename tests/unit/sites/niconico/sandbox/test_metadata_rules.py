from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.sites.niconico.sandbox.metadata_rules import Context, problem, width
from tests.unit.sites.niconico.sandbox.client import Client, metadata
from tests.unit.sites.niconico.sandbox.conftest import Clock

NOW = 1_790_000_000.0  # 2026-09-21T23:13:20+09:00
LATER = "2026-12-01T18:00:00+09:00"
CONTEXT = Context(entry_id=7, now=NOW)
PICTURE: dict[str, Any] = metadata(7)["thumbnail"]
PERMISSIONS: dict[str, Any] = metadata(7)["permissionSettings"]
COMMUNITY = {"belongs": True, "id": 10, "communityOnly": True, "groupWorkFlag": False}


def timer(moment: Any, *, use: bool = True) -> dict[str, Any]:
    return {"use": use, "registeredAt": moment}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"title": "あ" * 100},
        {"tags": []},
        {"tags": ["あ" * 20, "b" * 40, "c", "d", "e", "ＡＢ"]},
        {"publishTimer": timer(LATER)},
        {"publishTimer": {"use": False}},
        {"publish": False},
        {"thumbnail": {**PICTURE, "aspectBias": "TALL", "cropMode": 1}},
        {"thumbnail": {**PICTURE, "aspectBias": "WIDE", "cropMode": 2, "position": -3}},
        {"series": {"id": 12345, "addToHead": True}},
        {"genreKey": "none"},
        {"videoLive": None, "commonsParentIds": None},
        {"permissionSettings": {k: v for k, v in PERMISSIONS.items() if k.endswith("Flag")}},
        {"commonsParentIds": ["sm9", "nc12345"]},
        {"detail": "一行目\n\t二行目😀"},
    ],
)
def test_what_is_right(changes: dict[str, Any]) -> None:
    assert problem(metadata(7, **changes), CONTEXT) == ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": 8}, "id: is 8, the URL says 7"),
        ({"id": "7"}, "id: must be a whole number above 0"),
        ({"id": True}, "id: must be a whole number above 0"),
        ({"title": " \u3000"}, "title: must not be blank"),
        ({"title": "あ" * 101}, "title: has 101 characters, of 100"),
        ({"title": 5}, "title: must be text"),
        ({"title": "a\x00"}, "title: holds a control character"),
        ({"detail": "\ud800"}, "detail: holds a control character"),
        ({"detail": None}, "detail: is missing"),
        ({"signature": {}}, "signature.display: is missing"),
        ({"signature": True}, "signature: must be an object"),
        ({"publish": 1}, "publish: must be true or false"),
        ({"publishTimer": timer(None)}, "publishTimer.registeredAt: is missing"),
        ({"publishTimer": timer(LATER, use=False)}, "publishTimer.registeredAt: must be null"),
        ({"publishTimer": timer("2026-12-01T18:00:00Z")}, "publishTimer.registeredAt: must be"),
        ({"publishTimer": timer("2026-12-01T18:00:00")}, "publishTimer.registeredAt: must be"),
        ({"publishTimer": timer("2026-13-01T18:00:00+09:00")}, "publishTimer.registeredAt: is no"),
        ({"publishTimer": timer("2026-09-21T23:13:20+09:00")}, "publishTimer.registeredAt: must"),
        ({"publishTimer": timer(LATER), "publish": False}, "publishTimer.use: contradicts"),
        ({"videoLive": {"enable": True}}, "videoLive.enable: must be false"),
        ({"series": {"id": "", "addToHead": False}}, "series.id: must be a whole number"),
        ({"series": {}}, "series.id: is missing"),
        ({"tags": "tag"}, "tags: must be a list of text"),
        ({"tags": list("abcdefg")}, "tags: has 7 tags, of 6"),
        ({"tags": ["ＡＢ", "ab"]}, "tags: has a tag twice"),
        ({"tags": ["a b"]}, "tags: has 'a b': a tag has no blanks"),
        ({"tags": [""]}, "tags: has '': a tag has no blanks"),
        ({"tags": ["#a"]}, "tags: has '#a': a tag does not begin with #"),
        ({"tags": ["あ" * 20 + "b"]}, f"tags: has '{'あ' * 20}b': wider than 40"),
        ({"genreKey": "all"}, "genreKey: must be one of none, entertainment"),
        ({"genreKey": ["game"]}, "genreKey: must be one of"),
        ({"thumbnail": {**PICTURE, "selectThumbnailIndex": 0}}, "thumbnail.selectThumbnailIndex:"),
        ({"thumbnail": {**PICTURE, "selectThumbnailIndex": "3"}}, "thumbnail.selectThumbnailInd"),
        ({"thumbnail": {**PICTURE, "cropMode": 1}}, "thumbnail.cropMode: must be 0 for STANDARD"),
        ({"thumbnail": {**PICTURE, "cropMode": False}}, "thumbnail.cropMode: must be one of 0"),
        ({"thumbnail": {**PICTURE, "aspectBias": "auto"}}, "thumbnail.aspectBias: must be one of"),
        ({"thumbnail": {**PICTURE, "position": 0.5}}, "thumbnail.position: must be a whole"),
        ({"permissionSettings": {**PERMISSIONS, "allowGift": "yes"}}, "permissionSettings.allowG"),
        ({"permissionSettings": {}}, "permissionSettings.allowNgShareFlag: is missing"),
        ({"commonsParentIds": ["sm"]}, "commonsParentIds: must be a list of ids"),
        ({"thanksMessage": {"isVisible": True}}, "thanksMessage.content: is missing"),
        ({"community": COMMUNITY}, "community: is not known"),
        ({"description": "x"}, "description: is not known"),
    ],
)
def test_what_is_wrong(changes: dict[str, Any], message: str) -> None:
    assert problem(metadata(7, **changes), CONTEXT).startswith(message)


@pytest.mark.parametrize("body", [None, [], "text", 5])
def test_the_body_is_an_object(body: object) -> None:
    assert problem(body, CONTEXT) == "body: must be an object"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"community": COMMUNITY, "id": "7"}, ""),
        ({"community": {**COMMUNITY, "belongs": False, "id": ""}}, ""),
        ({"community": {**COMMUNITY, "id": "ten"}}, "community.id: must be a whole number"),
        ({"community": {**COMMUNITY, "id": None}}, ""),
        ({"community": {**COMMUNITY, "id": []}}, "community.id: must be a whole number above 0"),
    ],
)
def test_the_articles_shape(changes: dict[str, Any], message: str) -> None:
    context = Context(entry_id=7, now=NOW, article=True)
    assert problem(metadata(7, **changes), context).startswith(message)
    assert bool(problem(metadata(7, **changes), context)) is bool(message)


def test_an_edit_may_keep_a_timer_that_has_passed() -> None:
    past = "2026-09-01T18:00:00+09:00"
    context = Context(entry_id=7, now=NOW, earlier_moment=past)
    assert problem(metadata(7, publishTimer=timer(past)), context) == ""


def test_a_thumbnail_that_was_made_can_be_chosen() -> None:
    context = Context(entry_id=7, now=NOW, thumbnails={"3": 1000})
    chosen = {**PICTURE, "selectThumbnailIndex": "3"}
    assert problem(metadata(7, thumbnail=chosen), context) == ""


@given(st.text(alphabet="aｱ", max_size=40), st.text(alphabet="あＡ漢", max_size=40))
def test_width_counts_full_width_twice(half: str, full: str) -> None:
    assert width(half + full) == len(half) + 2 * len(full)


@given(st.sampled_from(sorted(metadata(7))), st.none() | st.booleans() | st.floats() | st.text())
def test_any_value_gets_an_answer(key: str, value: object) -> None:
    message = problem({**metadata(7), key: value}, CONTEXT)
    assert message == "" or message.startswith(key)


def test_a_refusal_names_the_key(client: Client, video: bytes) -> None:
    entry = client.upload(video)
    answer = client.publish(entry, genreKey="gaming")
    assert answer.status_code == 400
    assert answer.json()["meta"] == {"status": 400, "error-code": "INVALID_PARAMETER"}
    assert answer.json()["data"]["errorDetail"].startswith("genreKey: must be one of")
    text = client.post(f"/api/v2/videos/{entry}", data="{}")
    assert text.json()["data"]["errorDetail"] == "body: must be an object"
    assert client.audit(entry)["published"] is False


def test_communities_need_the_articles_words(client: Client, clock: Clock, video: bytes) -> None:
    entry = client.upload(video)
    assert client.publish(entry, community=COMMUNITY).status_code == 400
    with Client(client.url, api="/v2", word="N-garage") as article:
        assert article.publish(entry, community=COMMUNITY).ok
    clock.encode()
    listed = client.get("/v2/users/me/videos").json()["data"]["items"]
    assert listed[0]["isCommunityMemberOnly"] is True
