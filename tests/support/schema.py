"""The schemas: of common.json, the sites' rows, and options: `python -m tests.support.schema`."""

from __future__ import annotations

import gettext
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from nicobatch import sites
from nicobatch.cli import config_schema
from nicobatch.language import DOMAIN
from nicobatch.language import FOLDER as CATALOGUES
from nicobatch.model import DEFAULT_SITE
from nicobatch.sites.description import Site
from nicobatch.sites.fields import Field

FOLDER: Final = Path(__file__).parents[2] / "schemas"
PUBLISHED: Final = FOLDER / "manifest.schema.json"
CONFIG: Final = FOLDER / "config.schema.json"
TEXT: Final = "\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028\\u2029"
"""Characters that stand in no text."""
IN_BLOCKS: Final = (
    *("file", "id", "title", "description", "tags", "thumbnail", "publish"),
    "announce",
)
"""The common keys that a site's block may have, beside `account` and `allow_duplicate`."""
Part = dict[str, Any]


def generated(every: Mapping[str, Site]) -> str:
    """Return the text of the schema for manifests that may go to these sites."""
    base = json.loads((FOLDER / "common.json").read_text("utf-8"))
    home = every[DEFAULT_SITE]
    base["definitions"]["thumbnail"]["properties"] |= _inner("thumbnail", home)
    definitions: Part = dict(base["definitions"])
    definitions["tags"] = _tags(definitions["tags"], home)
    definitions["sites"]["items"]["enum"] = list(every)
    name = definitions["account"]["anyOf"][0]
    definitions["account"]["anyOf"][1]["properties"] = dict.fromkeys(every, name)
    blocks = {each.name: _block(each, base["definitions"], name) for each in every.values()}
    own = {field: _part(row, home) for field, row in home.own.items()}
    definitions |= own
    definitions |= {f"site-{site}": block for site, block in blocks.items()}
    definitions |= _forms(base, home, blocks)
    definitions |= _completeness(home)
    schema = {
        **base["head"],
        "properties": _refs("version", "account", "sites", "defaults", "videos"),
        **_either("batch", "single"),
        "allOf": [{"if": _mentions("sites"), "else": _either("whole-batch", "whole-single")}],
        "definitions": definitions,
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _either(batch: str, single: str) -> Part:
    several = {"anyOf": [{"required": ["videos"]}, {"required": ["defaults"]}]}
    return {"if": several, "then": _ref(batch), "else": _ref(single)}


def _mentions(key: str) -> Part:
    """Say that the manifest has the key somewhere: what is missing may be a site's alone then."""
    has = {"required": [key]}
    below = [
        {"required": ["defaults"], "properties": {"defaults": has}},
        {"required": ["videos"], "properties": {"videos": {"type": "array", "contains": has}}},
    ]
    return {"anyOf": [has, *below]}


def _ref(name: str) -> Part:
    return {"$ref": f"#/definitions/{name}"}


def _refs(*names: str) -> Part:
    return {name: _ref(name) for name in names}


def _forms(base: Part, home: Site, blocks: Mapping[str, Part]) -> Part:
    """Return the forms of a manifest and its parts; what is common and at home has references."""
    order = ["file", "id", "title", *(each.name for each in home.fields if "." not in each.name)]
    order.insert(order.index("publish"), "thumbnail")
    order.insert(order.index("publish") + 1, "announce")
    keys = {**_refs(*order, "sites"), **{site: _ref(f"site-{site}") for site in blocks}}
    shared = {name: part for name, part in keys.items() if name not in {"file", "id"}}
    texts, examples = base["forms"], base["examples"]
    closed = {"additionalProperties": False}
    free = {**closed, "patternProperties": base["free"]}
    top = _refs("version", "account", "sites")
    whole = {"type": "object", **closed}
    return {
        "batch": {
            **texts["batch"],
            **free,
            "required": ["videos"],
            "properties": {**top, **_refs("defaults", "videos")},
        },
        "single": {**texts["single"], **free, "properties": {**top, **keys}},
        "defaults": {
            **texts["defaults"],
            **whole,
            "properties": shared,
            "examples": examples["defaults"],
        },
        "video": {**texts["video"], **whole, "properties": keys, "examples": examples["video"]},
        "videos": {
            **texts["videos"],
            "type": "array",
            "minItems": 1,
            "items": _ref("video"),
            "examples": examples["videos"],
        },
    }


def _completeness(home: Site) -> Part:
    """Return what a manifest has to have that goes to the default site alone."""
    needed = {
        around: {"required": [key]}
        for row in home.fields
        for around, _dot, key in [row.name.rpartition(".")]
        if row.is_required
    }
    complete = {
        "description": "A video to which no defaults are added. 共通設定を使わない動画。",
        "required": ["file", "title"],
        "properties": needed,
    }
    merged = [_unless({"required": ["title"]}, {"required": ["title"]})]
    merged += [
        _unless({"required": [name], "properties": {name: part}}, {"properties": {name: part}})
        for name, part in needed.items()
    ]
    limits = _ref("limits")
    items: Part = {"allOf": [limits, {"required": ["file"]}]}
    return {
        "complete": complete,
        "limits": {
            "title": "Limits / 上限",
            "description": f"What {home.limits.site} takes. {home.limits.site} の上限。",
            "properties": _limits(home),
        },
        "whole-single": {
            "title": "One whole video / 完全な動画 1 本",
            "description": "A manifest for one video. 動画 1 本のマニフェスト。",
            "allOf": [_ref("complete"), limits],
        },
        "whole-batch": {
            "title": "Whole videos / 完全な動画",
            "description": "A manifest with `videos`. `videos` を持つマニフェスト。",
            "properties": {"defaults": limits, "videos": {"items": items}},
            "if": {"required": ["defaults"]},
            "then": {"allOf": merged},
            "else": {"properties": {"videos": {"items": _ref("complete")}}},
        },
    }


def _unless(defaults: Part, item: Part) -> Part:
    """Say that each video has to have what `defaults` doesn't have."""
    return {
        "if": {"properties": {"defaults": defaults}},
        "else": {"properties": {"videos": {"items": item}}},
    }


def _limits(site: Site) -> Part:
    limits = site.limits
    tag: Part = {"maxLength": limits.tag_width}
    if not limits.tag_blanks:
        tag["pattern"] = f"^[^\\s{TEXT}]+$(?!\\n)"
        tag["patternErrorMessage"] = (
            "a tag has no blanks and no # in front / タグに空白は使えず、先頭に # を付けない"
        )
    return {"title": {"maxLength": limits.title}, "tags": {"maxItems": limits.tags, "items": tag}}


def _tags(common: Part, site: Site) -> Part:
    words = common["description"].format(tags=site.limits.tags)
    if site.limits.tag_blanks:
        words = words.replace(", without blanks", "").replace("、空白なし", "")
    return {**common, "description": words}


def _block(site: Site, common: Part, account: Part) -> Part:
    """Return a site's block: the common keys with its limits, and its own."""
    limits = _limits(site)
    keys: Part = {name: common[name] for name in IN_BLOCKS}
    keys["title"] = {**common["title"], **limits["title"]}
    tags = _tags(common["tags"], site)
    keys["tags"] = {
        **tags,
        "maxItems": limits["tags"]["maxItems"],
        "items": {**tags["items"], **limits["tags"]["items"]},
    }
    keys["account"] = {**common["account"], "anyOf": [account]}
    own = {name: _part(row, site) for name, row in site.own.items()}
    pages = {"pages": common["pages"]} if site.several else {}
    return {
        "title": f"{site.limits.site} / {site.limits.site}",
        "description": f"What is for {site.limits.site} alone. {site.limits.site} だけの設定。",
        "type": "object",
        "additionalProperties": False,
        "properties": {**keys, **pages, **own, "allow_duplicate": common["allow_duplicate"]},
    }


def _part(row: Field, site: Site) -> Part:
    """Return the schema of a row, and of the rows within."""
    title, words = map(_told, row.editors if row.editors[0] else (row.label, row.note))
    part: Part = {"title": title, "description": words}
    given: Part = {**row.schema}
    examples = given.pop("examples", None)
    within = _within(row, site)
    if row.kind == "array":
        limits: Part = {key: given.pop(key) for key in ("minItems", "maxItems") if key in given}
        items = within or {"type": row.items, **_texts(row.items, given)}
        part |= {"type": "array", **limits, "items": items}
        examples = [examples] if examples else None
    elif row.choices:
        kinds = dict.fromkeys(("string", row.kind))
        part["anyOf"] = [{"type": "string", "enum": list(row.choices.labels)}]
        part["anyOf"] += [{"type": kind} for kind in kinds]
    else:
        part |= within or {"type": row.kind, **_texts(row.kind, given)}
    if not (row.is_required or row.is_example) and row.kind != "object" and row.default is not None:
        part["default"] = list(row.default) if isinstance(row.default, tuple) else row.default
    examples = examples or _examples(row, site)
    return {**part, "examples": examples} if examples else part


def _examples(row: Field, site: Site) -> list[Any]:
    """Return what stands for a number or a mapping whose row names no example."""
    if row.kind == "integer" and not row.choices:
        return [row.default]
    prefix = f"{row.name}."
    inner = (each for each in site.fields if each.name.startswith(prefix))
    return (
        [{each.name.removeprefix(prefix): each.default for each in inner}]
        if row.kind == "object"
        else []
    )


def _within(row: Field, site: Site) -> Part:
    properties = _inner(row.name, site)
    if not properties:
        return {}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _inner(name: str, site: Site) -> Part:
    """Return what the site has within a mapping."""
    prefix = f"{name}."
    return {
        each.name.removeprefix(prefix): _part(each, site)
        for each in site.fields
        if each.name.startswith(prefix) and "." not in each.name.removeprefix(prefix)
    }


def _texts(kind: str, given: Part) -> Part:
    if kind != "string" or "enum" in given:
        return given
    if "pattern" in given:
        return {**given, "pattern": f"^{given['pattern']}$"}
    error = "text without invisible characters / 見えない文字を含まない文字列"
    return {**given, "pattern": f"^[^{TEXT}]*$", "patternErrorMessage": error}


def _told(message: str) -> str:
    """Return a message in English and in Japanese."""
    japanese = gettext.translation(DOMAIN, CATALOGUES, ["ja"])
    return f"{message} / {japanese.gettext(message)}" if message else ""


if __name__ == "__main__":
    PUBLISHED.write_text(generated(sites.Described()), "utf-8")
    CONFIG.write_text(config_schema.text(), "utf-8")
