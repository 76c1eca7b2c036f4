"""The content search over what was published here: the guide's endpoint, and the snapshot's.

In `q` blanks are AND, OR stands first, quotes make phrases, a dash is NOT.
The real snapshot is rebuilt once a day at 05:00 JST; this one is always fresh.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from flask import Blueprint, request

from nicobatch.sites.niconico.sandbox import answers
from nicobatch.sites.niconico.sandbox.entries import Visibility, japan_time
from nicobatch.sites.niconico.sandbox.search_filters import (
    SERVICES,
    Field,
    Service,
    comparable,
    fold,
    parse_filters,
    parse_json_filter,
)
from nicobatch.sites.niconico.sandbox.site import GENRES

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.sites.niconico.sandbox.entries import Entry
    from nicobatch.sites.niconico.sandbox.site import Site

_CONTEXT: Final = 40
"""Characters of the application's name."""

_TARGETS: Final = frozenset({"title", "description", "tags"})
_EXACT_TARGET: Final = "tagsExact"
_DEFAULT_LIMIT: Final = 10
_PARAMETERS: Final = frozenset(
    {"q", "targets", "fields", "filters", "jsonFilter", "_sort", "_offset", "_limit", "_context"}
)


_TOKEN: Final = re.compile(r'(?P<minus>-?)"(?P<phrase>[^"]+)"(?= |$)|(?P<word>[^ "]+)(?= |$)')


def routes(site: Site) -> Blueprint:
    """Return the search's routes."""
    blueprint = Blueprint("search", __name__, url_prefix="/api/v2")
    for name, path in (("video", "video"), ("live", "live"), ("snapshot", "snapshot/video")):
        view = _view(site, name)
        blueprint.add_url_rule(f"/{path}/contents/search", name, view)
    blueprint.add_url_rule("/snapshot/version", "version", lambda: _version(site))
    return blueprint


def _version(site: Site) -> ResponseReturnValue:
    return {"last_modified": japan_time(site.world.clock()).isoformat()}


def _view(site: Site, name: str) -> Callable[[], ResponseReturnValue]:
    def view() -> ResponseReturnValue:
        kind = "live" if name == "live" else "video"
        own = _documents(site) if kind == "video" else []
        fields = SERVICES[name].fields
        others = (_completed(each, fields) for each in site.world.catalogue.get(kind, ()))
        return _search(SERVICES[name], [*own, *others])

    return view


def _search(service: Service, documents: list[dict[str, Any]]) -> ResponseReturnValue:
    parameters = _parameters()
    if len(parameters.get("_context", "")) > _CONTEXT:
        raise answers.search(detail=f"_context: is longer than {_CONTEXT} characters")
    matches = _matcher(service, parameters)
    fields = _fields(service, parameters.get("fields", ""))
    name, newest_first = _sort(service, parameters.get("_sort", ""))
    offset = _number(parameters, "_offset", 0, range(service.max_offset + 1))
    limit = _number(parameters, "_limit", _DEFAULT_LIMIT, range(1, service.max_limit + 1))
    kind = service.fields[name].kind
    hits = [document for document in documents if matches(document)]
    known = [document for document in hits if document[name] is not None]
    known.sort(
        key=lambda document: comparable(kind, document[name], name),
        reverse=newest_first,
    )
    ordered = known + [document for document in hits if document[name] is None]
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
            raise answers.search(detail=f"{name}: is not known, or comes twice")
        plain[name] = value
    return plain


def _matcher(
    service: Service, parameters: Mapping[str, str]
) -> Callable[[Mapping[str, Any]], bool]:
    query, targets = _query(service, parameters), _targets(parameters.get("targets", ""))
    if parameters.get("filters"):
        raise answers.search(detail="filters: takes the form filters[field][0]")
    bracketed = (pair for pair in request.args.items(multi=True) if pair[0].startswith("filters["))
    filtered = parse_filters(bracketed, service.fields)
    text = parameters.get("jsonFilter")
    json_filtered = parse_json_filter(text, service.fields) if text else lambda _document: True

    def matches(document: Mapping[str, Any]) -> bool:
        found = query.matches(lambda word: _contains(document, targets, word))
        return found and filtered(document) and json_filtered(document)

    return matches


def _query(service: Service, parameters: Mapping[str, str]) -> Query:
    if "q" not in parameters:
        raise answers.search(detail="q: is missing")
    if not parameters["q"].strip() and not service.empty_query:
        raise answers.search(detail="q: is empty")
    return parse_query(parameters["q"])


def _targets(text: str) -> tuple[str, ...]:
    targets = tuple(text.split(","))
    if targets == (_EXACT_TARGET,) or (_TARGETS.issuperset(targets)):
        return targets
    raise answers.search(detail="targets: takes title,description,tags or tagsExact")


def _contains(document: Mapping[str, Any], targets: tuple[str, ...], word: str) -> bool:
    if targets == (_EXACT_TARGET,):
        return word in fold(document["tags"] or "").split(" ")
    return any(word in fold(document[target] or "") for target in targets)


def _fields(service: Service, text: str) -> list[str]:
    names = text.split(",") if text else []
    for name in names:
        if name not in service.fields or not service.fields[name].returned:
            raise answers.search(detail=f"fields: {name} can't be returned")
    return names


def _sort(service: Service, text: str) -> tuple[str, bool]:
    """Return the field, and whether large values come first, as they do without a sign."""
    name = text[1:] if text.startswith(("+", "-")) else text
    if name not in service.fields or not service.fields[name].sortable:
        raise answers.search(detail=f"_sort: {text!r} can't be sorted by; write + as %2B")
    return name, not text.startswith("+")


def _number(parameters: Mapping[str, str], name: str, default: int, values: range) -> int:
    text = parameters.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < _CONTEXT and int(text) in values):
        raise answers.search(detail=f"{name}: must be {values.start} to {values.stop - 1}")
    return int(text)


def _documents(site: Site) -> list[dict[str, Any]]:
    lifecycle = site.lifecycle
    public = (entry for entry in site.store if lifecycle.visibility(entry) is Visibility.PUBLIC)
    return [_document(entry, lifecycle.registered_at(entry)) for entry in public]


def _completed(content: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return the content with all fields: nulls, and the two that follow from others."""
    derived = {"tagsExact": content.get("tags"), "genre.keyword": content.get("genre")}
    return {name: content.get(name, derived.get(name)) for name in fields}


def _document(entry: Entry, registered_at: datetime) -> dict[str, Any]:
    metadata = entry.metadata or {}
    tags = " ".join(metadata["tags"]) or None
    genre = GENRES.get(metadata["genreKey"])
    media = entry.file.media if entry.file else None
    return {
        "contentId": entry.video_id,
        "title": metadata["title"],
        "description": metadata["detail"],
        "userId": entry.user_id,
        "viewCounter": 0,
        "mylistCounter": 0,
        "likeCounter": 0,
        "lengthSeconds": round(media.duration) if media else None,
        "thumbnailUrl": f"{request.host_url}garage/thumbnails/{entry.id}.jpg",
        "startTime": registered_at.isoformat(),
        "threadId": entry.id,
        "commentCounter": 0,
        "lastCommentTime": None,
        "categoryTags": None,
        "channelId": None,
        "tags": tags,
        "tagsExact": tags,
        "lockTagsExact": tags,
        "genre": genre,
        "genre.keyword": genre,
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
    alternatives, rest = _leading_or(terms)
    if any(term.is_or for term in rest):
        raise answers.search(detail="q: OR stands between two words, before what is ANDed")
    wanted = [(term.text,) for term in rest if not term.negative]
    groups = ([alternatives] if alternatives else []) + wanted
    excluded = tuple(term.text for term in rest if term.negative)
    if excluded and not groups:
        raise answers.search(detail="q: NOT can't stand alone")
    return Query(tuple(groups), excluded)


def _leading_or(terms: list[_Term]) -> tuple[tuple[str, ...], list[_Term]]:
    """Split off `a OR b OR c` from the front."""
    end = 1
    while len(terms) > end + 1 and terms[end].is_or:
        end += 2
    chain = terms[:end:2]
    if end == 1:
        return (), terms
    if any(term.negative or term.is_or for term in chain):
        raise answers.search(detail="q: OR takes plain words and phrases")
    return tuple(term.text for term in chain), terms[end:]


def _terms(text: str) -> Iterable[_Term]:
    position = 0
    while position < len(text):
        if text[position] == " ":
            position += 1
            continue
        match = _TOKEN.match(text, position)
        if not match:
            raise answers.search(detail="q: a quotation mark has no partner")
        position = match.end()
        yield _term(match)


def _term(match: re.Match[str]) -> _Term:
    word = match["word"]
    if word is None:
        return _Term(fold(match["phrase"]), negative=bool(match["minus"]))
    if word == "OR":
        return _Term("", is_or=True)
    negative = len(word) > 1 and word.startswith("-")
    return _Term(fold(word[1:] if negative else word), negative=negative)
