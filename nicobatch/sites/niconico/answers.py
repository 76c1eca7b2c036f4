"""What niconico's answers mean: data, or the one error that says what is to be done.

The services wrap their answers as `{"meta": {"status": N}, "data": …}`. The upload API spells the
error code `error-code`, nvapi `errorCode`, and a 200 may hold a failing `meta.status`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from nicobatch.errors import (
    Busy,
    EntryGone,
    NicobatchError,
    Passing,
    SignInNeeded,
    SiteRefuses,
    VideoFailed,
)
from nicobatch.http import Answer
from nicobatch.language import N_, _
from nicobatch.origin import origin_of
from nicobatch.sites.abilities import printable
from nicobatch.sites.niconico.profiles import DOMAIN, SIGN_IN_ORIGINS

REPEATED: Final = frozenset({408, 425, 429})
"""Statuses below 500 that pass by themselves."""
IDS: Final = range(1, 2**63)
"""What a number must be to be an entry's."""
NOT_ACTED_ON: Final = frozenset({425, 429})
"""Statuses that say that the request was not even looked at."""
WRITES_REFUSED: Final = "AB001"
"""`errorDetail` of a 403 that meets every write of an account or address. Seen on nvapi, 2026."""
SIGN_IN_HINT: Final = N_(
    "run `nicobatch session set`, or set NICOBATCH_USER_SESSION, and run it again"
)
_DETAIL: Final = 1000
"""Characters of a refusal's reason, which may list all that would have been taken."""
_WRITES_REFUSED_HINT: Final = N_(
    "niconico refuses every write from this account or this line;"
    " a browser on the same line can show whether it still lets you upload"
)
_MOVED_HINT: Final = N_(
    "niconico may have changed its API: please report it, with the output of"
    " `nicobatch publish -v`, at the project's issue page"
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the site gave as its reason."""

    status: int
    code: str = ""
    detail: str = ""
    data: object = None

    def __str__(self) -> str:
        return " ".join(word for word in (str(self.status), self.code, self.detail) if word)


def data_of(answer: Answer, what: str, *, entry: bool = False) -> Any:
    """Return the answer's `data`, or raise the error that fits.

    `what` names the request in messages ("creating the video"); `entry` says that the URL names an
    entry, so that 404 and 410 mean that it is gone and not that the API has moved.
    """
    _check_redirect(answer, what)
    document = document_of(answer)
    if not isinstance(document, dict) or not isinstance(document.get("meta"), dict):
        raise _not_an_envelope(answer, what, document, entry=entry)
    meta, data = document["meta"], document.get("data")
    status = worst_status(answer, meta)
    if 200 <= status < 300:
        return data
    code = meta.get("error-code") or meta.get("errorCode") or ""
    detail = printable(below(data).get("errorDetail", ""), _DETAIL)
    raise error_of(Refusal(status, printable(code), detail, data), answer, what, entry=entry)


def document_of(answer: Answer) -> object:
    """Return the answer's JSON; None where it is none."""
    try:
        return answer.json()
    except ValueError:
        return None


def below(document: object, *names: str) -> Mapping[str, Any]:
    """Return the object at that path of a JSON document; an empty one where there is none."""
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else {}


def text_of(value: object) -> str | None:
    """Return the text that a field holds; None where it holds something else."""
    return value if isinstance(value, str) else None


def worst_status(answer: Answer, meta: Mapping[str, Any]) -> int:
    """Return the answer's status, or the one that its `meta` claims, whichever is worse."""
    claimed = meta.get("status")
    return max(answer.status, claimed) if isinstance(claimed, int) else answer.status


def error_of(refusal: Refusal, answer: Answer, what: str, *, entry: bool) -> NicobatchError:
    """Tell refusals apart by what is to be done about them."""
    message = _("{what} was refused: {refusal}").format(what=what, refusal=refusal)
    status = refusal.status
    if status in REPEATED or status >= 500:
        return Passing(
            _("{what}: niconico can't answer just now ({refusal})").format(
                what=what, refusal=refusal
            ),
            retry_after=answer.retry_after(time.time()),
            outcome_unknown=status not in NOT_ACTED_ON,
        )
    if status == 401:
        return SignInNeeded(
            _("niconico does not accept the sign-in: it may have expired"), _(SIGN_IN_HINT)
        )
    if status == 403 and WRITES_REFUSED in (refusal.code, refusal.detail):
        return SiteRefuses(message, _(_WRITES_REFUSED_HINT))
    if status == 409 and refusal.code == "ID_ALREADY_EXISTS":
        return busy(_first_id(refusal.data))
    if status in {404, 410}:
        if entry:
            return EntryGone(
                _("{what} was refused: niconico no longer knows the entry ({refusal})").format(
                    what=what, refusal=refusal
                )
            )
        return SiteRefuses(message, _(_MOVED_HINT))
    return VideoFailed(message, code=refusal.code, status=status, detail=refusal.detail)


def busy(blocker: str | None) -> Busy:
    """Return the error that names the entry in the way, where that is known."""
    if blocker is None:
        return Busy(_("another upload of this account is in the way"))
    message = _("another upload of this account is in the way (id {blocker})")
    return Busy(message.format(blocker=blocker), blocker=blocker)


def _check_redirect(answer: Answer, what: str) -> None:
    target = refuse_portal(answer)
    if not target:
        return
    of_sign_in = origin_of(target) in {*SIGN_IN_ORIGINS, origin_of(answer.url)}
    if of_sign_in and "login" in urlsplit(target).path:
        raise SignInNeeded(_("niconico asks you to sign in"), _(SIGN_IN_HINT))
    raise SiteRefuses(_("{what} was redirected elsewhere").format(what=what), _(_MOVED_HINT))


def refuse_portal(answer: Answer) -> str:
    """Return where the answer redirects to, if it does; raise Passing where that is elsewhere.

    niconico sends nobody to others: a captive portal does.
    """
    if not 300 <= answer.status < 400:
        return ""
    url = joined(answer.url, answer.headers.get("Location", ""))
    target, asked = urlsplit(url), urlsplit(answer.url).netloc
    name = target.hostname or ""
    if target.netloc != asked and name != DOMAIN and not name.endswith(f".{DOMAIN}"):
        raise Passing(
            _("{host} redirects to {other}: a captive portal or a proxy is in between").format(
                host=asked, other=printable(target.netloc.rpartition("@")[2])
            ),
            _("open a page in a browser on this line, do what it asks for, and run it again"),
        )
    return url


def joined(base: str, target: str) -> str:
    """Return where a `target` of the site's leads; raise Passing where that can't be read."""
    try:
        url = urljoin(base, target)
        origin_of(url), urlsplit(url).port
    except ValueError:
        raise Passing(
            _("niconico's answer leads to {address}, which is no address").format(
                address=printable(target)
            )
        ) from None
    return url


def _not_an_envelope(answer: Answer, what: str, document: object, *, entry: bool) -> NicobatchError:
    """Judge an answer without niconico's envelope, as proxies, Fine Uploader and error pages do."""
    if answer.status < 400 or answer.status == 409:  # niconico says what is in its way
        return Passing(
            _("{what}: the answer is not the JSON that niconico sends").format(what=what),
            _(_MOVED_HINT),
        )
    if answer.status == 413:
        return VideoFailed(
            _("{what} was refused: something in between limits the size of a request (413)").format(
                what=what
            ),
            _("a proxy or firewall on the way has to let pass requests of 10 MB and more"),
        )
    detail = printable(text_of(below(document).get("error")) or "")
    return error_of(Refusal(answer.status, detail=detail), answer, what, entry=entry)


def _first_id(data: object) -> str | None:
    """Read a 409's `data`, a list with the id of the entry in the way."""
    number = below(data[0]).get("id") if isinstance(data, list) and data else None
    return str(number) if isinstance(number, int) and number in IDS else None
