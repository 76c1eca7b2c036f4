from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from nicobatch.media import Stamp
from nicobatch.watch.destination import Destination
from nicobatch.watch.judging import ManifestState
from nicobatch.watch.results import shared
from tests.unit.watch.looking import PAUSE, SETTLE, Place, names, nothing


def test_a_failed_job_is_offered_again_after_growing_pauses(place: Place) -> None:
    place.film()
    place.manifest()
    (job,) = place.settle().jobs
    for factor in (1, 2, 4):
        pause = place.inbox.failed(job, place.now)
        assert pause == PAUSE * factor
        assert place.state() is ManifestState.FAILED
        assert place.look(pause - 1).jobs == ()
        assert place.look().again == 1
        assert not place.waits()
        (job,) = place.look(1).jobs
    place.inbox.done(job)
    assert place.look(10_000).jobs == ()


def test_a_job_is_not_offered_again_before_there_is_something_to_be_done(place: Place) -> None:
    place.film()
    place.manifest()
    (job,) = place.settle().jobs
    assert place.inbox.failed(job, place.now, 100_000) == 100_000
    assert place.look(99_999).jobs == ()
    (job,) = place.look(1).jobs


@pytest.mark.parametrize("name", ["a.mp4", "m.yaml"])
def test_a_failed_job_is_offered_again_as_soon_as_it_changes(place: Place, name: str) -> None:
    place.film()
    place.manifest()
    for _ in range(3):
        (job,) = place.settle().jobs
        assert place.inbox.failed(job, place.now) == PAUSE  # a change forgives what was before
        (place.root / name).touch()


def test_a_manifest_edited_while_it_is_queued(place: Place) -> None:
    place.film()
    place.manifest()
    (old,) = place.settle().jobs
    place.manifest(title="第2回")
    assert not old.is_current()
    place.inbox.dropped(old)
    (new,) = place.settle().jobs
    assert new.ready[0].video.title == "第2回 a.mp4"
    place.inbox.dropped(old)
    assert place.inbox.failed(old, place.now) == 0
    assert place.state() is ManifestState.READY
    assert place.look(1000).jobs == ()


def test_a_manifest_edited_while_it_is_published(place: Place) -> None:
    place.film()
    place.manifest()
    (old,) = place.settle().jobs
    place.manifest(title="第2回")
    place.look()
    place.inbox.done(old)
    assert names(place.settle().jobs) == ["m.yaml"]


def test_a_video_tidied_away_before_its_publishing_was_noted(place: Place) -> None:
    video = place.film()
    place.manifest()
    (job,) = place.settle().jobs
    video.unlink()
    assert [each.state for each in place.look().notices] == [ManifestState.WAITING]
    place.inbox.done(job)
    assert place.state() is ManifestState.DONE
    assert place.look(1000).jobs == ()


def test_a_job_dropped_without_a_change_is_offered_again(place: Place) -> None:
    place.film()
    place.manifest()
    (job,) = place.settle().jobs
    place.inbox.dropped(job)
    assert names(place.look().jobs) == ["m.yaml"]


@pytest.mark.parametrize("name", ["a.mp4", "m.yaml"])
def test_a_done_manifest_is_offered_again_when_it_or_a_file_was_written_to(
    place: Place, name: str
) -> None:
    place.film()
    place.manifest()
    (job,) = place.settle().jobs
    place.inbox.done(job)
    (place.root / name).touch()
    assert names(place.settle().jobs) == ["m.yaml"]


def test_what_backups_and_tidy_people_do_to_a_done_manifest_is_nothing(place: Place) -> None:
    video = place.film()
    manifest = place.manifest()
    (job,) = place.settle().jobs
    place.inbox.done(job)
    reads = len(place.reads)
    for path in (video, manifest):
        path.chmod(0o600)
    shutil.copy2(video, place.root / "copy.tmp")
    (place.root / "copy.tmp").replace(video)
    assert place.settle().jobs == ()
    video.unlink()
    looked = place.settle()
    assert (looked.jobs, looked.notices, place.state()) == ((), (), ManifestState.DONE)
    assert len(place.reads) == reads


def test_a_video_of_two_manifests(place: Place) -> None:
    video = place.film()
    place.manifest("m.yaml")
    place.manifest("n.yaml")
    first, second = place.settle().jobs
    assert names([first, second]) == ["m.yaml", "n.yaml"]
    assert shared(place.inbox, first) == {video}
    place.inbox.done(first)
    (place.root / "m.yaml").unlink()
    assert place.look().notices == ()  # the other one still names it
    assert shared(place.inbox, second) == set()
    place.inbox.failed(second, place.now)
    assert names(place.look(PAUSE).jobs) == ["n.yaml"]


def test_a_manifest_that_left_is_forgotten(place: Place) -> None:
    place.film()
    manifest = place.manifest()
    (job,) = place.settle().jobs
    place.inbox.done(job)
    place.look()
    manifest.unlink()
    (notice,) = place.settle().notices
    assert notice.path.name == "a.mp4"
    assert sum(place.inbox.counts().values()) == 0
    for call in (place.inbox.done, place.inbox.dropped):
        call(job)
    assert place.inbox.failed(job, place.now) == 0
    place.manifest()
    assert names(place.settle().jobs) == ["m.yaml"]


def test_nothing_is_concluded_from_what_we_move_ourselves(place: Place) -> None:
    video, manifest = place.film(), place.manifest()
    (job,) = place.settle().jobs
    moved = {video, manifest}
    manifest.rename(place.root / "m.moving")
    looked = place.look(SETTLE, aside=moved)
    assert (looked.jobs, looked.notices) == ((), ())
    assert place.state() is ManifestState.READY
    video.rename(place.root / "a.moving")
    assert place.look(SETTLE, aside=moved).notices == ()
    (place.root / "m.moving").rename(manifest)  # the move failed
    (place.root / "a.moving").rename(video)
    assert place.inbox.failed(job, place.now) == PAUSE
    assert place.look().notices == ()


def test_what_comes_in_the_place_of_a_moved_job_is_something_new(place: Place) -> None:
    video, manifest = place.film(), place.manifest()
    (job,) = place.settle().jobs
    elsewhere = place.root.with_name("done")
    elsewhere.mkdir()
    for path in (video, manifest):
        path.rename(elsewhere / path.name)
    place.inbox.moved(job)
    for path in (video, manifest):
        (elsewhere / path.name).rename(path)
    assert names(place.settle().jobs) == ["m.yaml"]


# Restarts


def test_a_restart_reads_nothing_that_is_done(place: Place) -> None:
    for name in ("a", "b"):
        place.film(f"clips/{name}.mp4")
        place.manifest(f"{name}.yaml", f"clips/{name}.mp4")
    first, second = place.settle().jobs
    place.inbox.done(first)
    place.look()
    place.start()
    place.reads.clear()
    assert place.look().jobs == ()
    assert place.inbox.counts()[ManifestState.DONE] == 1
    assert names(place.settle().jobs) == ["b.yaml"]
    assert {name for name, _ in place.reads} == {"b.yaml"}
    assert second.is_current()


def test_a_restart_without_its_memory_reads_again(place: Place) -> None:
    place.film()
    place.manifest()
    (job,) = place.settle().jobs
    place.inbox.done(job)
    place.look()
    place.memory.path.unlink()
    assert place.look(1000).jobs == ()
    assert place.memory.path.exists()
    place.memory.path.write_text("damaged")
    place.start()
    assert names(place.settle().jobs) == ["m.yaml"]


def test_a_folder_that_can_not_remember_is_told_once(place: Place) -> None:
    (place.root / ".nicobatch").write_text("in the way")
    place.film()
    place.manifest()
    looked = place.look()
    (notice,) = looked.notices
    assert notice.state is None
    assert notice.path == place.memory.path
    (job,) = place.look(SETTLE).jobs
    place.inbox.done(job)
    looked = place.look()
    assert (looked.jobs, looked.notices) == ((), ())
    (place.root / ".nicobatch").unlink()
    assert place.look().notices == ()
    assert place.memory.path.exists()


def test_a_share_that_goes_in_the_middle_of_a_look_is_no_reason_to_complain(place: Place) -> None:
    place.film()
    place.manifest()
    place.look()
    elsewhere = place.root.with_name("elsewhere")

    def before(manifest: Path, probe: bool) -> None:
        if probe:
            place.root.rename(elsewhere)

    place.before = before
    looked = place.look(SETTLE)
    assert (looked.jobs, looked.notices) == ((), ())
    elsewhere.rename(place.root)
    place.before = nothing
    assert names(place.settle().jobs) == ["m.yaml"]


@pytest.mark.parametrize(("name", "looks"), [("a.mp4", 1), ("clips/a.mp4", 2)])
@pytest.mark.parametrize("part", [0.5, 1])
def test_a_video_written_to_while_it_is_looked_into_settles_again(
    place: Place, name: str, looks: int, part: float
) -> None:
    place.film(name)
    place.manifest("m.yaml", name)
    for _ in range(looks):
        place.look(SETTLE)

    def before(manifest: Path, probe: bool) -> None:
        if probe:
            place.film(name, part=part)

    place.before = before
    looked = place.look(SETTLE)
    assert place.reads[-1] == ("m.yaml", True)
    assert (looked.jobs, looked.notices, looked.again) == ((), (), SETTLE)
    assert place.state() is ManifestState.SETTLING
    place.before = nothing
    place.film(name)
    assert names(place.settle().jobs) == ["m.yaml"]


def test_a_manifest_edited_between_its_two_readings_is_read_again(place: Place) -> None:
    place.film()
    manifest = place.manifest()
    place.look()

    def before(manifest: Path, probe: bool) -> None:
        if probe:
            place.manifest("m.yaml", "b.mp4")

    place.before = before
    assert place.look(SETTLE).jobs == ()
    assert place.state() is ManifestState.SETTLING
    place.before = nothing
    place.manifest()
    (job,) = place.settle().jobs
    assert job.manifest == manifest


# Many


def test_many_done_manifests_cost_a_restart_a_stat_each_and_no_reading(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = place.film()
    data = place.manifest().read_bytes()
    for number in range(2_000):
        path = place.put(f"{number}.yaml", data)
        place.memory.done(path, {each: stamped(each) for each in (path, video)})
    (place.root / "m.yaml").unlink()
    place.memory.save()
    place.start()
    stats: list[object] = []
    real = os.stat

    def counted(path: Any, *arguments: Any, **more: Any) -> os.stat_result:
        stats.append(path)
        return real(path, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", counted)
        looked = place.look()
    assert (looked.jobs, looked.notices, looked.again) == ((), (), None)
    assert 2_000 < len(stats) < 2_020
    assert place.inbox.counts()[ManifestState.DONE] == 2_000
    assert place.reads == []


def stamped(path: Path) -> Stamp:
    stamp = Stamp.of(path)
    assert stamp
    return stamp


def test_a_shared_text_is_waited_for_and_counts_like_a_video(place: Place, tmp_path: Path) -> None:
    place.film()
    place.manifest(more="defaults: {description: {file: parts/f.txt}}\n")
    [waiting] = place.settle().notices
    assert waiting.state is ManifestState.WAITING
    assert waiting.message.endswith(f"waits for {place.root / 'parts' / 'f.txt'}")
    text = place.put("parts/f.txt", b"one")
    (job,) = place.settle().jobs
    assert job.ready[0].video.description == "one"
    assert text in job.signature
    place.inbox.done(job)
    text.write_text("two and more")  # an edit of what is published
    (job,) = place.settle().jobs
    assert job.ready[0].video.description == "two and more"
    moved = Destination(tmp_path / "done", place.root).put(job, {})
    assert (moved / "parts" / "f.txt").read_text() == "two and more"
    assert not text.exists()
