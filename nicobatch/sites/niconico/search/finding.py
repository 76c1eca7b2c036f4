"""What `nicobatch search` asks for, as questions to one of niconico's services."""

from __future__ import annotations

import contextlib
import functools
import operator
from typing import Final

from nicobatch.errors import UsageError
from nicobatch.http import Http
from nicobatch.language import _
from nicobatch.model import Json
from nicobatch.sites.niconico.profiles import Profile
from nicobatch.sites.niconico.search import Question, Search
from nicobatch.sites.niconico.search.filters import Filter
from nicobatch.sites.niconico.search.services import (
    ENDPOINTS,
    EXACT_TARGET,
    KEYWORD_TARGETS,
    SNAPSHOT,
    Hit,
    Service,
)
from nicobatch.sites.service import Ask, Found, Query

_FIELDS: Final = ("contentId", "title", "viewCounter", "lengthSeconds", "liveStatus", "startTime")
"""What is told, where the service knows it."""


def find(profile: Profile, proxy: str | None, wanted: Query, ask: Ask) -> Found:
    """Ask for all that is wanted; where there is nothing, also of when the index is.

    `ask` makes one request and returns its answer, maybe after more tries. Raise UsageError where
    the service can't be asked that.
    """
    service = _service(wanted)
    question = Question(
        q=wanted.query,
        targets=_targets(wanted),
        fields=tuple(name for name in _FIELDS if name in service.fields),
        filter=_filter(wanted),
        sort=wanted.sort,
        limit=wanted.limit,
    )
    question.check(service)
    made = Http(proxy=proxy, paths=profile.paths, headers=profile.headers)
    with contextlib.closing(made) as http:
        search = Search(profile, http)
        results = search.results(question, service)
        hits = list(iter(lambda: ask(lambda: next(results, None)), None))
        empty = not results.total and service is SNAPSHOT
        return Found(
            hits=[_told(each, profile, service) for each in hits],
            total=results.total or 0,
            truncated=results.truncated,
            as_of=ask(search.last_modified) if empty else None,
        )


def _service(wanted: Query) -> Service:
    known = ENDPOINTS[wanted.service]
    name = wanted.endpoint or next(iter(known))
    if name not in known:
        raise UsageError(
            _("the {name} search does not cover --service {service}").format(
                name=name, service=wanted.service
            ),
            _("use --endpoint {names}").format(names=_(" or ").join(known)),
        )
    return known[name]


def _targets(wanted: Query) -> tuple[str, ...]:
    if wanted.tag and wanted.title:
        raise UsageError(_("--tag and --title can't be used together"), _("name one of them"))
    if wanted.tag:
        return (EXACT_TARGET,)
    return ("title",) if wanted.title else KEYWORD_TARGETS


def _filter(wanted: Query) -> Filter | None:
    """Return the conditions that were given, all of them to be met."""
    given = []
    if wanted.user is not None:
        given.append(Filter.equal("userId", wanted.user))
    if wanted.since or wanted.until:
        given.append(Filter.range("startTime", gte=wanted.since, lt=wanted.until))
    if wanted.min_views is not None:
        given.append(Filter.range("viewCounter", gte=wanted.min_views))
    return functools.reduce(operator.and_, given) if given else None


def _told(hit: Hit, profile: Profile, service: Service) -> dict[str, Json]:
    link = service.link(profile)
    url = link.format(video_id=hit.content_id) if hit.content_id else None
    return {**hit.fields, "url": url}
