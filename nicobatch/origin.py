"""Addresses: a site's scheme and host, whether it may get a credential, and files in a store."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from nicobatch.errors import UsageError
from nicobatch.language import _

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
STORE: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/(?!/)[^*?\[\]]+", re.IGNORECASE)
"""How a manifest names a file in a store that speaks S3: by bucket and key, which is no pattern."""
ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
"""What one begins with; a drive of Windows has one letter."""
_HOST: Final = re.compile(r"[\w.:%-]+")
_PROXIES: Final = frozenset({"http", "https", "socks4", "socks4a", "socks5", "socks5h"})


def file_at(folder: Path, file: str) -> Path:
    """Return the path of what a manifest in the folder names: on the disk, or in a store."""
    return Path(file) if STORE.fullmatch(file) else folder / file


def stored(path: Path) -> str:
    """Return the address of a file in a store, `s3://BUCKET/KEY`; nothing for one on the disk."""
    scheme, *rest = path.parts or [""]
    return "s3://" + "/".join(rest) if scheme.casefold() == "s3:" else ""


def origin_of(url: str) -> str:
    """Return the URL's scheme and host, without its path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_loopback(url: str) -> bool:
    """Tell whether the URL's host is this machine."""
    return urlsplit(url).hostname in LOOPBACK


def check_private(url: str) -> None:
    """Raise UsageError unless what is sent to the URL stays between us and that host."""
    parts = urlsplit(url)
    if {"@", "\\"} & set(parts.netloc):  # which urllib3 and we could read as two hosts
        raise UsageError(
            _("the address has an @ or a backslash in its host"),
            _("write it like https://127.0.0.1:8025"),
        )
    if parts.scheme != "https" and not is_loopback(url):
        raise UsageError(
            _("{scheme}://{netloc} is neither https nor this machine").format(
                scheme=parts.scheme, netloc=parts.netloc
            ),
            _("a sign-in is sent over https or to 127.0.0.1 only"),
        )


def is_address(text: str) -> bool:
    """Tell whether the text is where a site may be: http or https, without query or fragment."""
    try:
        url = urlsplit(text)
        usable = url.hostname and url.port != 0
    except ValueError:  # a bracket left open, or a port that is none
        return False
    return bool(usable) and url.scheme in {"http", "https"} and not (url.query or url.fragment)


def is_proxy(text: str) -> bool:
    """Tell whether the text names a proxy: a URL, or host and port alone, with a sign-in or not."""
    try:
        url = urlsplit(text if "://" in text else f"http://{text}")
        unquote(url.netloc.rpartition("@")[0]).encode("latin-1")  # as RFC 7617 has it sent
        usable = _HOST.fullmatch(url.hostname or "") and url.port != 0
    except ValueError:  # a bracket left open, or a port that is none
        return False
    whole = text.isprintable() and " " not in text and not (url.query or url.fragment)
    return bool(usable) and whole and url.scheme in _PROXIES


def bare(url: str) -> str:
    """Return the URL's scheme and host, without a user name or a password."""
    scheme, separator, host = origin_of(url).partition("://")
    return f"{scheme}{separator}{host.rpartition('@')[2]}"


def check_local(text: str) -> None:
    """Raise UsageError where the text is an address, and no file or folder of this machine."""
    if ADDRESS.match(text) and not os.path.lexists(text):
        raise UsageError(
            _("{path} is an address, and no file or folder of this machine").format(path=text),
            _("download the file, or mount the folder, and name what is here then"),
        )
