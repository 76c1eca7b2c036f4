"""Whatever filter is built: the search keeps the videos that plain Python keeps, in its order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nicobatch.sites.niconico.search import Question, Search
from nicobatch.sites.niconico.search.filters import Filter
from nicobatch.sites.niconico.search.services import LIVE, VIDEO, Service
from tests.unit.sites.niconico.search.conftest import Library

pytestmark = pytest.mark.no_cover  # being traced would double its time, and cover nothing more

Document = Mapping[str, Any]
Tree = tuple[Any, ...]
"""("any", field, values), ("range", field, bounds), ("and", …), ("or", …) or ("not", tree)."""

JAPAN: Final = timezone(timedelta(hours=9))
NUMBERS: Final = ("viewCounter", "mylistCounter", "userId", "lengthSeconds", "channelId")
MOMENTS: Final = ("startTime", "lastCommentTime")
WORDS: Final = ("tags", "tagsExact", "lockTagsExact", "categoryTags")
TEXTS: Final = ("genre", "genre.keyword")
FLAGS: Final = ("memberOnly", "timeshiftEnabled")

number = st.integers(0, 5)
moment = st.builds(
    lambda hours, zone: (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)).astimezone(
        zone
    ),
    st.integers(0, 5),
    st.sampled_from([UTC, JAPAN]),
)
word = st.sampled_from(["ゲーム", "音楽", "a&b=c", 'q"', "c+%2B", "[0]"])
words = st.lists(word, min_size=1, max_size=3).map(" ".join)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


videos = st.fixed_dictionaries(
    {
        **{name: maybe(number) for name in NUMBERS},
        **{name: maybe(moment.map(datetime.isoformat)) for name in MOMENTS},
        **{name: maybe(words) for name in WORDS if name != "tagsExact"},
        "genre": maybe(word),
    }
)
programmes = st.fixed_dictionaries(
    {
        "viewCounter": maybe(number),
        "startTime": maybe(moment.map(datetime.isoformat)),
        "liveStatus": st.sampled_from([None, "past", "onair", "reserved"]),
        **{name: maybe(st.booleans()) for name in FLAGS},
    }
)


def ranges(names: Iterable[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Tree]:
    lower = maybe(st.tuples(st.sampled_from(["gt", "gte"]), values))
    upper = maybe(st.tuples(st.sampled_from(["lt", "lte"]), values))
    bounds = st.tuples(lower, upper).map(lambda both: dict(each for each in both if each))
    return st.tuples(st.just("range"), st.sampled_from([*names]), bounds.filter(bool))


def anys(names: Iterable[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Tree]:
    some = st.lists(values, min_size=1, max_size=3)
    return st.tuples(st.just("any"), st.sampled_from([*names]), some)


def trees(leaf: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    return st.recursive(
        leaf,
        lambda below: st.one_of(
            st.tuples(st.just("and"), below, below),
            st.tuples(st.just("or"), below, below),
            st.tuples(st.just("not"), below),
        ),
        max_leaves=6,
    )


video_trees = trees(
    anys(NUMBERS, number)
    | anys(MOMENTS, moment)
    | anys((*WORDS, *TEXTS), word)
    | ranges(NUMBERS, number)
    | ranges(MOMENTS, moment)
)
live_trees = trees(
    anys(FLAGS, st.booleans())
    | anys(["liveStatus"], st.sampled_from(["past", "onair", "reserved"]))
    | anys(["viewCounter"], number)
    | ranges(["startTime"], moment)
)


def built(tree: Tree) -> Filter:
    """Build the tree with the client's builder."""
    match tree:
        case ("any", field, [value]):
            return Filter.equal(field, value)
        case ("any", field, values):
            return Filter.any(field, values)
        case ("range", field, bounds):
            return Filter.range(field, **bounds)
        case ("and", left, right):
            return built(left) & built(right)
        case ("or", left, right):
            return built(left) | built(right)
        case (_, below):
            return ~built(below)
    raise AssertionError


def keeps(tree: Tree, document: Document) -> bool:
    """Evaluate the tree on a document, without the builder and without the sandbox."""
    match tree:
        case ("any", field, values):
            return any(each in held(document, field) for each in values)
        case ("range", field, bounds):
            return any(within(each, bounds) for each in held(document, field))
        case ("and", left, right):
            return keeps(left, document) and keeps(right, document)
        case ("or", left, right):
            return keeps(left, document) or keeps(right, document)
        case (_, below):
            return not keeps(below, document)
    raise AssertionError


def held(document: Document, field: str) -> list[Any]:
    source = {"tagsExact": "tags", "genre.keyword": "genre"}.get(field, field)
    value = document.get(source)
    if value is None:
        return []
    if field in MOMENTS:
        return [datetime.fromisoformat(value)]
    return value.split(" ") if field in WORDS else [value]


def within(value: Any, bounds: Mapping[str, Any]) -> bool:
    checks = {
        "gt": lambda limit: value > limit,
        "gte": lambda limit: value >= limit,
        "lt": lambda limit: value < limit,
        "lte": lambda limit: value <= limit,
    }
    return all(checks[name](limit) for name, limit in bounds.items())


def ids(search: Search, filters: Filter, service: Service, sort: str) -> list[str | None]:
    question = Question(q="何か", filter=filters, sort=sort)
    return [hit.content_id for hit in search.results(question, service)]


def put(library: Library, service: str, documents: Iterable[Document]) -> list[Document]:
    """Publish the documents, each under an id of its own."""
    listed = [
        {**each, "contentId": str(index), "title": "何か"} for index, each in enumerate(documents)
    ]
    library.catalogue[service] = listed
    return [*listed]


over_http = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@over_http
@given(tree=video_trees, documents=st.lists(videos, max_size=8))
@example(("and", ("any", "tags", ["音楽"]), ("any", "tags", ["ゲーム"])), [{"tags": "音楽"}])
@example(("and", ("range", "userId", {"gte": 1}), ("range", "userId", {"lt": 3})), [{"userId": 3}])
@example(("not", ("not", ("any", "genre", ["ゲーム"]))), [{"genre": None}, {"genre": "ゲーム"}])
def test_videos(
    search: Search, library: Library, service: Service, tree: Tree, documents: list[Document]
) -> None:
    listed = put(library, "video", documents)
    kept = [each["contentId"] for each in listed if keeps(tree, each)]
    assert sorted(map(str, ids(search, built(tree), service, "userId"))) == sorted(kept)


@over_http
@given(tree=live_trees, documents=st.lists(programmes, max_size=8))
def test_live_programmes(
    search: Search, library: Library, tree: Tree, documents: list[Document]
) -> None:
    listed = put(library, "live", documents)
    kept = [each["contentId"] for each in listed if keeps(tree, each)]
    assert sorted(map(str, ids(search, built(tree), LIVE, "viewCounter"))) == sorted(kept)


@over_http
@given(leaf=video_trees, documents=st.lists(videos, max_size=8))
def test_both_forms_say_the_same(
    search: Search, library: Library, leaf: Tree, documents: list[Document]
) -> None:
    put(library, "video", documents)
    plain, turned = built(leaf), ~~built(leaf)
    assert [name for name, _ in turned.parameters()] == ["jsonFilter"]
    assert ids(search, plain, VIDEO, "-userId") == ids(search, turned, VIDEO, "-userId")


@over_http
@given(
    documents=st.lists(videos, max_size=8),
    sort=st.sampled_from(["+startTime", "-startTime", "startTime", "+viewCounter", "viewCounter"]),
)
def test_order(
    search: Search, library: Library, service: Service, documents: list[Document], sort: str
) -> None:
    listed = put(library, "video", documents)
    field = sort.lstrip("+-")
    question = Question(q="何か", fields=("contentId", field), sort=sort)
    told = list(search.results(question, service))
    values = [held(hit.fields, field) for hit in told]
    known = sum(map(bool, values))
    assert all(values[:known])
    assert values[:known] == sorted(values[:known], reverse=not sort.startswith("+"))
    assert {hit.content_id for hit in told} == {each["contentId"] for each in listed}
