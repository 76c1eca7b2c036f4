from __future__ import annotations

import hashlib
import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nicobatch.actions import access
from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import MAIN, SECOND, Result, process

Audit = Callable[[], list[dict[str, Any]]]


def test_a_rehearsal_from_end_to_end(shelf: Shelf) -> None:
    manifest = shelf.series("第1回", "b")
    manifest.write_text(manifest.read_text("utf-8") + "    publish: draft\n", "utf-8")

    first = process("publish", ".", "--sandbox", "--poll-interval", "0.2")
    assert first.code == 0, first.err
    *table, last = first.out.splitlines()
    header, *rows = table
    assert header.split("\t") == ["video", "title", "state", "URL"]
    for row, (name, state) in zip(
        rows, [("第1回", "published"), ("b", "saved as a draft")], strict=True
    ):
        video, title, said, url = row.split("\t")
        assert (video, said) == (f"m.yaml#{name}", state)
        assert title.startswith("【実況】")
        assert url.startswith("http://127.0.0.1:8025/")
    called = shlex.join([sys.executable, "-m", "nicobatch"])
    assert last == (
        f"SANDBOX: nothing was sent to niconico; `{called} sandbox` in this folder"
        " shows the videos at http://127.0.0.1:8025/garage/videos"
    )
    lines = first.err.splitlines()
    assert lines[:3] == [
        "main: signed in as サンドボックス (user 10000001, premium)",
        "第1回: creating the video",
        "第1回: preparing the upload",
    ]
    assert f"第1回: published {access.SANDBOX_GARAGE}#sm39130867" in lines

    second = process("publish", ".", "--sandbox", "--format", "json")
    assert second.code == 0
    assert second.err == ""
    kinds = [event["event"] for event in second.events if event["event"] != "video_started"]
    assert kinds == ["batch_started", "video_done", "video_done", "batch_done", "result"]
    assert second.of("batch_done")[0]["states"] == {"unchanged": 2}
    assert (shelf.folder / ".nicobatch" / "sandbox" / ".gitignore").exists()


def test_every_video_arrives_once(cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit) -> None:
    shelf.series("a", "b")
    first = cli("publish", ".", "--format", "json")
    assert first.code == 0
    assert first.err == ""
    done = first.of("video_done")
    assert [event["state"] for event in done] == ["published", "published"]
    assert done[0]["url"] == f"{site.url}/watch/sm39130867"
    sums = [hashlib.sha256((shelf.folder / f"{name}.mp4").read_bytes()) for name in "ab"]
    assert [entry["sha256"] for entry in audit()] == [each.hexdigest() for each in sums]

    requests = len(site.audit()["requests"])
    second = cli("publish", ".")
    assert second.code == 0
    assert second.out.count("unchanged") == 2
    assert len(site.audit()["requests"]) == requests


def test_one_failure_never_stops_the_others(
    cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit
) -> None:
    shelf.series("a", "b", "c")
    cli("publish", ".")
    shelf.series("a", "b", "c", "d")
    shelf.add("b.mp4", at_least=50_000)
    result = cli("publish", ".")
    assert result.code == 1
    states = [line.split()[-2 if "http" in line else -1] for line in result.out.splitlines()[1:]]
    assert states == ["unchanged", "refused", "unchanged", "published"]
    assert "b: refused: b.mp4 is not the file that was uploaded" in result.err
    assert "    niconico can't replace a video's file" in result.err
    assert len(audit()) == 4


def test_fail_fast(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", "b")
    cli("publish", ".")
    shelf.series("a", "b", "c")
    shelf.add("a.mp4", at_least=50_000)
    result = cli("publish", ".", "--fail-fast", "--format", "json")
    assert result.code == 1
    assert result.of("batch_done")[0]["states"] == {"refused": 1, "skipped": 2}


def test_without_waiting(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    result = cli("publish", ".", "--no-wait", "--poll-interval", "1")
    assert result.code == 0
    assert "encoding" not in result.err
    requests = [(each["method"], each["path"]) for each in site.audit()["requests"]]
    assert not any(path.endswith("/status") for _, path in requests)


@pytest.mark.parametrize(
    ("faulty", "name"),
    [
        ("version: 1\nfile: gone.mp4\ntitle: 第2回\n", "n.yaml"),
        ("version: 1\nfile: x.mp4\ntitle: [\n", "n.yaml"),
        ("version: 1\nvideos:\n  - {file: x.mp4, title: x}\n  - {file: y.mp4}\n", "n.yaml"),
        ("version: 1\ndefaults: {genre: 3}\nfile: x.mp4\ntitle: x\n", "n.yaml"),
        (None, "n.yaml"),
    ],
    ids=["file", "yaml", "one-of-two", "defaults", "not-there"],
)
def test_a_manifest_with_problems_is_left_out_alone(
    cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit, faulty: str | None, name: str
) -> None:
    shelf.series("good", name="deep/m.yaml")
    shelf.add("x.mp4")
    shelf.add("y.mp4")
    if faulty:
        shelf.write(faulty, name)
    before = shelf.listing()
    for option in ("--all-or-nothing", "--strict"):
        for command in ("plan", "publish"):
            result = cli(command, "deep", name, option)
            assert result.code == 1
            assert f"{name}:" in result.out
            assert f"nothing is published: {option} lets n" in result.out
    assert shelf.listing() == before
    assert site.audit()["requests"] == []
    planned = cli("plan", "deep", name, "--exit-code")
    assert planned.code == 1
    assert "+ deep/m.yaml#good" in planned.out
    for _again in range(2):
        result = cli("publish", "deep", name)
        assert result.code == 1
        assert result.out.endswith(f"left out, because of errors: {name}\n")
        assert [entry["metadata"]["title"] for entry in audit()] == ["【実況】good はじめての冒険"]
    assert cli("publish", "deep", name, "--format", "json").of("result") == [
        {"event": "result", "left_out": [name]}
    ]


def test_nothing_is_begun_where_all_manifests_are_faulty(
    cli: Cli, shelf: Shelf, site: Sandbox
) -> None:
    shelf.write("version: 1\nfile: gone.mp4\ntitle: 第2回\n", "n.yaml")
    before = shelf.listing()
    result = cli("publish", ".")
    assert result.code == 1
    assert "n.yaml:2:7: error: " in result.out
    assert result.err == ""
    assert shelf.listing() == before
    assert site.audit()["requests"] == []
    assert cli("publish", "n.yaml", "--format", "json").of("problem")


def test_what_all_manifests_have_to_do_with_is_no_reason_to_publish_twice(
    cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit
) -> None:
    shelf.series("a")
    shelf.write("version: 1\nfile: a.mp4\ntitle: 同じ\n", "n.yaml")
    assert cli("publish", ".").code == 1
    assert len(audit()) == 1


def test_warnings_are_told_and_do_not_matter_unless_strict(
    cli: Cli, shelf: Shelf, site: Sandbox
) -> None:
    shelf.series("a", more="defaults: {genre: gmae}\n")
    strict = cli("publish", ".", "--strict")
    assert strict.code == 1
    assert strict.out.endswith(
        "nothing is published: --strict lets neither an error nor a warning pass\n"
    )
    assert site.audit()["requests"] == []
    result = cli("publish", ".", "--no-wait")
    assert "[unknown-genre]" in result.out
    assert site.audit()["requests"]


def test_another_account(cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit) -> None:
    shelf.series("a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NICOBATCH_SECOND_USER_SESSION", SECOND.user_session)
        result = cli("publish", ".", "--account", "second")
    assert result.code == 0
    assert [entry["userId"] for entry in audit()] == [SECOND.user_id]
    assert "second: signed in as 砂場の友だち" in result.err


def test_accounts_of_several_manifests(cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit) -> None:
    shelf.series("a")
    shelf.series("b", name="n.yaml", more="account: second\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NICOBATCH_SECOND_USER_SESSION", SECOND.user_session)
        assert cli("publish", ".").code == 0
    assert {entry["userId"] for entry in audit()} == {MAIN.user_id, SECOND.user_id}


def test_nobody_signed_in(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", "b")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NICOBATCH_USER_SESSION")
        result = cli("publish", ".")
    assert result.code == 3
    assert result.err.splitlines() == [
        "a: failed: nobody is signed in",
        "    run `nicobatch session set`, or set NICOBATCH_USER_SESSION, and run it again",
        "b: skipped: nobody is signed in",
    ]
    assert site.audit()["requests"] == []


def test_a_one_time_code_that_nobody_can_be_asked_for(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.series("a")
    monkeypatch.setenv("NICOBATCH_MAIL", "otp@example.com")
    monkeypatch.setenv("NICOBATCH_PASSWORD", "sandbox")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    result = cli("publish", ".", "--profile", "article-2021")
    assert result.code == 3
    assert "NICOBATCH_OTP" in result.err
    monkeypatch.setenv("NICOBATCH_OTP", "123456")
    assert cli("publish", ".", "--profile", "article-2021").code == 0


def test_the_site_is_not_there(cli: Cli, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.series("a")
    monkeypatch.setenv("NICOBATCH_USER_SESSION", MAIN.user_session)
    options = ("--api-origin", "http://127.0.0.1:9", "--retry-attempts", "2")
    result = cli("publish", ".", *options, "--retry-max-wait", "0")
    assert result.code == 1
    assert "127.0.0.1:9 can't be reached; trying again" in result.err
    assert "a: failed: 127.0.0.1:9 can't be reached" in result.err


def test_the_account_is_busy(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    from tests.unit.sites.niconico.sandbox.client import Client

    with Client(site.url) as someone:
        blocker = someone.created()
    shelf.series("a")
    result = cli("publish", ".", "--busy-timeout", "0")
    assert result.code == 5
    assert f"another upload of this account is in the way (id {blocker})" in result.err


def test_receipts_of_two_manifests_would_collide(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    shelf.series("b", name="deep/m.yaml")
    for command in ("plan", "publish"):
        result = cli(command, ".", "--journal", "receipts")
        assert result.code == 2
        assert "m.yaml would share their receipts in receipts" in result.err
    result = cli("publish", ".", "--journal", "receipts", "--format", "json")
    assert result.code == 2
    assert "--journal" in result.of("error")[0]["hint"]
    assert site.audit()["requests"] == []
    assert not (shelf.folder / "receipts").exists()


def test_receipts_of_two_manifests_for_two_sites_lie_apart(cli: Cli, shelf: Shelf) -> None:
    text = "version: 1\nfile: {}.mp4\ntitle: x\ndescription: x\ntags: [x]\nid: same\n"
    other = "sites: [bilibili]\nbilibili: {tid: 17, copyright: own}\n"
    for name, more in (("a", ""), ("b", other)):
        shelf.add(f"{name}/{name}.mp4")
        shelf.write(text.format(name) + more, f"{name}/2024.yaml")
    publish = ("publish", "a", "b", "--journal", "receipts", "--sandbox")
    assert cli(*publish).code == 0
    assert cli(*publish).out.count("unchanged") == 2
    folder = shelf.folder / "receipts" / "sandbox" / "2024.yaml"
    assert (folder / "same.json").is_file()
    assert (folder / "bilibili" / "same.json").is_file()


def test_a_rehearsal_with_a_journal_says_where_to_look(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    result = cli("publish", ".", "--sandbox", "--journal", "my receipts", "--no-wait")
    assert result.code == 0
    state = Path("my receipts", "sandbox", ".site")
    assert f"`nicobatch sandbox --state '{state}'` in this folder shows" in result.out


def test_a_secret_is_in_no_output_and_no_file(
    shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.series("a")
    secrets = {
        "NICOBATCH_USER_SESSION": MAIN.user_session,
        "NICOBATCH_PASSWORD": "p4ssw0rd-of-mine",
        "NICOBATCH_OTP": "987654",
        "NICOBATCH_MAIL": "me@private.example",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    runs = [
        process(*words)
        for words in (
            ("publish", ".", "-v", "--no-wait"),
            ("publish", ".", "-v", "--format", "json"),
            ("publish", ".", "-v", "--profile", "article-2021", "--account", "x"),
            ("session", "check", "-v"),
            ("session", "check", "--api-origin", "http://127.0.0.1:9"),
            ("status",),
            ("plan", ".", "--format", "json"),
        )
    ]
    said = "".join(run.out + run.err for run in runs)
    kept = [path.read_bytes() for path in shelf.folder.rglob("*") if path.is_file()]
    assert "signed in" in said
    for secret in secrets.values():
        assert secret not in said
        assert not any(secret.encode() in content for content in kept)
    assert site.audit()["leaks"] == []


def test_a_receipt_of_a_newer_version_is_left_alone(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    cli("publish", ".")
    receipt = shelf.folder / ".nicobatch" / "m.yaml" / "a.json"
    receipt.write_text(json.dumps({"nicobatch": 99}), "utf-8")
    result = cli("publish", ".")
    assert result == Result(1, "", result.err)
    assert "was written by a newer nicobatch" in result.err
    assert json.loads(receipt.read_text("utf-8")) == {"nicobatch": 99}
