"""The envelopes of the services: how each says yes, and how it says no."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from nicobatch.sandbox.world import Refusal

_SEARCH_CODES: Final = {
    400: ("QUERY_PARSE_ERROR", "query parse error"),
    500: ("INTERNAL_SERVER_ERROR", "please retry later."),
    503: ("MAINTENANCE", "please retry later."),
}
"""The search guide's three."""


def ok(data: object = None, *, status: int = 200) -> tuple[dict[str, Any], int]:
    """Return `meta` and `data` as the upload API and nvapi send them."""
    body: dict[str, Any] = {"meta": {"status": status}}
    return (body if data is None else {**body, "data": data}), status


def garage(status: int, code: str, detail: str = "") -> Refusal:
    """Return an error in the upload API's words, which spell `error-code` with a hyphen."""
    body: dict[str, Any] = {"meta": {"status": status, "error-code": code}}
    return Refusal(status, {**body, "data": {"errorDetail": detail}} if detail else body)


def nvapi(status: int, code: str, detail: str = "") -> Refusal:
    """Return an error in nvapi's words."""
    body: dict[str, Any] = {"meta": {"status": status, "errorCode": code}}
    return Refusal(status, {**body, "data": {"errorDetail": detail}} if detail else body)


def search(status: int = 400, detail: str = "") -> Refusal:
    """Return an error of the content search; `detail` is the sandbox's own addition."""
    code, message = _SEARCH_CODES[status]
    body: dict[str, Any] = {"status": status, "errorCode": code, "errorMessage": message}
    return Refusal(status, {"meta": {**body, "errorDetail": detail} if detail else body})


def fine(error: str, *, prevent_retry: bool = True) -> Refusal:
    """Return Fine Uploader's failure: HTTP 200 with `success` false.

    A part that breaks a rule would break it again, so `preventRetry` is the rule; only what
    went wrong on the way may be sent once more.
    """
    body: dict[str, Any] = {"success": False, "error": error}
    return Refusal(200, {**body, "preventRetry": True} if prevent_retry else body)


@contextmanager
def by_status() -> Iterator[None]:
    """Say Fine Uploader's failures by the status too: 503 for what passes, else 400.

    Its client looks at nothing else after `?done`, and takes any 2xx for a success.
    """
    try:
        yield
    except Refusal as refusal:
        if refusal.status == 200:
            refusal.status = 400 if refusal.body.get("preventRetry") else 503
        raise
