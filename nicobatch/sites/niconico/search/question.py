"""A question to the search: checked against the service's tables before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from nicobatch.errors import UsageError
from nicobatch.language import N_, _
from nicobatch.sites.niconico.search.filters import Filter
from nicobatch.sites.niconico.search.services import EXACT_TARGET, KEYWORD_TARGETS, Service

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


def _check_names(names: tuple[str, ...], ability: str, service: Service) -> None:
    able = service.names(ability)
    message, hint = _UNABLE[ability]
    for name in names:
        if name not in able:
            raise UsageError(
                _(message).format(service=_(service.name), name=name),
                _(hint).format(names=", ".join(able)),
            )
