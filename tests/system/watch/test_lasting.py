"""The watcher is stopped, killed, suspended, robbed of its folder; nothing is lost, or doubled."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from wsgiref.types import WSGIApplication, WSGIEnvironment

import pytest

from tests.support.faults import Answered, Faults, answered, refused, reset_before
from tests.system.watch.watching import Event, Inbox, Watching

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signal for one process")

WITHIN = 2.0
"""Seconds in which a signal ends the watcher."""


def until_sent(watching: Watching, size: int) -> None:
    watching.until(lambda event: event["event"] == "progress" and event["sent"] > size)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["TERM", "INT"]
)
def test_a_stop_in_the_middle_of_an_upload(
    single: Inbox, number: signal.Signals, code: int
) -> None:
    single.add("a.mp4", at_least=21_000_000)
    single.write("a.yaml", "a.mp4")
    with single.begin("--limit-rate", "10M", "--parallel-chunks", "1") as watching:
        until_sent(watching, 11_000_000)
        begun = time.monotonic()
        watching.send(number)
        assert watching.wait() == code
        assert time.monotonic() - begun < WITHIN
    receipt = single.folder / ".nicobatch" / "a.yaml" / "a.json"
    assert json.loads(receipt.read_text("utf-8"))["upload"]["doneParts"] == "0"
    with single.begin() as watching:
        watching.until_done("a.yaml")
    single.demand("a.mp4")
    (entry,) = single.entries()
    assert entry["parts"]["0"] == 1


def test_a_stop_while_nothing_is_to_be_done(inbox: Inbox) -> None:
    with inbox.begin() as watching:
        begun = time.monotonic()
        assert watching.end() == 143
        assert time.monotonic() - begun < WITHIN / 2


def test_a_kill_in_the_middle_of_the_queue(inbox: Inbox) -> None:
    names = [f"e{number}" for number in range(6)]
    for name in names:
        inbox.unit(name)
    with inbox.begin() as watching:
        watching.until_done("e1.yaml")
        watching.process.kill()
    assert len(inbox.entries()) < len(names)
    with inbox.begin() as watching:
        watching.until_done("e5.yaml")
        again = watching.of("video_started")
    inbox.demand(*(f"{name}.mp4" for name in names))
    assert [each["id"] for each in inbox.entries()] == sorted(
        each["id"] for each in inbox.entries()
    )
    assert len(again) <= len(names) - 1


def test_what_is_done_is_not_read_again_after_a_restart(inbox: Inbox) -> None:
    inbox.unit("a")
    with inbox.begin() as watching:
        watching.until_done("a.yaml")
        inbox.unit("b")
        watching.until_done("b.yaml")
        watching.end()
    with inbox.begin() as watching:
        inbox.unit("c")
        watching.until_done("c.yaml")
        assert {Path(each["path"]).name for each in watching.of("unit")} <= {"b.yaml", "c.yaml"}


def test_twenty_thousand_arrivals_while_the_process_is_stopped(inbox: Inbox) -> None:
    with inbox.begin() as watching:
        inbox.unit("first")
        watching.until_done("first.yaml")
        watching.send(signal.SIGSTOP)
        strays = {f"s{number:05}.mp4" for number in range(19_990)}
        for name in strays:
            (inbox.folder / name).write_bytes(b"?")
        names = [f"e{number}" for number in range(10)]
        for name in names:
            inbox.unit(name)
        watching.send(signal.SIGCONT)
        watching.until_done(*(f"{name}.yaml" for name in names), patience=60)
        told = Counter(_names(watching.units(None)))
        while len(told) < len(strays):
            more = watching.until(lambda event: event["event"] == "unit" and event["state"] is None)
            told.update(_names([more]))
    assert set(told) == strays
    assert set(told.values()) == {1}
    inbox.demand("first.mp4", *(f"{name}.mp4" for name in names))


def _names(events: list[Event]) -> list[str]:
    return [Path(each["path"]).name for each in events]


def test_a_folder_that_goes_away_and_comes_back(inbox: Inbox) -> None:
    away = inbox.folder.with_name("away")
    with inbox.begin() as watching:
        inbox.unit("a")
        watching.until_done("a.yaml")
        inbox.folder.rename(away)
        gone = watching.until(lambda event: event["event"] == "folder")
        assert gone["state"] == "unavailable"
        inbox.folder.mkdir()  # the mount point, without what is mounted there
        time.sleep(1.2)
        inbox.folder.rmdir()
        inbox.unit_in(away, "b")
        away.rename(inbox.folder)
        back = watching.until(lambda event: event["event"] == "folder")
        assert back["state"] == "available"
        watching.until_done("b.yaml")
        assert len(watching.of("folder")) == 2
        assert [each["state"] for each in watching.of("video_done")] == ["published"] * 2
    inbox.demand("a.mp4", "b.mp4")


def test_a_folder_that_is_not_there_yet(inbox: Inbox) -> None:
    inbox.folder.rmdir()
    with inbox.watch() as watching:
        told = watching.until(lambda event: event["event"] == "folder")
        assert told["state"] == "unavailable"
        inbox.folder.mkdir()
        inbox.unit("a")
        watching.until_done("a.yaml")
    inbox.demand("a.mp4")


def test_a_folder_that_goes_away_during_an_upload(inbox: Inbox) -> None:
    away = inbox.folder.with_name("away")
    inbox.add("a.mp4", at_least=3_000_000)
    inbox.write("a.yaml", "a.mp4")
    with inbox.begin("--limit-rate", "3M") as watching:
        until_sent(watching, 0)
        inbox.folder.rename(away)
        watching.until(lambda event: event["event"] == "video_failed")
        time.sleep(0.7)
        away.rename(inbox.folder)
        watching.until_done("a.yaml")
    inbox.demand("a.mp4")


def test_a_second_watcher_is_refused(inbox: Inbox) -> None:
    with inbox.begin() as first:
        with inbox.watch() as second:
            assert second.wait() == 5
            assert f"(pid {first.process.pid})" in second.err
            assert "in use by watch on" in second.of("error")[0]["message"]
        link = inbox.folder.with_name("link")
        link.symlink_to(inbox.folder)
        inbox.folder = link
        with inbox.watch() as third:
            assert third.wait() == 5
        first.process.kill()
        first.process.wait()
        with inbox.begin():
            pass


def test_a_failing_unit_keeps_nothing_waiting_and_is_tried_again_when_it_changes(
    inbox: Inbox,
) -> None:
    inbox.unit("a")
    with inbox.begin("--rescan", "30") as watching:
        watching.until_done("a.yaml")
        inbox.put("same.mp4", inbox.data("a.mp4"))
        inbox.write("same.yaml", "same.mp4")
        failed = watching.until_unit("same.yaml", "hopeless")
        assert "taken by" in failed["message"]
        assert failed["seconds"] > 20
        inbox.unit("b")
        watching.until_done("b.yaml")
        inbox.write("same.yaml", "same.mp4", more="defaults: {allow_duplicate: true}\n")
        watching.until_done("same.yaml")
    inbox.demand("a.mp4", "b.mp4", "same.mp4")


def test_a_fault_that_passes_is_tried_again(inbox: Inbox, faults: Faults) -> None:
    for _time in range(2):
        faults.at("POST .*/v2/videos[?]", reset_before)
    inbox.unit("a")
    with inbox.begin("--retry-attempts", "1") as watching:
        failed = watching.until_unit("a.yaml", "failed")
        assert 0.4 < failed["seconds"] < 0.6
        again = watching.until_unit("a.yaml", "failed")
        assert again["seconds"] > failed["seconds"] * 1.5
        watching.until_done("a.yaml")
    inbox.demand("a.mp4")


def test_an_account_that_nobody_is_signed_in_to_waits_alone(inbox: Inbox) -> None:
    inbox.add("a.mp4")
    inbox.write("a.yaml", "a.mp4", more="account: second\n")
    with inbox.begin(more={"NICOBATCH_SECOND_USER_SESSION": "user_session_1_0"}) as watching:
        blocked = watching.until_unit("a.yaml", "blocked")
        assert blocked["account"] == "second"
        assert "sign-in" in blocked["message"]
        inbox.unit("b")
        watching.until_done("b.yaml")
    inbox.demand("b.mp4")


def test_a_mended_sign_in_lets_the_account_go_on(inbox: Inbox, faults: Faults) -> None:
    faults.at("GET .*/users/me.*", refused("401 Unauthorized"))
    inbox.unit("a")
    with inbox.begin() as watching:
        watching.until_unit("a.yaml", "blocked")
        inbox.unit("b")
        watching.until_done("a.yaml", "b.yaml")
    inbox.demand("a.mp4", "b.mp4")


def test_signs_of_life(inbox: Inbox) -> None:
    heart = inbox.folder.parent / "heart.json"
    with inbox.begin("--heartbeat", str(heart)) as watching:
        inbox.unit("a")
        watching.until_done("a.yaml")
        deadline = time.monotonic() + 5
        beat: Event = {}
        while beat.get("units", {}).get("done") != 1 and time.monotonic() < deadline:
            time.sleep(0.05)
            with contextlib.suppress(FileNotFoundError):
                beat = json.loads(heart.read_text("utf-8"))
        assert beat["state"] == "watching"
        assert beat["pid"] == watching.process.pid
        assert beat["queued"] == 0


def test_a_long_upload_keeps_nobody_from_looking(inbox: Inbox, faults: Faults) -> None:
    go = threading.Event()

    def held(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
        assert go.wait(20)
        return answered(app, environ)

    faults.at("POST .*/file/chunks[?]", held)
    inbox.unit("a")
    with inbox.begin() as watching:
        watching.until(lambda event: event.get("step") == "chunks")
        inbox.write("b.yaml", "missing.mp4")
        watching.until_unit("b.yaml", "waiting")
        go.set()
        watching.until_done("a.yaml")


@pytest.fixture
def share(inbox: Inbox) -> Iterator[Path]:
    """A folder elsewhere that can be mounted on the watched one."""
    made = inbox.folder.with_name("share")
    made.mkdir()
    if not mounted(made, inbox.folder):
        pytest.skip("needs the right to mount")
    yield made
    unmounted(inbox.folder)


def mounted(share: Path, folder: Path) -> bool:
    command = shutil.which("mount")
    return bool(command) and not run([str(command), "--bind", str(share), str(folder)])


def unmounted(folder: Path) -> None:
    run([str(shutil.which("umount")), "--lazy", str(folder)])


def run(command: list[str]) -> int:
    return subprocess.run(command, check=False, capture_output=True).returncode


@pytest.mark.parametrize("during", [False, True], ids=["at rest", "during an upload"])
def test_a_share_that_is_unmounted_and_mounted_again(
    inbox: Inbox, share: Path, during: bool
) -> None:
    inbox.unit("a")
    with inbox.begin("--limit-rate", "3M") as watching:
        watching.until_done("a.yaml")
        if during:
            inbox.add("b.mp4", at_least=3_000_000)
            inbox.write("b.yaml", "b.mp4")
            watching.until(
                lambda event: event["event"] == "step_started" and event["step"] == "chunks"
            )
        unmounted(inbox.folder)
        watching.until(lambda event: event["event"] == "folder" and event["state"] == "unavailable")
        assert list(inbox.folder.iterdir()) == []
        assert mounted(share, inbox.folder)
        watching.until(lambda event: event["event"] == "folder" and event["state"] == "available")
        if not during:
            inbox.unit("b")
        watching.until_done("b.yaml")
        assert [each["state"] for each in watching.of("video_done")] == ["published"] * 2
    inbox.demand("a.mp4", "b.mp4")
