"""A receipt for a video that is there: after a lost journal, or for one posted by hand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from nicobatch.journal import Journal
from nicobatch.locks import Locks
from nicobatch.model import DEFAULT_SITE
from nicobatch.pipeline import Owner
from nicobatch.pipeline.locking import on_machine
from nicobatch.receipt import Receipt, StepState
from nicobatch.sandbox import Sandbox
from tests.support.faults import Faults
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import MAIN, SECOND, process
from tests.unit.sites.niconico.making import says
from tests.unit.sites.niconico.sandbox.client import Client

Audit = Callable[[], list[dict[str, Any]]]
TITLE = "【実況】a はじめての冒険"


@pytest.fixture
def lost(cli: Cli, shelf: Shelf, site: Sandbox) -> str:
    """The id of a published video whose receipt is gone."""
    shelf.series("a")
    assert cli("publish", ".").code == 0
    shutil.rmtree(shelf.folder / ".nicobatch")
    return "sm39130867"


def by_hand(site: Sandbox, file: Path, **changes: Any) -> str:
    """Post a video as its owner does in a browser."""
    with Client(site.url) as client:
        entry = client.upload(file.read_bytes())
        assert client.publish(entry, **{"title": TITLE, "detail": "", **changes}).ok
    return f"sm{entry}"


def writes(site: Sandbox) -> int:
    return sum(each["method"] != "GET" for each in site.audit()["requests"])


def only_receipt(shelf: Shelf) -> Receipt:
    ((_, receipt),) = Journal().receipts(shelf.folder / "m.yaml")
    return receipt


def test_a_lost_journal_is_made_good(
    cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit, lost: str
) -> None:
    refused = cli("publish", ".")
    assert refused.code == 1
    assert f"`nicobatch adopt {lost} m.yaml#a`" in refused.err
    assert len(audit()) == 1

    before = writes(site)
    result = cli("adopt", lost, "m.yaml#a")
    assert (result.code, result.err) == (0, "")
    assert result.out == f"{lost} is adopted as m.yaml#a: it will not be uploaded again\n"
    assert writes(site) == before
    receipt = only_receipt(shelf)
    assert receipt.remote
    assert receipt.remote.url == f"{site.url}/watch/{lost}"
    assert {each.state for each in receipt.steps.values()} == {StepState.DONE}
    assert cli("plan", ".").out.startswith("= m.yaml#a: unchanged")
    assert "published" in cli("status").out
    assert cli("publish", ".").code == 0
    assert writes(site) == before


@pytest.mark.parametrize("name", ["39130867", "{url}/watch/sm39130867", "{url}/v/39130867/edit"])
def test_a_manifest_of_one_video_and_other_names_of_the_id(
    cli: Cli, shelf: Shelf, site: Sandbox, lost: str, name: str
) -> None:
    result = cli("adopt", name.format(url=site.url), "m.yaml", "--format", "json")
    assert result.code == 0
    assert result.events == [
        {
            "event": "result",
            "video": "m.yaml#a",
            "id": lost,
            "url": f"{site.url}/watch/{lost}",
            "adopted": True,
            "differs": [],
        }
    ]


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"title": "古い題"}, [f"    title: 古い題 -> {TITLE}"]),
        ({"detail": "一<br>二"}, ["    description:", "      - 一", "      - 二"]),
        ({"publish": False}, ["    publish: private -> public"]),
    ],
)
def test_what_differs_there_is_changed_by_the_next_publish(
    cli: Cli, shelf: Shelf, site: Sandbox, changes: dict[str, Any], shown: list[str]
) -> None:
    shelf.series("a")
    posted = by_hand(site, shelf.folder / "a.mp4", **changes)
    name = shown[0].strip().partition(":")[0]
    result = cli("adopt", posted, "m.yaml#a")
    assert result.out == f"{posted} is adopted as m.yaml#a; publish will change: {name}\n"
    planned = cli("plan", ".")
    first, names, *rest = planned.out.splitlines()
    assert first == f"~ m.yaml#a: update, changed: {name}"
    assert names == f"    {posted}  {site.url}/watch/{posted}"
    assert rest[:-1] == shown
    assert cli("publish", ".").code == 0
    [entry] = site.audit()["entries"]
    assert (entry["metadata"]["title"], entry["metadata"]["detail"]) == (TITLE, "")
    assert entry["visibility"] == "public"
    assert cli("plan", ".").out.startswith("=")


def test_one_of_several(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", "b#1")
    posted = by_hand(site, shelf.folder / "b#1.mp4")
    assert cli("adopt", posted, "m.yaml#b#1").code == 0
    assert only_receipt(shelf).video == "b#1"


# What is refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sm9", "gone.yaml"), "gone.yaml names no manifest that is there"),
        (("later", "m.yaml#a"), "later names no video on niconico"),
        (("sm9", "m.yaml"), "m.yaml has several videos: a, b"),
        (("sm9", "m.yaml#c"), "m.yaml has no video c; it has a, b"),
    ],
)
def test_wrong_usage(
    cli: Cli, shelf: Shelf, site: Sandbox, arguments: tuple[str, ...], message: str
) -> None:
    shelf.series("a", "b")
    result = cli("adopt", *arguments)
    assert result.code == 2
    assert result.err.startswith(f"error: {message}\n")
    assert site.audit()["requests"] == []


@pytest.mark.parametrize("name", ["m.yaml#bad", "m.yaml"])
def test_problems_are_in_the_way_of_the_videos_that_have_them(
    cli: Cli, shelf: Shelf, site: Sandbox, name: str
) -> None:
    manifest = shelf.series("a", "bad")
    (shelf.folder / "bad.mp4").unlink()
    result = cli("adopt", "sm9", name)
    assert result.code == 1
    assert "[file-not-found]" in result.out
    assert site.audit()["requests"] == []
    posted = by_hand(site, shelf.folder / "a.mp4")
    assert cli("adopt", posted, f"{manifest}#a").code == 0


def test_what_is_not_in_the_list(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    with Client(site.url) as client:
        draft = client.upload((shelf.folder / "a.mp4").read_bytes())
        client.draft(draft)
    with Client(site.url, SECOND) as other:
        others = other.upload((shelf.folder / "a.mp4").read_bytes())
        other.publish(others)
    for entry in (1, draft, others):
        result = cli("adopt", str(entry), "m.yaml")
        assert result.code == 1
        assert result.err.startswith(
            f"error: sm{entry} is not among the videos of サンドボックス (user 10000001, premium)\n"
        )
    assert not (shelf.folder / ".nicobatch").exists()


def test_another_account(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.series("a")
    monkeypatch.setenv("NICOBATCH_SECOND_USER_SESSION", SECOND.user_session)
    with Client(site.url, SECOND) as other:
        entry = other.upload((shelf.folder / "a.mp4").read_bytes())
        other.publish(entry)
    assert cli("adopt", str(entry), "m.yaml", "--account", "second").code == 0
    assert only_receipt(shelf).account == "second"


def test_nobody_signed_in(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.series("a")
    monkeypatch.delenv("NICOBATCH_USER_SESSION")
    assert cli("adopt", "sm9", "m.yaml").code == 3


def test_a_video_of_another_length(cli: Cli, shelf: Shelf, site: Sandbox, tmp_path: Path) -> None:
    from examples.make_samples import make_video

    shelf.series("a")
    long = make_video(tmp_path / "long.mp4", width=64, height=36, seconds=6)
    posted = by_hand(site, long)
    result = cli("adopt", posted, "m.yaml")
    assert result.code == 1
    assert result.err.startswith(f"error: {posted} is 6 s long, and a.mp4 is 2 s long\n")
    assert not (shelf.folder / ".nicobatch").exists()


def test_a_manifest_that_wants_a_draft(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", more="defaults: {publish: draft}\n")
    posted = by_hand(site, shelf.folder / "a.mp4")
    result = cli("adopt", posted, "m.yaml")
    assert result.code == 1
    assert f"{posted} is published, and the manifest says publish: draft" in result.err


def test_a_receipt_of_another_video_stays(
    cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit
) -> None:
    shelf.series("a", "b")
    assert cli("publish", ".").code == 0
    posted = by_hand(site, shelf.folder / "a.mp4")
    before = (shelf.folder / ".nicobatch/m.yaml/a.json").read_bytes()
    result = cli("adopt", posted, "m.yaml#a")
    assert result.code == 1
    assert "m.yaml#a has the receipt of another video already: sm39130867" in result.err
    assert str(Path(".nicobatch/m.yaml/a.json")) in result.err
    assert (shelf.folder / ".nicobatch/m.yaml/a.json").read_bytes() == before
    (shelf.folder / ".nicobatch/m.yaml/a.json").unlink()
    result = cli("adopt", "sm39130868", "m.yaml#a")
    assert result.code == 1
    assert "sm39130868 is the video of m.yaml#b already" in result.err


def test_a_receipt_of_the_same_video_stays(
    cli: Cli, shelf: Shelf, site: Sandbox, lost: str
) -> None:
    cli("adopt", lost, "m.yaml")
    manifest = shelf.folder / "m.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("実況", "解説"), "utf-8")
    result = cli("adopt", lost, "m.yaml")
    assert result.code == 0
    assert result.out == f"m.yaml#a has the receipt of {lost} already; nothing was changed\n"
    assert cli("plan", ".").out.startswith("~")


def test_a_receipt_without_a_video_is_replaced(
    cli: Cli, shelf: Shelf, site: Sandbox, lost: str
) -> None:
    with Client(site.url) as someone:
        someone.created()
    shelf.write((shelf.folder / "m.yaml").read_text("utf-8").replace("a はじ", "はじ"))
    assert cli("publish", ".", "--busy-timeout", "0").code == 5
    before = only_receipt(shelf)
    assert (before.remote, before.attempt) == (None, 1)
    assert cli("adopt", lost, "m.yaml").code == 0
    after = only_receipt(shelf)
    assert after.remote
    assert after.attempt == 2


def test_a_receipt_of_another_site_stays(cli: Cli, shelf: Shelf, site: Sandbox, lost: str) -> None:
    cli("adopt", lost, "m.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NICOBATCH_API_ORIGIN", site.url.replace("127.0.0.1", "localhost"))
        result = cli("adopt", lost, "m.yaml")
    assert result.code == 1
    assert f"the receipt of m.yaml#a belongs to {site.url}" in result.err


def test_a_deleted_video(cli: Cli, shelf: Shelf, site: Sandbox, lost: str) -> None:
    with Client(site.url) as client:
        client.delete(int(lost[2:]), headers={"X-Request-With": "https://www.nicovideo.jp"})
    assert "is not among the videos" in cli("adopt", lost, "m.yaml").err


def test_what_the_list_calls_deleted(
    cli: Cli, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.series("a")
    faults, item = Faults(), {"isDeleted": True, "essential": {"id": "sm9", "duration": 2}}
    faults.at("GET /v2/users/me/videos.*", says({"meta": {}, "data": {"items": [item]}}))
    with Sandbox(tmp_path / "other", wrap=faults.wrap) as other:
        monkeypatch.setenv("NICOBATCH_API_ORIGIN", other.url)
        monkeypatch.setenv("NICOBATCH_USER_SESSION", MAIN.user_session)
        result = cli("adopt", "sm9", "m.yaml")
    assert (result.code, result.err) == (1, "error: sm9 is deleted\n")


def test_a_run_that_is_at_work_on_it(cli: Cli, shelf: Shelf, site: Sandbox, lost: str) -> None:
    folder = shelf.folder / ".nicobatch"
    with Locks("publish").acquire(folder / "m.yaml" / ".a.json.lock", "video"):
        result = cli("adopt", lost, "m.yaml")
    assert result.code == 5
    assert "the video a is in use by publish" in result.err
    assert cli("adopt", lost, "m.yaml").code == 0


def test_a_run_that_is_at_work_for_the_account(
    cli: Cli, shelf: Shelf, site: Sandbox, lost: str
) -> None:
    folder = platformdirs.user_state_path("nicobatch") / "locks"
    with Locks("publish").acquire(
        on_machine(folder, site.url, Owner(DEFAULT_SITE, "main")).path, "account"
    ):
        result = cli("adopt", lost, "m.yaml")
    assert result.code == 5
    assert "the account main is in use by publish" in result.err
    assert not (shelf.folder / ".nicobatch").exists()


def test_a_damaged_receipt_stays(cli: Cli, shelf: Shelf, site: Sandbox, lost: str) -> None:
    cli("adopt", lost, "m.yaml")
    path = shelf.folder / ".nicobatch/m.yaml/a.json"
    path.write_text(json.dumps({"nicobatch": 1}), "utf-8")
    result = cli("adopt", lost, "m.yaml")
    assert result.code == 1
    assert "is damaged" in result.err


def test_a_rehearsal(shelf: Shelf) -> None:
    shelf.series("a")
    assert process("publish", ".", "--sandbox", "--poll-interval", "0.2").code == 0
    shutil.rmtree(shelf.folder / ".nicobatch/sandbox/m.yaml")
    refused = process("publish", ".", "--sandbox")
    assert "`nicobatch adopt sm39130867 m.yaml#a --sandbox`" in refused.err
    assert process("adopt", "sm39130867", "m.yaml#a", "--sandbox").code == 0
    assert process("plan", ".", "--sandbox").out.startswith("= m.yaml#a")
