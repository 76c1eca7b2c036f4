"""One's own account: signing in as it was until mid-2026, and what nvapi tells of it.

To sign in is a form, a one-time code for those who have one, and a cookie. nvapi has the account,
its videos and series, the genres, and deletes.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, redirect, render_template, request

from nicobatch.sites.niconico.sandbox import answers
from nicobatch.sites.niconico.sandbox.site import (
    GENRES,
    Visibility,
    flag_of,
    thumbnail_url,
    whole,
)

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response

    from nicobatch.sandbox.world import Account
    from nicobatch.sites.niconico.sandbox.site import Entry, Site

MFA_SECONDS: Final = 15 * 60
"""How long a one-time code is waited for."""

_DEVICE_NAME: Final = 64
"""Characters that a device name must stay under."""

_DOORS: Final = {"/secure/login": "mail", "/login/redirector": "mail_tel"}
"""Where the form goes, and what it calls the mail address there."""
_FREE_VIDEOS: Final = 50
"""Videos that a free account of a low level may have."""
_BORDER_ID: Final = 0
"""A number on the real site; what it means is not known."""
_SORT_KEYS: Final = ("registeredAt", "viewCount", "commentCount", "mylistCount", "likeCount")
_SORT_ORDERS: Final = ("desc", "asc")

T = TypeVar("T")


def routes(site: Site) -> Blueprint:
    """Return nvapi's routes and the sign-in's pages."""
    blueprint = Blueprint("account", __name__, template_folder="templates")
    api, signin = _Nvapi(site), _SignIn(site)
    blueprint.add_url_rule("/v1/users/me", "me", api.me)
    blueprint.add_url_rule("/v1/users/me/series", "series", api.series)
    blueprint.add_url_rule("/v2/users/me/videos", "videos", api.videos)
    blueprint.add_url_rule("/v2/genres", "genres", genres)
    rule = "/v1/users/me/videos/sm<int:entry_id>"
    blueprint.add_url_rule(rule, "delete", api.delete, methods=["DELETE"])
    for path in _DOORS:
        blueprint.add_url_rule(path, path, signin.password, methods=["POST"])
    blueprint.add_url_rule("/login", "login", signin.form)
    blueprint.add_url_rule("/mfa", "mfa", signin.code_form)
    blueprint.add_url_rule("/login/mfa", "code", signin.code, methods=["POST"])
    blueprint.add_url_rule("/login/mfa/callback", "callback", signin.callback)
    return blueprint


def genres() -> ResponseReturnValue:
    """Answer with the keys and labels."""
    return answers.ok({"genres": [{"key": key, "label": GENRES[key]} for key in GENRES]})


class _Nvapi:
    def __init__(self, site: Site) -> None:
        self._site = site

    def me(self) -> ResponseReturnValue:
        user = self._site.user(answers.nvapi)
        facts: dict[str, Any] = {
            "id": user.user_id,
            "nickname": user.nickname,
            "isPremium": user.premium,
            "userLevel": {"currentLevel": 7},
        }
        return answers.ok({"user": facts})

    def series(self) -> ResponseReturnValue:
        videos = self._listed(self._site.user(answers.nvapi))
        counts = Counter(entry.series for entry in videos if entry.series)
        items = [
            {"id": key, "title": _title(key), "isListed": True, "itemsCount": counts[key]}
            for key in sorted(counts)
        ]
        return answers.ok({"totalCount": len(items), "items": _page(items)})

    def videos(self) -> ResponseReturnValue:
        user, lifecycle = self._site.user(answers.nvapi), self._site.lifecycle
        _choice("sortKey", _SORT_KEYS)
        # All counters are 0 here, so every key sorts by time.
        mine = sorted(
            self._listed(user),
            key=lambda entry: (lifecycle.registered_at(entry), entry.id),
            reverse=_choice("sortOrder", _SORT_ORDERS) == "desc",
        )
        most = user.uploadable_count
        if most is None and not user.premium:
            most = _FREE_VIDEOS
        left = None if most is None else max(0, most - len(mine))
        limitation = {"uploadableCount": left, "uploadedCountForLimitation": len(mine)}
        return answers.ok(
            {
                "items": [self._item(entry) for entry in _page(mine)],
                "totalCount": len(mine),
                "totalItemCount": len(mine),
                "limitation": {"borderId": _BORDER_ID, "user": limitation},
            }
        )

    def delete(self, entry_id: int) -> ResponseReturnValue:
        if not request.headers.get("X-Request-With"):
            raise answers.nvapi(403, "FORBIDDEN", "X-Request-With is missing")
        store, now = self._site.store, self._site.world.clock()
        entry = self._site.own(entry_id, answers.nvapi)
        store.update(entry_id, lambda known: known.counted("delete"))
        if entry.deleted_at is not None:
            raise answers.nvapi(404, "NOT_FOUND")
        store.update(entry_id, lambda known: replace(known, deleted_at=now))
        with contextlib.suppress(PermissionError):  # Windows, while somebody watches it
            store.file(entry_id).unlink(missing_ok=True)
        return answers.ok()

    def _listed(self, user: Account) -> list[Entry]:
        """Return the user's videos that lists have: published, encoded and not deleted."""
        lifecycle = self._site.lifecycle
        mine = (entry for entry in self._site.store if entry.user_id == user.user_id)
        return [each for each in mine if lifecycle.statuses(each)["postStatus"] == "REGISTERED"]

    def _item(self, entry: Entry) -> dict[str, Any]:
        metadata, seen = entry.metadata or {}, self._site.lifecycle.visibility(entry)
        timer = entry.timer if seen is Visibility.SCHEDULED else None
        series = {"id": entry.series, "title": _title(entry.series), "order": 1}
        return {
            "isHidden": seen is not Visibility.PUBLIC,
            "isDeleted": False,
            "isUnderReview": False,
            "isCommunityMemberOnly": bool(metadata.get("community", {}).get("communityOnly")),
            "isExcludeFromUploadList": metadata["excludeFromUploadList"],
            "publishTimerDetail": {"scheduledAt": timer.isoformat()} if timer else None,
            "autoDeleteDetail": None,
            "description": metadata["detail"],
            "threadId": entry.id,
            "likeCount": 0,
            "series": series if entry.series else None,
            "essential": {
                "id": entry.video_id,
                "title": metadata["title"],
                "registeredAt": self._site.lifecycle.registered_at(entry).isoformat(),
                "duration": entry.seconds,
                "thumbnail": {"url": thumbnail_url(entry)},
                "count": {"view": 0, "comment": 0, "mylist": 0, "like": 0},
            },
        }


def _title(series: int) -> str:
    return f"シリーズ {series}"


def _choice(name: str, values: tuple[str, ...]) -> str:
    value = request.args.get(name, values[0])
    if value not in values:
        raise answers.nvapi(400, "INVALID_PARAMETER", f"{name}: must be one of {', '.join(values)}")
    return value


def _page(items: Sequence[T]) -> Sequence[T]:
    """Return the page of the items that is asked for."""
    size, page = _number("pageSize", range(1, 101), 25), _number("page", range(1, 10_001), 1)
    return items[(page - 1) * size : page * size]


def _number(name: str, values: range, default: int) -> int:
    number = whole(request.args.get(name, str(default)))
    if number is None or number not in values:
        span = f"{values.start} to {values.stop - 1}"
        raise answers.nvapi(400, "INVALID_PARAMETER", f"{name}: must be {span}")
    return number


@dataclass(frozen=True, slots=True)
class _Pending:
    """A sign-in that waits for its code; lost at a restart, which reads as expired."""

    account: Account
    since: float
    passed: bool = False


class _SignIn:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._pending: dict[str, _Pending] = {}
        self._lock = threading.Lock()

    def form(self) -> str:
        return render_template(
            "niconico/login.html", failed=request.args.get("message") == "cant_login"
        )

    def password(self) -> Response:
        given = (request.form.get(_DOORS[request.path]), request.form.get("password"))
        accounts = self._site.world.accounts
        account = next((who for who in accounts if (who.mail, who.password) == given), None)
        if account is None:
            return _redirected("/login", {"message": "cant_login", "site": "niconico"})
        return self._ask_code(account) if account.otp else _welcome(account)

    def _ask_code(self, account: Account) -> Response:
        session = secrets.token_hex(16)
        with self._lock:
            self._pending[session] = _Pending(account, self._site.world.clock())
        response = _redirected("/mfa", {"site": "niconico", "continue": _next_url()})
        response.set_cookie("mfa_session", session, httponly=True, samesite="Lax")
        response.set_cookie("nicosid", secrets.token_hex(8), samesite="Lax")
        return response

    def code_form(self) -> Response | str:
        return self._code_page("") if self._waiting() else _expired()

    def code(self) -> Response | str:
        pending = self._waiting()
        if pending is None:
            return _expired()
        form = request.form
        if not form.get("loginBtn") or not 0 < len(form.get("device_name", "")) < _DEVICE_NAME:
            return self._code_page("Name the device, in fewer than 64 characters.")
        if form.get("otp") != pending.account.otp:
            return self._code_page("The code is wrong. Enter the 6 digits again.")
        session = request.cookies["mfa_session"]
        with self._lock:
            self._pending[session] = _Pending(pending.account, pending.since, passed=True)
        query = {"site": "niconico", "continue": _next_url()}
        token = secrets.token_urlsafe(16)
        return _redirected("/login/mfa/callback", {**query, "csrf_token": token})

    def callback(self) -> Response:
        pending = self._waiting()
        if pending is None or not pending.passed:
            return _expired()
        with self._lock:
            self._pending.pop(request.cookies["mfa_session"], None)
        response = _welcome(pending.account)
        response.delete_cookie("mfa_session")
        return response

    def _waiting(self) -> _Pending | None:
        pending = self._pending.get(request.cookies.get("mfa_session", ""))
        fresh = pending and self._site.world.clock() - pending.since < MFA_SECONDS
        return pending if fresh else None

    def _code_page(self, error: str) -> str:
        query = urlencode({"site": "niconico", "continue": _next_url()})
        return render_template("niconico/mfa.html", action=f"/login/mfa?{query}", error=error)


def _next_url() -> str:
    """Return where to go afterwards, a path of this site in any case."""
    wanted = request.args.get("next_url") or request.args.get("continue") or "/"
    parts = urlsplit(wanted)
    own = not parts.scheme and not parts.netloc and wanted.startswith("/") and "\\" not in wanted
    return wanted if own else "/"


def _welcome(account: Account) -> Response:
    response = redirect(_next_url())
    response.set_cookie("user_session", account.user_session, httponly=True, samesite="Lax")
    response.headers["x-niconico-id"] = str(account.user_id)
    response.headers["x-niconico-authflag"] = flag_of(account)
    return response


def _expired() -> Response:
    return _redirected("/login", {"error-code": "MFA_SESSION_EXPIRED"})


def _redirected(path: str, query: dict[str, str]) -> Response:
    return redirect(f"{path}?{urlencode(query)}")
