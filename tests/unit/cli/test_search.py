"""`search`: what a visitor finds, as a table, as JSON lines and as YAML."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from nicobatch.reports import HitsFound
from nicobatch.reports.hits import found_lines, hit_table
from nicobatch.reports.terminal import console, print_table
from nicobatch.reports.text import TextReport
from nicobatch.sandbox import Sandbox
from tests.support.faults import Faults
from tests.support.servers import Reply, serving
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import MAIN
from tests.unit.sites.niconico.making import says
from tests.unit.sites.niconico.search.catalogue import LIVES, VIDEOS

GUIDES = ("初音ミク", "--title", "--min-views", "10000", "--sort", "-viewCounter", "--limit", "3")
SNAPSHOT = "/api/v2/snapshot/video/contents/search"


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def catalogue() -> dict[str, list[dict[str, Any]]]:
    return {"video": [*VIDEOS], "live": [*LIVES]}


@pytest.fixture
def sandbox(
    tmp_path: Path, faults: Faults, catalogue: dict[str, list[dict[str, Any]]]
) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "site", wrap=faults.wrap, catalogue=catalogue) as server:
        yield server
    assert server.audit()["crashes"] == []


def ids(cli: Cli, *arguments: str) -> list[str]:
    result = cli("search", *arguments, "--format", "json")
    assert (result.code, result.err) == (0, ""), result
    return [hit["contentId"] for hit in result.of("hit")]


@pytest.mark.parametrize("endpoint", ["snapshot", "contents"])
def test_the_guides_sample(cli: Cli, site: Sandbox, endpoint: str) -> None:
    result = cli("search", *GUIDES, "--endpoint", endpoint)
    assert (result.code, result.err) == (0, "")
    header, *rows, summary = result.out.splitlines()
    assert header.split() == ["title", "views", "length", "date", "URL"]
    assert [row.split()[-1].removeprefix(site.url) for row in rows] == [
        "/watch/sm1097445",
        "/watch/sm1715919",
        "/watch/sm15630734",
    ]
    assert "【初音ミク】みくみくにしてあげる♪【してやんよ】\t11,904,784" in rows[0]
    assert summary == "3 of 4 found"


def test_a_tab_stands_between_two_cells(cli: Cli, site: Sandbox) -> None:
    lines = cli("search", "初音ミク OR 七夕 OR 煩悩").out.splitlines()[:-1]
    assert lines[0].split("\t") == ["title", "views", "length", "date", "URL"]
    [row] = [line for line in lines if "煩悩" in line]
    assert "\t20,000,000\t5:20\t2007-03-06 00:33\t" in row
    assert len(lines) == 10


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("音楽", "--tag"), ["sm9"]),
        (("楽", "--tag"), []),
        (("公式",), ["sm9"]),
        (("公式", "--title"), []),
        (("", "--user", "4"), ["sm9"]),
        (("七夕", "--since", "2017-07-07"), ["so7", "so6"]),
        (("七夕", "--since", "2017-07-07", "--until", "2017-07-08"), ["so6"]),
        (("七夕", "--until", "2016-07-07"), []),
        (("七夕", "--until", "2016-07-07T00:00:01"), ["so5"]),
        (("七夕", "--until", "2016-07-06T15:00:01Z"), ["so5"]),
        (("七夕", "--since", "2017-07-07T15:00:00+00:00"), ["so7"]),
        (("七夕",), ["so7", "so6", "so5"]),
        (("七夕", "--sort", "+startTime", "--limit", "2"), ["so5", "so6"]),
        (("七夕", "--sort", "+startTime", "--limit", "2", "--endpoint", "contents"),
         ["so5", "so6"]),
        (("初音ミク", "--min-views", "9999", "--sort", "+viewCounter", "--limit", "2"),
         ["sm1", "sm2"]),
        (("番組", "--service", "live", "--user", "4"), ["lv1"]),
        (("番組", "--service", "live", "--endpoint", "contents", "--min-views", "1"), ["lv1"]),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_is_found(
    cli: Cli, site: Sandbox, arguments: tuple[str, ...], found: list[str]
) -> None:
    assert ids(cli, *arguments) == found


def test_live_programmes(cli: Cli, site: Sandbox) -> None:
    result = cli("search", "放送中", "--service", "live")
    assert result.out.splitlines() == [
        "title\tviews\tstatus\tdate\tURL",
        "放送中の番組\t100\tonair\t2026-11-21 18:00\thttps://nico.ms/lv1",
        "1 found",
    ]


def test_for_programs(cli: Cli, site: Sandbox) -> None:
    hit, result = cli("search", "煩悩", "--format", "json").events
    assert hit == {
        "event": "hit",
        "contentId": "sm9",
        "title": "新・豪血寺一族 - 煩悩解放",
        "viewCounter": 20_000_000,
        "lengthSeconds": 320,
        "startTime": "2007-03-06T00:33:00+09:00",
        "url": f"{site.url}/watch/sm9",
    }
    assert result == {
        "event": "result", "hits": 1, "total": 1, "truncated": False, "as_of": None,
    }  # fmt: skip


def test_yaml_comes_back_as_it_was(cli: Cli, site: Sandbox) -> None:
    words = ("七夕 OR 初音ミク OR 煩悩", "--limit", "100")
    result = cli("search", *words, "--format", "yaml")
    assert (result.code, result.err) == (0, "9 found\n")
    listed = yaml.safe_load(result.out)
    expected = cli("search", *words, "--format", "json").of("hit")
    assert [{"event": "hit", **each} for each in listed] == expected
    assert result.out.startswith("- contentId: so7\n  title: 七夕の次の日\n")
    assert yaml.safe_dump(listed, allow_unicode=True, sort_keys=False) == result.out


Texts = st.text(st.characters(codec="utf-8"), max_size=20)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["contentId", "title", "startTime", "viewCounter"]),
            st.none() | st.integers() | st.booleans() | Texts
            | st.sampled_from(["1:30", "no", "2026-01-02", "2026-01-02T00:00:00Z", "~", "- a"]),
        )
    )
)  # fmt: skip
def test_yaml_round_trips(hits: list[dict[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        out = io.StringIO()
        patch.setattr("sys.stdout", out)
        patch.setattr("sys.stderr", io.StringIO())
        TextReport(yaml=True).tell(HitsFound(hits=hits, query="q", total=len(hits)))
    assert yaml.safe_load(out.getvalue()) == hits


def test_nothing_found_is_no_failure(cli: Cli, site: Sandbox) -> None:
    text = cli("search", "どこにもない")
    assert (text.code, text.err) == (0, "")
    nothing, freshness = text.out.splitlines()
    assert nothing == "nothing found for どこにもない"
    assert freshness.startswith("the search knows what was public at 20")
    as_yaml = cli("search", "どこにもない", "--format", "yaml")
    assert (as_yaml.code, as_yaml.out) == (0, "[]\n")
    assert as_yaml.err.startswith("nothing found for どこにもない\n")
    [result] = cli("search", "どこにもない", "--format", "json").events
    assert (result["hits"], result["total"]) == (0, 0)
    assert result["as_of"].endswith("+09:00")
    live = cli("search", "どこにもない", "--service", "live")
    assert live.out == "nothing found for どこにもない\n"


def test_where_the_site_tells_no_more(
    cli: Cli, site: Sandbox, catalogue: dict[str, list[dict[str, Any]]]
) -> None:
    catalogue["video"] = [{"contentId": f"sm{n}", "title": "続き"} for n in range(1_750)]
    words = ("search", "続き", "--endpoint", "contents", "--limit", "5000")
    assert cli(*words).out.splitlines()[-2:] == [
        "1,700 of 1,750 found",
        "niconico shows no more hits than these; narrow the search to find others",
    ]
    assert cli(*words, "--format", "json").events[-1] == {
        "event": "result", "hits": 1_700, "total": 1_750, "truncated": True, "as_of": None,
    }  # fmt: skip


def test_no_sign_in_is_needed_and_none_is_sent(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NICOBATCH_USER_SESSION", MAIN.user_session)
    with serving() as site:
        body = b'{"meta": {"status": 200, "totalCount": 1}, "data": [{"contentId": null}]}'
        site.replies[f"/nico{SNAPSHOT}"] = Reply(body=body)
        result = cli("search", "a", "--api-origin", f"{site.url}/nico", "-v")
    assert result.code == 0
    assert f"GET /nico{SNAPSHOT} 200" in caplog.messages
    [request] = site.seen
    assert MAIN.user_session not in f"{request.target}{request.headers}"
    assert request.headers["Cookie"] is None
    assert request.headers["User-Agent"].startswith("nicobatch/")


def test_by_proxy(cli: Cli) -> None:
    origin = "http://127.0.0.1:1"
    with serving() as proxy:
        body = b'{"meta": {"status": 200, "totalCount": 1}, "data": [{"contentId": "sm9"}]}'
        proxy.replies[f"{origin}{SNAPSHOT}"] = Reply(body=body)
        assert ids(cli, "a", "--api-origin", origin, "--proxy", proxy.url) == ["sm9"]


def test_in_a_rehearsal(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    assert cli("publish", ".", "--sandbox").code == 0
    result = cli("search", "はじめての冒険", "--sandbox")
    assert result.code == 0
    title, summary = result.out.splitlines()[1:]
    assert title.startswith("【実況】a はじめての冒険\t0\t0:02\t")
    assert title.endswith("http://127.0.0.1:8025/garage/videos#sm39130867")
    assert summary == "1 found"


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("a", "--tag", "--title"), "--tag and --title can't be used together", "name one"),
        (("a", "--service", "live", "--endpoint", "snapshot"), "--service live", "contents"),
        (("a", "--sort", "title"), "can't sort by title", "it can sort by userId"),
        (("a", "--sort", "lengthSeconds", "--service", "live"), "can't sort by len", "openTime"),
        (("a", "--since", "yesterday"), "yesterday is no date or time: write 2026-12-31", "--help"),
        (("a", "--until", "2026-13-01"), "2026-13-01 is no date or time", "--help"),
        (("a", "--limit", "0"), "0 is not in the range", "--help"),
        (("a", "--user", "x"), "'x' is not a valid integer", "--help"),
        (("a", "--min-views", "-1"), "-1 is not in the range", "--help"),
        (("", "--endpoint", "contents"), "takes no empty query", "give it a word"),
        (("a", "--format", "xml"), "xml", "--help"),
        (('"a',), "400 QUERY_PARSE_ERROR query parse error", "-words to leave out"),
        (("--", "-a"), "400 QUERY_PARSE_ERROR", "-words to leave out"),
        ((), "QUERY", "--help"),
    ],
    ids=str,
)
def test_wrong_usage(
    cli: Cli, site: Sandbox, arguments: tuple[str, ...], message: str, hint: str
) -> None:
    result = cli("search", *arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert hint in result.err


def test_errors_that_pass_are_asked_again(
    cli: Cli, site: Sandbox, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nicobatch.pipeline.retry.FIRST_PAUSE", 0.01)
    for status, code in (("500 X", "INTERNAL_SERVER_ERROR"), ("503 X", "MAINTENANCE")):
        meta = {"status": int(status[:3]), "errorCode": code, "errorMessage": "retry later."}
        faults.at("GET .*", says({"meta": meta}, status))
    assert ids(cli, "煩悩") == ["sm9"]
    assert faults.plan == []


def test_errors_that_stay(cli: Cli, site: Sandbox, faults: Faults) -> None:
    meta = {"status": 503, "errorCode": "MAINTENANCE", "errorMessage": "please retry later."}
    faults.at("GET .*", says({"meta": meta}, "503 X", Retry_After="3600"))
    result = cli("search", "煩悩")
    assert result.code == 5
    assert "closed for maintenance: 503 MAINTENANCE please retry later." in result.err
    faults.at("GET .*", says({}, "403 X"))
    result = cli("search", "煩悩", "--format", "yaml")
    assert (result.code, result.out) == (4, "")
    assert "refuses to answer: 403" in result.err


def test_its_help_tells_the_terms(cli: Cli) -> None:
    words = " ".join(cli("search", "--help").out.split())
    assert "for non-commercial use only" in words
    assert "how often an address may ask, without saying how often" in words
    assert "[text|json|yaml]" in words
    assert "yaml" not in cli("status", "--help").out.replace("manifest.yaml", "")


def hits(**more: Any) -> list[dict[str, Any]]:
    plain = {
        "title": "初音ミクの消失" * 3,
        "viewCounter": 11_904_784,
        "lengthSeconds": 3_661,
        "startTime": "2026-11-21T09:00:00Z",
        "url": "https://www.nicovideo.jp/watch/sm39130867",
    }
    return [{**plain, **more}]


def drawn(width: int, rows: list[dict[str, Any]]) -> str:
    screen = console(color=False)
    screen.width = width
    with screen.capture() as capture:
        print_table(screen, *hit_table(rows, width))
    return capture.get()


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (200, ["title", "views", "length", "date", "URL"]),
        (106, ["title", "views", "length", "date", "URL"]),
        (100, ["title", "views", "date", "URL"]),
        (80, ["title", "views", "URL"]),
        (70, ["title", "URL"]),
    ],
)
def test_a_narrow_terminal_is_spared_columns_but_never_an_address(
    width: int, shown: list[str]
) -> None:
    out = drawn(width, hits())
    assert out.splitlines()[0].split() == shown
    assert "https://www.nicovideo.jp/watch/sm39130867" in out
    assert all(cell_len(line) <= width for line in out.splitlines())
    assert "".join(line[:24].split(" ")[0] for line in out.splitlines()[1:]) == "初音ミクの消失" * 3


def test_cells() -> None:
    row = drawn(200, hits()).splitlines()[1]
    assert row.split()[1:] == [
        "11,904,784", "1:01:01", "2026-11-21", "18:00", hits()[0]["url"],
    ]  # fmt: skip
    odd = {"viewCounter": None, "lengthSeconds": None, "startTime": "2015-04-31T00:00:00+09:00"}
    row = drawn(200, hits(**odd)).splitlines()[1]
    assert row.split()[1:] == ["2015-04-31T00:00:00+09:00", hits()[0]["url"]]
    assert "\x1b" not in drawn(200, hits(title="\x1b[2J"))


def test_an_empty_query_that_finds_nothing_is_shown() -> None:
    assert found_lines(HitsFound(hits=(), query="", total=0)) == ['nothing found for ""']
