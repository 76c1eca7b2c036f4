"""What the environment says of connections: which proxy they go by, and whose certificates count.

Of a proxy, neither user name nor password is ever said.
"""

from __future__ import annotations

import importlib.util
import os
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, select_proxy
from urllib3.util.ssl_ import create_urllib3_context

from nicobatch import installation
from nicobatch.errors import UsageError
from nicobatch.language import _, reason
from nicobatch.origin import bare, is_loopback, is_proxy

OPTION: Final = "--proxy"
_ALONE: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""The first of these that is set comes before everything else."""
_FILE: Final = "SSL_CERT_FILE"
_FOLDERS: Final = "SSL_CERT_DIR"
_HASHED: Final = re.compile(r"[0-9a-f]{8}\.[0-9]+")
"""The names by which OpenSSL finds certificates in a folder."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that can be used, and who named it."""

    url: str
    source: str

    def __str__(self) -> str:
        return bare(self.url)


def proxy_of(url: str, given: str | None) -> Proxy | None:
    """Return the proxy for the URL: the given one, else the environment's; raise UsageError.

    The environment's stand before other machines only, and not before those of NO_PROXY.
    """
    if given:
        return _usable(given, OPTION)
    named = None if is_loopback(url) else select_proxy(url, get_environ_proxies(url))
    return _usable(named, _source(named)) if named else None


def _usable(text: str, source: str) -> Proxy:
    if not is_proxy(text):
        raise UsageError(
            _("{source} does not name a proxy").format(source=source),
            _("write it like http://127.0.0.1:3128 or http://USER:PASSWORD@127.0.0.1:3128"),
        )
    scheme, separator, rest = text.rpartition("://")
    proxy = Proxy(f"{scheme.lower()}://{rest}" if separator else f"http://{rest}", source)
    if proxy.url.startswith("socks") and importlib.util.find_spec("socks") is None:
        raise UsageError(
            _("{proxy} is a SOCKS proxy, and what it takes is not installed").format(proxy=proxy),
            installation.missing("socks"),
        )
    return proxy


def _source(proxy: str) -> str:
    """Return the variable that names the proxy; where none does, the system's settings do."""
    for name, value in sorted(os.environ.items(), reverse=True):  # of two spellings, the lower case
        if name.lower().endswith("_proxy") and value == proxy:
            return name
    return _("the system's setting")


def sign_in_wanted(proxy: Proxy | None) -> UsageError:
    """Say that the proxy wants a user name and a password, and how it is given them."""
    message = _("the proxy {proxy} wants a sign-in (407)").format(proxy=proxy)
    hint = _(
        "give it by a variable: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT,"
        " where %40 stands for an @ in the password"
    )
    return UsageError(message if proxy else _("a proxy in between wants a sign-in (407)"), hint)


def trusted() -> ssl.SSLContext:
    """Return a context for connections; raise UsageError where a variable names nothing of use.

    Without a variable it trusts what the system trusts where the extra `tls` is installed, else
    the certificates that come with certifi.
    """
    named = list(_named())
    if not named and (system := _of_system()):
        return system
    context: ssl.SSLContext = create_urllib3_context()
    if not named:
        context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    for variable, places in named:
        for place in places:
            _load(context, variable, place)
    return context


def _named() -> Iterator[tuple[str, list[str]]]:
    """Yield each variable that counts with what it names."""
    values = ((name, os.environ.get(name, "")) for name in _ALONE)
    alone = next(((name, value) for name, value in values if value), None)
    if alone:
        yield alone[0], [alone[1]]
        return
    if file := os.environ.get(_FILE):
        yield _FILE, [file]
    if folders := os.environ.get(_FOLDERS):
        given = [each for each in folders.split(os.pathsep) if each]
        there = [each for each in given if Path(each).is_dir()]  # OpenSSL passes over the others
        yield _FOLDERS, there or given[:1]


def _of_system() -> ssl.SSLContext | None:
    try:
        import truststore
    except ImportError:
        return None
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _load(context: ssl.SSLContext, variable: str, place: str) -> None:
    path = Path(place).expanduser()
    try:
        _demand_certificates(path)
        if path.is_dir():
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except (OSError, ValueError) as error:
        raise UsageError(
            _("{variable} names {path}, which can't be used: {reason}").format(
                variable=variable, path=place, reason=_reason(error)
            ),
            _("let {variable} name a file of certificates in PEM form, or unset it").format(
                variable=variable
            ),
        ) from None


def _demand_certificates(path: Path) -> None:
    """Raise ValueError for what OpenSSL would wait at, or would find nothing in."""
    if path.is_dir():
        if not any(_HASHED.fullmatch(each.name) for each in path.iterdir()):
            raise ValueError(_("it is a folder without certificates named as by `openssl rehash`"))
    elif path.exists() and not path.is_file():
        raise ValueError(_("it is neither a file nor a folder"))


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, ssl.SSLError):
        return _("it holds no certificate that can be read")
    return reason(error)
