"""Each parameter of the guide, from the client to the sandbox and back."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from nicobatch import __version__
from nicobatch.errors import UsageError
from nicobatch.http import Http
from nicobatch.sites.niconico.profiles import GARAGE_2026, at_origin
from nicobatch.sites.niconico.sandbox import search_filters
from nicobatch.sites.niconico.search import Question, Search
from nicobatch.sites.niconico.search.filters import Filter
from nicobatch.sites.niconico.search.services import LIVE, SNAPSHOT, VIDEO, Service
from tests.support.servers import Reply, serving
from tests.unit.sites.niconico.search.catalogue import GUIDES_ANSWER, LIVES
from tests.unit.sites.niconico.search.conftest import Library

GUIDES_URL = (
    "https://api.search.nicovideo.jp/api/v2/video/contents/search?q=%E5%88%9D%E9%9F%B3%E3%83%9F%E3"
    "%82%AF&targets=title&fields=contentId,title,viewCounter&filters[viewCounter][gte]=10000"
    "&_sort=-viewCounter&_offset=0&_limit=3&_context=apiguide"
)
GUIDES = Question(
    q="初音ミク",
    targets=("title",),
    fields=("contentId", "title", "viewCounter"),
    filter=Filter.range("viewCounter", gte=10_000),
    sort="-viewCounter",
    limit=3,
)
EMPTY = b'{"meta": {"status": 200, "totalCount": 0, "id": "x"}, "data": []}'
BOTH = (SNAPSHOT, VIDEO)


def found(search: Search, service: Service, q: str = "七夕 OR 初音ミク OR 煩悩",
          **more: object) -> list[str | None]:  # fmt: skip
    question = Question(q=q, **{"sort": "+viewCounter", **more})  # type: ignore[arg-type]
    return [hit.content_id for hit in search.results(question, service)]


def test_the_guides_sample(search: Search, service: Service) -> None:
    results = search.results(GUIDES, service)
    assert [dict(hit.fields) for hit in results] == GUIDES_ANSWER
    assert (results.total, results.truncated) == (4, False)


def test_the_guides_sample_as_it_stands(library: Library, http: Http) -> None:
    asked = urlsplit(GUIDES_URL)
    answer = http.send("GET", f"{library.url}{asked.path}?{asked.query}")
    document = answer.json()
    assert document["data"] == GUIDES_ANSWER
    assert (document["meta"]["status"], document["meta"]["totalCount"]) == (200, 4)


def test_the_guides_sample_on_the_wire(http: Http) -> None:
    with serving() as site:
        expected = urlsplit(GUIDES_URL)
        site.replies[expected.path] = Reply(body=EMPTY)
        search = Search(at_origin(GARAGE_2026, site.url), http, application="apiguide")
        assert list(search.results(GUIDES, VIDEO)) == []
        http.close()
    sent = urlsplit(site.seen[0].target)
    assert (site.seen[0].method, sent.path) == ("GET", expected.path)
    assert sorted(parse_qsl(sent.query)) == sorted(parse_qsl(expected.query))
    assert site.seen[0].headers["User-Agent"] == "apiguide"
    assert site.seen[0].headers["Cookie"] is None


@pytest.mark.parametrize(
    ("service", "path"),
    [
        (VIDEO, "/api/v2/video/contents/search"),
        (LIVE, "/api/v2/live/contents/search"),
        (SNAPSHOT, "/api/v2/snapshot/video/contents/search"),
    ],
    ids=["video", "live", "snapshot"],
)
def test_the_query_is_encoded(http: Http, service: Service, path: str) -> None:
    question = Question(q='a+b & "ミク"', fields=(), sort="+startTime", offset=7, limit=9)
    with serving() as site:
        site.replies[path] = Reply(body=EMPTY)
        search = Search(at_origin(GARAGE_2026, site.url), http)
        assert list(search.results(question, service)) == []
        http.close()
    name = f"nicobatch/{__version__}"
    assert len(name) <= 40
    assert site.seen[0].target == (
        f"{path}?q=a%2Bb%20%26%20%22%E3%83%9F%E3%82%AF%22&targets=title%2Cdescription%2Ctags"
        f"&_sort=%2BstartTime&_offset=7&_limit=9&_context={name.replace('/', '%2F')}"
    )
    assert site.seen[0].headers["User-Agent"] == name


@pytest.mark.parametrize(
    ("service", "host"),
    [(VIDEO, "api"), (LIVE, "api"), (SNAPSHOT, "snapshot")],
    ids=["video", "live", "snapshot"],
)
def test_hosts(service: Service, host: str) -> None:
    base = "https://{}search.nicovideo.jp".format("api." if host == "api" else "snapshot.")
    assert service.base(GARAGE_2026) == base


@pytest.mark.parametrize(
    ("q", "ids"),
    [
        ("初音ミク 習作", ["sm1"]),
        ("習作 OR 佳作", ["sm1", "sm2"]),
        ("習作 OR 佳作 OR 煩悩", ["sm1", "sm2", "sm9"]),
        ("習作 OR 佳作 ボーカル", ["sm2"]),
        ('"初音ミク 習作"', ["sm1"]),
        ('"習作 初音ミク"', []),
        ("初音ミク -佳作 -オリジナル曲 -みく", ["sm1"]),
        ("一族 - 煩悩", ["sm9"]),
        ("初音ミク - 佳作", []),
    ],
)
def test_operators(search: Search, service: Service, q: str, ids: list[str]) -> None:
    assert found(search, service, q) == ids


@pytest.mark.parametrize(
    ("q", "targets", "ids"),
    [
        ("陰陽師", ("title",), []),
        ("陰陽師", ("description",), ["sm9"]),
        ("陰陽師", ("title", "tags"), ["sm9"]),
        ("ゴー", ("tags",), ["sm9"]),
        ("ゴー", ("tagsExact",), []),
        ("公式 音楽", ("tagsExact",), ["sm9"]),
        ("ミク", ("tagsExact",), ["sm1", "sm2"]),
    ],
)
def test_targets(
    search: Search, service: Service, q: str, targets: tuple[str, ...], ids: list[str]
) -> None:
    assert found(search, service, q, targets=targets) == ids


@pytest.mark.parametrize("offset", [0, 2, 8, 1600])
@pytest.mark.parametrize("limit", [1, 3, 100, None])
def test_offset_and_limit(search: Search, service: Service, offset: int, limit: int | None) -> None:
    everything = found(search, service)
    assert len(everything) == 9
    part = everything[offset:][:limit]
    assert found(search, service, offset=offset, limit=limit) == part


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("viewCounter", "sm9"),
        ("-viewCounter", "sm9"),
        ("+viewCounter", "sm1"),
        ("+startTime", "sm9"),
        ("-startTime", "so7"),
    ],
)
def test_order(search: Search, service: Service, sort: str, first: str) -> None:
    ids = found(search, service, sort=sort)
    assert ids[0] == first
    nulls = {"so5", "so6", "so7"} if "view" in sort else {"sm1097445", "sm1"}
    assert nulls & set(ids[-5:]) == nulls


@pytest.mark.parametrize("service", [SNAPSHOT, VIDEO, LIVE], ids=["snapshot", "video", "live"])
def test_every_field_can_be_told_sorted_and_filtered_as_the_tables_say(
    search: Search, service: Service
) -> None:
    names = service.names("returnable")
    question = Question(q="番組 OR 煩悩", fields=names, sort="+startTime", limit=1)
    [hit] = search.results(question, service)
    assert tuple(hit.fields) == names
    for sort in service.names("sortable"):
        for sign in ("+", "-", ""):
            assert found(search, service, "番組 OR 煩悩", sort=sign + sort)
    known = search_filters.SERVICES[{"the snapshot search of videos": "snapshot"}.get(
        service.name, "live" if service is LIVE else "video"
    )]  # fmt: skip
    assert {
        name: (field.returnable, field.sortable, field.filterable)
        for name, field in service.fields.items()
    } == {
        name: (field.returned, field.sortable, field.filterable)
        for name, field in known.fields.items()
    }
    assert (service.max_offset, service.empty_query) == (known.max_offset, known.empty_query)


def test_live_programmes(search: Search) -> None:
    question = Question(q="番組", fields=LIVE.names("returnable"), sort="+startTime")
    first, *others = search.results(question, LIVE)
    assert dict(first.fields) == LIVES[0]
    assert (first.flag("memberOnly"), first.flag("title")) == (False, None)
    assert first.moment("startTime") == datetime.fromisoformat("2026-11-21T18:00:00+09:00")
    assert len(others) == 2


def test_what_a_hit_tells(search: Search, library: Library) -> None:
    odd = {"contentId": "sm8", "title": "変", "startTime": "2015-04-31T00:00:00+09:00"}
    library.catalogue["video"] = [odd]
    fields = ("contentId", "title", "startTime", "viewCounter", "channelId")
    [hit] = search.results(Question(q="変", fields=fields, sort="viewCounter"))
    assert (hit.content_id, hit.title) == ("sm8", "変")
    assert hit.fields["startTime"] == odd["startTime"]
    assert hit.moment("startTime") is None
    assert (hit.number("viewCounter"), hit.text("channelId"), hit.flag("x")) == (None, None, None)
    assert hit.number("title") is None


def test_everything_and_nothing(search: Search) -> None:
    assert len(found(search, SNAPSHOT, "")) == 9
    for service in (VIDEO, LIVE):
        with pytest.raises(UsageError, match="takes no empty query"):
            found(search, service, " ")
    results = search.results(Question(q="どこにもない"))
    assert list(results) == []
    assert (results.total, results.truncated) == (0, False)


def test_of_when_the_snapshot_is(search: Search) -> None:
    assert search.last_modified().utcoffset() is not None


WRONG = [
    ({"targets": ()}, "(nowhere)", "title, description, tags in any combination, or tagsExact"),
    ({"targets": ("title", "tagsExact")}, "title, tagsExact", "tagsExact alone"),
    ({"targets": ("title", "title")}, "title, title", "tagsExact alone"),
    ({"targets": ("genre",)}, "genre", "tagsExact alone"),
    ({"fields": ("title", "tagsExact")}, "can't tell the tagsExact", "contentId, title, desc"),
    ({"fields": ("liveStatus",)}, "can't tell the liveStatus", "it can tell contentId"),
    ({"sort": "title"}, "can't sort by title", "it can sort by userId, viewCounter"),
    ({"sort": "+genre"}, "can't sort by genre", "lastCommentTime, channelId"),
    ({"sort": ""}, "can't sort by ", "startTime"),
    ({"offset": -1}, "can't begin at hit -1", "it can begin at 0 to "),
    ({"offset": 100_001}, "can't begin at hit 100001", "it can begin at 0 to "),
    ({"limit": 0}, "0 hits can't be asked for", "1 or more"),
    ({"filter": Filter.equal("title", "x")}, "can't filter by title", "userId, viewCounter"),
    ({"filter": ~Filter.equal("nothing", 1)}, "can't filter by nothing", "genre.keyword"),
    ({"filter": Filter.range("genre", gte=1)}, "genre has no order", "values that it may have"),
    ({"filter": Filter.equal("viewCounter", "1")}, "'1': it takes a whole number", "such a value"),
    ({"filter": Filter.equal("viewCounter", True)}, "it takes a whole number", "such a value"),
    ({"filter": Filter.equal("genre", 5)}, "genre can't be 5: it takes text", "such a value"),
    (
        {"filter": Filter.range("startTime", gte=2014)},
        "2014: it takes a date and time",
        "such a value",
    ),
    (
        {"filter": Filter.range("startTime", lt=datetime(2014, 1, 1))},  # noqa: DTZ001
        "it takes a date and time with its time zone",
        "such a value",
    ),
]


@pytest.mark.parametrize(("changes", "message", "hint"), WRONG, ids=lambda each: str(each)[:40])
def test_what_is_refused_before_anything_is_sent(
    http: Http, service: Service, changes: dict[str, object], message: str, hint: str
) -> None:
    search = Search(GARAGE_2026, http)  # whose hosts no test can reach
    with pytest.raises(UsageError) as caught:
        search.results(Question(q="x", **changes), service)  # type: ignore[arg-type]
    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_services_differ(http: Http) -> None:
    search = Search(GARAGE_2026, http)
    for question in (
        Question(q="x", offset=1601),
        Question(q="x", sort="likeCounter"),
        Question(q="x", filter=Filter.equal("contentId", "sm9")),
    ):
        search.results(question, SNAPSHOT)
        for service in (VIDEO, LIVE):
            with pytest.raises(UsageError):
                search.results(question, service)
    with pytest.raises(UsageError) as caught:
        search.results(Question(q="x", filter=Filter.equal("liveStatus", "later")), LIVE)
    assert str(caught.value) == "liveStatus can't be later"
    assert caught.value.hint == "it can be past, onair, reserved"


@pytest.mark.parametrize("name", ["", "x" * 41, "名前", "a\nb", " a"])
def test_names_of_applications(http: Http, name: str) -> None:
    with pytest.raises(UsageError, match="can't name an application"):
        Search(GARAGE_2026, http, application=name)
    Search(GARAGE_2026, http, application="x" * 40)
