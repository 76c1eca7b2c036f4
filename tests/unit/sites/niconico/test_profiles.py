"""Profiles are data, and say what the protocol notes say."""

from __future__ import annotations

import dataclasses

import pytest

from nicobatch.sites.niconico.profiles import (
    ARTICLE_2021,
    DEFAULT,
    GARAGE_2024,
    GARAGE_2026,
    PROFILES,
    Profile,
    SignIn,
    at_origin,
)

SHARED_KEYS = frozenset(
    {
        "id",
        "title",
        "detail",
        "signature",
        "publish",
        "publishTimer",
        "tags",
        "genreKey",
        "thumbnail",
        "permissionSettings",
        "notification",
        "excludeFromUploadList",
        "thanksMessage",
    }
)
NEWER_KEYS = frozenset({"videoLive", "series", "commonsParentIds"})
ARTICLE_FLAGS = frozenset(
    {
        "allowNgShareFlag",
        "allowOutsidePlayerFlag",
        "allowUadFlag",
        "allowNicoliveFlag",
        "allowUserTranslateFlag",
        "allowRegularUserTagEditFlag",
    }
)
NEWER_FLAGS = frozenset({"allowCaptureTweet", "allowClipTweet", "allowGift"})


@pytest.mark.parametrize(
    ("profile", "garage", "request_with", "frontend_version", "sign_in"),
    [
        pytest.param(
            "garage-2026",
            "https://garage.nicovideo.jp/api",
            "nv-garage",
            "0.0.0",
            SignIn.SESSION,
            id="2026",
        ),
        pytest.param(
            "garage-2024",
            "https://garage.nicovideo.jp",
            "nv-garage",
            "0.0.0",
            SignIn.SESSION,
            id="2024",
        ),
        pytest.param(
            "article-2021",
            "https://www.upload.nicovideo.jp",
            "N-garage",
            "1.0.0",
            SignIn.PASSWORD,
            id="2021",
        ),
    ],
)
def test_hosts_and_headers(
    profile: str, garage: str, request_with: str, frontend_version: str, sign_in: SignIn
) -> None:
    found = PROFILES[profile]
    assert found.name == profile
    assert (found.garage, found.request_with) == (garage, request_with)
    assert (found.frontend_version, found.sign_in) == (frontend_version, sign_in)


def test_there_are_three_and_the_newest_is_the_default() -> None:
    assert list(PROFILES) == ["garage-2026", "garage-2024", "article-2021"]
    assert DEFAULT is PROFILES["garage-2026"]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_what_all_share(profile: Profile) -> None:
    assert (profile.part_size, profile.parallel_chunks) == (10_000_000, 1)
    assert profile.nvapi == "https://nvapi.nicovideo.jp"
    assert profile.watch.format(video_id="sm9") == "https://www.nicovideo.jp/watch/sm9"
    assert profile.edit_method == "PUT"
    assert profile.evidence
    assert profile.metadata_keys >= SHARED_KEYS
    assert profile.permission_flags >= ARTICLE_FLAGS


def test_the_article_posts_its_password_to_the_secure_host() -> None:
    assert ARTICLE_2021.account == "https://secure.nicovideo.jp"


def test_communities_are_the_articles_alone() -> None:
    assert ARTICLE_2021.metadata_keys == SHARED_KEYS | {"community"}
    assert [each.name for each in PROFILES.values() if each.community] == ["article-2021"]


@pytest.mark.parametrize("profile", [GARAGE_2026, GARAGE_2024], ids=["2026", "2024"])
def test_what_came_by_2024(profile: Profile) -> None:
    assert profile.metadata_keys == SHARED_KEYS | NEWER_KEYS
    assert profile.permission_flags == ARTICLE_FLAGS | NEWER_FLAGS


@pytest.mark.parametrize(
    ("profile", "origin", "garage"),
    [
        pytest.param(GARAGE_2026, "http://127.0.0.1:8025", "/api", id="its-own-path"),
        pytest.param(GARAGE_2026, "http://127.0.0.1:8025/", "/api", id="a-slash-is-no-path"),
        pytest.param(GARAGE_2024, "http://127.0.0.1:8025", "", id="no-path"),
        pytest.param(ARTICLE_2021, "https://proxy.example/nico", "", id="the-origins-prefix"),
        pytest.param(GARAGE_2026, "https://proxy.example/a/b/", "/api", id="both"),
    ],
)
def test_at_origin_keeps_paths(profile: Profile, origin: str, garage: str) -> None:
    moved = at_origin(profile, origin)
    base = origin.rstrip("/")
    assert moved.garage == base + garage
    assert moved.watch == f"{base}/watch/{{video_id}}"
    assert (moved.nvapi, moved.account) == (base, base)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_at_origin_moves_every_service_and_nothing_else(profile: Profile) -> None:
    moved = dataclasses.asdict(at_origin(profile, "http://127.0.0.1:1"))
    before = dataclasses.asdict(profile)
    urls = {name for name, value in before.items() if str(value).startswith("https://")}
    assert all(str(moved[name]).startswith("http://127.0.0.1:1") for name in urls)
    assert {name for name in before if moved[name] != before[name]} == urls
