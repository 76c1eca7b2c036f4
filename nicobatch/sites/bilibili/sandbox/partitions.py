"""The partitions as the site lists them; it chooses the older ids (`tid`) itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, request

from nicobatch.sites.bilibili.sandbox import answers

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.sites.bilibili.sandbox.site import Site

_LISTS: Final = json.loads((Path(__file__).parent / "partitions.json").read_text("utf-8"))
HUMAN: Final[dict[int, str]] = {int(key): name for key, name in _LISTS["human_type2"].items()}
"""What the page lets a person choose."""
TIDS: Final[dict[int, Any]] = {int(key): facts for key, facts in _LISTS["tids"].items()}
"""The older ids: name, parent, and how many pages a submission may have."""
FALLBACK: Final = 21
"""What the site sets where it knows nothing better."""


def routes(site: Site) -> Blueprint:
    """Return the lists, and what the page asks while a person types."""
    blueprint = Blueprint("bilibili_partitions", __name__)
    vupre = "/x/vupre/web"
    for path, view in (
        (f"{vupre}/archive/pre", _pre),
        (f"{vupre}/archive/human/type2/list", _human),
        (f"{vupre}/topic/tag/check", _tag),
    ):

        def answer(view: Any = view) -> ResponseReturnValue:
            site.member()
            return answers.ok(view())

        site.rule(blueprint, "GET", path, path.rpartition("/")[2], answer)
    return blueprint


def _pre() -> dict[str, Any]:
    tops = [
        {"id": int(top), "name": name, "children": _children(int(top))}
        for top, name in _LISTS["tops"].items()
    ]
    return {"typelist": [top for top in tops if top["children"]], "isLogin": True}


def _children(top: int) -> list[dict[str, Any]]:
    return [
        {"id": tid, "parent": top, "name": name, "desc": "", "max_video_count": most}
        for tid, (name, parent, most) in TIDS.items()
        if parent == top
    ]


def _human() -> dict[str, Any]:
    return {"type_list": [{"id": number, "name": name} for number, name in HUMAN.items()]}


def _tag() -> None:
    if not request.args.get("tag"):
        raise answers.refused(-400, detail="tag is missing")
