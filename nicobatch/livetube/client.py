"""Livetube's calls, one method each: they send, and they tell what the answer means.

None repeats itself, and none keeps anything. Nothing is known of limits on how often one may write.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final, Self

from nicobatch.errors import SignInNeeded, SiteRefuses, UsageError
from nicobatch.http import USER_AGENT, Answer, Bounds, Http
from nicobatch.language import _, pictured
from nicobatch.livetube.answers import (
    SEE_OTHER,
    broken_off,
    check_written,
    is_whole,
    page_of,
    strange,
)
from nicobatch.livetube.broadcasts import STREAM, Broadcast, of_json, of_xml, path_of, stream_in
from nicobatch.livetube.comments import Comment, Reading, reading_of
from nicobatch.model import Secret

ORIGIN: Final = "http://livetube.cc"
HELD: Final = 180.0
"""Seconds that the site holds an answer back while there is no comment to give."""
PATIENCE: Final = HELD + 30
"""Seconds of silence after which an answer is taken for lost."""
_HEADERS: Final = MappingProxyType({"User-Agent": f"Mozilla/5.0 (compatible; {USER_AGENT})"})
"""What is no browser was given plain lines."""
_COOKIE: Final = "u"
_CLOCKS: Final = timedelta(minutes=5)
"""How far the site's clock may be behind ours."""


class Livetube:
    """Livetube at `origin`, an address that may end with a path; may be shared by threads.

    `session` is what `sign_in` returned: what is written with it under that user's name is green.
    `now` returns the time with its zone. After `stop` is set, nothing more is sent: Stopped.
    `patience` is how many seconds of silence an answer that may be held back is waited for. Methods
    raise `nicobatch.errors.NicobatchError`: Passing where the network or the site fails,
    SiteRefuses where it answers as Livetube does not, UsageError where there is no such thing.
    """

    def __init__(  # noqa: PLR0913 - all that a client rests on
        self,
        origin: str = ORIGIN,
        *,
        session: Secret | None = None,
        proxy: str | None = None,
        stop: threading.Event | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        patience: float = PATIENCE,
    ) -> None:
        self.origin = origin.rstrip("/")
        self.session = session
        self.stop = stop or threading.Event()
        self.now = now
        self._proxy = proxy
        self._http = self._new()
        bounds = Bounds(seconds=patience)
        self._held = Http(stop=self.stop, proxy=proxy, stall_timeout=patience, bounds=bounds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()
        self._held.close()

    # Broadcasts

    def stream(self, name: str) -> str:
        """Return the id of a stream: of the id itself, or of the address of a broadcast's page."""
        if STREAM.fullmatch(name):
            return name
        answer = self._get(path_of(name, self.origin))
        missing = _("there is no page {page}").format(page=pictured(name))
        found = stream_in(page_of(answer, _("reading the page"), self.now(), missing))
        if found is None:
            raise UsageError(
                _("{page} is no page of a broadcast").format(page=pictured(name)),
                _("`nicobatch livetube live` shows what is on"),
            )
        return found

    def live(self) -> list[Broadcast]:
        """Return the broadcasts that are on, from the JSON list, or else from the XML one."""
        what = _("asking what is on")
        try:
            page = page_of(self._get("/index.live.json"), what, self.now())
            return of_json(page, f"{self.origin}/")
        except (ValueError, SiteRefuses):
            page = page_of(self._get("/index.live.xml"), what, self.now())
        try:
            return of_xml(page, f"{self.origin}/")
        except ValueError:
            raise strange(what) from None

    # Comments

    def read(self, stream: str, after: int = 0) -> Reading:
        """Return the comments after that number, at once where there are any up to it."""
        known = max(0, after - 1)  # the site answers at once where it has one to give
        reading = self.wait(stream, known)
        later = tuple(each for each in reading.comments if each.number > after)
        return Reading(later, reading.marks)

    def wait(self, stream: str, after: int) -> Reading:
        """Return the comments after that number once there are any; none after HELD seconds."""
        path = f"/stream/{_stream(stream)}.comments" + (f".{after}" if after else "")
        answer = self._held.send("GET", self.origin + path, headers=_HEADERS)
        what = _("reading the comments")
        body = page_of(answer, what, self.now(), _no_stream(stream))
        header, whole = answer.headers.get("X-JSON", ""), is_whole(answer)
        reading = reading_of(body, header, f"{self.origin}/", self.now(), whole=whole)
        if not reading.comments and not whole:
            raise broken_off(what)
        if body.strip() and not reading.comments:
            raise strange(what)
        return reading

    def write(self, stream: str, text: str, name: str = "") -> None:
        """Write a comment; a name makes it that person's, in green where the session is theirs.

        Raise CommentRefused where the site says no, and Passing where it can't be told:
        `outcome_unknown` says whether it may be written all the same, which `written` answers.
        """
        check_text(text, name)
        cookies = {_COOKIE: self.session.reveal()} if self.session and name else None
        answer = self._http.send(
            "POST",
            f"{self.origin}/stream/{_stream(stream)}.comments",
            headers=_HEADERS,
            cookies=cookies,
            form={"name": name, "c": text},
        )
        check_written(answer, _("writing the comment"), self.now(), _no_stream(stream))

    def written(
        self, stream: str, text: str, name: str = "", *, since: datetime | None = None
    ) -> Comment | None:
        """Return the comment that says just that; None where there is none, or none `since` then.

        This settles what became of a `write` whose answer was lost: `since` is when it was sent.
        """
        wanted = (name.strip(), _folded(text))
        earliest = since - _CLOCKS if since else None
        for each in reversed(self.read(stream).comments):
            late_enough = earliest is None or each.at is None or each.at >= earliest
            if (each.name, _folded(each.text)) == wanted and late_enough:
                return each
        return None

    # The sign-in

    def sign_in(self, user: str, password: Secret) -> Secret:
        """Sign in, use the session from now on, and return it; SignInNeeded where it is refused."""
        form = {"user": user, "password": password.reveal()}
        with contextlib.closing(self._new(keep_cookies=True)) as http:
            answer = http.send(
                "POST", f"{self.origin}/login", headers=_HEADERS, form=form, secret=True
            )
            value = http.cookie(_COOKIE)
        what = _("signing in")
        if answer.status not in SEE_OTHER:
            page_of(answer, what, self.now())
        if not is_whole(answer):
            raise broken_off(what)
        if not value:
            raise SignInNeeded(_("Livetube does not take this user name and password"))
        self.session = Secret(value)
        return self.session

    def sign_out(self) -> None:
        """End the session at the site, if there is one, and forget it."""
        if self.session:
            cookies = {_COOKIE: self.session.reveal()}
            self._http.send("GET", f"{self.origin}/logoff", headers=_HEADERS, cookies=cookies)
            self.session = None

    def _new(self, *, keep_cookies: bool = False) -> Http:
        return Http(stop=self.stop, proxy=self._proxy, keep_cookies=keep_cookies)

    def _get(self, path: str) -> Answer:
        return self._http.send("GET", self.origin + path, headers=_HEADERS)


def check_text(text: str, name: str = "") -> None:
    """Raise UsageError for what can be no comment."""
    if not text.strip():
        raise UsageError(_("the comment has no text"))
    try:
        f"{name}{text}".encode()
    except UnicodeEncodeError:
        raise UsageError(_("the comment holds what is no character")) from None


def _stream(stream: str) -> str:
    if not STREAM.fullmatch(stream):
        raise UsageError(_("{stream} is no id of a stream").format(stream=pictured(stream)))
    return stream


def _no_stream(stream: str) -> str:
    return _("Livetube knows no stream {stream}").format(stream=stream)


def _folded(text: str) -> str:
    return " ".join(text.split())
