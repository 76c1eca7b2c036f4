"""Filters as the guide writes them: its examples, and which of the two forms each takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from nicobatch.errors import UsageError
from nicobatch.sites.niconico.search import Question, Search
from nicobatch.sites.niconico.search.filters import Filter
from nicobatch.sites.niconico.search.services import LIVE, VIDEO, Service


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def day(text: str) -> datetime:
    return moment(f"{text}T00:00:00+09:00")


GAME = Filter.equal("genre", "ゲーム")
SEEN = Filter.range("viewCounter", gte=10)


@pytest.mark.parametrize(
    ("of", "filters", "written"),
    [
        (VIDEO, Filter.equal("viewCounter", 1_000_000), "filters[viewCounter][0]=1000000"),
        (
            VIDEO,
            Filter.range("mylistCounter", gte=1000) & Filter.range("commentCounter", gte=1000),
            "filters[mylistCounter][gte]=1000&filters[commentCounter][gte]=1000",
        ),
        (
            VIDEO,
            Filter.range("startTime", gte=day("2014-01-01"), lt=day("2015-01-01")),
            (
                "filters[startTime][gte]=2014-01-01T00:00:00+09:00"
                "&filters[startTime][lt]=2015-01-01T00:00:00+09:00"
            ),
        ),
        (VIDEO, Filter.equal("categoryTags", "ゲーム"), "filters[categoryTags][0]=ゲーム"),
        (LIVE, Filter.equal("liveStatus", "onair"), "filters[liveStatus][0]=onair"),
        (
            LIVE,
            Filter.any("providerType", ["official", "channel"]) & Filter.equal("memberOnly", False),
            (
                "filters[providerType][0]=official&filters[providerType][1]=channel"
                "&filters[memberOnly][0]=false"
            ),
        ),
        (LIVE, Filter.equal("timeshiftEnabled", True), "filters[timeshiftEnabled][0]=true"),
        (
            VIDEO,
            Filter.range("userId", gt=1, lte=3),
            "filters[userId][gt]=1&filters[userId][lte]=3",
        ),
        (
            VIDEO,
            SEEN & GAME & Filter.equal("userId", 4),
            "filters[viewCounter][gte]=10&filters[genre][0]=ゲーム&filters[userId][0]=4",
        ),
    ],
)
def test_what_filters_can_say(of: Service, filters: Filter, written: str) -> None:
    filters.check(of)
    assert "&".join(f"{name}={value}" for name, value in filters.parameters()) == written


def equal(field: str, value: object) -> dict[str, object]:
    return {"type": "equal", "field": field, "value": value}


@pytest.mark.parametrize(
    ("filters", "tree"),
    [
        pytest.param(
            Filter.range("startTime", gte=day("2017-07-07"), lt=day("2017-07-08"))
            | Filter.range("startTime", gte=day("2016-07-07"), lt=day("2016-07-08")),
            {
                "type": "or",
                "filters": [
                    {
                        "type": "range",
                        "field": "startTime",
                        "from": "2017-07-07T00:00:00+09:00",
                        "to": "2017-07-08T00:00:00+09:00",
                        "include_upper": False,
                    },
                    {
                        "type": "range",
                        "field": "startTime",
                        "from": "2016-07-07T00:00:00+09:00",
                        "to": "2016-07-08T00:00:00+09:00",
                        "include_upper": False,
                    },
                ],
            },
            id="the-guides",
        ),
        pytest.param(~GAME, {"type": "not", "filter": equal("genre", "ゲーム")}, id="not"),
        pytest.param(
            Filter.equal("tags", "a") & Filter.equal("tags", "b"),
            {"type": "and", "filters": [equal("tags", "a"), equal("tags", "b")]},
            id="a-field-twice",
        ),
        pytest.param(
            ~Filter.any("userId", [1, 2]),
            {
                "type": "not",
                "filter": {"type": "or", "filters": [equal("userId", 1), equal("userId", 2)]},
            },
            id="any-below",
        ),
        pytest.param(
            ~Filter.range("userId", gt=1, lte=2),
            {
                "type": "not",
                "filter": {
                    "type": "range",
                    "field": "userId",
                    "from": 1,
                    "include_lower": False,
                    "to": 2,
                },
            },
            id="ends",
        ),
        pytest.param(
            (GAME | SEEN | ~GAME) & GAME & Filter.equal("userId", 1),
            {
                "type": "and",
                "filters": [
                    {
                        "type": "or",
                        "filters": [
                            equal("genre", "ゲーム"),
                            {"type": "range", "field": "viewCounter", "from": 10},
                            {"type": "not", "filter": equal("genre", "ゲーム")},
                        ],
                    },
                    equal("genre", "ゲーム"),
                    equal("userId", 1),
                ],
            },
            id="nested",
        ),
    ],
)
def test_what_only_a_tree_can_say(filters: Filter, tree: dict[str, Any]) -> None:
    filters.check(VIDEO)
    [(name, text)] = filters.parameters()
    assert name == "jsonFilter"
    assert json.loads(text) == tree


def test_a_truth_in_a_tree_is_no_text() -> None:
    [(_, text)] = (~Filter.equal("memberOnly", True)).parameters()
    assert json.loads(text)["filter"]["value"] is True


@pytest.mark.parametrize(
    ("made", "message", "hint"),
    [
        (lambda: Filter.any("genre", []), "genre names no value", "one or more"),
        (lambda: Filter.range("userId"), "the bounds (none)", "a range takes gt or gte"),
        (lambda: Filter.range("userId", gt=1, gte=2), "bounds gt, gte", "a range takes gt"),
        (lambda: Filter.range("userId", gt=1, lt=5, lte=2), "gt, lt, lte", "a range takes gt"),
    ],
)
def test_filters_that_are_none(made: Callable[[], Filter], message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        made()
    assert message in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (
            Filter.range("startTime", gte=day("2017-07-07"), lt=day("2017-07-08"))
            | Filter.range("startTime", gte=day("2016-07-07"), lt=day("2016-07-08")),
            ["so5", "so6"],
        ),
        (Filter.range("startTime", gt=day("2016-07-07"), lte=day("2017-07-08")), ["so6", "so7"]),
        (GAME & Filter.range("startTime", lt=day("2017-01-01")), ["so5"]),
        (Filter.any("genre", ["ゲーム", "動物"]), ["so5", "so6", "so7"]),
        (~GAME, ["so7"]),
        (Filter.equal("channelId", 8), ["so6"]),
        (~Filter.range("channelId", gte=0), ["so7"]),
    ],
)
def test_filters_at_work(search: Search, service: Service, filters: Filter, ids: list[str]) -> None:
    question = Question(q="七夕", filter=filters, sort="+startTime")
    assert [hit.content_id for hit in search.results(question, service)] == ids


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (Filter.equal("liveStatus", "onair"), ["lv1"]),
        (Filter.any("providerType", ["official", "channel"]), ["lv2", "lv3"]),
        (Filter.equal("memberOnly", True), ["lv2"]),
        (~Filter.equal("memberOnly", True), ["lv1", "lv3"]),
        (Filter.equal("timeshiftEnabled", False) | Filter.equal("liveStatus", "past"),
         ["lv2", "lv3"]),
        (Filter.equal("communityText", "みんなの広場"), ["lv1"]),
        (Filter.range("scoreTimeshiftReserved", gt=2), ["lv1"]),
    ],
)  # fmt: skip
def test_filters_of_live_programmes(search: Search, filters: Filter, ids: list[str]) -> None:
    question = Question(q="番組", filter=filters, sort="+viewCounter")
    assert sorted(str(hit.content_id) for hit in search.results(question, LIVE)) == ids
