"""The look after publishing, and the account's list before it, as the command tells them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch.sandbox import Sandbox
from tests.support.faults import Faults
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import MAIN, SECOND
from tests.unit.sites.niconico.making import says

NOT_FOUND = says({"data": {"response": {"errorCode": "NOT_FOUND"}}}, "404 Not Found")
LOOK = "GET /watch/.*"


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def sandbox(tmp_path: Path, faults: Faults) -> Iterator[Sandbox]:
    """A site where the first account may have two videos."""
    people = [replace(MAIN, uploadable_count=2), SECOND]
    with Sandbox(tmp_path / "site", encode_seconds=0, wrap=faults.wrap, accounts=people) as server:
        yield server
    assert server.audit()["crashes"] == []


def test_what_is_not_visible_in_time_is_told_and_no_failure(
    cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults
) -> None:
    shelf.series("a")
    for _ in range(3):
        faults.at(LOOK, NOT_FOUND)
    result = cli("publish", ".", "--visible-timeout", "0")
    assert result.code == 0
    assert "published, not visible yet: not found (NOT_FOUND)" in result.out
    plan = cli("plan", ".")
    assert (plan.code, plan.out.splitlines()[0]) == (
        0,
        "> m.yaml#a: resume, published, but not yet seen by a visitor",
    )
    again = cli("publish", ".", "--format", "json")
    assert again.code == 0
    [done] = again.of("video_done")
    assert (done["state"], done["note"]) == ("unchanged", "not visible yet: not found (NOT_FOUND)")
    assert cli("publish", ".", "--no-wait").out.split()[-2] == "unchanged"
    assert len(faults.plan) == 1


def test_what_visitors_see_otherwise_is_told_with_its_place(
    cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults
) -> None:
    shelf.series("a")
    faults.at(LOOK, says({"data": {"response": {"video": {"title": "別の題"}}}}))
    result = cli("publish", ".", "--format", "json")
    assert result.code == 0
    [problem] = result.of("problem")
    assert (problem["rule"], problem["video"]) == ("visible-title-differs", "m.yaml#a")
    assert (problem["path"], problem["line"], problem["column"]) == ("m.yaml", 4, 12)


def test_too_little_room(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", "b", "c")
    message = "the account has room for 2 more, and 3 are to be created: 1 will not fit"
    strict = cli("publish", ".", "--strict")
    assert strict.code == 1
    assert f"m.yaml:8:12: warning: {message} [account-full]" in strict.err
    assert strict.out.count("refused") == 3
    assert site.audit()["entries"] == []
    assert {each["method"] for each in site.audit()["requests"]} == {"GET"}
    lenient = cli("publish", ".")
    assert lenient.code == 0
    assert message in lenient.err


def test_a_title_that_is_there_with_another_length(
    cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults
) -> None:
    shelf.series("a")
    there = {"essential": {"id": "sm9", "title": "【実況】a はじめての冒険", "duration": 600}}
    listed = says({"meta": {}, "data": {"items": [there], "totalCount": 1}})
    for _ in range(2):
        faults.at("GET /v2/users/me/videos.*", listed)
    strict = cli("publish", ".", "--strict", "--format", "json")
    assert strict.code == 1
    [problem] = strict.of("problem")
    assert (problem["rule"], problem["line"], problem["column"]) == ("same-title", 4, 12)
    assert "nicobatch adopt sm9 m.yaml#a" in problem["hint"]
    assert site.audit()["entries"] == []
    lenient = cli("publish", ".")
    assert lenient.code == 0
    assert "of this title, but another length: sm9" in lenient.err
    assert len(site.audit()["entries"]) == 1
    assert cli("publish", ".", "--strict").code == 0
