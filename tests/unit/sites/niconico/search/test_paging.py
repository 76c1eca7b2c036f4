"""Hits over many answers: read as they are wanted, up to where the service stops telling."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from nicobatch.errors import Passing
from nicobatch.sites.niconico.search import Question, Search
from nicobatch.sites.niconico.search.services import LIVE, SNAPSHOT, VIDEO, Service
from tests.support.faults import answer_lost, answered, refused
from tests.unit.sites.niconico.search.conftest import Library

PAGES = ".*/contents/search.*"


def videos(number: int) -> list[dict[str, Any]]:
    return [{"contentId": f"sm{n}", "title": "続き", "viewCounter": n} for n in range(number)]


def asked_for(**more: Any) -> Question:
    return Question(q="続き", fields=("viewCounter",), sort="+viewCounter", **more)


def counted(library: Library) -> None:
    """Note each request, and let it through."""
    for _ in range(50):
        library.faults.at(PAGES, answered)


@pytest.mark.parametrize("of", [VIDEO, LIVE], ids=["video", "live"])
def test_the_guides_last_hit(search: Search, library: Library, of: Service) -> None:
    library.catalogue["video"] = library.catalogue["live"] = videos(1_750)
    counted(library)
    results = search.results(asked_for(), of)
    assert [hit.number("viewCounter") for hit in results] == [*range(1_700)]
    assert (results.total, results.truncated) == (1_750, True)
    assert len(library.faults.played) == 17


@pytest.mark.parametrize(
    ("number", "truncated"), [(1_599, False), (1_600, False), (1_700, False), (1_701, True)]
)
def test_around_the_last_hit(
    search: Search, library: Library, number: int, truncated: bool
) -> None:
    library.catalogue["video"] = videos(number)
    results = search.results(asked_for(offset=1_550), VIDEO)
    # pages begin at 1,550 and 1,650: the second lies beyond
    told = [hit.number("viewCounter") for hit in results]
    assert told == [*range(1_550, min(number, 1_650))]
    assert results.truncated == (number > 1_650)
    whole = search.results(asked_for(offset=1_500), VIDEO)
    assert len(list(whole)) == min(number, 1_700) - 1_500
    assert whole.truncated == truncated


def test_what_was_wanted_is_not_truncated(search: Search, library: Library) -> None:
    library.catalogue["video"] = videos(300)
    short = replace(SNAPSHOT, max_offset=100)
    for limit, told, truncated in ((150, 150, False), (200, 200, False), (201, 200, True)):
        results = search.results(asked_for(limit=limit), short)
        assert (len(list(results)), results.truncated) == (told, truncated)


def test_the_snapshot_reaches_further(search: Search, library: Library) -> None:
    library.catalogue["video"] = videos(1_750)
    results = search.results(asked_for(offset=1_650), SNAPSHOT)
    assert (len(list(results)), results.truncated) == (100, False)
    assert list(search.results(asked_for(offset=100_000), SNAPSHOT)) == []


def test_nothing_is_asked_before_it_is_wanted(
    search: Search, library: Library, service: Service
) -> None:
    library.catalogue["video"] = videos(350)
    counted(library)
    results = search.results(asked_for(), service)
    assert results.total is None
    assert library.faults.played == []
    assert [hit.number("viewCounter") for hit in itertools.islice(results, 100)] == [*range(100)]
    assert len(library.faults.played) == 1
    assert "_limit=100" in library.faults.played[0]
    rest = [hit.number("viewCounter") for hit in results]
    assert rest == [*range(100, 350)]
    assert len(library.faults.played) == 4
    assert next(results, None) is None
    assert len(library.faults.played) == 4


def test_no_more_is_asked_than_is_wanted(search: Search, library: Library) -> None:
    library.catalogue["video"] = videos(350)
    counted(library)
    assert len(list(search.results(asked_for(limit=130)))) == 130
    limits = [request.split("_limit=")[1].split("&")[0] for request in library.faults.played]
    assert limits == ["100", "30"]


def test_an_error_between_pages_loses_nothing(search: Search, library: Library) -> None:
    library.catalogue["video"] = videos(250)
    results = search.results(asked_for())
    told = [hit.number("viewCounter") for hit in itertools.islice(results, 100)]
    for play in (answer_lost, refused("503 X")):
        library.faults.at(PAGES, play)
        with pytest.raises(Passing):
            next(results)
    told += [hit.number("viewCounter") for hit in results]
    assert told == [*range(250)]


def test_an_index_that_shrinks_comes_to_an_end(search: Search, library: Library) -> None:
    library.catalogue["video"] = videos(250)
    results = search.results(asked_for())
    next(results)
    library.catalogue["video"] = videos(90)
    assert len(list(results)) == 99
    assert (results.total, results.truncated) == (90, False)
