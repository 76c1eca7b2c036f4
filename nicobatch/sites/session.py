"""How a site is signed in to: what the user gave, and the cookies of a browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nicobatch.model import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the user gave to sign in with."""

    user_session: Secret | None = None
    """What a browser that is signed in has, as `Session.read` makes one text of it."""
    mail: str | None = None
    password: Secret | None = None
    one_time_code: Callable[[], str] | None = None
    """Asks for the code that the site mailed, or that an authenticator shows."""
    gained: Callable[[Secret], None] = lambda session: None  # noqa: ARG005 - nobody listens
    """Told of the session that another way of signing in brought."""
    renewed: Callable[[Secret], object] | None = None
    """Keeps the session that the site gives in place of an older one; None: it is not kept here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The sign-in of a browser: its cookies, which are handed over and kept as one text."""

    cookies: Mapping[str, str]
    """By the name of each that is needed, the end of the environment's variable for it."""
    optional: Mapping[str, str] = field(default_factory=dict)
    """Likewise, what is taken where it is there."""
    domain: str
    """Whose they are; its hosts have them as well."""
    home: str
    """Where a person signs in."""
    read: Callable[[str, str], Secret]
    """Makes one text of what a person copied or a browser has, called by the second argument.

    Raises UsageError, which repeats nothing of it.
    """
    ends: Callable[[Secret], float | None] = lambda session: None  # noqa: ARG005 - none tells
    """Returns the Unix time at which the site ends such a session, where that can be read in it."""
    by_password: bool = False
    """Whether an account may also be given by mail and password."""

    @property
    def is_single(self) -> bool:
        """Whether it is the value of one cookie, which may be given without its name."""
        return len(self.cookies) == 1 and not self.optional

    @property
    def variables(self) -> str:
        """Return the environment's variables, for messages."""
        return ", ".join(f"NICOBATCH_{end}" for end in self.cookies.values())

    def of_cookies(self, values: Mapping[str, str], where: str) -> Secret:
        """Return the session of cookies by name; raise as `read` does."""
        if self.is_single:
            (value,) = values.values()
            return self.read(value, where)
        return self.read("; ".join(f"{name}={value}" for name, value in values.items()), where)
