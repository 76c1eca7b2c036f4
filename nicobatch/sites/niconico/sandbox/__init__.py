"""An imitation of niconico: the upload API, nvapi, the watch page, the search, and signing in.

What each of them has to do stands in the site's README.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from nicobatch.sites.niconico.sandbox import answers
from nicobatch.sites.niconico.sandbox.site import Site

if TYPE_CHECKING:
    from flask import Blueprint

    from nicobatch.sandbox.world import Refusal, World
    from nicobatch.sites.niconico.sandbox.entries import Entry, Lifecycle


class Imitation:
    """All of niconico's services on one origin."""

    label: Final = "niconico"
    page: Final = "/garage/videos"
    secret_names: Final = frozenset(
        {"mail", "mail_tel", "mailOrTel", "password", "otp", "user_session"}
    )

    def __init__(self, world: World) -> None:
        self._site = Site(world)

    def routes(self) -> Iterable[Blueprint]:
        """Return what each service answers."""
        from nicobatch.sites.niconico.sandbox import (
            chunks,
            garage_page,
            nvapi,
            search,
            signin,
            upload_api,
            watch,
        )

        parts = chunks.Chunks(self._site)
        for prefix in upload_api.PREFIXES:
            yield upload_api.routes(self._site, prefix, parts)
        for module in (nvapi, watch, search, signin, garage_page):
            yield module.routes(self._site)

    def failure(self, status: int, code: str, detail: str = "") -> Refusal:
        """Return an error as the upload API and nvapi would both have it."""
        refusal = answers.garage(status, code, detail)
        refusal.body["meta"]["errorCode"] = code
        return refusal

    def audit(self) -> Sequence[Mapping[str, Any]]:
        """Return each entry as it stands."""
        lifecycle = self._site.lifecycle
        return [_facts(entry, lifecycle) for entry in self._site.store]


def _facts(entry: Entry, lifecycle: Lifecycle) -> Mapping[str, Any]:
    file, media = entry.file, entry.file.media if entry.file else None
    return {
        "id": entry.id,
        "videoId": entry.video_id,
        "userId": entry.user_id,
        "status": lifecycle.statuses(entry),
        "visibility": lifecycle.visibility(entry),
        "sha256": file.sha256 if file else None,
        "size": file.size if file else None,
        "media": asdict(media) if media else None,
        "upload": asdict(entry.upload) if entry.upload else None,
        "thumbnails": entry.thumbnails,
        "metadata": entry.metadata,
        "draft": entry.saved == "draft",
        "published": entry.saved == "published",
        "deleted": entry.deleted_at is not None,
        "received": entry.received,
        "parts": entry.parts_received,
    }
