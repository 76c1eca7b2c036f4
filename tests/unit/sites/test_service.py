"""Where a site is, by what its name stands in receipts, and how fast an account may be there."""

from __future__ import annotations

from typing import Any

import pytest

from nicobatch import sites
from nicobatch.sites.base import Rate
from nicobatch.sites.bilibili.limits import ALLOWANCES
from nicobatch.sites.mending import Budget
from nicobatch.sites.service import Reach, rates

REAL = "https://member.bilibili.com"
HERE = "http://127.0.0.1:8025"


@pytest.mark.parametrize(
    ("given", "named", "base"),
    [
        ({}, REAL, REAL),
        ({"moved": {"member": "https://m.bilibili.com"}}, REAL, "https://m.bilibili.com"),
        ({"moved": {"member": "https://b.example/x"}}, REAL, "https://b.example/x"),
        ({"moved": {"member": f"{HERE}/bilibili"}}, HERE, f"{HERE}/bilibili"),
        ({"origin": "https://o.example"}, "https://o.example", "https://o.example/bilibili"),
        ({"origin": HERE, "called": "sandbox"}, "sandbox", f"{HERE}/bilibili"),
    ],
)
def test_a_site_that_has_moved_keeps_its_receipts(
    given: dict[str, Any], named: str, base: str
) -> None:
    service, reach = sites.service_of("bilibili"), Reach(profile="web-2026", **given)
    assert service.origin(reach) == named
    assert service.base(reach) == base


def test_numbers_become_rates() -> None:
    assert rates(ALLOWANCES, Budget({"submissions_per_day": 4, "submission_interval": 0})) == {
        "preupload": (Rate(15, 3600),),
        "submission": (Rate(4, 86_400),),
        "edit": (Rate(1, 10),),
    }


@pytest.mark.parametrize("at_loopback", [False, True])
def test_this_machine_has_a_budget_only_if_that_is_meant(*, at_loopback: bool) -> None:
    reach = Reach(
        profile="web-2026", budget=Budget({"submissions_per_day": 4}, at_loopback=at_loopback)
    )
    assert bool(reach.rates(ALLOWANCES, HERE)) is at_loopback
    assert reach.rates(ALLOWANCES, REAL)["submission"][0] == Rate(4, 86_400)
    assert not Reach(profile="web-2026").rates(ALLOWANCES, HERE)
