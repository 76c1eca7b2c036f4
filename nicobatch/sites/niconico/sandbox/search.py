"""The content search over what was published here: the guide's endpoint, and the snapshot's.

In `q` blanks are AND, OR stands first, quotes make phrases, a dash is NOT.
The real snapshot is rebuilt once a day at 05:00 JST; this one is always fresh.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from flask import Blueprint, request

from nicobatch.sites.niconico.sandbox import answers
from nicobatch.sites.niconico.sandbox.search_filters import (
    SERVICES,
    Service,
    comparable,
    fold,
    parse_filters,
    parse_json_filter,
)
from nicobatch.sites.niconico.sandbox.site import (
    GENRES,
    Visibility,
    japan_time,
    thumbnail_url,
    whole,
)

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.sites.niconico.sandbox.search_filters import Document, Predicate
    from nicobatch.sites.niconico.sandbox.site import Entry, Lifecycle, Site

_PATHS: Final = {"video": "video", "live": "live", "snapshot": "snapshot/video"}
_CONTEXT: Final = 40
"""Characters of the application's name."""
_TARGETS: Final = frozenset({"title", "description", "tags"})
_EXACT_TARGET: Final = "tagsExact"
_DEFAULT_LIMIT: Final = 10
_PARAMETERS: Final = frozenset(
    {"q", "targets", "fields", "filters", "jsonFilter", "_sort", "_offset", "_limit", "_context"}
)
_TOKEN: Final = re.compile(r' *(?:(-?)"([^"]+)"|(OR)|(-?)([^ "]+))(?= |$)')


def routes(site: Site) -> Blueprint:
    """Return the search's routes."""
    blueprint = Blueprint("search", __name__, url_prefix="/api/v2")
    for name, path in _PATHS.items():
        blueprint.add_url_rule(f"/{path}/contents/search", name, partial(_search, site, name))
    blueprint.add_url_rule("/snapshot/version", "version", lambda: _version(site))
    return blueprint


def _version(site: Site) -> ResponseReturnValue:
    return {"last_modified": japan_time(site.world.clock()).isoformat()}


def _search(site: Site, name: str) -> ResponseReturnValue:
    service, asked = SERVICES[name], _parameters()
    if len(asked.get("_context", "")) > _CONTEXT:
        raise answers.search(f"_context: is longer than {_CONTEXT} characters")
    matches = _matcher(service, asked)
    fields = _fields(service, asked.get("fields", ""))
    key, newest_first = _sort(service, asked.get("_sort", ""))
    offset = _number(asked, "_offset", 0, range(service.max_offset + 1))
    limit = _number(asked, "_limit", _DEFAULT_LIMIT, range(1, service.max_limit + 1))
    kind = service.fields[key].kind
    hits = [document for document in _documents(site, name) if matches(document)]
    known = [hit for hit in hits if hit[key] is not None]
    known.sort(key=lambda hit: comparable(kind, hit[key], key), reverse=newest_first)
    ordered = known + [hit for hit in hits if hit[key] is None]
    shown = ordered[offset : offset + limit]
    meta = {"status": 200, "id": str(uuid4()), "totalCount": len(hits)}
    return {"meta": meta, "data": [{field: hit[field] for field in fields} for hit in shown]}


def _parameters() -> Mapping[str, str]:
    """Return the plain parameters; none may be unknown, or come twice."""
    plain: dict[str, str] = {}
    for name, value in request.args.items(multi=True):
        if name.startswith("filters["):
            continue
        if name not in _PARAMETERS or name in plain:
            raise answers.search(f"{name}: is not known, or comes twice")
        plain[name] = value
    return plain


def _matcher(service: Service, asked: Mapping[str, str]) -> Predicate:
    if "q" not in asked:
        raise answers.search("q: is missing")
    if not asked["q"].strip() and not service.empty_query:
        raise answers.search("q: is empty")
    query, targets = parse_query(asked["q"]), _targets(asked.get("targets", ""))
    if asked.get("filters"):
        raise answers.search("filters: takes the form filters[field][0]")
    bracketed = (pair for pair in request.args.items(multi=True) if pair[0].startswith("filters["))
    filters = [parse_filters(bracketed, service.fields)]
    if text := asked.get("jsonFilter"):
        filters.append(parse_json_filter(text, service.fields))

    def matches(document: Document) -> bool:
        found = query.matches(lambda word: _contains(document, targets, word))
        return found and all(fits(document) for fits in filters)

    return matches


def _targets(text: str) -> tuple[str, ...]:
    targets = tuple(text.split(","))
    if targets == (_EXACT_TARGET,) or (_TARGETS.issuperset(targets)):
        return targets
    raise answers.search("targets: takes title,description,tags or tagsExact")


def _contains(document: Document, targets: tuple[str, ...], word: str) -> bool:
    if targets == (_EXACT_TARGET,):
        return word in fold(document["tags"] or "").split(" ")
    return any(word in fold(document[target] or "") for target in targets)


def _fields(service: Service, text: str) -> list[str]:
    names = text.split(",") if text else []
    for name in names:
        if name not in service.fields or not service.fields[name].returned:
            raise answers.search(f"fields: {name} can't be returned")
    return names


def _sort(service: Service, text: str) -> tuple[str, bool]:
    """Return the field, and whether large values come first, as they do without a sign."""
    name = text[1:] if text.startswith(("+", "-")) else text
    if name not in service.fields or not service.fields[name].sortable:
        raise answers.search(f"_sort: {text!r} can't be sorted by; write + as %2B")
    return name, not text.startswith("+")


def _number(asked: Mapping[str, str], name: str, default: int, values: range) -> int:
    number = whole(asked.get(name, str(default)))
    if number is None or number not in values:
        raise answers.search(f"{name}: must be {values.start} to {values.stop - 1}")
    return number


def _documents(site: Site, name: str) -> Iterator[dict[str, Any]]:
    """Yield all contents of the service with all of its fields: what is not told is null."""
    live, lifecycle = name == "live", site.lifecycle
    for entry in () if live else site.store:
        if lifecycle.visibility(entry) is Visibility.PUBLIC:
            yield _completed(_document(entry, lifecycle), name)
    for content in site.world.catalogue.get("live" if live else "video", ()):
        yield _completed(content, name)


def _completed(content: Document, name: str) -> dict[str, Any]:
    derived = {"tagsExact": content.get("tags"), "genre.keyword": content.get("genre")}
    return {each: content.get(each, derived.get(each)) for each in SERVICES[name].fields}


def _document(entry: Entry, lifecycle: Lifecycle) -> Document:
    metadata = entry.metadata or {}
    tags = " ".join(metadata["tags"]) or None
    return {
        "contentId": entry.video_id,
        "title": metadata["title"],
        "description": metadata["detail"],
        "userId": entry.user_id,
        "viewCounter": 0,
        "mylistCounter": 0,
        "likeCounter": 0,
        "lengthSeconds": entry.seconds if entry.media else None,
        "thumbnailUrl": thumbnail_url(entry),
        "startTime": lifecycle.registered_at(entry).isoformat(),
        "threadId": entry.id,
        "commentCounter": 0,
        "tags": tags,
        "lockTagsExact": tags,
        "genre": GENRES.get(metadata["genreKey"]),
    }


@dataclass(frozen=True, slots=True)
class Query:
    """Each group needs one of its words; none of the excluded words may be there."""

    groups: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[str, ...] = ()

    def matches(self, contains: Callable[[str], bool]) -> bool:
        """Say whether a text that `contains` tells of is a hit."""
        wanted = all(any(map(contains, group)) for group in self.groups)
        return wanted and not any(map(contains, self.excluded))


@dataclass(frozen=True, slots=True)
class _Term:
    text: str
    negative: bool = False
    is_or: bool = False


def parse_query(text: str) -> Query:
    """Return what `q` asks for; the empty query matches everything."""
    terms = list(_terms(text))
    end = 1
    while len(terms) > end + 1 and terms[end].is_or:
        end += 2
    chain, rest = (terms[:end:2], terms[end:]) if end > 1 else ([], terms)
    if any(term.negative or term.is_or for term in chain):
        raise answers.search("q: OR takes plain words and phrases")
    if any(term.is_or for term in rest):
        raise answers.search("q: OR stands between two words, before what is ANDed")
    alternatives = [tuple(term.text for term in chain)] if chain else []
    groups = (*alternatives, *((term.text,) for term in rest if not term.negative))
    excluded = tuple(term.text for term in rest if term.negative)
    if excluded and not groups:
        raise answers.search("q: NOT can't stand alone")
    return Query(groups, excluded)


def _terms(text: str) -> Iterator[_Term]:
    position, end = 0, len(text.rstrip(" "))
    while position < end:
        match = _TOKEN.match(text, position)
        if not match:
            raise answers.search("q: a quotation mark has no partner")
        position = match.end()
        not_phrase, phrase, is_or, not_word, word = match.groups()
        if is_or:
            yield _Term("", is_or=True)
        else:
            yield _Term(fold(phrase or word), negative=bool(not_phrase or not_word))
