"""However files come into the folder, they are published once, and not before they are whole."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nicobatch.cli.publish import GO_ON
from tests.system.watch.watching import Inbox, Watching

LONG_SETTLE = ("--settle", "600")


@pytest.fixture
def watching(inbox: Inbox) -> Iterator[Watching]:
    with inbox.begin() as made:
        yield made
        assert made.end() == 143
        assert made.err == f"{GO_ON}\n"


def test_what_was_there_before(inbox: Inbox) -> None:
    inbox.unit("a")
    inbox.unit("b")
    with inbox.begin() as watching:
        watching.until_done("a.yaml", "b.yaml")
    inbox.demand("a.mp4", "b.mp4")


def test_a_video_before_its_manifest(inbox: Inbox, watching: Watching) -> None:
    inbox.add("a.mp4")
    told = watching.until(lambda event: event["event"] == "unit")
    assert told["state"] is None
    assert "no manifest names" in told["message"]
    inbox.write("a.yaml", "a.mp4")
    watching.until_done("a.yaml")
    inbox.demand("a.mp4")
    assert len(watching.units(None)) == 1


def test_a_manifest_before_its_video(inbox: Inbox, watching: Watching) -> None:
    inbox.write("a.yaml", "a.mp4")
    assert "a.mp4" in watching.until_unit("a.yaml", "waiting")["message"]
    assert inbox.entries() == []
    inbox.add("a.mp4")
    watching.until_done("a.yaml")
    inbox.demand("a.mp4")
    assert len(watching.units("waiting")) == 1


def test_a_slow_writer(inbox: Inbox, watching: Watching) -> None:
    inbox.write("a.yaml", "a.mp4")
    data, path = inbox.data("a.mp4"), inbox.folder / "a.mp4"
    with path.open("wb") as file:
        for at in range(0, len(data), len(data) // 12):
            file.write(data[at : at + len(data) // 12])
            file.flush()
            time.sleep(0.1)
    watching.until_done("a.yaml")
    inbox.demand("a.mp4")
    assert watching.units("incomplete") == []


def test_a_writer_that_pauses_for_longer_than_files_take_to_settle(
    inbox: Inbox, watching: Watching
) -> None:
    inbox.write("a.yaml", "a.mp4")
    data = inbox.data("a.mp4")
    half = inbox.put("a.mp4", data[: len(data) // 2])
    assert "cut off" in watching.until_unit("a.yaml", "incomplete")["message"]
    with half.open("ab") as file:
        file.write(data[len(data) // 2 :])
    watching.until_done("a.yaml")
    inbox.demand("a.mp4")
    assert len(watching.units("incomplete")) == 1


def test_a_copy_that_stopped_an_hour_ago(inbox: Inbox) -> None:
    inbox.write("a.yaml", "a.mp4")
    half = inbox.put("a.mp4", inbox.data("a.mp4")[:2000])
    os.utime(half, (time.time() - 3600,) * 2)
    with inbox.begin() as watching:
        watching.until_unit("a.yaml", "incomplete")
    assert inbox.entries() == []


def test_a_rename_into_place_skips_the_wait(single: Inbox) -> None:
    with single.begin(*LONG_SETTLE) as watching:
        for name, path in (("a.mp4", single.add("a.mp4.part")), ("a.yaml", None)):
            source = path or single.write("a.yaml.part", "a.mp4")
            source.rename(single.folder / name)
        watching.until_done("a.yaml")
    single.demand("a.mp4")


def test_a_rename_into_place_where_nobody_tells(inbox: Inbox, watching: Watching) -> None:
    inbox.add("a.mp4.part").rename(inbox.folder / "a.mp4")
    inbox.write(".a.yaml", "a.mp4").rename(inbox.folder / "a.yaml")
    watching.until_done("a.yaml")
    inbox.demand("a.mp4")


def test_a_marker_skips_the_wait(inbox: Inbox) -> None:
    with inbox.begin(*LONG_SETTLE) as watching:
        inbox.unit("a")
        inbox.put("a.yaml.ready", b"")
        watching.until_done("a.yaml")
    inbox.demand("a.mp4")


def test_an_invalid_manifest_is_mended_in_place(inbox: Inbox, watching: Watching) -> None:
    inbox.add("a.mp4")
    manifest = inbox.put("a.yaml", b"version: 1\nfile: a.mp4\ntitel: x\n")
    watching.until_unit("a.yaml", "invalid")
    problems = watching.of("problem")
    assert {Path(each["path"]) for each in problems} == {manifest}
    assert any(each["line"] == 3 for each in problems)
    inbox.write("a.yaml", "a.mp4")
    watching.until_done("a.yaml")
    inbox.demand("a.mp4")
    assert watching.of("problem") == problems


def test_a_video_outside_of_the_folder(inbox: Inbox) -> None:
    outside = inbox.folder.parent / "elsewhere.mp4"
    outside.write_bytes(inbox.data("a"))
    inbox.write("a.yaml", "../elsewhere.mp4")
    with inbox.begin() as watching:
        watching.until_unit("a.yaml", "invalid")
        assert [each["rule"] for each in watching.of("problem")] == ["file-outside-folder"]
    with inbox.begin("--allow-outside") as watching:
        watching.until_done("a.yaml")
    inbox.demand(outside)


def test_a_video_that_is_written_anew_during_its_upload(inbox: Inbox) -> None:
    inbox.write("a.yaml", "a.mp4")
    inbox.add("a.mp4", at_least=3_000_000)
    with inbox.begin("--limit-rate", "2M") as watching:
        watching.until(lambda event: event["event"] == "progress" and event["sent"] > 0)
        inbox.put("a.mp4", inbox.data("other", at_least=2_000_000))
        watching.until_done("a.yaml")
        assert len(watching.of("video_failed")) == 1
    inbox.demand("a.mp4")


def test_a_storm_of_touches_publishes_nothing_twice(inbox: Inbox, watching: Watching) -> None:
    paths = [inbox.unit("a"), inbox.folder / "a.mp4", inbox.unit("b"), inbox.folder / "b.mp4"]
    watching.until_done("a.yaml", "b.yaml")
    over = threading.Event()

    def storm() -> None:
        while not over.is_set():
            for path in paths:
                path.touch()
                path.chmod(0o600)
                path.chmod(0o644)

    thread = threading.Thread(target=storm)
    with _while(thread, over):
        inbox.unit("c")
        watching.until_done("c.yaml")
        time.sleep(1)
    watching.until(lambda event: event["event"] == "video_done")
    states = [each["state"] for each in watching.of("video_done")]
    assert states.count("published") == 3
    assert set(states) == {"published", "unchanged"}
    inbox.demand("a.mp4", "b.mp4", "c.mp4")


@contextlib.contextmanager
def _while(thread: threading.Thread, over: threading.Event) -> Iterator[None]:
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
