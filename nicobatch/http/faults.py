"""What failed, in the user's words; whether the site may have acted is the point."""

from __future__ import annotations

import contextlib
import http.client
import re
import ssl
from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Final, TypeVar
from urllib.parse import urlsplit

import requests
import urllib3

from nicobatch.errors import NicobatchError, Passing, SiteRefuses
from nicobatch.http.connections import NotConnected, Overdue
from nicobatch.http.environment import Proxy, sign_in_wanted
from nicobatch.language import N_, _

_E = TypeVar("_E", bound=BaseException)
_FAILURES: Final = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    ValueError,  # of an address, or the size of a chunk, that is none
)
_REFUSAL: Final = re.compile(r"Tunnel connection failed: (\d+)")
"""How http.client words the answer to a CONNECT."""
_UNTRUSTED: Final = N_(
    "where a company's proxy or a virus scanner is in between, let REQUESTS_CA_BUNDLE or"
    " SSL_CERT_FILE name its certificate, or install nicobatch[tls], which trusts what the"
    " system trusts"
)
_OUTDATED: Final = N_("its certificate is out of date, or this machine's clock is wrong")
_HINTS: Final = MappingProxyType({9: _OUTDATED, 10: _OUTDATED})
"""By OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED."""


@contextlib.contextmanager
def translated(url: str, proxy: Proxy | None) -> Iterator[None]:
    """Raise in our own words what fails between a request's beginning and its answer's end."""
    try:
        yield
    except _FAILURES as error:
        host = urlsplit(url).netloc.rpartition("@")[2]
        raise _told(list(_causes(error)), host, proxy) from None


def _told(causes: Sequence[BaseException], host: str, proxy: Proxy | None) -> NicobatchError:
    unconnected = _first(causes, NotConnected)
    impostor = _first(causes, ssl.SSLCertVerificationError)
    if impostor:
        whom = str(proxy) if unconnected and unconnected.at_proxy else host
        hint = _HINTS.get(impostor.verify_code, _UNTRUSTED)
        return SiteRefuses(_("{host} can't prove that it is {host}").format(host=whom), _(hint))
    whom = _("{host} by the proxy {proxy}").format(host=host, proxy=proxy) if proxy else host
    if unconnected is None:
        return Passing(_broken(causes).format(host=whom))
    if proxy and (at_fault := _of_proxy(causes, host, proxy, nobody=unconnected.at_proxy)):
        return at_fault
    nobody = isinstance(unconnected.__cause__, urllib3.exceptions.ConnectTimeoutError)
    words = _("{host} can't be reached") if nobody else _broken(causes)
    return Passing(words.format(host=whom), outcome_unknown=False)


def _of_proxy(
    causes: Sequence[BaseException], host: str, proxy: Proxy, *, nobody: bool
) -> NicobatchError | None:
    """Say what the proxy did in place of connecting to the host, if it was the proxy."""
    refusals = filter(None, (_REFUSAL.match(str(each)) for each in causes))
    status = next((int(each[1]) for each in refusals), None)
    if status == 407:
        return sign_in_wanted(proxy)
    if status:
        words = _("the proxy {proxy} does not connect to {host} ({status})")
        message = words.format(proxy=proxy, host=host, status=status)
        return Passing(message, outcome_unknown=False)
    if nobody:
        return Passing(
            _("the proxy {proxy} can't be reached").format(proxy=proxy),
            _("{source} names it: is that right, and is it running?").format(source=proxy.source),
            outcome_unknown=False,
        )
    return None


def _broken(causes: Sequence[BaseException]) -> str:
    """Word a connection, or an answer, that came to no good end."""
    if _first(causes, Overdue) or isinstance(causes[0], requests.Timeout):
        return _("{host} did not answer in time")
    if _first(causes, ConnectionError) or isinstance(causes[0], requests.ConnectionError):
        nonsense = _first(causes, http.client.HTTPException)
        if nonsense is None or isinstance(nonsense, ConnectionError):
            return _("the connection to {host} broke")
    return _("the answer of {host} can't be read")


def _first(causes: Sequence[BaseException], kind: type[_E]) -> _E | None:
    return next((each for each in causes if isinstance(each, kind)), None)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and what is wrapped in it, as requests and urllib3 hand it on.

    No `__context__` is followed: it may be a failure of another request.
    """
    while error:
        yield error
        handed_on = (error.__cause__, getattr(error, "reason", None), *error.args)
        error = next((each for each in handed_on if isinstance(each, BaseException)), None)
