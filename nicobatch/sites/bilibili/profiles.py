"""What moves when bilibili moves, as data: hosts, the uploader's version, and how patient to be.

Nothing here was tried against the live site. The web page's own door alone, with the user's own
cookies; the hosts that take the bytes are named by the site's answers, never here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from nicobatch.origin import is_loopback
from nicobatch.sites.mending import Mendable


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One state of bilibili's services."""

    name: str
    evidence: str
    member: str = "https://member.bilibili.com"
    """What creators use: preupload, submission, the list of archives, seasons."""
    api: str = "https://api.bilibili.com"
    passport: str = "https://passport.bilibili.com"
    www: str = "https://www.bilibili.com"
    watch: str = "https://www.bilibili.com/video/{video_id}"
    """Where viewers find a video."""
    manager: str = "https://member.bilibili.com/platform/upload-manager/article"
    """Where a person looks after what was submitted, and deletes it."""
    referer: str = "https://member.bilibili.com/platform/upload/video/frame"
    upload_profile: str = "ugcupos/bup"
    """`ugcfx/bup` is meant to come with a file of frames. The same in all requests of a page."""
    version: str = "2.14.0"
    """The web uploader's; `version` and `build` are made of it."""
    settling: float = 60.0
    """Seconds after an unanswered submission until the list is believed not to have it."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """By a request's path, or the beginning of one, what it is by now; a person says so."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers that a person has every request have, likewise."""


WEB_2026: Final = Profile(
    name="web-2026",
    evidence="biliup 1.3.4, bilibili-api 17.4.2 and @renmu/bili-api 2.15.0 agree; notes of 2026",
)
PROFILES: Final = MappingProxyType({each.name: each for each in (WEB_2026,)})
MENDABLE: Final = Mendable(
    bases=("member", "api", "passport", "www"),
    pages=("watch", "manager"),
    texts=("referer", "upload_profile", "version"),
)
DOMAIN: Final = "bilibili.com"
"""Whose hosts may have the cookies."""


def at_origin(profile: Profile, origin: str) -> Profile:
    """Return the profile with every service at one origin; this machine is not waited for."""
    base = origin.rstrip("/")
    return replace(
        profile,
        member=base,
        api=base,
        passport=base,
        www=base,
        watch=f"{base}/video/{{video_id}}",
        manager=f"{base}/platform/upload-manager/article",
        settling=1.0 if is_loopback(base) else profile.settling,
    )
