"""An imitation of bilibili: what creators' pages and the upload host answer, and signing in.

Strict as the web page's own client would need it; where other clients are known to differ and to
pass, it takes what they send and notes it. `asking` is how a test asks for trouble.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from nicobatch.sites.bilibili.sandbox import answers
from nicobatch.sites.bilibili.sandbox.records import Archive, Upload, facts
from nicobatch.sites.bilibili.sandbox.review import state
from nicobatch.sites.bilibili.sandbox.site import Site

if TYPE_CHECKING:
    from flask import Blueprint

    from nicobatch.sandbox.world import Refusal, World


class Imitation:
    """All of bilibili's services on one origin."""

    label: Final = "bilibili"
    page: Final = "/platform/upload-manager/article"
    secret_names: Final = frozenset({"SESSDATA", "bili_jct", "refresh_token", "refresh_csrf"})

    def __init__(self, world: World) -> None:
        self._site = Site(world)

    def routes(self) -> Iterable[Blueprint]:
        """Return what each service answers."""
        from nicobatch.sites.bilibili.sandbox import (
            archives,
            asking,
            manager_page,
            partitions,
            parts,
            seasons,
            signin,
            uploads,
            views,
        )

        for module in (
            uploads,
            parts,
            archives,
            views,
            seasons,
            partitions,
            signin,
            manager_page,
            asking,
        ):
            yield module.routes(self._site)

    def failure(self, status: int, code: str, detail: str = "") -> Refusal:
        """Return an error as the site's services have it, with the HTTP status beside."""
        refusal = answers.refused(-status, detail=detail or code)
        refusal.status = status
        return refusal

    def audit(self) -> Sequence[Mapping[str, Any]]:
        """Return each upload and each archive as it stands."""
        found: list[Mapping[str, Any]] = [
            facts(each) for each in self._site.records if isinstance(each, Upload)
        ]
        archives = self._site.records.all(Archive)
        return [*found, *({**facts(each), "state": state(each, self._site)} for each in archives)]
