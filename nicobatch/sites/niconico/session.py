"""The `user_session` cookie by which a browser is signed in, and what it looks like."""

from __future__ import annotations

import re
from typing import Final

from nicobatch.errors import UsageError
from nicobatch.language import _
from nicobatch.model import Secret
from nicobatch.sites.base import Session
from nicobatch.sites.niconico.profiles import DOMAIN

COOKIE: Final = "user_session"
_VALUE: Final = re.compile(r"[!#-+\--:<-\[\]-~]+")
"""What a cookie's value may hold. RFC 6265, section 4.1.1."""


def read(text: str, where: str) -> Secret:
    """Return the cookie's value, given with its name or without; raise UsageError if it is none."""
    value = text.strip().removeprefix(f"{COOKIE}=").rstrip(";")
    if not _VALUE.fullmatch(value):
        raise UsageError(
            _("{where} is no value of the user_session cookie").format(where=where),
            _("copy the cookie's value alone: it looks like user_session_1234567_0123abcd…"),
        )
    return Secret(value)


SESSION: Final = Session(
    cookies={COOKIE: "USER_SESSION"},
    domain=DOMAIN,
    home=f"https://www.{DOMAIN}",
    read=read,
    by_password=True,
)
