"""`status --remote`: the journal beside what the site says, and what the journal lacks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from nicobatch.sandbox import Sandbox
from tests.support.faults import Faults, refused
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import MAIN, SECOND, process
from tests.unit.sites.niconico.making import says
from tests.unit.sites.niconico.sandbox.client import Client

LIST = "GET /v2/users/me/videos.*"
HINT = "    `nicobatch adopt ID MANIFEST#VIDEO` writes the receipt of one"
ALL_NAMED = "every video on niconico has its receipt here"


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def sandbox(tmp_path: Path, faults: Faults) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "site", encode_seconds=0, wrap=faults.wrap) as server:
        yield server
    assert server.audit()["crashes"] == []


def by_hand(site: Sandbox, file: Path, title: str) -> str:
    with Client(site.url) as client:
        entry = client.upload(file.read_bytes())
        assert client.publish(entry, title=title).ok
    return f"sm{entry}"


def asked(site: Sandbox, path: str = "/v2/users/me/videos") -> int:
    return sum(each["path"] == path for each in site.audit()["requests"])


def column(out: str, name: str) -> list[str]:
    """Return what a column says of each receipt."""
    header, *rows = (line.split("\t") for line in out.splitlines())
    return [row[header.index(name)] for row in rows if len(row) == len(header)]


def test_each_video_as_the_site_has_it(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", "b", "c", "d")
    manifest = shelf.folder / "m.yaml"
    lines = manifest.read_text("utf-8").splitlines(keepends=True)
    lines.insert(6, "    publish: false\n")
    lines.insert(9, "    publish: {at: 2099-12-01T18:00:00+09:00}\n")
    lines.append("    publish: draft\n")
    manifest.write_text("".join(lines), "utf-8")
    assert cli("publish", ".").code == 0
    before = asked(site)
    result = cli("status", "--remote")
    assert (result.code, result.err) == (0, "")
    assert column(result.out, "site") == ["public", "private", "scheduled", "not listed yet"]
    timer = "scheduled for 2099-12-01 18:00 +0900"
    assert column(result.out, "visitors") == ["visible", "", timer, ""]
    assert result.out.splitlines()[-1] == ALL_NAMED
    assert asked(site) == before + 1

    with Client(site.url) as client:
        client.delete(39130867, headers={"X-Request-With": "https://www.nicovideo.jp"})
    events = cli("status", "m.yaml", "--remote", "--format", "json").events
    assert [each.get("site") for each in events] == [
        *("not there any more", "private", "scheduled", "not listed yet"),
        None,
    ]
    assert events[-1] == {"event": "result", "unclaimed": []}


def test_without_asking_nothing_is_sent(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    cli("publish", ".")
    before = len(site.audit()["requests"])
    assert "site" not in cli("status").out
    assert "site" not in cli("status", "--format", "json").of("receipt")[0]
    assert len(site.audit()["requests"]) == before


def test_what_only_niconico_itself_does(
    cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults
) -> None:
    shelf.series("a", "b")
    cli("publish", ".")
    items = [
        {"essential": {"id": "sm39130867"}, "isDeleted": True},
        {"essential": {"id": "sm39130868"}, "isUnderReview": True, "isHidden": True},
    ]
    faults.at(LIST, says({"meta": {}, "data": {"items": items, "totalCount": 2}}))
    assert column(cli("status", "--remote").out, "site") == ["deleted", "under review"]


def test_what_no_receipt_names(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    first = shelf.add("a.mp4")
    posted = by_hand(site, first, "手で投稿")
    empty = cli("status", "--remote")
    assert empty.code == 0
    url = f"{site.url}/watch/{posted}"
    assert empty.out.splitlines() == [
        "no receipts: nothing was published from here yet",
        "no receipt here names these videos on niconico:",
        f"{posted}  手で投稿  public  main  {url}",
        HINT,
    ]
    shelf.series("b")
    assert cli("publish", ".").code == 0
    result = cli("status", "--remote")
    assert column(result.out, "site") == ["public"]
    assert result.out.splitlines()[-2:] == [f"{posted}  手で投稿  public  main  {url}", HINT]
    [told] = cli("status", "--remote", "--format", "json").of("result")[0]["unclaimed"]
    assert told.pop("registered_at").endswith("+09:00")
    assert told == {
        "id": posted,
        "title": "手で投稿",
        "site": "public",
        "account": "main",
        "url": url,
    }


def test_a_list_that_tells_little(cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults) -> None:
    data = {"items": [{"essential": {"id": "sm9"}}], "totalCount": 1}
    for _ in range(2):
        faults.at(LIST, says({"meta": {}, "data": data}))
    assert f"sm9    public  main  {site.url}/watch/sm9\n" in cli("status", "--remote").out
    [told] = cli("status", "--remote", "--format", "json").of("result")[0]["unclaimed"]
    assert (told["title"], told["registered_at"]) == (None, None)


def test_other_manifests_name_theirs(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    shelf.series("b", name="n.yaml")
    assert cli("publish", ".").code == 0
    (shelf.folder / "n.yaml").unlink()
    for paths in (("m.yaml",), ("n.yaml",), ("*.yaml",), (".",), ()):
        result = cli("status", *paths, "--remote")
        assert result.code == 0
        assert result.out.splitlines()[-1] == ALL_NAMED


def test_every_account_is_asked_once(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NICOBATCH_SECOND_USER_SESSION", SECOND.user_session)
    shelf.series("a", "b")
    shelf.series("c", name="n.yaml", more="account: second\n")
    assert cli("publish", ".").code == 0
    before = asked(site)
    result = cli("status", "--remote")
    assert column(result.out, "site") == ["public"] * 3
    assert asked(site) == before + 2


def test_what_is_not_there_yet_and_what_is_elsewhere(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    assert cli("publish", ".").code == 0
    receipt = shelf.folder / ".nicobatch" / "m.yaml" / "a.json"
    with Client(site.url) as someone:
        someone.created()
    shelf.series("a", "b")
    assert cli("publish", ".", "--busy-timeout", "0").code == 5
    assert column(cli("status", "--remote").out, "site") == ["public", ""]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NICOBATCH_API_ORIGIN", site.url.replace("127.0.0.1", "localhost"))
        result = cli("status", "--remote")
    assert column(result.out, "site") == ["not asked", "not asked"]
    assert "no receipt here names these videos" in result.out
    assert json.loads(receipt.read_text("utf-8"))["origin"] == site.url


def test_nobody_signed_in(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NICOBATCH_USER_SESSION")
    result = cli("status", "--remote")
    assert (result.code, result.out) == (3, "")


def test_a_passing_fault_is_borne(cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults) -> None:
    faults.at(LIST, refused("503 Service Unavailable", [("Retry-After", "0")]))
    assert cli("status", "--remote").code == 0


def test_a_site_without_the_list(cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults) -> None:
    faults.at(LIST, refused("404 Not Found"))
    result = cli("status", "--remote")
    assert result.code == 4
    assert "asking for the account's list of videos was refused: 404" in result.err


def test_a_rehearsal(shelf: Shelf) -> None:
    shelf.series("a")
    assert process("publish", ".", "--sandbox", "--poll-interval", "0.2").code == 0
    result = process("status", "--remote", "--sandbox")
    assert result.code == 0, result.err
    assert column(result.out, "site") == ["public"]
    (shelf.folder / ".nicobatch/sandbox/m.yaml/a.json").unlink()
    lost = process("status", "--remote", "--sandbox").out.splitlines()
    assert lost[-1] == "    `nicobatch adopt ID MANIFEST#VIDEO --sandbox` writes the receipt of one"
    assert lost[-2].startswith("sm39130867  【実況】a はじめての冒険  public  main  ")
    assert MAIN.user_session not in "".join(lost)


def test_what_visitors_see_otherwise_than_was_sent(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", "b")
    assert cli("publish", ".").code == 0
    with Client(site.url) as owner:
        assert owner.edit(39130868, title="別の題", genreKey="none").ok
    before = asked(site, "/watch/sm39130868")
    told = cli("status", "--remote", "--quiet")
    assert (told.code, column(told.out, "visitors")) == (0, ["visible", "visible"])
    place = f"{Path('.nicobatch/m.yaml/b.json')}:1:1"
    warning = "warning: visitors see the title “別の題” [visible-title-differs]"
    assert f"{place}: {warning}" in told.err
    assert asked(site, "/watch/sm39130868") == before + 1
    events = cli("status", "--remote", "--format", "json")
    assert [each["visitors"] for each in events.of("receipt")] == ["visible", "visible"]
    assert [each["rule"] for each in events.of("problem")][:1] == ["visible-title-differs"]
    assert {each["video"] for each in events.of("problem")} == {"m.yaml#b"}


def test_visitors_of_what_is_not_for_all_are_not_asked(
    cli: Cli, shelf: Shelf, site: Sandbox
) -> None:
    shelf.write("version: 1\nfile: a.mp4\ntitle: 題\npublish: false\n")
    shelf.add("a.mp4")
    assert cli("publish", ".").code == 0
    assert column(cli("status", "--remote").out, "visitors") == [""]
    assert asked(site, "/watch/sm39130867") == 0


def test_a_watch_page_that_refuses_one_look(
    cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults
) -> None:
    shelf.series("a", "b")
    cli("publish", ".")
    faults.at("GET /watch/.*", refused("404 Not Found"))
    result = cli("status", "--remote")
    refusal = "looking at the watch page was refused: 404"
    assert (result.code, column(result.out, "visitors")) == (0, [refusal, "visible"])


def test_a_watch_page_that_is_down_is_left_alone(
    cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults
) -> None:
    shelf.series("a", "b")
    cli("publish", ".")
    down = refused("503 Service Unavailable", [("Retry-After", "60")])
    faults.at("GET /watch/.*", down)
    result = cli("status", "--remote")
    first, second = column(result.out, "visitors")
    assert "niconico can't answer just now (503); the site asks for a pause of 60 s" in first
    assert (result.code, second) == (0, "not asked")
