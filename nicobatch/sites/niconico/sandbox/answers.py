"""The envelopes of the services: how each says yes, and how it says no."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nicobatch.sandbox.world import Refusal


def ok(data: object = None, *, status: int = 200) -> tuple[dict[str, Any], int]:
    """Return `meta` and `data` as the upload API and nvapi send them."""
    body: dict[str, Any] = {"meta": {"status": status}}
    return (body if data is None else {**body, "data": data}), status


def garage(status: int, code: str, detail: str = "") -> Refusal:
    """Return an error in the upload API's words, which spell `error-code` with a hyphen."""
    return _refused({"status": status, "error-code": code}, detail)


def nvapi(status: int, code: str, detail: str = "") -> Refusal:
    """Return an error in nvapi's words."""
    return _refused({"status": status, "errorCode": code}, detail)


def both(status: int, code: str, detail: str = "") -> Refusal:
    """Return an error as the upload API and nvapi would both have it."""
    return _refused({"status": status, "error-code": code, "errorCode": code}, detail)


def _refused(meta: dict[str, Any], detail: str) -> Refusal:
    data = {"data": {"errorDetail": detail}} if detail else {}
    return Refusal(meta["status"], {"meta": meta, **data})


def search(detail: str) -> Refusal:
    """Return what the content search says to a query that it can't take, the guide's 400.

    `detail` is the sandbox's own addition.
    """
    meta = {"status": 400, "errorCode": "QUERY_PARSE_ERROR", "errorMessage": "query parse error"}
    return Refusal(400, {"meta": {**meta, "errorDetail": detail}})


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
