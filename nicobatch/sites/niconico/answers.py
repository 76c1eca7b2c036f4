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
    try:
        document = answer.json()
    except ValueError:
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("meta"), dict):
        raise _not_an_envelope(answer, what, document, entry=entry)
    refusal = _refusal(answer.status, document)
    if refusal is None:
        return document.get("data")
    raise error_of(refusal, answer, what, entry=entry)


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


def busy(blocker: int | None) -> Busy:
    """Return the error that names what is in the way, where that is known."""
    if blocker is None:
        return Busy(_("another upload of this account is in the way"))
    return Busy(
        _("another upload of this account is in the way (id {blocker})").format(blocker=blocker),
        blocker=blocker,
    )


def _check_redirect(answer: Answer, what: str) -> None:
    refuse_portal(answer)
    if not 300 <= answer.status < 400:
        return
    target = joined(answer.url, answer.headers.get("Location", ""))
    of_sign_in = origin_of(target) in {*SIGN_IN_ORIGINS, origin_of(answer.url)}
    if of_sign_in and "login" in urlsplit(target).path:
        raise SignInNeeded(_("niconico asks you to sign in"), _(SIGN_IN_HINT))
    raise SiteRefuses(_("{what} was redirected elsewhere").format(what=what), _(_MOVED_HINT))


def refuse_portal(answer: Answer) -> None:
    """Raise Passing where the answer redirects to somebody else: niconico does not do that."""
    if not 300 <= answer.status < 400:
        return
    target = urlsplit(joined(answer.url, answer.headers.get("Location", "")))
    asked, name = urlsplit(answer.url).netloc, target.hostname or ""
    if target.netloc != asked and name != DOMAIN and not name.endswith(f".{DOMAIN}"):
        raise Passing(
            _("{host} redirects to {other}: a captive portal or a proxy is in between").format(
                host=asked, other=printable(target.netloc.rpartition("@")[2])
            ),
            _("open a page in a browser on this line, do what it asks for, and run it again"),
        )


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
    told = document.get("error") if isinstance(document, dict) else None
    detail = printable(told) if isinstance(told, str) else ""
    return error_of(Refusal(answer.status, detail=detail), answer, what, entry=entry)


def _refusal(status: int, document: Mapping[str, Any]) -> Refusal | None:
    meta, data = document["meta"], document.get("data")
    claimed = meta.get("status", status)
    worst = max(status, claimed) if isinstance(claimed, int) else status
    if 200 <= worst < 300:
        return None
    code = meta.get("error-code") or meta.get("errorCode") or ""
    detail = data.get("errorDetail", "") if isinstance(data, dict) else ""
    return Refusal(worst, printable(code), printable(detail, _DETAIL), data)


def _first_id(data: object) -> int | None:
    """Read a 409's `data`, a list with the id of the entry in the way."""
    if isinstance(data, list) and data and isinstance(data[0], dict):
        number = data[0].get("id")
        return number if isinstance(number, int) and number in IDS else None
    return None
