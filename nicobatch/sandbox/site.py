"""What every route needs: the state, the people, the time, and the gatekeepers' rules."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nicobatch.sandbox.lifecycle import Lifecycle

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from nicobatch.sandbox.accounts import Account
    from nicobatch.sandbox.answers import Refusal
    from nicobatch.sandbox.audit import RequestLog
    from nicobatch.sandbox.store import Entry, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The imitation behind one origin."""

    store: Store
    log: RequestLog
    accounts: Sequence[Account]
    encode_seconds: float
    clock: Callable[[], float] = time.time
    language: str = ""
    """What the garage page speaks; where it is empty, what the browser prefers."""
    catalogue: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def lifecycle(self) -> Lifecycle:
        """The rules, as of this moment."""
        return Lifecycle(self.clock(), self.encode_seconds)

    def visitor(self, request: Request) -> Account | None:
        """Return whose session the request carries; None for a guest."""
        session = request.cookies.get("user_session")
        return next((who for who in self.accounts if who.user_session == session), None)

    def user(self, request: Request, refuse: Callable[[int, str], Refusal]) -> Account:
        """Return who is signed in, or refuse the request with 401."""
        account = self.visitor(request)
        if account is None:
            raise refuse(401, "UNAUTHORIZED")
        return account

    def owner(self, entry: Entry) -> Account | None:
        """Return whose video it is; None once the account is no longer among ours."""
        return next((who for who in self.accounts if who.user_id == entry.user_id), None)
