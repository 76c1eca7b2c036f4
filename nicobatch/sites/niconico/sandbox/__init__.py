"""An imitation of niconico: the upload API, nvapi, the watch page, the search, and signing in.

What each of them has to do stands in the site's README.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from nicobatch.sites.niconico.sandbox import (
    account,
    answers,
    garage_page,
    search,
    upload_api,
    watch,
)
from nicobatch.sites.niconico.sandbox.site import Entry, Lifecycle, Site

if TYPE_CHECKING:
    from flask import Blueprint

    from nicobatch.sandbox.world import World


class Imitation:
    """All of niconico's services on one origin."""

    label: Final = "niconico"
    page: Final = "/garage/videos"
    secret_names: Final = frozenset(
        {"mail", "mail_tel", "mailOrTel", "password", "otp", "user_session"}
    )
    failure = staticmethod(answers.both)

    def __init__(self, world: World) -> None:
        self._site = Site(world)

    def routes(self) -> Iterable[Blueprint]:
        """Return what each service answers."""
        yield from upload_api.routes(self._site)
        for module in (account, watch, search, garage_page):
            yield module.routes(self._site)

    def audit(self) -> Sequence[Mapping[str, Any]]:
        """Return each entry as it stands."""
        lifecycle = self._site.lifecycle
        return [_facts(entry, lifecycle) for entry in self._site.store]


def _facts(entry: Entry, lifecycle: Lifecycle) -> Mapping[str, Any]:
    return {
        "id": entry.id,
        "videoId": entry.video_id,
        "userId": entry.user_id,
        "status": lifecycle.statuses(entry),
        "visibility": lifecycle.visibility(entry),
        "sha256": entry.file.sha256 if entry.file else None,
        "size": entry.file.size if entry.file else None,
        "media": asdict(entry.media) if entry.media else None,
        "upload": asdict(entry.upload) if entry.upload else None,
        "thumbnails": entry.thumbnails,
        "metadata": entry.metadata,
        "draft": entry.saved == "draft",
        "published": entry.saved == "published",
        "deleted": entry.deleted_at is not None,
        "received": entry.received,
        "parts": entry.parts_received,
    }
