"""The people who can sign in to the sandbox."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who can sign in to a site; `otp` is the one-time code that it then asks for, if it does."""

    mail: str
    password: str
    user_id: int
    nickname: str
    premium: bool = False
    otp: str | None = None
    uploadable_count: int | None = None
    """How many videos it may have; None is what its kind of account may."""
    user_session: str
    """The cookie's value, `user_session_<userId>_<hex>` as on the real site."""


def _account(  # noqa: PLR0913 - one argument a column
    mail: str,
    *,
    password: str,
    user_id: int,
    nickname: str,
    premium: bool = False,
    otp: str | None = None,
) -> Account:
    """Make an account whose session is the same in every run."""
    session = f"user_session_{user_id}_{hashlib.sha256(mail.encode()).hexdigest()}"
    return Account(
        mail=mail,
        password=password,
        user_id=user_id,
        nickname=nickname,
        premium=premium,
        otp=otp,
        user_session=session,
    )


DEFAULT_ACCOUNTS: Final = (
    _account(
        "sandbox@example.com",
        password="sandbox",  # noqa: S106 - as public as the sandbox
        user_id=10_000_001,
        nickname="サンドボックス",
        premium=True,
    ),
    _account(
        "second@example.com",
        password="second",  # noqa: S106
        user_id=10_000_002,
        nickname="砂場の友だち",
    ),
    _account(
        "otp@example.com",
        password="sandbox",  # noqa: S106
        user_id=10_000_003,
        nickname="慎重な砂場",
        otp="123456",
    ),
)
