"""Budgets and parked accounts: what one worker learned, all others know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nicobatch.errors import Parked, RateLimited
from nicobatch.fleet.paces import FleetPaces
from nicobatch.pipeline import Owner
from nicobatch.pipeline.pace import Pace
from nicobatch.sites.base import Rate
from tests.unit.fleet.conftest import ORIGIN, Fleet

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def pace(fleet: Fleet, account: str, address: str) -> Pace:
    return Pace(
        paces=FleetPaces(fleet.connect(), address),
        owner=Owner("bilibili", account),
        origin=ORIGIN,
        rates={"submission": (Rate(1, 60.0),)},
        now=lambda: NOW,
    )


def test_a_budget_is_the_accounts_wherever_it_is_spent(fleet: Fleet) -> None:
    pace(fleet, "main", "here").spend("submission")
    with pytest.raises(RateLimited):
        pace(fleet, "main", "there").spend("submission")
    pace(fleet, "second", "here").spend("submission")


def test_who_is_parked_is_parked_for_all(fleet: Fleet) -> None:
    until = NOW + timedelta(hours=1)
    pace(fleet, "main", "here").park(Parked("too fast", "wait", retry_at=until))
    with pytest.raises(Parked, match="too fast") as caught:
        pace(fleet, "main", "there").demand_free()
    assert caught.value.retry_at == until
    assert caught.value.hint.startswith(
        "wait; once that is done, `nicobatch fleet resume main@bili"
    )
    pace(fleet, "second", "there").demand_free()


def test_an_address_is_parked_for_all_accounts_behind_it(fleet: Fleet) -> None:
    until = NOW + timedelta(hours=1)
    pace(fleet, "main", "here").park(Parked("too fast", "wait", retry_at=until, of_address=True))
    with pytest.raises(Parked) as caught:
        pace(fleet, "second", "here").demand_free()
    assert (caught.value.hint, caught.value.of_address) == ("wait", True)
    pace(fleet, "main", "there").demand_free()
