"""The door for tests: broadcasts with tags, their ends, and what people think of comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, request

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.livetube.sandbox.site import Site


def routes(site: Site) -> Blueprint:
    """Return the door; only JSON passes, so that no page elsewhere can knock."""
    blueprint = Blueprint("livetube_asking", __name__, url_prefix="/sandbox")

    @blueprint.post("/broadcasts")
    def broadcasts() -> ResponseReturnValue:
        made = site.broadcast(**_asked("author", "title", "tags"))
        return {"stream": made.stream}

    @blueprint.post("/ends")
    def ends() -> ResponseReturnValue:
        site.change(site.of_stream(**_asked("stream")), ended_at=site.now)
        return {}

    @blueprint.post("/marks")
    def marks() -> ResponseReturnValue:
        asked = _asked("stream", "number", "scores")
        broadcast = site.of_stream(asked["stream"])
        given = {**broadcast.marks, str(asked["number"] - 1): tuple(asked["scores"])}
        site.change(broadcast, marks=given)
        return {}

    return blueprint


def _asked(*names: str) -> dict[str, Any]:
    body = request.get_json(silent=True) if request.mimetype == "application/json" else None
    if not isinstance(body, dict) or set(body) != set(names):
        abort(400)
    return body
