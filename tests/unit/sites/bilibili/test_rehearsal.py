"""A rehearsal signs in to bilibili's side of the sandbox as one of its own people."""

from __future__ import annotations

import pytest

from nicobatch.actions.access import Access
from nicobatch.sandbox import Account, Sandbox
from nicobatch.sites.bilibili.cookies import parse
from tests.unit.sites.bilibili.sandbox.client import MAIN, SECOND, Client
from tests.unit.sites.bilibili.sandbox.conftest import clock, mounted, sandbox

__all__ = ["clock", "mounted", "sandbox"]


@pytest.mark.parametrize(("account", "person"), [("main", MAIN), ("studio", SECOND)])
def test_what_a_rehearsal_signs_in_with_is_good(
    sandbox: Sandbox, account: str, person: Account
) -> None:
    session = Access(sandbox=True).signed_in_as(account, "bilibili").user_session
    assert session is not None
    cookies = parse(session.reveal(), "here")
    with Client(sandbox.url, None) as client:
        client.http.cookies.update(cookies.values)
        nav = client.get("/x/web-interface/nav").json()["data"]
        assert nav["mid"] == person.user_id
        answer = client.post("/x/vu/web/cover/up", data={"csrf": cookies.csrf})
        assert answer.json()["code"] == -400  # not -111
