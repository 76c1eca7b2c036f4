"""The door for tests: numbers and troubles to ask for, and all that is known to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from nicobatch.sites.bilibili.sandbox import answers
from nicobatch.sites.bilibili.sandbox.faults import Fault
from nicobatch.sites.bilibili.sandbox.records import facts

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.sites.bilibili.sandbox.site import Site


def routes(site: Site) -> Blueprint:
    """Return the door; only JSON passes, so that no page elsewhere can knock."""
    blueprint = Blueprint("bilibili_asking", __name__, url_prefix="/sandbox")

    @blueprint.get("/state")
    def state() -> ResponseReturnValue:
        return everything(site)

    @blueprint.post("/settings")
    def settings() -> ResponseReturnValue:
        for name, value in _asked().items():
            if name not in asdict(site.settings):
                raise answers.refused(-400, detail=f"{name} is no setting")
            setattr(site.settings, name, value)
        return asdict(site.settings)

    @blueprint.post("/faults")
    def faults() -> ResponseReturnValue:
        try:
            site.faults.add(Fault(**_asked()))
        except (TypeError, ValueError) as error:
            raise answers.refused(-400, detail=str(error)) from error
        return {"waiting": [asdict(fault) for fault in site.faults]}

    @blueprint.delete("/faults")
    def cleared() -> ResponseReturnValue:
        site.faults.clear()
        return {"waiting": []}

    return blueprint


def _asked() -> dict[str, Any]:
    body = request.get_json(silent=True) if request.mimetype == "application/json" else None
    if not isinstance(body, dict):
        raise answers.refused(-400, detail="a JSON object is needed")
    return body


def everything(site: Site) -> Mapping[str, Any]:
    """Return all records by kind, what was noted, and the troubles still to come."""
    kinds: dict[str, list[Any]] = {
        name: [] for name in ("upload", "cover", "archive", "season", "session")
    }
    for entry in site.records:
        kinds[entry.kind].append(facts(entry))
    return {
        **{f"{kind}s": found for kind, found in kinds.items()},
        "notes": site.world.log.of("note"),
        "faults": [asdict(fault) for fault in site.faults],
        "settings": asdict(site.settings),
    }
