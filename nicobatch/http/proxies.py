"""Which proxy a request goes by, and what is said of it: never its user name or password."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from typing import Final

from requests.utils import get_environ_proxies, select_proxy

from nicobatch import installation
from nicobatch.errors import UsageError
from nicobatch.language import _
from nicobatch.origin import bare, is_loopback, is_proxy

OPTION: Final = "--proxy"


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
