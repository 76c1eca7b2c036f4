"""JSON Schema's violations, put in the user's words and in their place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from nicobatch.manifest import document, lookalikes, schema, times
from nicobatch.manifest.defaults import Sites, form
from nicobatch.manifest.document import Document, Step
from nicobatch.manifest.rules import MORE, Fault, fault, in_quotes, quoted, shown
from nicobatch.manifest.schema import Violation

Trail: TypeAlias = tuple[Step, ...]

MOST_WORDED = 200
"""Violations, and unknown keys of one mapping, that are looked at for what was meant."""
SERIES = re.compile(r"\bseries/([0-9]{1,12})\b")
BEGUN = re.compile(r"(?:^|(?<=\s))-(?=\S)|(?:^|(?<=[\s,、，]))[#＃](?=\S)")
"""What begins each item of `-a -b` and of `#a #b`."""
VIDEO_DEPTH = 2
"""A video's path is `videos` and its number."""

TYPE_RULES: Mapping[str, str] = {
    "string": "not-text",
    "boolean": "not-boolean",
    "integer": "not-integer",
    "array": "not-list",
    "object": "not-mapping",
}
CHOICE_RULES: Mapping[str, str] = {
    "publish": "publish-unknown",
    "timing": "bad-timing",
    "every": "bad-every",
    "pages": "not-list",
}

_AT = schema.PUBLISH_AT.partition(": ")[2]
_MEANT: Mapping[tuple[str, str], str] = {
    ("publish", word): meant
    for meant, words in {
        "true": ("public", "yes", "on", "now", "open", "公開", "全体公開", "はい", "公开", "是"),
        "false": (
            *("private", "no", "off", "closed", "hidden", "非公開", "いいえ"),
            *("私密", "仅自己可见", "不公开", "否"),
        ),
        "draft": ("drafts", "save", "下書き", "草稿"),
        _AT: (
            "scheduled",
            "schedule",
            "reserved",
            "timer",
            "later",
            "予約",
            "予約投稿",
            "公開予約",
            "定时",
            "定时发布",
            "定時發佈",
        ),
    }.items()
    for word in words
}
"""What people write for a value, beside what it is called here."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the wording of a violation rests on beside it."""

    document: Document
    sites: Sites
    destinations: Sequence[str]


def said(found: Violation, context: Context) -> Iterator[Fault]:
    """Put a violation into words, as one or more faults; what `semantics` says better is left."""
    say = KEYWORDS.get(found.keyword)
    return say(found, context) if say else iter(())


def _type(found: Violation, context: Context) -> Iterator[Fault]:
    yield _mistyped(TYPE_RULES[found.wanted], found, context.document)


def _mistyped(rule: str, found: Violation, document: Document) -> Fault:
    value, path = found.instance, found.path
    if value is not None and _may_be_secret(quoted(value), path):
        return fault("announce-secret", document.place(*path))
    written = document.written(*path)
    if value is None and not (rule == "not-text" and written):
        return fault("empty-value", document.key_place(*path), field=field_name(path))
    if (
        rule == "not-list"
        and type(value) is dict
        and (key := next(iter(value), "")).startswith("-")
    ):
        return fault("yaml-dash-glued", document.key_place(*path, key))
    written = written if written and type(value) is not str else quoted(value)
    advice, moment = times.meant_moment(value) if "publish" in path else ("", "")
    suggestion = _MEANT.get((str(path[-1]), str(value).casefold()), "")
    advice = advice or ("did-you-mean" if suggestion else _advice(found, rule, written))
    if rule == "not-mapping" and path[-1] == "thumbnail" and type(value) is str:
        advice = "picture"
    return fault(
        rule,
        document.place(*path),
        **{"advice": advice, **({} if advice else lookalikes.hint(value, _words(found)))},
        field=field_name(path),
        value=shown(written),
        quoted=in_quotes(written),
        bare=shown(value),
        moment=moment if path[-1] == "at" else f"{{at: {moment}}}",
        suggestion=suggestion,
        known=", ".join(_choices(found.part)),
        example=_meant(found) or _example(found.part, path),
    )


def _may_be_secret(said: str, path: Trail) -> bool:
    """Tell whether the value may be an address by which apprise announces."""
    is_address = "announce" in path and "://" in said and "livetube" not in said
    return "apprise" in path or is_address


def _advice(found: Violation, rule: str, written: str) -> str:
    """Name what would make the value right: quotes that are missing, or those that are there."""
    value = found.instance
    if rule == "not-text":
        if _choices(found.part):
            return "one-of"
        is_one = type(value) not in {list, dict} or written.startswith(("[", "{"))
        return "quote" if is_one else ""
    wanted = {"not-boolean": bool, "not-integer": int}.get(rule)
    bare = document.resolve(value) if type(value) is str else None
    least = found.part.get("minimum", bare)
    return "unquoted" if wanted and type(bare) is wanted and bare >= least else ""


def _words(found: Violation) -> Sequence[str]:
    """Return the words that the value may be."""
    has_bool = found.wanted == "boolean" or found.path[-1:] == ("publish",)
    return (*(("true", "false") if has_bool else ()), *_choices(found.part))


def _choices(part: Mapping[str, Any]) -> Sequence[str]:
    """Return the values of a key that has some, whether or not it takes others as well."""
    return next((each["enum"] for each in (part, *part.get("anyOf", ())) if "enum" in each), ())


def _meant(found: Violation) -> str:
    """Return how to write what was meant, where that can be told; else nothing."""
    if type(found.instance) is int and found.path[-1:] == ("series",):
        return _example({"examples": [{"id": found.instance}]}, found.path)
    if type(found.instance) is not str:
        return ""
    if found.wanted == "array":
        return _meant_list(found.instance, found.part.get("items", {}), found.path)
    return _meant_series(found.instance, found.path)


def _meant_list(value: str, item: Mapping[str, Any], path: Trail) -> str:
    """Return how to write a list of texts that is given as one, with commas or without."""
    marked = BEGUN.split(value)[1:] if BEGUN.match(value) else re.split("[,、，\n]", value)
    items = [each.strip().lstrip("#＃") for each in marked if each.strip(" #＃")]
    is_fit = item.get("type") == "string" and set(items) <= set(item.get("enum", items))
    return _example({"examples": [items]}, path) if items and is_fit else ""


def _meant_series(value: str, path: Trail) -> str:
    """Return how to write a series that is given by its address."""
    found = SERIES.search(value) if "series" in path else None
    if found is None:
        return ""
    number = int(found[1])
    meant: Any = number if path[-1] == "id" else {"id": number}
    return _example({"examples": [meant]}, path)


def _any_of(found: Violation, context: Context) -> Iterator[Fault]:
    rule = CHOICE_RULES.get(str(found.path[-1]), "not-text")
    if not found.inner and not (rule == "not-text" and isinstance(found.instance, str)):
        yield _mistyped(rule, found, context.document)
    for each in found.inner:
        yield from said(each, context)


def _required(found: Violation, context: Context) -> Iterator[Fault]:
    for key in found.wanted:
        if key not in found.instance:
            yield _missing(key, found.path, context.document)


def _missing(key: str, path: Trail, document: Document) -> Fault:
    parent = "" if _inside(path) in {"", "video"} else f"{field_name(path)}."
    example = _example(schema.definitions()[key], (key,))
    return fault("missing-key", document.place(*path), key=parent + key, example=example)


def _additional(found: Violation, context: Context) -> Iterator[Fault]:
    document, sites = context.document, context.sites
    allowed = found.part["properties"]
    inside = _inside(found.path) or form(found.instance)
    unknown = [k for k in found.instance if k not in allowed and not schema.is_free(k, found.part)]
    for number, key in enumerate(unknown):
        place = document.key_place(*found.path, key)
        if number < MOST_WORDED:
            yield schema.unknown_key(
                key,
                allowed,
                place,
                inside=inside,
                sites=sites,
                destinations=context.destinations,
            )
        else:
            yield fault(MORE, place)


def _inside(path: Trail) -> str:
    """Name the mapping at the path: empty at the top, `video`, `thumbnail` and so on."""
    if not path:
        return ""
    return "video" if path[0] == "videos" and len(path) == VIDEO_DEPTH else str(path[-1])


def _enum(found: Violation, context: Context) -> Iterator[Fault]:
    if not isinstance(found.instance, str):
        return  # its type is said already
    suggestion = schema.suggest(found.instance, found.wanted)
    yield fault(
        "unknown-value",
        context.document.place(*found.path),
        **{
            "advice": "did-you-mean" if suggestion else "",
            **lookalikes.hint(found.instance, found.wanted),
        },
        field=field_name(found.path),
        value=shown(found.instance),
        suggestion=suggestion,
        known=", ".join(found.wanted),
    )


def _minimum(found: Violation, context: Context) -> Iterator[Fault]:
    yield fault(
        "too-small",
        context.document.place(*found.path),
        field=field_name(found.path),
        limit=found.wanted,
        value=shown(found.instance),
        example=_example(found.part, found.path),
    )


def _no_items(found: Violation, context: Context) -> Iterator[Fault]:
    place = context.document.place(*found.path)
    if found.path == ("videos",):
        yield fault("no-videos", place)
    else:
        yield fault("empty-value", place, field=field_name(found.path))


# Lengths, patterns and counts are left to `semantics`, which says more about them.
KEYWORDS: Mapping[str, Callable[[Violation, Context], Iterator[Fault]]] = {
    "additionalProperties": _additional,
    "anyOf": _any_of,
    "type": _type,
    "required": _required,
    "enum": _enum,
    "minimum": _minimum,
    "minItems": _no_items,
}


def field_name(path: Trail) -> str:
    """Name a field as people do, without the video it is in: `publish.at`, `tags #2`."""
    around = {"videos": VIDEO_DEPTH, "defaults": 1}.get(str(path[0]), 0) if path else 0
    name = ""
    for step in path[around:] or path:
        if isinstance(step, int):
            name += f" #{step + 1}"
        else:
            name += f".{step}" if name else step
    return name


def _example(part: Mapping[str, Any], path: Trail) -> str:
    example = shown(part["examples"][0]) if "examples" in part else ""
    name = path[-1] if path else ""
    return example if isinstance(name, int) else f"{name}: {example}"
