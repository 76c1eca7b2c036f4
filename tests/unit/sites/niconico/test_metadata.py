"""Each field of a manifest arrives in its own place of the body, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.model import Publish, PublishMode, Thumbnail, Video
from nicobatch.sites.niconico import metadata
from nicobatch.sites.niconico.cropping import Aspect, Cropping
from nicobatch.sites.niconico.fields import Community, Options, Permissions, Series
from nicobatch.sites.niconico.metadata import PERMISSION_FLAGS
from nicobatch.sites.niconico.profiles import (
    ARTICLE_2021,
    GARAGE_2024,
    GARAGE_2026,
    PROFILES,
    Profile,
)
from tests.unit.sites.niconico.making import FULL, asks, video

JST = timezone(timedelta(hours=9))
PUBLISH_AT = Publish(PublishMode.SCHEDULED, datetime(2026, 12, 1, 11, 30, 5, tzinfo=UTC))
NO_FIELD_OF_THE_BODY = {
    "manifest",
    "id",
    "file",
    "account",
    "allow_duplicate",
    "places",
    "site",
    "pages",
    "previous_id",
    "next_id",
    "shared",
    "made",
    "announce",
}
"""What a video is known by, rather than what niconico is told of it."""

FIELDS = {field.name for kind in (Video, Options) for field in fields(kind)} - {"options"}


def body(video: Video, profile: Profile = GARAGE_2026, aspect: Aspect = Aspect.STANDARD) -> Any:
    return metadata.body(profile, 39130867, video, aspect)


def flat(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield each value of the body with its path; lists count as values."""
    if not isinstance(value, Mapping):
        yield path, value
        return
    for name, below in value.items():
        yield from flat(below, f"{path}.{name}" if path else name)


def changed(before: object, after: object) -> dict[str, object]:
    """Return the paths that differ, with what they are now; None for one that is gone."""
    old, new = dict(flat(before)), dict(flat(after))
    paths = old.keys() | new.keys()
    absent = object()
    return {path: new.get(path) for path in paths if old.get(path, absent) != new.get(path, absent)}


def test_a_video_that_asks_for_nothing() -> None:
    assert body(video()) == {
        "id": 39130867,
        "title": "第1回",
        "detail": "",
        "signature": {"display": False},
        "publish": True,
        "publishTimer": {"use": False, "registeredAt": None},
        "videoLive": {"enable": False},
        "tags": [],
        "genreKey": "none",
        "thumbnail": {
            "selectThumbnailIndex": "0",
            "aspectBias": "STANDARD",
            "cropMode": 0,
            "position": 0,
        },
        "permissionSettings": dict.fromkeys(PERMISSION_FLAGS.values(), True),
        "notification": {"email": False},
        "excludeFromUploadList": False,
        "thanksMessage": {"isVisible": False, "content": ""},
        "commonsParentIds": [],
    }


WITHHELD = [
    ({"permissions": Permissions(**{name: False})}, {f"permissionSettings.{flag}": False})
    for name, flag in PERMISSION_FLAGS.items()
]
CHANGES: list[tuple[dict[str, Any], Mapping[str, object]]] = [
    ({"title": "第2回 <b>"}, {"title": "第2回 <b>"}),
    ({"description": "一行目"}, {"detail": "一行目"}),
    ({"tags": ("ゲーム", "実況")}, {"tags": ["ゲーム", "実況"]}),
    ({"genre": "game"}, {"genreKey": "game"}),
    ({"cropping": Cropping(position=-3)}, {"thumbnail.position": -3}),
    ({"thumbnail": Thumbnail(timing=20263)}, {}),
    ({"publish": Publish(PublishMode.PRIVATE)}, {"publish": False}),
    ({"publish": Publish(PublishMode.DRAFT)}, {"publish": False}),
    (
        {"publish": PUBLISH_AT},
        {"publishTimer.use": True, "publishTimer.registeredAt": "2026-12-01T20:30:05+09:00"},
    ),
    ({"series": Series(id=7)}, {"series.id": 7, "series.addToHead": False}),
    ({"series": Series(id=7, add_to_head=True)}, {"series.id": 7, "series.addToHead": True}),
    ({"signature": True}, {"signature.display": True}),
    ({"notify_by_email": True}, {"notification.email": True}),
    ({"exclude_from_upload_list": True}, {"excludeFromUploadList": True}),
    (
        {"thanks_message": "いいね"},
        {"thanksMessage.isVisible": True, "thanksMessage.content": "いいね"},
    ),
    ({"parent_works": ("sm9", "nc1")}, {"commonsParentIds": ["sm9", "nc1"]}),
    ({"community": Community(id=10)}, {}),
    *WITHHELD,
    ({"account": "other"}, {}),
    ({"id": "other"}, {}),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES, ids="-".join)
def test_a_change_arrives_in_its_place_alone(
    change: dict[str, Any], expected: dict[str, object]
) -> None:
    before = video()
    assert changed(body(before), body(asks(before, **change))) == expected


def test_the_table_above_misses_no_field() -> None:
    tried = {name for change, _ in CHANGES for name in change}
    assert tried >= FIELDS - NO_FIELD_OF_THE_BODY


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        ("ng_share", "allowNgShareFlag"),
        ("outside_player", "allowOutsidePlayerFlag"),
        ("uad", "allowUadFlag"),
        ("nicolive", "allowNicoliveFlag"),
        ("user_translate", "allowUserTranslateFlag"),
        ("regular_user_tag_edit", "allowRegularUserTagEditFlag"),
        ("capture_tweet", "allowCaptureTweet"),
        ("clip_tweet", "allowClipTweet"),
        ("gift", "allowGift"),
    ],
)
def test_permissions_by_niconicos_names(name: str, flag: str) -> None:
    assert PERMISSION_FLAGS[name] == flag


@pytest.mark.parametrize(
    ("aspect", "bias", "crop"),
    [(Aspect.STANDARD, "STANDARD", 0), (Aspect.TALL, "TALL", 1), (Aspect.WIDE, "WIDE", 2)],
)
def test_aspect_and_crop_mode_go_together(aspect: Aspect, bias: str, crop: int) -> None:
    thumbnail = body(video(), aspect=aspect)["thumbnail"]
    assert (thumbnail["aspectBias"], thumbnail["cropMode"]) == (bias, crop)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("changes", [{}, FULL], ids=["least", "most"])
def test_a_profile_is_told_what_it_knows(profile: Profile, changes: dict[str, Any]) -> None:
    found = body(video(**changes), profile)
    assert found.keys() == profile.metadata_keys - (set() if changes else {"series"})
    assert found["permissionSettings"].keys() == profile.permission_flags
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("profile", [GARAGE_2026, GARAGE_2024], ids=["2026", "2024"])
def test_no_community_since_they_ended(profile: Profile) -> None:
    assert "community" not in body(video(community=Community(id=10)), profile)


@pytest.mark.parametrize(
    ("community", "expected"),
    [
        (None, {"belongs": False, "id": "", "communityOnly": False, "groupWorkFlag": False}),
        (
            Community(id=10),
            {"belongs": True, "id": 10, "communityOnly": False, "groupWorkFlag": False},
        ),
        (
            Community(id=10, only=True),
            {"belongs": True, "id": 10, "communityOnly": True, "groupWorkFlag": False},
        ),
        (
            Community(id=10, group_work=True),
            {"belongs": True, "id": 10, "communityOnly": False, "groupWorkFlag": True},
        ),
    ],
)
def test_communities_of_the_article(
    community: Community | None, expected: dict[str, object]
) -> None:
    assert body(video(community=community), ARTICLE_2021)["community"] == expected


@pytest.mark.parametrize(
    ("description", "detail"),
    [
        ("", ""),
        ("一行目\n二行目", "一行目<br>二行目"),
        ("end\n", "end"),
        ("a\n\nb\n\n", "a<br><br>b"),
        ("\na", "<br>a"),
        ("<b>a</b><br>b", "<b>a</b><br>b"),
    ],
)
def test_lines_become_br(description: str, detail: str) -> None:
    assert body(video(description=description))["detail"] == detail


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 12, 1, 20, 0, tzinfo=JST), "2026-12-01T20:00:00+09:00"),
        (datetime(2026, 12, 31, 15, 0, tzinfo=UTC), "2027-01-01T00:00:00+09:00"),
        (datetime(2026, 12, 1, 20, 0, 0, 999_999, tzinfo=JST), "2026-12-01T20:00:00+09:00"),
        (
            datetime(2026, 7, 1, 6, 0, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
            "2026-07-01T20:30:00+09:00",
        ),
    ],
)
def test_timers_are_told_in_japans_time(at: datetime, expected: str) -> None:
    found = body(video(publish=Publish(PublishMode.SCHEDULED, at)))
    assert found["publishTimer"] == {"use": True, "registeredAt": expected}
    assert found["publish"] is True


def test_inputs_go_by_the_manifests_names() -> None:
    roots = {name.split(".")[0] for name in metadata.inputs(video(**FULL), Aspect.STANDARD)}
    assert roots == FIELDS - NO_FIELD_OF_THE_BODY - {"cropping"}  # it is within the thumbnail


def test_inputs_name_every_field_of_the_blocks() -> None:
    inputs = metadata.inputs(video(**FULL), Aspect.WIDE)
    for block, kind in {"permissions": Permissions, "thumbnail": Cropping}.items():
        assert {f"{block}.{field.name}" for field in fields(kind)} <= inputs.keys()
    assert inputs["thumbnail.aspect"] == "wide"
    assert inputs["series"] == {"id": 12345, "add_to_head": True}
    assert (
        inputs["community"]
        == metadata.body(ARTICLE_2021, 1, video(**FULL), Aspect.WIDE)["community"]
    )
    assert json.loads(json.dumps(inputs)) == inputs


TEXT = st.sampled_from(["", "一", "一\n二", "<br>"])
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(  # noqa: DTZ001 - zoned below
    lambda moment: moment.replace(tzinfo=JST)
)
PUBLISHING = st.sampled_from([PublishMode.PUBLIC, PublishMode.PRIVATE, PublishMode.DRAFT]).map(
    Publish
) | MOMENTS.map(lambda moment: Publish(PublishMode.SCHEDULED, moment))
VIDEOS = st.builds(
    video,
    description=TEXT,
    tags=st.lists(TEXT, max_size=2).map(tuple),
    genre=st.sampled_from(["none", "game"]),
    thumbnail=st.builds(Thumbnail, timing=st.none() | st.integers(0, 2)),
    cropping=st.builds(Cropping, aspect=st.just(Aspect.AUTO), position=st.integers(0, 2)),
    publish=PUBLISHING,
    permissions=st.builds(Permissions, **dict.fromkeys(PERMISSION_FLAGS, st.booleans())),
    series=st.none() | st.builds(Series, id=st.integers(1, 2), add_to_head=st.booleans()),
    community=st.none()
    | st.builds(Community, id=st.integers(1, 2), only=st.booleans(), group_work=st.booleans()),
    signature=st.booleans(),
    notify_by_email=st.booleans(),
    exclude_from_upload_list=st.booleans(),
    thanks_message=TEXT,
    parent_works=st.lists(TEXT, max_size=2).map(tuple),
)
ASPECTS = st.sampled_from([Aspect.STANDARD, Aspect.TALL, Aspect.WIDE])
FIELD = st.sampled_from(sorted(FIELDS))


@given(VIDEOS, VIDEOS, FIELD, st.tuples(ASPECTS, ASPECTS), st.sampled_from([*PROFILES]))
def test_the_body_never_changes_without_the_inputs(
    one: Video, other: Video, field: str, aspects: tuple[Aspect, Aspect], profile: str
) -> None:
    theirs = other if hasattr(other, field) else other.options
    near = asks(one, **{field: getattr(theirs, field)})
    pairs = list(zip((one, near), aspects, strict=True))
    inputs = [metadata.inputs(each, aspect) for each, aspect in pairs]
    bodies = [body(each, PROFILES[profile], aspect) for each, aspect in pairs]
    if inputs[0] == inputs[1]:
        assert bodies[0] == bodies[1]


@pytest.mark.parametrize(("change", "expected"), CHANGES, ids="-".join)
def test_what_changes_the_body_changes_the_inputs(
    change: dict[str, Any], expected: dict[str, object]
) -> None:
    before, after = video(), asks(video(), **change)
    same = metadata.inputs(before, Aspect.WIDE) == metadata.inputs(after, Aspect.WIDE)
    differs = any(body(before, profile) != body(after, profile) for profile in PROFILES.values())
    assert not (same and differs)
    assert same is (change.keys() <= NO_FIELD_OF_THE_BODY)
