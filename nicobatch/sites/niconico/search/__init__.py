"""niconico's content search, as its guide has it: videos and live programmes, without a sign-in.

Not for commercial use, and limited per address by numbers that niconico does not publish. A
question is checked, then asked by one request a page; nothing is repeated here.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from nicobatch.errors import NicobatchError, Passing, SiteRefuses, UsageError
from nicobatch.http import USER_AGENT, Answer, Http
from nicobatch.language import N_, _
from nicobatch.sites.abilities import printable
from nicobatch.sites.niconico.answers import (
    REPEATED,
    Refusal,
    below,
    document_of,
    refuse_portal,
    worst_status,
)
from nicobatch.sites.niconico.profiles import Profile
from nicobatch.sites.niconico.search.filters import Filter
from nicobatch.sites.niconico.search.services import (
    EXACT_TARGET,
    KEYWORD_TARGETS,
    MAX_LIMIT,
    MAX_NAME,
    SNAPSHOT,
    VERSION_PATH,
    Hit,
    Service,
)

_GRAMMAR: Final = N_(
    'write words, "phrases", -words to leave out, and a OR b, which stands before everything else'
)
_LIMITS: Final = N_(
    "niconico limits searches by address; where a browser gets an answer, the API may have changed"
)
_UNREADABLE: Final = N_("the answer of niconico's search is not the JSON that its guide describes")
_PASSING: Final = {
    500: N_("niconico's search has broken down: {refusal}"),
    503: N_("niconico's search is closed for maintenance: {refusal}"),
}
_BUSY: Final = N_("niconico's search can't answer just now: {refusal}")
_UNABLE: Final = {
    "returnable": (N_("{service} can't tell the {name} of a hit"), N_("it can tell {names}")),
    "sortable": (
        N_("{service} can't sort by {name}"),
        N_("it can sort by {names}, + or - before it"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is looked for, in the guide's words."""

    q: str
    """Words: a blank is AND; `a OR b`, which stands first, `"a phrase"`, `-word` for NOT."""
    targets: tuple[str, ...] = KEYWORD_TARGETS
    fields: tuple[str, ...] = ("contentId", "title")
    """What the hits tell of themselves."""
    filter: Filter | None = None
    sort: str = "-startTime"
    """A field with `+` or `-` before it, which is `-` where it lacks. Nulls come last."""
    offset: int = 0
    limit: int | None = None
    """Hits in all, over as many answers as it takes; None are all that the service tells."""

    def check(self, service: Service) -> None:
        """Raise UsageError, with what would be right, where the service can't answer it."""
        if not self.q.strip() and not service.empty_query:
            raise UsageError(
                _("{service} takes no empty query").format(service=_(service.name)),
                _("give it a word to look for"),
            )
        self._check_targets()
        _check_names(self.fields, "returnable", service)
        _check_names((self.sort_field,), "sortable", service)
        if self.filter:
            self.filter.check(service)
        self._check_numbers(service)

    @property
    def sort_field(self) -> str:
        """Return the field to sort by, without its sign."""
        return self.sort[1:] if self.sort.startswith(("+", "-")) else self.sort

    def encoded(self, *, offset: int, limit: int, context: str) -> str:
        """Return the query string for these hits; `+` and what is not ASCII are encoded."""
        pairs = [
            ("q", self.q),
            ("targets", ",".join(self.targets)),
            *([("fields", ",".join(self.fields))] if self.fields else ()),
            *(self.filter.parameters() if self.filter else ()),
            ("_sort", self.sort),
            ("_offset", str(offset)),
            ("_limit", str(limit)),
            ("_context", context),
        ]
        return urlencode(pairs, quote_via=quote, safe="")

    def _check_targets(self) -> None:
        given = set(self.targets)
        known = given <= set(KEYWORD_TARGETS) or given == {EXACT_TARGET}
        if not known or not 0 < len(given) == len(self.targets):
            raise UsageError(
                _("nothing can be looked for in {targets}").format(
                    targets=", ".join(self.targets) or _("(nowhere)")
                ),
                _("the targets are {keywords} in any combination, or {exact} alone").format(
                    keywords=", ".join(KEYWORD_TARGETS), exact=EXACT_TARGET
                ),
            )

    def _check_numbers(self, service: Service) -> None:
        if not 0 <= self.offset <= service.max_offset:
            raise UsageError(
                _("{service} can't begin at hit {offset}").format(
                    service=_(service.name), offset=self.offset
                ),
                _("it can begin at 0 to {limit}").format(limit=service.max_offset),
            )
        if self.limit is not None and self.limit < 1:
            raise UsageError(
                _("{number} hits can't be asked for").format(number=self.limit),
                _("ask for 1 or more"),
            )


class Search:
    """niconico's content search, on behalf of an application that gives its name."""

    def __init__(self, profile: Profile, http: Http, *, application: str = USER_AGENT) -> None:
        """Raise UsageError where the name is none that a request can carry."""
        is_plain = application.isascii() and application.isprintable()
        is_plain = is_plain and application == application.strip()
        if not 0 < len(application) <= MAX_NAME or not is_plain:
            raise UsageError(
                _("{name!r} can't name an application to niconico's search").format(
                    name=application
                ),
                _("a name has 1 to {limit} letters, digits and signs of ASCII").format(
                    limit=MAX_NAME
                ),
            )
        self._profile = profile
        self._http = http
        self._application = application

    def results(self, question: Question, service: Service = SNAPSHOT) -> Results:
        """Return the hits, asked for as they are read; raise UsageError for a wrong question."""
        question.check(service)
        return Results(self, question, service)

    def page(
        self, question: Question, service: Service, *, offset: int, limit: int
    ) -> tuple[list[Hit], int]:
        """Ask once; return some of the hits, and how many there are in all.

        Raise UsageError for a 400, Passing for what passes, else SiteRefuses.
        """
        query = question.encoded(offset=offset, limit=limit, context=self._application)
        document = self._asked(f"{service.base(self._profile)}{service.path}?{query}")
        total, data = below(document, "meta").get("totalCount"), document.get("data")
        if not isinstance(total, int) or not isinstance(data, list):
            raise SiteRefuses(_(_UNREADABLE), _(_LIMITS))
        items = map(below, data)
        return [Hit({name: item.get(name) for name in question.fields}) for item in items], total

    def last_modified(self) -> datetime:
        """Return of when the snapshot is; raise as `page` does."""
        document = self._asked(f"{self._profile.snapshot}{VERSION_PATH}")
        moment = Hit(document).moment("last_modified")
        if moment is None:
            raise SiteRefuses(_(_UNREADABLE), _(_LIMITS))
        return moment

    def _asked(self, url: str) -> Mapping[str, Any]:
        headers = {"User-Agent": self._application, "Accept": "application/json"}
        return _document(self._http.send("GET", url, headers=headers))


class Results(Iterator[Hit]):
    """The hits, a page at a time. After an error the next `next` asks for the same page again."""

    def __init__(self, search: Search, question: Question, service: Service) -> None:
        self.total: int | None = None
        """How many contents match; None before the first hit was asked for."""
        self.truncated = False
        """Whether there is more than the service tells of, and it was wanted."""
        self._search = search
        self._question = question
        self._service = service
        self._offset = question.offset
        self._over = False
        self._ahead: deque[Hit] = deque()

    def __next__(self) -> Hit:
        while not self._ahead:
            if self._over:
                raise StopIteration
            self._read()
        return self._ahead.popleft()

    def _read(self) -> None:
        wanted = MAX_LIMIT if self._left is None else min(MAX_LIMIT, self._left)
        hits, self.total = self._search.page(
            self._question, self._service, offset=self._offset, limit=wanted
        )
        self._ahead.extend(hits)
        self._offset += len(hits)
        told = not hits or self._offset >= self.total or self._left == 0
        self.truncated = not told and self._offset > self._service.max_offset
        self._over = told or self.truncated

    @property
    def _left(self) -> int | None:
        """Return how many hits are still wanted."""
        limit = self._question.limit
        return None if limit is None else self._question.offset + limit - self._offset


def _check_names(names: tuple[str, ...], ability: str, service: Service) -> None:
    able = service.names(ability)
    message, hint = _UNABLE[ability]
    for name in names:
        if name not in able:
            raise UsageError(
                _(message).format(service=_(service.name), name=name),
                _(hint).format(names=", ".join(able)),
            )


def _document(answer: Answer) -> Mapping[str, Any]:
    """Return the answer's JSON object, or raise what its status says, or its `meta.status`."""
    refuse_portal(answer)
    document = below(document_of(answer))
    meta = below(document, "meta")
    status = worst_status(answer, meta)
    if not 200 <= status < 300:
        code, words = meta.get("errorCode") or "", meta.get("errorMessage") or ""
        raise _error(Refusal(status, printable(code), printable(words)), answer)
    if not document:
        raise Passing(_(_UNREADABLE), _(_LIMITS), outcome_unknown=False)
    return document


def _error(refusal: Refusal, answer: Answer) -> NicobatchError:
    status = refusal.status
    if status == 400:
        return UsageError(
            _("niconico's search can't understand the query: {refusal}").format(refusal=refusal),
            _(_GRAMMAR),
        )
    if status in REPEATED or status >= 500:
        message = _(_PASSING.get(status, _BUSY)).format(refusal=refusal)
        pause = answer.retry_after(time.time())
        return Passing(message, retry_after=pause, outcome_unknown=False)
    return SiteRefuses(
        _("niconico's search refuses to answer: {refusal}").format(refusal=refusal), _(_LIMITS)
    )
