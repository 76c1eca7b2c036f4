"""The one seam to the network: requests' answers, and its failures in our own words.

No redirect is followed, no retry is made, no cookie of the site is kept: what an answer means is
the caller's to say. Credentials travel over https, or to this machine, and nowhere else.
"""

from __future__ import annotations

import email.utils
import http.cookiejar
import json
import logging
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeAlias
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from nicobatch import __version__
from nicobatch.errors import Passing, SiteRefuses, Stopped
from nicobatch.language import _
from nicobatch.origin import check_private, is_loopback, origin_of

_LOG: Final = logging.getLogger("nicobatch.http")
USER_AGENT: Final = f"nicobatch/{__version__}"
CONNECT_TIMEOUT: Final = 10.0
STALL_TIMEOUT: Final = 60.0
"""Seconds that a block may take to leave, or the next byte of an answer to come: a transfer as such
may take as long as it likes."""
BLOCK: Final = 1 << 20
"""Bytes handed to the socket at a time: larger blocks cost memory, smaller ones processor time."""
_DIRECT: Final = MappingProxyType({"http": "", "https": "", "all": ""})
"""In place of the environment's proxies, which this machine's own servers are not behind."""
Block: TypeAlias = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

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

    def __init__(
        self,
        *,
        stop: threading.Event | None = None,
        stall_timeout: float = STALL_TIMEOUT,
        keep_cookies: bool = False,
        proxy: str | None = None,
    ) -> None:
        """Send by `proxy`; without one, by the environment's, but to this machine directly."""
        self._proxies = {"http": proxy, "https": proxy} if proxy else None
        self._stop = stop or threading.Event()
        self._stall_timeout = stall_timeout
        self._known: dict[str, Mapping[str, Any]] = {}
        """By origin."""
        self._session = requests.Session()
        self._session.headers = requests.structures.CaseInsensitiveDict({"User-Agent": USER_AGENT})
        self._session.auth = _no_netrc
        if not keep_cookies:
            policy = http.cookiejar.DefaultCookiePolicy(allowed_domains=[])
            self._session.cookies.set_policy(policy)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, _Adapter())

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
        if secret or cookies:
            check_private(url)
            if self._proxies and url.startswith("http:"):
                check_private(self._proxies["http"])
        if self._stop.is_set():
            raise Stopped
        all_headers = dict(headers or {})
        if cookies:
            all_headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        data: Any = body or form  # an empty body is none
        request = requests.Request(method, url, headers=all_headers, data=data, json=document)
        try:
            response = self._session.send(
                self._session.prepare_request(request),
                timeout=self._timeout(body),
                allow_redirects=False,
                **self._surroundings(url),
            )
        except requests.RequestException as error:
            raise _translated(error, url) from None
        _LOG.debug("%s %s %s", method, urlsplit(url).path, response.status_code)
        return Answer(response.status_code, response.headers, response.content)

    def _surroundings(self, url: str) -> Mapping[str, Any]:
        """Return the proxies and certificates to use, as requests knows them.

        They are looked up once an origin: the environment is read whole for each look.
        """
        origin = origin_of(url)
        if origin not in self._known:
            proxies = self._proxies or (_DIRECT if is_loopback(url) else {})
            self._known[origin] = self._session.merge_environment_settings(
                url, dict(proxies), None, None, None
            )
        return self._known[origin]

    def _timeout(self, body: Body | None) -> tuple[float, float]:
        """Return the seconds to connect and to read; a block leaves under the first of them."""
        return (self._stall_timeout if body is not None else CONNECT_TIMEOUT, self._stall_timeout)

    def cookie(self, name: str) -> str | None:
        """Return a cookie that the site has set, where cookies are kept."""
        found = (cookie.value for cookie in self._session.cookies if cookie.name == name)
        return next(found, None)

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()


class _Adapter(HTTPAdapter):
    """Connections that take large blocks from a body."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, blocksize=BLOCK, **kwargs)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return super().proxy_manager_for(*args, blocksize=BLOCK, **kwargs)


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from adding a password of the user's ~/.netrc."""
    return request


def _translated(error: requests.RequestException, url: str) -> Exception:
    """Say in the user's words what failed; whether the site may have acted is the point."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    if _is_impostor(error):
        return SiteRefuses(
            _("{host} can't prove that it is {host}").format(host=host),
            _(
                "a proxy or virus scanner may be in between;"
                " REQUESTS_CA_BUNDLE names its certificate"
            ),
        )
    if _never_sent(error):
        return Passing(_("{host} can't be reached").format(host=host), outcome_unknown=False)
    if isinstance(error, requests.exceptions.Timeout):
        return Passing(_("{host} did not answer in time").format(host=host))
    if isinstance(error, requests.ConnectionError):
        return Passing(_("the connection to {host} broke").format(host=host))
    return Passing(_("the answer of {host} can't be read").format(host=host))


def _is_impostor(error: requests.RequestException) -> bool:
    """Tell a certificate that is no good from the many ways in which TLS can break off."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def _never_sent(error: requests.RequestException) -> bool:
    """Tell failures before the first byte left from those after, whose outcome is unknown."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    refused = urllib3.exceptions.NewConnectionError
    return any(isinstance(cause, refused) for cause in _causes(error))


def _causes(error: object) -> Iterator[BaseException]:
    """Yield the error and what is wrapped in it, as requests and urllib3 hand it on."""
    while isinstance(error, BaseException):
        yield error
        reason = getattr(error, "reason", None)
        error = reason if isinstance(reason, BaseException) else next(iter(error.args), None)
