"""Showing niconico who we are: by a browser's session, or by mail and password as until 2026."""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

from nicobatch.errors import Passing, SignInNeeded, SiteRefuses
from nicobatch.http import Answer, Http
from nicobatch.language import N_, _
from nicobatch.model import Json, Secret
from nicobatch.origin import origin_of
from nicobatch.sites.abilities import printable
from nicobatch.sites.niconico.answers import (
    REPEATED,
    SIGN_IN_HINT,
    below,
    data_of,
    joined,
    refuse_portal,
)
from nicobatch.sites.niconico.profiles import Profile, SignIn
from nicobatch.sites.session import Credentials

NVAPI_HEADERS: Final = {"X-Frontend-Id": "6", "X-Frontend-Version": "0"}
DEVICE_NAME: Final = f"nicobatch on {platform.node()}"[:63]
"""How the sign-in appears in the account's list of devices; fewer than 64 characters."""
_PERSONS: Final = {
    True: N_("{nickname} (user {user_id}, premium)"),
    False: N_("{nickname} (user {user_id}, normal)"),
    None: N_("{nickname} (user {user_id})"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whose sign-in it is, and the session that proves it."""

    user_session: Secret
    user_id: str
    nickname: str = ""
    premium: bool | None = None
    """None where signing in did not tell."""

    @property
    def data(self) -> dict[str, Json]:
        """Return it for programs."""
        return {"user_id": self.user_id, "nickname": self.nickname, "premium": self.premium}

    def __str__(self) -> str:
        template = _(_PERSONS[self.premium])
        return template.format(nickname=self.nickname, user_id=self.user_id).strip()


def sign_in(profile: Profile, credentials: Credentials, http: Http) -> Person:
    """Sign in the way the profile has it; raise SignInNeeded with what to do instead.

    `http` must keep cookies for a sign-in by password.
    """
    if profile.sign_in is SignIn.SESSION:
        return _by_session(profile, credentials, http)
    return _by_password(profile, credentials, http)


def _by_session(profile: Profile, credentials: Credentials, http: Http) -> Person:
    session = credentials.user_session
    if session is None and credentials.mail:
        raise SignInNeeded(
            _("niconico no longer lets a program sign in by mail and password (since summer 2026)"),
            _(
                "sign in with a browser, then hand its user_session cookie"
                " to `nicobatch session set`"
            ),
        )
    if session is None:
        raise SignInNeeded(_("nobody is signed in"), _(SIGN_IN_HINT))
    answer = http.send(
        "GET",
        f"{profile.nvapi}/v1/users/me",
        headers=NVAPI_HEADERS,
        cookies={"user_session": session.reveal()},
    )
    data = data_of(answer, _("checking the sign-in"))
    user = below(data).get("user")
    if not isinstance(user, dict):
        raise Passing(_("checking the sign-in: niconico did not say whose it is"))
    return Person(
        user_session=session,
        user_id=printable(user.get("id", "")),
        nickname=printable(user.get("nickname", "")),
        premium=bool(user.get("isPremium")),
    )


def _by_password(profile: Profile, credentials: Credentials, http: Http) -> Person:
    if credentials.mail is None or credentials.password is None:
        raise SignInNeeded(
            _("the profile {profile} signs in by mail and password, and they are not given").format(
                profile=profile.name
            ),
            _("set NICOBATCH_MAIL and NICOBATCH_PASSWORD"),
        )
    url = f"{profile.account}/secure/login?site=niconico"
    form = {"mail": credentials.mail, "password": credentials.password.reveal()}
    answer = http.send("POST", url, form=form, secret=True)
    where = _location(answer, url)
    if "/mfa" in urlsplit(where).path:
        answer = _one_time_code(where, credentials, http)
    user_session = http.cookie("user_session")
    if user_session is None:
        raise _refused(answer)
    session = Secret(user_session)
    credentials.gained(session)
    user_id = printable(answer.headers.get("x-niconico-id", ""))
    return Person(user_session=session, user_id=user_id)


def _refused(answer: Answer) -> Exception:
    refuse_portal(answer)
    where = answer.headers.get("Location", "")
    if answer.status >= 500 or answer.status in REPEATED:
        return Passing(
            _("signing in: niconico can't answer just now ({status})").format(status=answer.status),
            retry_after=answer.retry_after(time.time()),
            outcome_unknown=False,
        )
    if "MFA_SESSION_EXPIRED" in where:
        return SignInNeeded(
            _("the one-time code came too late"), _("run it again, and enter the code sooner")
        )
    if "cant_login" in where:
        hint = _("check NICOBATCH_MAIL and NICOBATCH_PASSWORD")
        return SignInNeeded(_("niconico does not accept the mail address or the password"), hint)
    return SignInNeeded(
        _("niconico did not sign us in ({status})").format(status=answer.status),
        _("since summer 2026 mail and password are no longer taken: use --profile garage-2026"),
    )


def _one_time_code(url: str, credentials: Credentials, http: Http) -> Answer:
    """Answer the page that asks for the code; return what follows it."""
    if credentials.one_time_code is None:
        raise SignInNeeded(
            _("niconico asks for a one-time code, and there is nobody to ask for it"),
            _("set NICOBATCH_OTP to the code, or run it in a terminal"),
        )
    page = http.send("GET", url, secret=True)
    if page.status != 200:
        return page
    forms = _Forms()
    forms.feed(page.body.decode("utf-8", "replace"))
    form = {
        "otp": credentials.one_time_code().strip(),
        "loginBtn": "ログイン",
        "device_name": DEVICE_NAME,
    }
    target = _same_origin(joined(url, forms.action or url), url)
    answer = http.send("POST", target, form=form, secret=True)
    if answer.status == 200:
        raise SignInNeeded(_("niconico does not accept the one-time code"), _("ask for a new code"))
    where = _location(answer, url)
    ends_here = not where or "MFA_SESSION_EXPIRED" in where
    return answer if ends_here else http.send("GET", where, secret=True)


def _location(answer: Answer, base: str) -> str:
    target = answer.headers.get("Location")
    return _same_origin(joined(base, target), base) if target else ""


def _same_origin(url: str, base: str) -> str:
    """Keep the sign-in where it began: a redirect must not carry it to another host."""
    if origin_of(url) == origin_of(base):
        return url
    raise SiteRefuses(
        _("the sign-in leads to another host ({host})").format(host=printable(origin_of(url))),
        _("nothing was sent there; please report it at the project's issue page"),
    )


class _Forms(HTMLParser):
    """Keeps where the page's first form goes."""

    action: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form" and self.action is None:
            self.action = dict(attrs).get("action") or ""
