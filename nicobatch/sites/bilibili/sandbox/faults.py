"""What a test may ask of the imitation: troubles of the real site, and its numbers."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from flask import Response, current_app, make_response, request

from nicobatch.sites.bilibili.sandbox import answers

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

UPOS: Final = frozenset({"init", "part", "complete", "look", "line"})
"""Calls of the upload host, which has no codes."""

_PLAYS: Final = frozenset({"", "drop", "lost", "empty", "html"})
_BLOCK: Final = 1 << 20

View = Callable[..., "ResponseReturnValue"]


@dataclass(slots=True, kw_only=True)
class Settings:
    """The site's numbers; a test may change each by its name."""

    chunk_size: int = 10_485_760
    threads: int = 3
    chunk_retry: int = 10
    chunk_retry_delay: float = 3
    auth_seconds: float = 5 * 86_400
    """How long an upload's auth lives."""
    session_days: float = 180
    refresh_due: bool = False
    """Whether the site asks for new cookies."""
    qr_polls: int = 2
    """How often a code is asked about before it has been scanned and confirmed."""
    qr_user: int | None = None
    """Who scans; None is the first account."""
    least_ahead: float = 2 * 3_600
    """Seconds that a scheduled time must be away, when it is submitted."""
    same_title_seconds: float = 600
    preuploads_per_hour: int | None = None
    submissions_per_day: int | None = None
    pause: float = 600
    """Seconds without preuploads once there were too many; each try begins them anew."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """A trouble at a call: `code`, HTTP `status` or a `play`, from the request after `after` on.

    `drop` hangs up before anything is done, `lost` afterwards; `empty` and `html` answer so
    afterwards. `where` names what the request must have: a parameter, `user`, or `title`.
    `times` None is for ever. At `review` the `verdict` is what the review comes to; at `auth`
    the auth of the upload that is asked for has expired.
    """

    at: str
    where: Mapping[str, Any] = field(default_factory=dict)
    after: int = 0
    times: int | None = 1
    code: int | None = None
    status: int | None = None
    play: str = ""
    page: int = 1
    """Which page 21015 names."""
    verdict: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.play not in _PLAYS:
            raise ValueError(self.play)


class Faults:
    """The troubles that are still to come, in the order they were asked for."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Fault]:
        with self._lock:
            return iter(tuple(self._waiting))

    def add(self, fault: Fault) -> None:
        """Ask for a trouble."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._waiting.clear()

    def take(self, call: str, facts: Mapping[str, Any]) -> Fault | None:
        """Return the trouble that meets the call, and count it as played."""
        with self._lock:
            for fault in self._waiting:
                if fault.at != call or not _meets(fault, facts):
                    continue
                if fault.after:
                    fault.after -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if not fault.times:
                        self._waiting.remove(fault)
                return fault
        return None

    def playing(self, call: str, view: View, facts: Callable[[], Mapping[str, Any]]) -> View:
        """Return the view with the troubles that are asked for at the call."""

        @functools.wraps(view)
        def played(**places: Any) -> ResponseReturnValue:
            fault = self.take(call, {**facts(), **places})
            if fault is None:
                return view(**places)
            if fault.play in {"", "drop"}:
                drain()
                return _instead(call, fault)
            done = make_response(current_app.ensure_sync(view)(**places))
            return _dropped(done.status_code) if fault.play == "lost" else _spoiled(fault.play)

        return played


def drain() -> None:
    """Read the request's body away, as a server that refuses politely does."""
    while request.stream.read(_BLOCK):
        pass


def _meets(fault: Fault, facts: Mapping[str, Any]) -> bool:
    return all(str(facts.get(name)) == str(value) for name, value in fault.where.items())


def _instead(call: str, fault: Fault) -> ResponseReturnValue:
    if fault.play == "drop":
        return _dropped(0)
    if fault.status is not None:
        return _gateway(fault.status)
    code = fault.code or -500
    if call in UPOS:
        raise answers.upos(500, str(code))
    if call == "preupload":
        raise answers.preupload(code)
    raise answers.refused(code, page=fault.page)


def _gateway(status: int) -> Response:
    text = f"<html>\r\n<head><title>{status}</title></head>\r\n<body>tengine</body>\r\n</html>\r\n"
    return Response(text, status, mimetype="text/html")


def _spoiled(play: str) -> Response:
    return Response("") if play == "empty" else _gateway(200)


def _dropped(status: int) -> Response:
    """Hang up without a word: the server does so where an answer's body breaks."""
    return Response(_Broken(), status, direct_passthrough=True)


class _Broken(Iterator[bytes]):
    """The body of an answer that never comes."""

    def __next__(self) -> bytes:
        raise ConnectionAbortedError
