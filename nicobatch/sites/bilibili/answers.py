"""What bilibili's answers mean: data, or the one error that says what is to be done.

The services wrap their answers as `{"code": 0, "message": …, "data": …}`, with HTTP 200 for most
refusals; upload and preupload answer `{"OK": 1, …}`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from nicobatch.errors import EntryGone, NicobatchError, Passing, SiteRefuses, VideoFailed
from nicobatch.http import Answer
from nicobatch.language import N_, _
from nicobatch.sites.abilities import printable
from nicobatch.sites.bilibili.codes import CODES, TOO_FAST, UNKNOWN, VOUCHER, Code, UploadGone

EXPIRED: Final = "AUTH_TS_GT_5DAY"
"""How the answer to a part says that the upload began too long ago."""
PART_TAKEN: Final = b"MULTIPART_PUT_SUCCESS"
IDS: Final = range(1, 2**63)
REPEATED: Final = frozenset({408, 425, 429})
"""Statuses below 500 that pass by themselves."""
_GONE: Final = frozenset({-403, -404, 62002, 404, 410})
_FAST: Final = frozenset({601, 406})
_NOT_JSON: Final = N_("{what}: the answer is not the JSON that bilibili sends")


def data_of(answer: Answer, what: str, *, entry: bool = False) -> Any:
    """Return the envelope's `data`, or raise the error that fits.

    `what` names the request in messages; `entry` says that it names a video of the account, so that
    -404 means that it is gone.
    """
    document = _document(answer, what)
    code = document.get("code")
    if not isinstance(code, int) or isinstance(code, bool):
        raise _without_code(answer, what)
    if code == 0 and answer.status < 400:
        return document.get("data")
    raise refusal(code or answer.status, answer, what, document, entry=entry)


def reply_of(answer: Answer, what: str) -> Mapping[str, Any]:
    """Return an answer that says `OK: 1`, as the upload's hosts give them, or raise.

    Raise UploadGone where they take nothing for this upload any more.
    """
    _refuse_gone(answer, what)
    document = _document(answer, what)
    if document.get("OK") == 1 and answer.status < 400:
        return document
    told = document.get("code")
    code = told if isinstance(told, int) and told else answer.status
    if answer.status < 400 and code == answer.status:
        words = _("{what}: bilibili is not done with it ({reason})")
        raise Passing(words.format(what=what, reason=printable(document.get("message", ""))))
    raise refusal(code, answer, what, document)


def part_taken(answer: Answer, what: str) -> None:
    """Raise unless the part has arrived; UploadGone where the upload has to begin anew."""
    _refuse_gone(answer, what)
    _refuse_redirect(answer, what)
    if answer.status == 413:
        raise VideoFailed(
            _("{what} was refused: something in between limits the size of a request (413)").format(
                what=what
            )
        )
    if answer.status != 200 or (answer.body.strip() and PART_TAKEN not in answer.body):
        raise _without_code(answer, what)


def _refuse_gone(answer: Answer, what: str) -> None:
    expired = EXPIRED in answer.headers.get("X-Upos-Auth", "") or EXPIRED.encode() in answer.body
    if expired:
        raise UploadGone(_("{what}: the upload began more than five days ago").format(what=what))
    if answer.status in {403, 404, 410}:
        raise UploadGone(
            _("{what}: bilibili no longer takes parts of it ({refusal})").format(
                what=what, refusal=answer.status
            ),
            status=answer.status,
        )


def preupload_of(answer: Answer, what: str) -> Mapping[str, Any]:
    """Return what preupload tells; raise Parked where the account is too fast for it."""
    try:
        document = answer.json()
    except ValueError:
        document = None
    told = document.get("code") if isinstance(document, dict) else None
    is_fine = isinstance(document, dict) and document.get("OK") == 1
    if not is_fine and (told in _FAST or answer.status in _FAST):
        raise TOO_FAST.made(_worded(TOO_FAST, what, told or answer.status, ""), datetime.now(UTC))
    if isinstance(document, dict) and "OK" not in document and "code" in document:
        data_of(answer, what)
    return reply_of(answer, what)


def refusal(
    code: int, answer: Answer, what: str, document: Mapping[str, Any], *, entry: bool = False
) -> NicobatchError:
    """Return the error of a refusal by its number: its row's, or the status's."""
    told = printable(document.get("message") or document.get("info") or "")
    if entry and code in _GONE:
        return EntryGone(
            _("{what}: bilibili no longer knows it ({code})").format(what=what, code=code)
        )
    row = CODES.get(code)
    if row is None and VOUCHER in str(document.get("data")):
        row = CODES[-352]
    if row is None and (answer.status >= 500 or answer.status in REPEATED):
        return _passing(answer, what)
    row = row or UNKNOWN
    error = row.made(_worded(row, what, code, told), datetime.now(UTC))
    if isinstance(error, VideoFailed):
        error.code, error.status, error.detail = str(code), answer.status, told
    return error


def _worded(row: Code, what: str, code: int, told: str) -> str:
    reason = f"{code} {told}".strip()
    return _("{what}: {words} ({reason})").format(what=what, words=_(row.words), reason=reason)


def _document(answer: Answer, what: str) -> Mapping[str, Any]:
    """Return the answer's JSON; raise Passing where it is none, or its redirect's or status's."""
    _refuse_redirect(answer, what)
    try:
        document = answer.json()
    except ValueError:
        document = None
    if isinstance(document, dict):
        return document
    raise _without_code(answer, what)


def _without_code(answer: Answer, what: str) -> NicobatchError:
    if answer.status >= 500 or answer.status in REPEATED:
        return _passing(answer, what)
    if answer.status == 412:
        return refusal(-412, answer, what, {})
    if answer.status >= 400:
        return VideoFailed(
            _("{what} was refused: {refusal}").format(what=what, refusal=answer.status),
            status=answer.status,
        )
    return Passing(_(_NOT_JSON).format(what=what))  # it may have happened all the same


def _passing(answer: Answer, what: str) -> Passing:
    return Passing(
        _("{what}: bilibili can't answer just now ({refusal})").format(
            what=what, refusal=answer.status
        ),
        retry_after=answer.retry_after(time.time()),
        outcome_unknown=answer.status not in {425, 429},
    )


def _refuse_redirect(answer: Answer, what: str) -> None:
    """Raise where the answer leads elsewhere: nothing of bilibili's that is used here does."""
    if not 300 <= answer.status < 400:
        return
    other = urlsplit(urljoin(answer.url, answer.headers.get("Location", ""))).netloc
    if other != urlsplit(answer.url).netloc:
        raise Passing(
            _("{host} redirects to {other}: a captive portal or a proxy is in between").format(
                host=urlsplit(answer.url).netloc, other=printable(other.rpartition("@")[2])
            ),
            _("open a page in a browser on this line, do what it asks for, and run it again"),
        )
    raise SiteRefuses(_("{what} was redirected elsewhere").format(what=what))


def whole(value: object) -> int | None:
    """Return a number that can be an id; None for anything else."""
    ok = isinstance(value, int) and not isinstance(value, bool) and value in IDS
    return value if ok and isinstance(value, int) else None


def text(value: object) -> str:
    """Return a text, empty where it is none."""
    return value if isinstance(value, str) else ""
