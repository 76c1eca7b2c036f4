"""What moves when niconico moves, as data: hosts, headers, sign-in, cookie and metadata's keys.

Nothing here was tried against the live site. Each profile says what it rests on; outside niconico
nobody can prove the 2026 flow end to end. When the API moves again, this is the file to change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from nicobatch.errors import UsageError
from nicobatch.language import _
from nicobatch.model import Secret
from nicobatch.origin import origin_of
from nicobatch.sites.mending import Mendable
from nicobatch.sites.session import Session


class SignIn(StrEnum):
    """How an account shows who it is."""

    SESSION = "session"
    """The `user_session` cookie of a browser that is signed in."""
    PASSWORD = "password"  # noqa: S105 - a kind of sign-in, not a password
    """Mail and password, with a one-time code where the site asks for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One state of niconico's services."""

    name: str
    evidence: str
    garage: str
    """Base of the upload API: `{garage}/v2/videos`."""
    nvapi: str = "https://nvapi.nicovideo.jp"
    watch: str = "https://www.nicovideo.jp/watch/{video_id}"
    """Where viewers find a video."""
    www: str = "https://www.nicovideo.jp"
    """Base of the watch page's JSON: `{www}/watch/{video_id}?responseType=json`."""
    search: str = "https://api.search.nicovideo.jp"
    """The content search of niconico's guide."""
    snapshot: str = "https://snapshot.search.nicovideo.jp"
    """Its successor for videos, rebuilt once a day at 05:00 in Japan; alive in 2026-08."""
    account: str
    """Where mail and password go; unused with a session."""
    request_with: str
    """`X-Request-With`, the site's guard against forged requests."""
    frontend_version: str
    """`X-Frontend-Version`, beside `X-Frontend-Id: 23` (the garage)."""
    sign_in: SignIn
    part_size: int = 10_000_000
    """Bytes of a chunk. The 2021 article; decimal, not 10 MiB."""
    parallel_chunks: int = 1
    """Parts on their way at once. No client is known to send more than one."""
    metadata_keys: frozenset[str]
    """The metadata body's keys that this state of the API knows."""
    permission_flags: frozenset[str]
    edit_method: str = "PUT"
    """Changes a published video. Proven for channels only; for users it is a guess."""

    paths: Mapping[str, str] = field(default_factory=dict)
    """By a request's path, or the beginning of one, what it is by now; a person says so."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers that a person has every request have, likewise."""

    @property
    def community(self) -> bool:
        """Whether videos can belong to a community."""
        return "community" in self.metadata_keys


_KEYS_2021: Final = frozenset(
    {
        "id",
        "title",
        "detail",
        "signature",
        "publish",
        "publishTimer",
        "community",
        "tags",
        "genreKey",
        "thumbnail",
        "permissionSettings",
        "notification",
        "excludeFromUploadList",
        "thanksMessage",
    }
)
_KEYS_2024: Final = (_KEYS_2021 - {"community"}) | {"videoLive", "series", "commonsParentIds"}
_FLAGS_2021: Final = frozenset(
    {
        "allowNgShareFlag",
        "allowOutsidePlayerFlag",
        "allowUadFlag",
        "allowNicoliveFlag",
        "allowUserTranslateFlag",
        "allowRegularUserTagEditFlag",
    }
)
_FLAGS_2024: Final = _FLAGS_2021 | {"allowCaptureTweet", "allowClipTweet", "allowGift"}

ARTICLE_2021: Final = Profile(
    name="article-2021",
    evidence="the 2021 article, request by request; two C# clients of the time agree",
    garage="https://www.upload.nicovideo.jp",
    account="https://secure.nicovideo.jp",
    request_with="N-garage",
    frontend_version="1.0.0",
    sign_in=SignIn.PASSWORD,
    metadata_keys=_KEYS_2021,
    permission_flags=_FLAGS_2021,
)

GARAGE_2024: Final = replace(
    ARTICLE_2021,
    name="garage-2024",
    evidence="a browser extension's history (host seen 2024-11-23), other extensions' headers",
    garage="https://garage.nicovideo.jp",
    account="https://account.nicovideo.jp",
    request_with="nv-garage",
    frontend_version="0.0.0",
    sign_in=SignIn.SESSION,
    metadata_keys=_KEYS_2024,
    permission_flags=_FLAGS_2024,
)

GARAGE_2026: Final = replace(
    GARAGE_2024,
    name="garage-2026",
    evidence="the same extension's history: `/draft` under `/api/v2` by 2026-08-21; the other"
    " routes are inferred from it",
    garage="https://garage.nicovideo.jp/api",
)

PROFILES: Final = MappingProxyType(
    {profile.name: profile for profile in (GARAGE_2026, GARAGE_2024, ARTICLE_2021)}
)
MENDABLE: Final = Mendable(
    bases=("garage", "nvapi", "www", "search", "snapshot", "account"),
    pages=("watch",),
    texts=("request_with", "frontend_version", "edit_method"),
)
DEFAULT: Final = GARAGE_2026
DOMAIN: Final = "nicovideo.jp"
"""Whose hosts are niconico's own."""
COOKIE: Final = "user_session"
"""By which a browser is signed in."""
_VALUE: Final = re.compile(r"[!#-+\--:<-\[\]-~]+")
"""What a cookie's value may hold. RFC 6265, section 4.1.1."""
SIGN_IN_ORIGINS: Final = frozenset(origin_of(profile.account) for profile in PROFILES.values())


def at_origin(profile: Profile, origin: str) -> Profile:
    """Return the profile with every service moved to one origin, each keeping its own path."""

    def moved(url: str) -> str:
        return origin.rstrip("/") + "/".join(["", *url.split("/")[3:]])

    return replace(
        profile,
        garage=moved(profile.garage),
        nvapi=moved(profile.nvapi),
        watch=moved(profile.watch),
        www=moved(profile.www),
        search=moved(profile.search),
        snapshot=moved(profile.snapshot),
        account=moved(profile.account),
    )


def read(text: str, where: str) -> Secret:
    """Return the cookie's value, given with its name or without; raise UsageError if it is none."""
    value = text.strip().removeprefix(f"{COOKIE}=").rstrip(";")
    if not _VALUE.fullmatch(value):
        raise UsageError(
            _("{where} is no value of the user_session cookie").format(where=where),
            _("copy the cookie's value alone: it looks like user_session_1234567_0123abcd…"),
        )
    return Secret(value)


SESSION: Final = Session(
    cookies={COOKIE: "USER_SESSION"},
    domain=DOMAIN,
    home=f"https://www.{DOMAIN}",
    read=read,
    by_password=True,
)
