"""What Livetube's answers mean: a page, or the one error that says what is to be done."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from nicobatch.errors import NicobatchError, Passing, SiteRefuses, UsageError
from nicobatch.http import Answer
from nicobatch.language import N_, _, pictured
from nicobatch.livetube.comments import joined
from nicobatch.origin import bare

SEE_OTHER: Final = frozenset({302, 303})
"""Statuses by which a site may say that a form was taken, and what to look at then."""
_PASSING: Final = frozenset({408, 425, 429})
"""Statuses below 500 that pass by themselves."""
_REFUSAL: Final = "書き込めません"
"""How the site begins to say why it takes no comment."""
_DETAIL: Final = 200
"""Characters of the site's own words that are told."""
_MOVED_HINT: Final = N_("nobody knows whether Livetube still runs; --origin names another address")


class CommentRefused(NicobatchError):
    """The site did not take the comment, and said why; nothing was written."""


def page_of(answer: Answer, what: str, now: datetime, missing: str = "") -> str:
    """Return the text of an answer, or raise the error that fits.

    `what` names the request in messages; `missing` says what a 404 means, where it means that.
    """
    status = answer.status
    if 200 <= status < 300:
        return answer.body.decode("utf-8", "replace")
    if status in {404, 410} and missing:
        raise UsageError(missing, _("`nicobatch livetube live` shows what is on"))
    told = _("{what}: Livetube answers {status}").format(what=what, status=status)
    if status in _PASSING or status >= 500:
        after = answer.retry_after(now.timestamp())
        raise Passing(told, retry_after=after, outcome_unknown=status != 429)
    if where := _elsewhere(answer):
        words = _("{what}: Livetube has moved to {where}")
        told = words.format(what=what, where=pictured(where))
    raise SiteRefuses(told, _(_MOVED_HINT))


def check_written(answer: Answer, what: str, now: datetime, missing: str) -> None:
    """Raise CommentRefused where the answer says no, Passing where it does not say yes."""
    if answer.status in SEE_OTHER and not _elsewhere(answer):
        told = _("{what}: Livetube answers {status}").format(what=what, status=answer.status)
        raise Passing(told)
    said = page_of(answer, what, now, missing).strip()
    if said.startswith(_REFUSAL):
        reason = pictured(said.removeprefix(_REFUSAL).lstrip(":： ")[:_DETAIL])
        words = _("Livetube does not take the comment: {reason}")
        raise CommentRefused(words.format(reason=reason))
    if not is_whole(answer):
        raise broken_off(what)
    if said.casefold().startswith(("<!doctype", "<html")):  # as of a network that wants a sign-in
        raise Passing(strange(what).message)


def is_whole(answer: Answer) -> bool:
    """Tell whether the answer's end was announced: else it may have been cut anywhere."""
    named = {name.casefold() for name in answer.headers}
    return bool(named & {"content-length", "transfer-encoding"}) or answer.status == 204


def broken_off(what: str) -> Passing:
    """Say that an answer may be cut."""
    return Passing(_("{what}: the answer broke off").format(what=what))


def strange(what: str) -> SiteRefuses:
    """Say that somebody else answered."""
    words = _("{what}: the answer is none of Livetube's")
    return SiteRefuses(words.format(what=what), _(_MOVED_HINT))


def _elsewhere(answer: Answer) -> str:
    """Return the other site that an answer leads to, if it does."""
    target = answer.headers.get("Location", "") if 300 <= answer.status < 400 else ""
    where = bare(joined(answer.url, target)) if joined(answer.url, target) else ""
    return "" if where == bare(answer.url) else where
