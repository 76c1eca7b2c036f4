"""A site that is imitated beside niconico, as small as one can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from flask import Blueprint, render_template, request

from nicobatch.sandbox.page import language, words
from nicobatch.sandbox.world import Refusal, Store, World


@dataclass(frozen=True)
class Video:
    id: int
    user_id: int
    title: str


class Imitation:
    label: Final = "Second"
    page: Final = "/page"
    secret_names: Final = frozenset({"pass"})

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = Store(world.state, lambda data: Video(**data))

    def routes(self) -> Iterable[Blueprint]:
        blueprint = Blueprint("second", __name__)
        blueprint.add_url_rule("/videos", "create", self._create, methods=["POST"])
        blueprint.add_url_rule("/page", "page", self._page)
        yield blueprint

    def failure(self, status: int, code: str, detail: str = "") -> Refusal:
        return Refusal(status, {"code": -status, "message": code, "detail": detail})

    def audit(self) -> Sequence[Mapping[str, Any]]:
        return [asdict(video) for video in self._store]

    def _create(self) -> Mapping[str, Any]:
        return asdict(self._store.add(lambda number: Video(number, 1, request.form["title"])))

    def _page(self) -> str:
        spoken = language(self._world.language)
        say = words(
            ("the second site", "二番目", "第二个"), {"page": ("Second", "二番目", "第二")}
        )[spoken]
        return render_template("frame.html", say=say, language=spoken, cards=[])
