"""What every route needs: the records, the time, who asks, and what may be asked of tests."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from flask import g, request

from nicobatch.sites.bilibili.sandbox import answers
from nicobatch.sites.bilibili.sandbox.faults import Faults, Settings, View
from nicobatch.sites.bilibili.sandbox.records import Archive, Records, Session, Upload

if TYPE_CHECKING:
    from flask import Blueprint

    from nicobatch.sandbox.world import Account, World

_DAY: Final = 86_400
_PAGES: Final = re.compile(r"https://(?:[a-z]+\.)?bilibili\.com(?:/|$)")


class Site:
    """The imitation behind one origin."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.records = Records(world.state)
        self.settings = Settings()
        self.faults = Faults()
        self._lock = threading.Lock()
        self._noted: set[tuple[str, ...]] = set()
        self._blocked: dict[int, float] = {}
        """Until when an account may not upload."""

    def rule(self, blueprint: Blueprint, method: str, path: str, call: str, view: View) -> None:
        """Answer the path by the view, troubles that are asked for at the call included."""
        view = self.answering(path, call, view)
        blueprint.add_url_rule(path, f"{method} {call}", view, methods=[method])

    def answering(self, path: str, call: str, view: View) -> View:
        """Return the view as it answers below the prefix that the site is mounted at."""
        played = self.faults.playing(call, view, self._facts)

        def answered(**places: Any) -> Any:
            g.prefix = str(request.url_rule).removesuffix(path)
            return played(**places)

        return answered

    def _facts(self) -> Mapping[str, Any]:
        """Return what troubles are chosen by."""
        session = self.session()
        body = request.get_json(silent=True) if request.mimetype == "application/json" else None
        title = body.get("title") if isinstance(body, dict) else None
        return {**request.args, "user": session and session.user_id, "title": title}

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return self.world.clock()

    @property
    def prefix(self) -> str:
        """What the site's paths begin with where it is mounted."""
        return str(g.prefix)

    def address(self, path: str) -> str:
        """Return where the path is answered."""
        return f"{request.host_url.rstrip('/')}{self.prefix}{path}"

    def note(self, call: str, text: str) -> None:
        """Note once what the page's own client would do otherwise."""
        with self._lock:
            if (call, text) in self._noted:
                return
            self._noted.add((call, text))
        self.world.log.add("note", call=call, text=text)

    # Who asks

    def session(self) -> Session | None:
        """Return the sign-in whose cookies the request carries, if it is good."""
        value = unquote(request.cookies.get("SESSDATA", ""))
        if not value:
            return None
        for known in self.records.all(Session):
            if known.sessdata == value:
                return known if known.alive and known.expires_at > self.now else None
        return next((self.first(who) for who in self.world.accounts if _has(who, value)), None)

    def first(self, account: Account) -> Session:
        """Return the sign-in that an account begins with, the same in every run."""
        token = hashlib.sha256(f"refresh {account.user_session}".encode()).hexdigest()[:32]
        return Session(
            id=0,
            user_id=account.user_id,
            sessdata=account.cookie("SESSDATA"),
            bili_jct=account.cookie("bili_jct"),
            refresh_token=token,
            created_at=self.now,
            expires_at=self.now + self.settings.session_days * _DAY,
        )

    def sign_in(self, user_id: int) -> Session:
        """Make a new sign-in."""
        ends = self.now + self.settings.session_days * _DAY
        return self.records.make(
            Session,
            user_id=user_id,
            sessdata=f"{secrets.token_hex(4)},{int(ends)},{secrets.token_hex(8)}*21",
            bili_jct=secrets.token_hex(16),
            refresh_token=secrets.token_hex(16),
            created_at=self.now,
            expires_at=ends,
        )

    def end(self, session: Session) -> None:
        """Make the cookies of a sign-in worthless."""
        if session.id:
            self.records.put(replace(session, alive=False))
        else:
            members = {**asdict(session), "alive": False}
            del members["id"]
            self.records.make(Session, **members)

    def member(self) -> Session:
        """Return who is signed in, or refuse the request."""
        session = self.session()
        if session is None:
            raise answers.refused(-101)
        self.look_at_sender()
        return session

    def look_at_sender(self) -> None:
        """Note a sender that tells of itself otherwise than a browser on the site's own page."""
        if not request.headers.get("User-Agent", "").startswith("Mozilla/5.0 "):
            self.note("any", "the User-Agent is no browser's")
        if not _PAGES.match(request.headers.get("Referer", "")):
            self.note("any", "the Referer is no page of the site")

    def writer(self, csrf: str | None) -> Session:
        """Return who is signed in, or refuse a request that their own page can't have sent."""
        session = self.member()
        if csrf != session.bili_jct:
            raise answers.refused(-111)
        return session

    def account(self, user_id: int) -> Account | None:
        """Return an account; None once it is no longer among ours."""
        return next((who for who in self.world.accounts if who.user_id == user_id), None)

    # Archives

    def archive(self, wanted: int | str | None) -> Archive | None:
        """Return the archive of an aid, or of a bvid."""
        for each in self.records.all(Archive):
            if wanted in {each.id, each.bvid}:
                return each
        return None

    def own(self, session: Session, wanted: int | str | None) -> Archive:
        """Return an archive of the account's, or refuse the request."""
        found = self.archive(wanted)
        if found is None or found.user_id != session.user_id:
            raise answers.refused(-404)
        return found

    # How often

    def uploads_too_fast(self, user_id: int) -> bool:
        """Tell whether the account must wait before it begins an upload; a try prolongs that."""
        most, now = self.settings.preuploads_per_hour, self.now
        with self.records.lock:
            since = max(now - 3_600, self._blocked.get(user_id, 0))
            begun = sum(each.issued_at > since for each in self.records.all(Upload, user_id))
            too_fast = since > now or (most is not None and begun >= most)
            if too_fast:
                self._blocked[user_id] = now + self.settings.pause
        return too_fast

    def submits_too_often(self, user_id: int) -> bool:
        """Tell whether the account has submitted as much as it may on one day."""
        most = self.settings.submissions_per_day
        mine, since = self.records.all(Archive, user_id), self.now - _DAY
        return most is not None and sum(each.submitted_at > since for each in mine) >= most


def _has(account: Account, value: str) -> bool:
    return account.cookie("SESSDATA") == value
