from __future__ import annotations

import pytest

from nicobatch.model import Json
from nicobatch.sites.niconico import metadata
from nicobatch.sites.niconico.metadata import PERMISSION_FLAGS
from nicobatch.sites.niconico.profiles import ARTICLE_2021, GARAGE_2026, PROFILES, Profile

WISHES: dict[str, Json] = {
    "series": {"id": 1, "add_to_head": False},
    "community": {"id": 1},
    "parent_works": ["sm9"],
    **{f"permissions.{name}": False for name in PERMISSION_FLAGS},
}
UNSENT = {
    "garage-2026": {"community"},
    "garage-2024": {"community"},
    "article-2021": {
        "series",
        "parent_works",
        "permissions.capture_tweet",
        "permissions.clip_tweet",
        "permissions.gift",
    },
}


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_what_a_profile_does_not_send_is_noted(profile: Profile) -> None:
    noted = {
        name
        for name in metadata.KEYS
        if metadata.note(profile, name, None, WISHES.get(name, "x"), published=False)
    }
    assert noted == UNSENT[profile.name]


@pytest.mark.parametrize("old", [None, False, {"id": 1}])
def test_to_take_a_wish_back_that_was_never_sent_is_noted_too(old: Json) -> None:
    noted = metadata.note(ARTICLE_2021, "series", old, None, published=True)
    assert bool(noted) is (old is not None)


@pytest.mark.parametrize("value", [None, True, [], ""])
def test_what_a_video_has_anyway_is_no_wish(value: Json) -> None:
    for name in metadata.KEYS:
        assert not metadata.note(ARTICLE_2021, name, None, value, published=False)


def test_what_is_no_field_of_the_metadata_is_never_noted() -> None:
    assert not metadata.note(GARAGE_2026, "sha256", None, "0" * 64, published=False)


@pytest.mark.parametrize("published", [False, True])
def test_a_mail_is_noted_once_it_can_not_come_any_more(*, published: bool) -> None:
    noted = metadata.note(GARAGE_2026, "notify_by_email", False, True, published=published)
    assert bool(noted) is published
