"""The cookies that make a sign-in to bilibili, and the ways in which people have them.

They are full-access credentials: their text is shown by `header` and `kept` alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from nicobatch.errors import UsageError
from nicobatch.language import _
from nicobatch.model import Secret
from nicobatch.sites.session import Session

if TYPE_CHECKING:
    from nicobatch.http import Answer  # all of which a look into a manifest has no need of

SESSION: Final = "SESSDATA"
CSRF: Final = "bili_jct"
NAMES: Final = (SESSION, CSRF, "DedeUserID", "DedeUserID__ckMd5", "sid", "buvid3", "buvid4")
"""What is kept and sent; everything else that a browser holds is left where it is."""
REFRESH: Final = "ac_time_value"
"""The web page's name of the token that renews a sign-in; it is no cookie, and not sent as one."""
_SHAPE: Final = re.compile(r"[!#-+\--:<-\[\]-~]+")
"""What a cookie's value may hold. RFC 6265, section 4.1.1."""


@dataclass(frozen=True, slots=True, repr=False)
class Cookies:
    """One sign-in; `values` are by the cookie's name, percent-encoded as the site set them."""

    values: Mapping[str, str]
    refresh_token: str = ""
    """Renews the sign-in, where it came with one: by QR code, or from another tool's file."""

    def header(self) -> dict[str, str]:
        """Return what is sent as cookies."""
        return dict(self.values)

    @property
    def csrf(self) -> str:
        """Return what forms repeat, to show that they are ours."""
        return self.values.get(CSRF, "")

    @property
    def expires(self) -> datetime | None:
        """Return when the site ends the sign-in, as the second field of SESSDATA seems to tell."""
        fields = unquote(self.values.get(SESSION, "")).split(",")
        try:
            return datetime.fromtimestamp(int(fields[1]), UTC)
        except (IndexError, ValueError, OverflowError, OSError):
            return None

    @property
    def is_whole(self) -> bool:
        """Tell whether a request can be signed with them."""
        return bool(self.values.get(SESSION) and self.csrf)

    def changed(self, values: Mapping[str, str], refresh_token: str = "") -> Cookies:
        """Return them with new values."""
        return Cookies({**self.values, **values}, refresh_token or self.refresh_token)

    def kept(self) -> str:
        """Return them as one line, as `parse` reads it."""
        token = {REFRESH: self.refresh_token} if self.refresh_token else {}
        return "; ".join(f"{name}={value}" for name, value in {**self.values, **token}.items())

    def secrets(self) -> Iterator[Secret]:
        """Yield what must not come into any output."""
        for name in (SESSION, CSRF):
            if value := self.values.get(name):
                yield Secret(value)
        if self.refresh_token:
            yield Secret(self.refresh_token)


def parse(text: str, where: str) -> Cookies:
    """Return the sign-in that a Cookie header, a cookies.txt or a tool's JSON holds.

    Raise UsageError where it holds none.
    """
    found = {name: value.strip() for name, value in _pairs(text.strip()) if value.strip()}
    if bad := next((name for name in NAMES if not _SHAPE.fullmatch(found.get(name, "x"))), None):
        raise UsageError(
            _("{where} has a cookie {name} that can't be one").format(where=where, name=bad)
        )
    cookies = Cookies(
        {name: found[name] for name in NAMES if name in found},
        found.get(REFRESH, "") or found.get("refresh_token", ""),
    )
    if not cookies.is_whole:
        raise UsageError(
            _("{where} has no cookies SESSDATA and bili_jct").format(where=where),
            _("copy the whole Cookie header of a request to bilibili, or sign in by QR code"),
        )
    return cookies


def read(text: str, where: str) -> Secret:
    """Return the sign-in that the text holds as one line; raise as `parse` does."""
    return Secret(parse(text, where).kept())


def ends(session: Secret) -> float | None:
    """Return the Unix time at which the site ends the sign-in; None where nothing tells."""
    expires = parse(session.reveal(), _("the kept session")).expires
    return expires.timestamp() if expires else None


HANDED: Final = Session(
    cookies={SESSION: "BILIBILI_SESSDATA", CSRF: "BILIBILI_BILI_JCT"},
    optional={
        "buvid3": "BILIBILI_BUVID3",
        "DedeUserID": "BILIBILI_DEDEUSERID",
        REFRESH: "BILIBILI_REFRESH_TOKEN",
    },
    domain="bilibili.com",
    home="https://www.bilibili.com",
    read=read,
    ends=ends,
)


def set_by(answer: Answer) -> dict[str, str]:
    """Return the cookies that the answer sets, by name.

    They come as one text; SESSDATA's own commas are percent-encoded.
    """
    told = answer.headers.get("Set-Cookie", "")
    found = re.findall(r"(?:^|,)\s*([A-Za-z0-9_]+)=([^;,]*)", told)
    return {name: value for name, value in found if name in NAMES and value}


def in_query(url: str) -> dict[str, str]:
    """Return the cookies that the address holds in its query, as QR codes' answers have them."""
    query = urlsplit(url).query
    raw = (pair.partition("=") for pair in query.split("&"))
    return {name: value for name, _, value in raw if name in NAMES and value}


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    if text.startswith(("{", "[")):
        try:
            yield from _of_json(json.loads(text))
        except (ValueError, RecursionError):
            return
    elif "\t" in text:
        yield from _of_netscape(text)
    else:
        for pair in text.removeprefix("Cookie:").split(";"):
            name, _, value = pair.strip().partition("=")
            yield name, value


def _of_netscape(text: str) -> Iterator[tuple[str, str]]:
    """Read the lines of a cookies.txt: domain, flag, path, secure, time, name, value."""
    for line in text.splitlines():
        fields = line.removeprefix("#HttpOnly_").split("\t")
        if len(fields) == 7 and fields[0].lstrip(".").endswith("bilibili.com"):
            yield fields[5], fields[6]


def _of_json(document: Any) -> Iterator[tuple[str, str]]:
    """Read a list of `{name, value}`, a mapping of names, or either of them further within."""
    if isinstance(document, list):
        for each in document:
            yield from _of_json(each)
    elif isinstance(document, dict):
        name, value = document.get("name"), document.get("value")
        if isinstance(name, str) and isinstance(value, str):
            yield name, value
            return
        for key, each in document.items():
            if isinstance(each, str):
                yield key, each
            elif isinstance(each, dict | list):
                yield from _of_json(each)
