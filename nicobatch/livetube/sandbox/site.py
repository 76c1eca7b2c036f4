"""What every route needs: the records, the time, who asks, and waiting for what is written."""

from __future__ import annotations

import hashlib
import select
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from flask import abort, request, url_for

from nicobatch.livetube.sandbox.records import Broadcast, Comment, Records, Session

if TYPE_CHECKING:
    from nicobatch.sandbox.world import Account, World

HELD: Final = 180.0
"""Seconds that an answer is held back while there is nothing to give."""
_TICK: Final = 0.1
"""Seconds between two looks whether whoever waits is still there."""
_T = TypeVar("_T")


class Site:
    """The imitation behind one origin."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.records = Records(world.state)
        self._written = threading.Condition(self.records.lock)

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return self.world.clock()

    @property
    def prefix(self) -> str:
        """What the site's paths begin with where it is mounted."""
        return url_for("livetube_board.board").rstrip("/")

    # Broadcasts

    def broadcasts(self) -> Sequence[Broadcast]:
        """Return all broadcasts, the newest first; there is always one."""
        if not any(self.records.all(Broadcast)):
            self.broadcast(self.world.accounts[0].nickname, "配信テスト", ("テスト", "nanasiid"))
        return tuple(self.records.all(Broadcast))[::-1]

    def broadcast(self, author: str, title: str, tags: Sequence[str] = ()) -> Broadcast:
        """Return the author's broadcast of that title, which begins now if it is a new one."""
        with self.records.lock:
            for each in self.records.all(Broadcast):
                if (each.author, each.title) == (author, title):
                    return each
            digest = hashlib.sha256(f"{author}/{title}".encode()).hexdigest()
            return self.records.make(
                Broadcast,
                user_id=self.user_id(author),
                stream=f"aaaa{digest[:9]}",
                author=author,
                title=title,
                tags=tuple(tags),
                begun_at=self.now,
            )

    def of_stream(self, stream: str) -> Broadcast:
        """Return the broadcast of that stream, or answer that there is none."""
        known = self.records.all(Broadcast)
        found = next((each for each in known if each.stream == stream), None)
        return found or abort(404)

    def change(self, broadcast: Broadcast, **members: object) -> None:
        """Keep a broadcast with other members."""
        self.records.update(broadcast.id, lambda known: replace(known, **members))  # type: ignore[arg-type]

    # Comments

    def comments(self, stream: str, after: int = 0) -> list[Comment]:
        """Return a stream's comments after that number, in their order."""
        found = self.records.all(Comment)
        return [each for each in found if each.stream == stream and each.number > after]

    def write(self, broadcast: Broadcast, name: str, text: str) -> None:
        """Keep a comment, and tell whoever waits."""
        session = self.session()
        account = self.world.account(session.user_id) if session else None
        is_theirs = account is not None and account.nickname == name
        with self._written:
            self.records.make(
                Comment,
                user_id=account.user_id if account and is_theirs else 0,
                stream=broadcast.stream,
                number=len(self.comments(broadcast.stream)) + 1,
                name=name,
                text=text,
                shown_id=self._shown_id(broadcast),
                written_at=self.now,
                live=broadcast.ended_at is None,
            )
            self._written.notify_all()

    def wait(self, found: Callable[[], Sequence[_T]]) -> Sequence[_T]:
        """Return what is found once it is anything, or nothing after HELD seconds.

        Who has gone meanwhile, or is to go as the server ends, is given nothing at once.
        """
        end = self.now + HELD
        with self._written:
            while not (given := found()) and self.now < end and not _has_gone():
                self._written.wait(_TICK)
            return given

    def _shown_id(self, broadcast: Broadcast) -> str:
        if not broadcast.shows_ids:
            return ""
        seed = f"{broadcast.stream} {request.remote_addr}"
        return hashlib.sha256(seed.encode()).hexdigest()[:7].upper()

    # Who asks

    def session(self) -> Session | None:
        """Return the sign-in whose cookie the request carries, if it is good."""
        value = request.cookies.get("u", "")
        known = (each for each in self.records.all(Session) if each.value == value)
        return next((each for each in known if each.ends_at > self.now), None)

    def end(self, session: Session) -> None:
        """Make the cookie of a sign-in worthless."""
        self.records.update(session.id, lambda _known: replace(session, ends_at=self.now))

    def account(self, nickname: str) -> Account | None:
        """Return who signs in under that name."""
        return next((who for who in self.world.accounts if who.nickname == nickname), None)

    def user_id(self, nickname: str) -> int:
        """Return the number of whoever has that name; 0 where nobody of ours has."""
        account = self.account(nickname)
        return account.user_id if account else 0


def _has_gone() -> bool:
    """Tell whether the client has hung up."""
    line = request.environ["werkzeug.socket"]
    try:
        readable = select.select([line], [], [], 0)[0]
        return bool(readable) and not line.recv(1, socket.MSG_PEEK)
    except OSError:
        return True
