"""The one seam to the network: requests' answers, and its failures in our own words.

No redirect is followed, no retry is made, no cookie of the site is kept: what an answer means is
the caller's to say. Credentials travel over https, or to this machine, and nowhere else.
"""

from __future__ import annotations

import contextlib
import email.utils
import http.cookiejar
import json
import logging
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeAlias
from urllib.parse import urlsplit

import requests

from nicobatch import __version__
from nicobatch.errors import Stopped
from nicobatch.http.connections import BOUNDS, LIMIT, Adapter, Bounds, Overlong
from nicobatch.http.environment import Proxy, proxy_of, sign_in_wanted
from nicobatch.http.faults import translated
from nicobatch.origin import check_private, origin_of

_LOG: Final = logging.getLogger("nicobatch.http")
USER_AGENT: Final = f"nicobatch/{__version__}"
CONNECT_TIMEOUT: Final = 10.0
STALL_TIMEOUT: Final = 60.0
"""Seconds that a block may take to leave, or the next byte of an answer to come: a transfer as such
may take as long as it likes."""
READ: Final = 1 << 14
"""Bytes of an answer that are unpacked at a time, by some libraries to a thousand times as many."""
Block: TypeAlias = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site said."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str = ""
    """What was asked."""

    def json(self) -> Any:
        """Return the body's JSON; raise ValueError where it is none."""
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("nested too deeply") from None

    def retry_after(self, now: float) -> float | None:
        """Return the seconds that `Retry-After` asks for, given as a number or as a date."""
        text = self.headers.get("Retry-After", "").strip()
        if text.isdecimal():
            return float(text)
        try:
            when = email.utils.parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        if when.tzinfo is None:  # asctime's form names no zone, and means GMT
            when = when.replace(tzinfo=UTC)
        return max(0.0, when.timestamp() - now)


class Body(Protocol):
    """A request body that is read as it leaves, and knows its length."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Block]: ...
    def read(self, size: int = -1) -> Block:
        """Return the next bytes, at most `size`; a view is good until the next call."""
        ...


class Http:
    """Requests to one site, for one account at most; may be shared by threads."""

    def __init__(  # noqa: PLR0913 - how its requests are made
        self,
        *,
        stop: threading.Event | None = None,
        stall_timeout: float = STALL_TIMEOUT,
        keep_cookies: bool = False,
        proxy: str | None = None,
        bounds: Bounds = BOUNDS,
        paths: Mapping[str, str] = MappingProxyType({}),
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Send by `proxy`; without one, by the environment's, but to this machine directly.

        `paths` has by a path, or its beginning, what is asked for in its place; `headers` go with
        each request in place of those of their names.
        """
        self._paths, self._headers = paths, headers
        self._given = proxy
        self._stop = stop or threading.Event()
        self._stall_timeout = stall_timeout
        self._proxies: dict[str, Proxy | None] = {}
        """By origin."""
        self._session = _Session()
        self._session.headers = requests.structures.CaseInsensitiveDict({"User-Agent": USER_AGENT})
        self._session.auth = _no_netrc
        if not keep_cookies:
            policy = http.cookiejar.DefaultCookiePolicy(allowed_domains=[])
            self._session.cookies.set_policy(policy)
        self._adapter = Adapter(bounds)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, self._adapter)

    def send(  # noqa: PLR0913 - a request has these parts
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        document: object = None,
        body: Body | None = None,
        secret: bool = False,
    ) -> Answer:
        """Send one request and return the answer, whatever its status.

        `secret` says that the request carries a credential. Raise Stopped before anything leaves
        once the run is to stop; Passing where the network fails.
        """
        url = self._moved(url)
        if secret or cookies:
            check_private(url)
            if self._given and url.startswith("http:"):
                check_private(self._given)
        if self._stop.is_set():
            raise Stopped
        all_headers = requests.structures.CaseInsensitiveDict({**(headers or {})})
        all_headers.update(self._headers)
        if cookies:
            all_headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        data: Any = body or form  # an empty body is none
        request = requests.Request(method, url, headers=all_headers, data=data, json=document)
        proxy = self._proxy(url)
        with translated(url, proxy):
            response = self._session.send(
                self._session.prepare_request(request),
                timeout=self._timeout(body),
                allow_redirects=False,
                stream=True,
                verify=True,
                cert=None,
                proxies={"all": proxy.url} if proxy else {},
            )
            with contextlib.closing(response):
                answer = Answer(response.status_code, response.headers, _body(response), url)
        _LOG.debug("%s %s %s", method, urlsplit(url).path, answer.status)
        if answer.status == 407:
            raise sign_in_wanted(proxy)
        return answer

    def _moved(self, url: str) -> str:
        """Return the URL with the path of today, where the user says that it is another one."""
        parts = urlsplit(url)
        for old, new in self._paths.items():
            if parts.path == old or parts.path.startswith(f"{old.rstrip('/')}/"):
                return parts._replace(path=new + parts.path[len(old) :]).geturl()
        return url

    def _proxy(self, url: str) -> Proxy | None:
        """Return the proxy for the URL's origin; the environment is read whole for each look."""
        origin = origin_of(url)
        if origin not in self._proxies:
            self._proxies[origin] = proxy_of(url, self._given)
        return self._proxies[origin]

    def _timeout(self, body: Body | None) -> tuple[float, float]:
        """Return the seconds to connect and to read; a block leaves under the first of them."""
        return (self._stall_timeout if body is not None else CONNECT_TIMEOUT, self._stall_timeout)

    def cookie(self, name: str) -> str | None:
        """Return a cookie that the site has set, where cookies are kept."""
        found = (cookie.value for cookie in self._session.cookies if cookie.name == name)
        return next(found, None)

    def hang_up(self) -> None:
        """Break off the requests that other threads have under way: they raise Passing."""
        self._adapter.hang_up()

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()


class _Session(requests.Session):
    """A session that does not even look where a redirect leads."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 - the base's
        return None


def _body(response: requests.Response) -> bytes:
    """Read the answer to its end; raise Overlong where that is further off than any answer's."""
    if "," in response.headers.get("Content-Encoding", ""):
        raise Overlong  # it could unfold a thousandfold, and that a thousandfold
    body = bytearray()
    for block in response.iter_content(READ):
        body += block
        if len(body) > LIMIT:
            raise Overlong
    return bytes(body)


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from adding a password of the user's ~/.netrc."""
    return request
