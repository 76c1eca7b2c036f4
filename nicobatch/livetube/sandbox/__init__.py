"""An imitation of Livetube: pages, the live list, comments, bans, and signing in.

It holds an answer back while it has no comment to give, as the site did. Any address of two parts
is a broadcast that is on from when it is first looked at: which ones there are, nobody can know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from nicobatch.livetube.sandbox.site import Site
from nicobatch.sandbox.world import Refusal

if TYPE_CHECKING:
    from flask import Blueprint

    from nicobatch.sandbox.world import World


class Imitation:
    """All of Livetube on one origin."""

    label: Final = "Livetube"
    page: Final = "/"
    secret_names: Final = frozenset({"password", "u"})

    def __init__(self, world: World) -> None:
        self._site = Site(world)

    def routes(self) -> Iterable[Blueprint]:
        """Return what it answers."""
        from nicobatch.livetube.sandbox import asking, board, comments, pages, signin

        for module in (board, comments, signin, asking, pages):
            yield module.routes(self._site)

    def failure(self, status: int, code: str, detail: str = "") -> Refusal:
        """Return an error as plain as the site's are."""
        return Refusal(status, {"error": code, **({"sandbox": detail} if detail else {})})

    def audit(self) -> Sequence[Mapping[str, Any]]:
        """Return each broadcast, comment and sign-in as it stands."""
        return [asdict(each) for each in self._site.records]
