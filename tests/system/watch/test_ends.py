"""What becomes of files that are through, and of a watcher that comes to its end by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch.sandbox import Sandbox
from tests.support.stages import sha256
from tests.system.watch.watching import Inbox


def test_once_publishes_what_is_there(inbox: Inbox) -> None:
    inbox.unit("a")
    inbox.unit("b")
    with inbox.watch("--once") as watching:
        assert watching.wait() == 0
        (result,) = watching.of("result")
        assert result["manifests"]["done"] == 2
        assert watching.err == ""
    inbox.demand("a.mp4", "b.mp4")
    with inbox.watch("--once") as watching:
        assert watching.wait() == 0
        assert watching.of("video_started") == []


def test_once_with_nothing_there(inbox: Inbox) -> None:
    with inbox.watch("--once") as watching:
        assert watching.wait() == 0


def test_once_with_problems(inbox: Inbox) -> None:
    inbox.unit("a")
    inbox.put("b.yaml", b"version: 1\n")
    with inbox.watch("--once") as watching:
        assert watching.wait() == 1
        assert watching.of("problem")
    inbox.demand("a.mp4")


@pytest.mark.parametrize("whole", [False, True], ids=["incomplete", "waiting"])
def test_once_with_something_left(inbox: Inbox, whole: bool) -> None:
    inbox.unit("a")
    inbox.write("b.yaml", "b.mp4")
    if not whole:
        inbox.put("b.mp4", inbox.data("b")[:3000])
    with inbox.watch("--once") as watching:
        assert watching.wait() == 5
    inbox.demand("a.mp4")


def test_once_with_a_failure(inbox: Inbox) -> None:
    inbox.unit("a")
    inbox.put("b.mp4", inbox.data("a.mp4"))
    inbox.write("b.yaml", "b.mp4")
    with inbox.watch("--once") as watching:
        assert watching.wait() == 1
    assert len(inbox.entries()) == 1


def test_once_without_a_sign_in(inbox: Inbox) -> None:
    inbox.unit("a")
    inbox.unit("b")
    with inbox.watch("--once", more={"NICOBATCH_USER_SESSION": ""}) as watching:
        assert watching.wait() == 3
        assert watching.of("result")
    assert inbox.entries() == []


def test_once_without_a_folder(inbox: Inbox) -> None:
    inbox.folder.rmdir()
    with inbox.watch("--once") as watching:
        assert watching.wait() == 5
        assert "is not there" in watching.err


def test_a_file_is_no_folder(single: Inbox) -> None:
    single.folder = single.unit("a")
    with single.watch() as watching:
        assert watching.wait() == 2


def test_what_is_published_is_moved(inbox: Inbox) -> None:
    done = inbox.folder / "done"
    sums = {}
    with inbox.begin("--done", str(done)) as watching:
        for name in ("a", "b"):
            inbox.unit(name)
            sums[name] = sha256(inbox.folder / f"{name}.mp4")
        moved = [watching.until(lambda event: event["event"] == "moved") for _time in "ab"]
        assert watching.end() == 143
        assert watching.units("waiting") == watching.units(None) == []
    assert {each["folder"] for each in moved} == {str(done / name) for name in "ab"}
    assert sorted(path.name for path in inbox.folder.iterdir()) == [".nicobatch", "done"]
    inbox.demand("done/a/a.mp4", "done/b/b.mp4")
    result = json.loads((done / "a" / "result.json").read_text("utf-8"))
    (video,) = result["videos"]
    assert video["state"] == "published"
    assert video["url"].startswith(inbox.site.url)
    assert sums == {name: sha256(done / name / f"{name}.mp4") for name in "ab"}


def test_what_was_published_before_is_moved_once_the_site_has_said_so(inbox: Inbox) -> None:
    inbox.unit("a")
    with inbox.watch("--once") as watching:
        assert watching.wait() == 0
    (inbox.folder / ".nicobatch" / ".watch.json").unlink()
    before = len(inbox.site.audit()["requests"])
    with inbox.watch("--once", "--done", str(inbox.folder.with_name("done"))) as watching:
        assert watching.wait() == 0
        assert watching.of("moved")
        assert [each["state"] for each in watching.of("video_done")] == ["unchanged"]
    requests = [each["path"] for each in inbox.site.audit()["requests"][before:]]
    assert any(path.endswith("/users/me/videos") for path in requests)


def test_without_waiting_nothing_is_moved_before_it_is_there(single: Inbox, tmp_path: Path) -> None:
    done = tmp_path / "done"
    with Sandbox(tmp_path / "slow", encode_seconds=1.5) as slow:
        inbox = replace(single, site=slow)
        inbox.unit("a")
        with inbox.begin("--no-wait", "--done", str(done)) as watching:
            later = watching.until_unit("a.yaml", "later")
            assert "still at work" in later["message"]
            assert not (done / "a").exists()
            watching.until(lambda event: event["event"] == "moved")
        inbox.demand(done / "a" / "a.mp4")
        assert slow.audit()["crashes"] == []


def test_what_can_not_be_published_is_moved_with_the_reason(inbox: Inbox) -> None:
    failed = inbox.folder / "failed"
    inbox.unit("a")
    with inbox.begin("--failed", str(failed)) as watching:
        watching.until_done("a.yaml")
        inbox.put("b.mp4", inbox.data("a.mp4"))
        inbox.write("b.yaml", "b.mp4")
        inbox.put("c.yaml", b"version: 1\n")
        watching.until(lambda event: event["event"] == "moved")
        watching.until_unit("c.yaml", "invalid") if not watching.units("invalid") else None
    result = json.loads((failed / "b" / "result.json").read_text("utf-8"))
    assert "taken by" in result["message"]
    assert (failed / "b" / "b.mp4").exists()
    assert sorted(path.name for path in inbox.folder.glob("*.yaml")) == ["a.yaml", "c.yaml"]


def test_a_shared_video_stays_for_the_other_manifest(inbox: Inbox) -> None:
    inbox.add("a.mp4")
    inbox.write("a.yaml", "a.mp4")
    inbox.write("b.yaml", "a.mp4", "later.mp4")
    done = inbox.folder / "done"
    with inbox.begin("--done", str(done)) as watching:
        moved = watching.until(lambda event: event["event"] == "moved")
    assert (inbox.folder / "a.mp4").exists()
    assert moved["hint"].endswith(f"stays: {inbox.folder / 'a.mp4'}")
    assert sorted(path.name for path in (done / "a").iterdir()) == ["a.yaml", "result.json"]
