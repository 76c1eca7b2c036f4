"""What `watch` says, and with which code it ends; its long life is tried in tests/system/watch."""

from __future__ import annotations

import functools
import itertools
import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nicobatch.actions import patience, watching
from nicobatch.cli import runner
from nicobatch.cli.publish import GO_ON
from nicobatch.locks import TTL, Locks
from nicobatch.pipeline.batch import Batch
from nicobatch.sandbox import Sandbox
from nicobatch.settings import Settings
from tests.support.leaving import leave
from tests.support.rights import rightless
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import SECOND

Audit = Callable[[], list[dict[str, Any]]]
ONCE = ("watch", ".", "--once", "--settle", "0.1", "--rescan", "0.2", "--poll-interval", "0.05")


def test_what_is_there_is_published_once(
    cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit
) -> None:
    shelf.series("a", "b")
    result = cli(*ONCE)
    assert result.code == 0
    assert result.out == "1 done\n"
    assert result.err.startswith(". is watched: ")
    assert "a: published http" in result.err
    assert len(audit()) == 2
    second = cli(*ONCE, "--quiet")
    assert (second.code, second.out, second.err) == (0, "1 done\n", "")


def test_an_empty_folder(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    result = cli(*ONCE)
    assert result.code == 0
    assert result.out == "nothing to do\n"


def test_every_code_is_told_apart(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.write("version: 1\nfile: later.mp4\ntitle: 第2回\n", "later.yaml")
    assert cli(*ONCE).code == 5
    shelf.write("version: 1\n", "wrong.yaml")
    result = cli(*ONCE)
    assert result.code == 1
    assert "later.yaml waits for later.mp4" in result.err
    assert "wrong.yaml:" in result.err
    assert result.out.endswith("1 invalid, 1 waiting for files\n")


@pytest.mark.parametrize(
    "text",
    ["services:\n  web:\n    image: nginx\n", "site_name: Docs\nnav: []\n", "- hosts: all\n",
     "hello\n", "services:\n  web: [\n"],
)  # fmt: skip
def test_other_tools_files_are_left_alone(
    cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit, text: str
) -> None:
    shelf.series("a")
    shelf.write(text, "b.yml")
    (shelf.folder / "done").mkdir()
    result = cli(*ONCE, "--strict", "--done", "done")
    assert (result.code, result.out) == (0, "1 done, 1 of other tools\n"), result.err
    assert result.err.count("[other-yaml]") == 1
    assert (shelf.folder / "b.yml").read_text(encoding="utf-8") == text
    assert len(audit()) == 1


def test_a_manifest_with_a_slip_is_not_left_alone(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.write("verison: 1\nfile: a.mp4\ntitel: A\n")
    assert cli(*ONCE).code == 1


def test_a_report_needs_an_end(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    result = cli("watch", ".", "--junit", "x.xml")
    assert result.code == 2
    assert "--junit needs --once" in result.err
    shelf.series("a")
    assert cli(*ONCE, "--junit", "x.xml").code == 0
    assert 'tests="1"' in (shelf.folder / "x.xml").read_text(encoding="utf-8")


def test_warnings_count_where_they_are_to(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", more="defaults: {genre: gmae}\n")
    assert cli(*ONCE, "--strict").code == 1
    assert site.audit()["requests"] == []
    cli(*ONCE)
    assert site.audit()["requests"]


def test_warnings_are_told_once(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", more=f"defaults: {{description: {'あ' * 1300}}}\n")
    result = cli(*ONCE)
    assert result.out == "1 done\n"
    assert result.err.count("[description-too-long]") == 1
    assert "[description-too-long]" not in cli(*ONCE).err, "it is done, and not read again"


def test_so_are_those_of_what_fails(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", more="defaults: {genre: gaem}\n")
    result = cli(*ONCE)
    assert result.out == "1 failed\n"
    assert result.err.count("[unknown-genre]") == 1


def test_another_account(
    cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NICOBATCH_SECOND_USER_SESSION", SECOND.user_session)
    shelf.series("a")
    assert cli(*ONCE, "--account", "second").code == 0
    assert [entry["userId"] for entry in audit()] == [SECOND.user_id]


def test_a_rehearsal(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    result = cli(*ONCE, "--sandbox", "--format", "json")
    assert result.code == 0
    assert [event["state"] for event in result.of("video_done")] == ["published"]
    assert any("sandbox" in event for event in result.of("result"))
    assert (shelf.folder / ".nicobatch" / "sandbox" / ".watch.json").exists()


def test_receipts_elsewhere(cli: Cli, shelf: Shelf, site: Sandbox, tmp_path: Path) -> None:
    shelf.series("a")
    assert cli(*ONCE, "--journal", str(tmp_path / "journal")).code == 0
    assert (tmp_path / "journal" / "m.yaml" / "a.json").exists()


def test_moving_away(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    result = cli(*ONCE, "--done", "done", "--failed", "failed", "--format", "json")
    assert result.code == 0
    (moved,) = result.of("moved")
    told = json.loads(Path(moved["folder"], "result.json").read_text("utf-8"))
    assert [video["state"] for video in told["videos"]] == ["published"]
    assert result.of("result")[0]["manifests"] == dict.fromkeys(
        ("settling", "waiting", "incomplete", "invalid", "ready", "done", "failed", "other"), 0
    )


def test_what_was_moved_away_was_done(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    assert cli(*ONCE, "--done", "done").out == "1 done\n"
    assert cli(*ONCE, "--done", "done").out == "nothing to do\n"
    shelf.series("b", name="n.yaml")
    (result,) = cli(*ONCE, "--done", "done", "--format", "json").of("result")
    assert result["moved"] == {"done": 1}


def test_with_a_journal_nothing_is_written_into_the_folder(
    cli: Cli, shelf: Shelf, site: Sandbox, tmp_path: Path
) -> None:
    shelf.series("a")
    before = sorted(shelf.folder.iterdir())
    journal = tmp_path / "elsewhere" / "journal"
    shelf.folder.chmod(0o500)
    try:
        with rightless():
            result = cli(*ONCE, "--journal", str(journal))
    finally:
        shelf.folder.chmod(0o700)
    assert result.code == 0, result.err
    assert "can't be written" not in result.err
    assert sorted(shelf.folder.iterdir()) == before
    (memory,) = journal.rglob(".watch-*.json")
    assert memory.parent == journal


def test_several_folders_may_share_a_journal(
    cli: Cli, shelf: Shelf, site: Sandbox, tmp_path: Path
) -> None:
    journal = ("--journal", str(tmp_path / "journal"))
    shelf.series("a")
    other = tmp_path / "other"
    other.mkdir()
    assert cli(*ONCE, *journal).out == "1 done\n"
    assert cli("watch", str(other), *ONCE[2:], *journal).out == "nothing to do\n"
    assert cli(*ONCE, *journal, "--quiet").out == "1 done\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows forbids these names")
@pytest.mark.parametrize("options", [(), ("--format", "json"), ("--quiet",)])
def test_names_move_nothing_about_in_a_log(
    cli: Cli, shelf: Shelf, site: Sandbox, options: tuple[str, ...]
) -> None:
    bad = "\x1b[2J\u202egp4\u2028.\x07"
    shelf.series("a")
    (shelf.folder / f"{bad}.mp4").write_bytes((shelf.folder / "a.mp4").read_bytes())
    (shelf.folder / f"{bad}\n.yaml").write_text("version: 1\n")
    (shelf.folder / f"out{bad}.yaml").symlink_to("/etc/hostname")
    (shelf.folder / f"b{bad}.yaml").write_text('version: 1\nfile: "gone\\u202e.mp4"\ntitle: t\n')
    result = cli(*ONCE, *options, "--done", f"done{bad}")
    said = result.out + result.err
    assert not set("\x1b\u202e\u2028\x07") & set(said)
    assert all(line.strip() for line in said.splitlines())


@pytest.mark.parametrize("moving", [(), ("--done", "done", "--failed", "failed")])
def test_a_deleted_video_is_no_failure(
    cli: Cli, shelf: Shelf, site: Sandbox, moving: tuple[str, ...]
) -> None:
    shelf.series("a")
    assert cli(*ONCE).code == 0
    assert cli("delete", "m.yaml#a", "--yes").code == 0
    shelf.series("a", more="# looked at once more\n")
    result = cli(*ONCE, *moving)
    assert (result.code, result.out) == (0, "1 done\n")
    assert not any((shelf.folder / "failed").glob("*"))


@pytest.mark.parametrize("edited", [False, True])
def test_a_published_video_needs_its_file_no_more(
    cli: Cli, shelf: Shelf, site: Sandbox, edited: bool
) -> None:
    shelf.series("a")
    assert cli(*ONCE).code == 0
    text = (shelf.folder / "m.yaml").read_text(encoding="utf-8")
    (shelf.folder / "a.mp4").unlink()
    (shelf.folder / ".nicobatch" / ".watch.json").unlink()
    if edited:
        shelf.write(text.replace("はじめて", "ふたたび"), "m.yaml")
    result = cli(*ONCE)
    assert (result.code, result.out) == (0, "1 done\n"), result.err


def test_what_the_site_has_lost_is_not_moved(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    assert cli(*ONCE).code == 0
    receipts = {path: path.read_bytes() for path in shelf.folder.glob(".nicobatch/m.yaml/a.json")}
    assert cli("delete", "m.yaml#a", "--yes").code == 0
    for path, content in receipts.items():
        path.write_bytes(content)
    (shelf.folder / ".nicobatch" / ".watch.json").unlink()
    result = cli(*ONCE, "--done", "done")
    assert result.code == 5
    assert "is not there any more" in result.err
    assert not (shelf.folder / "done" / "m").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("watch", "file"),
        ("watch", ".", "--done", "."),
        ("watch", ".", "--failed", "file"),
        ("watch", ".", "--fail-fast"),
        ("watch",),
        ("watch", ".", "--rescan", "0"),
    ],
)
def test_what_can_not_be_asked_for(
    cli: Cli, shelf: Shelf, site: Sandbox, arguments: tuple[str, ...]
) -> None:
    shelf.write("", "file")
    assert cli(*arguments).code == 2


def test_a_folder_that_is_not_there(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    result = cli("watch", "nowhere", *ONCE[2:])
    assert result.code == 5
    assert "nowhere is not there" in result.err


def test_a_folder_that_another_watcher_has(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    with Locks("watch").acquire(watching.lock_of(shelf.folder), "the folder"):
        result = cli(*ONCE)
    assert result.code == 5
    assert "in use by watch on" in result.err
    assert f"(pid {os.getpid()})" in result.err


def test_a_folder_that_a_watcher_before_the_last_boot_had(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(watching.lock_of(shelf.folder), place="here, before the power went")
    monkeypatch.setattr(
        watching, "Locks", functools.partial(Locks, monotonic=itertools.count(0, TTL).__next__)
    )
    monkeypatch.setattr(patience, "UNTIL_IT_SHOWS", Settings(poll_interval=0.01))
    shelf.series("a")
    result = cli(*ONCE)
    assert (result.code, result.out) == (0, "1 done\n")
    assert "in use by watch on" in result.err
    assert "whether it is still there shows within 120 s" in result.err


def test_a_signal_ends_it(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = threading.Timer(0.8, os.kill, (os.getpid(), signal.SIGTERM))
    later.start()
    result = cli("watch", ".", "--settle", "0.1", "--rescan", "0.2")
    later.join()
    assert result.code == 143
    assert result.err.endswith(f"\n{GO_ON}\n")
    assert "error" not in result.err


def test_work_that_does_not_stop_is_left(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(self: runner.Work[object], work: Callable[[], object]) -> object:
        return None

    def left(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr(runner.Work, "run", run)
    monkeypatch.setattr(runner, "leave", left)
    with pytest.raises(SystemExit, match="143"):
        cli(*ONCE)


def test_a_bug_in_a_worker_is_no_silent_death(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Batch, videos: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Batch, "publish", broken)
    shelf.series("a")
    result = cli(*ONCE)
    assert result.code == 70
    assert "ZeroDivisionError at" in result.err


def test_a_draft_is_moved_once_it_is_there(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", more="defaults: {publish: draft}\n")
    assert cli(*ONCE, "--no-wait").code == 0
    (shelf.folder / ".nicobatch" / ".watch.json").unlink()
    assert cli(*ONCE, "--done", "done", "--no-wait").code == 0
    assert (shelf.folder / "done" / "m" / "a.mp4").exists()


def test_nothing_is_moved_while_the_site_does_not_say(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.series("a")
    assert cli(*ONCE).code == 0
    (shelf.folder / ".nicobatch" / ".watch.json").unlink()
    monkeypatch.setenv("NICOBATCH_USER_SESSION", "user_session_1_0")
    result = cli(*ONCE, "--done", "done")
    assert result.code == 3
    assert "does not accept the sign-in" in result.err
    assert (shelf.folder / "a.mp4").exists()


def test_a_journal_that_is_damaged(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    shelf.write("{}", ".nicobatch/n.yaml/b.json")
    result = cli(*ONCE)
    assert result.code == 1
    assert "m.yaml failed: the receipt" in result.err
    assert site.audit()["entries"] == []
