from __future__ import annotations

import os
import unicodedata
from dataclasses import replace

import pytest

from nicobatch.media import Stamp
from nicobatch.pipeline import CheckedVideo
from nicobatch.watch.judging import ManifestState, Notice
from nicobatch.watch.results import shared
from tests.unit.watch.looking import SETTLE, Place, names, rules


def test_an_empty_folder_is_left_alone(place: Place) -> None:
    looked = place.look()
    assert (looked.jobs, looked.notices, looked.again) == ((), (), None)
    assert not place.waits()
    assert list(place.root.iterdir()) == []  # it may be where a share is to be mounted


def test_a_manifest_and_its_video_are_ready_once_they_have_settled(place: Place) -> None:
    video, manifest = place.film(), place.manifest()
    first = place.look()
    assert (first.jobs, first.notices, first.again) == ((), (), SETTLE)
    assert place.waits()
    assert place.look(SETTLE / 2).again == SETTLE / 2
    assert place.reads == []
    looked = place.look(SETTLE / 2)
    (job,) = looked.jobs
    assert looked.notices == ()
    assert looked.again is None
    assert job.manifest == manifest
    assert list(job.signature) == [manifest, video]
    (ready,) = job.ready
    assert isinstance(ready, CheckedVideo)
    assert ready.video.file == video
    assert ready.medias[0].duration == pytest.approx(2, abs=0.1)
    assert job.is_current()
    assert place.state() is ManifestState.READY
    assert not place.waits()
    assert place.reads == [("m.yaml", False), ("m.yaml", True)]
    assert place.loads == ["m.yaml"]


def test_a_job_is_handed_out_once_and_read_once(place: Place) -> None:
    place.film()
    place.manifest()
    (job,) = place.settle().jobs
    reads = len(place.reads)
    for _ in range(3):
        assert place.look(1000).jobs == ()
    place.inbox.done(job)
    for _ in range(3):
        assert place.look(1000).jobs == ()
    assert place.state() is ManifestState.DONE
    assert len(place.reads) == reads


def test_jobs_come_in_the_order_of_their_arrival(place: Place) -> None:
    for name in ("episode-10", "episode-2"):
        place.film(f"{name}.mp4")
        place.manifest(f"{name}.yaml", f"{name}.mp4")
    place.look()
    place.film("a.mp4")
    place.manifest("a.yaml")
    found = [*place.look(SETTLE).jobs, *place.look(SETTLE).jobs]
    assert names(found) == ["episode-2.yaml", "episode-10.yaml", "a.yaml"]


def test_a_manifest_before_its_video(place: Place) -> None:
    manifest = place.manifest()
    place.look()
    looked = place.look(SETTLE)
    (notice,) = looked.notices
    assert notice.state is ManifestState.WAITING
    assert notice.path == manifest
    assert str(place.root / "a.mp4") in notice.message
    assert rules(notice) == ["file-not-found"]
    assert looked.again is None
    assert not place.waits()
    assert place.look(500).notices == ()
    place.film()
    assert place.look().notices == ()
    assert place.look().again == SETTLE
    assert names(place.look(SETTLE).jobs) == ["m.yaml"]


def test_a_video_before_its_manifest(place: Place) -> None:
    video = place.film()
    looked = place.settle()
    (notice,) = looked.notices
    assert (notice.state, notice.path) == (None, video)
    assert "no manifest names" in notice.message
    assert looked.again is None
    assert place.look(500).notices == ()
    place.manifest()
    looked = place.settle()
    assert names(looked.jobs) == ["m.yaml"]
    assert looked.notices == ()


def test_a_video_is_claimed_by_any_name_that_the_disk_takes_for_it(
    place: Place,
) -> None:
    video = place.film("ep.mp4")
    other = video.with_name("EP.MP4")
    if not other.exists():
        os.link(video, other)
    assert (stamp := Stamp.of(video))
    place.manifest("m.yaml", "EP.MP4")
    place.manifest("n.yaml", "EP.MP4")
    looked = place.settle()
    assert looked.notices == ()
    assert shared(place.inbox, replace(looked.jobs[0], signature={video: stamp})) == {video}


def test_a_manifest_that_is_edited_goes_on_to_claim_a_video_by_another_of_its_names(
    place: Place,
) -> None:
    video = place.film("ep.mp4")
    other = video.with_name("EP.MP4")
    if not other.exists():
        os.link(video, other)
    place.manifest("m.yaml", "EP.MP4")
    place.settle()
    for number in range(5):
        place.manifest("m.yaml", "EP.MP4", title=f"第{number}回")
        assert place.look(SETTLE / 2).notices == ()


def test_no_video_is_unclaimed_while_a_manifest_is_still_to_be_read(place: Place) -> None:
    place.film("a.mp4")
    place.look()
    place.manifest()
    assert place.look(SETTLE).notices == ()
    assert place.waits()
    looked = place.look(SETTLE)
    assert (names(looked.jobs), looked.notices) == (["m.yaml"], ())


def test_a_manifest_that_never_settles_keeps_no_unclaimed_video_from_being_told(
    place: Place,
) -> None:
    place.film("b.mp4")
    told: list[Notice] = []
    for number in range(5):
        place.manifest(title=f"第{number}回")
        told += place.look(SETTLE / 2).notices
    assert [each.path.name for each in told] == ["b.mp4"]


def test_an_unclaimed_video_is_told_again_when_it_changed_and_not_while_it_is_empty(
    place: Place,
) -> None:
    video = place.put("a.mp4", b"")
    assert place.settle().notices == ()
    assert not place.waits()
    video.write_bytes(b"1")
    assert len(place.settle().notices) == 1
    assert place.settle().notices == ()
    video.write_bytes(b"12")
    assert len(place.settle().notices) == 1


def test_files_of_other_kinds_are_not_unclaimed(place: Place) -> None:
    for name in ("notes.txt", "cover.png", ".hidden.mp4", "a.mp4.part", "Thumbs.db"):
        place.put(name, b"x")
    looked = place.settle()
    assert (looked.notices, looked.again) == ((), None)


def test_an_empty_manifest_and_an_empty_video(place: Place) -> None:
    manifest = place.put("m.yaml", b"")
    looked = place.settle()
    assert [each.state for each in looked.notices] == [ManifestState.WAITING]
    assert looked.notices[0].message == f"{manifest} is empty"
    assert looked.again is None
    video = place.put("a.mp4", b"")
    place.manifest()
    (notice,) = place.settle().notices
    assert notice.state is ManifestState.WAITING
    assert str(video) in notice.message
    assert rules(notice) == ["file-empty"]
    place.film()
    assert names(place.settle().jobs) == ["m.yaml"]


def test_a_blank_file_name_is_no_reason_to_wait(place: Place) -> None:
    place.manifest("m.yaml", "")
    (notice,) = place.settle().notices
    assert notice.state is ManifestState.INVALID
    assert rules(notice) == ["file-empty"]


def test_all_files_waited_for_are_counted(place: Place) -> None:
    place.film("b.mp4")
    place.manifest("m.yaml", "a.mp4", "b.mp4", "c.mp4", "d.mp4")
    (notice,) = place.settle().notices
    assert "a.mp4 and 2 other files" in notice.message
    place.film("a.mp4")
    (notice,) = place.look().notices
    assert "c.mp4 and 1 other file" in notice.message
    place.film("c.mp4")
    place.film("d.mp4")
    assert names(place.settle().jobs) == ["m.yaml"]


@pytest.mark.parametrize("first", ["film", "manifest"])
def test_names_in_the_other_normal_form(place: Place, first: str) -> None:
    name = "か\u3099くや姫.mp4"
    put = {
        "film": lambda: place.film(name),
        "manifest": lambda: place.manifest("m.yaml", unicodedata.normalize("NFC", name)),
    }
    put.pop(first)()
    place.settle()
    put.popitem()[1]()
    looked = place.settle()
    (job,) = looked.jobs
    assert [each.name for each in job.signature] == ["m.yaml", name]
    (ready,) = job.ready
    assert ready.video.id == "がくや姫"
    assert looked.notices == ()  # nothing is called unclaimed
    place.inbox.done(job)
    place.look()
    place.start()
    assert place.settle().jobs == ()


def test_conflict_copies_are_told_once_and_left_alone(place: Place) -> None:
    place.film()
    place.manifest()
    copy = place.manifest("m.sync-conflict-20261101-101010-ABCDEF7.yaml")
    place.film("a (花子 の競合コピー 2026-11-01).mp4")
    place.manifest("m 2.yaml")
    looked = place.settle()
    assert names(looked.jobs) == ["m.yaml"]
    told = [(each.state, each.path.name) for each in looked.notices]
    assert sorted(told) == [
        (None, "a (花子 の競合コピー 2026-11-01).mp4"),
        (None, "m 2.yaml"),
        (None, copy.name),
    ]
    assert place.settle().notices == ()


# What skips the wait


def test_a_rename_skips_the_wait(place: Place) -> None:
    place.film()
    place.manifest()
    looked = place.look(renamed=["m.yaml", "a.mp4", "gone.mp4"])
    assert names(looked.jobs) == ["m.yaml"]


def test_a_renamed_manifest_waits_for_a_video_that_is_being_copied(place: Place) -> None:
    place.manifest()
    place.film(part=0.5)
    looked = place.look(renamed=["m.yaml"])
    assert (looked.jobs, looked.notices, looked.again) == ((), (), SETTLE)
    place.film()
    assert place.look(1).jobs == ()
    assert names(place.look(SETTLE).jobs) == ["m.yaml"]


def test_a_rename_skips_the_wait_only_as_long_as_nothing_is_written(place: Place) -> None:
    place.film()
    place.look(renamed=["a.mp4"])
    place.film(part=0.5)
    place.manifest()
    assert place.look(1, renamed=["m.yaml"]).jobs == ()
    assert place.look(1).jobs == ()


def test_a_rename_skips_no_check(place: Place) -> None:
    place.film(part=0.5)
    place.manifest()
    looked = place.look(renamed=["m.yaml", "a.mp4"])
    assert [each.state for each in looked.notices] == [ManifestState.INCOMPLETE]


def test_a_marker_skips_the_wait(place: Place) -> None:
    place.film("clips/a.mp4")
    place.manifest("m.yaml", "clips/a.mp4")
    place.look()
    place.put("m.yaml.ready", b"")
    assert names(place.look().jobs) == ["m.yaml"]


def test_a_marker_skips_no_check(place: Place) -> None:
    place.film(part=0.5)
    place.manifest()
    place.put("m.yaml.ready", b"")
    assert [each.state for each in place.look().notices] == [ManifestState.INCOMPLETE]


def test_a_marker_says_nothing_of_what_was_written_after_it(place: Place) -> None:
    place.film()
    place.manifest()
    marker = place.put("m.yaml.ready", b"")
    (job,) = place.look().jobs
    place.inbox.done(job)
    earlier = marker.stat().st_mtime - 100
    os.utime(marker, (earlier, earlier))
    place.manifest(title="第2回")
    looked = place.look()
    assert (looked.jobs, looked.again) == ((), SETTLE)
    assert names(place.look(SETTLE).jobs) == ["m.yaml"]


# Half a copy


def test_a_copy_that_stopped_is_incomplete_however_long_ago(place: Place) -> None:
    video = place.film(part=0.6)
    place.manifest()
    long_ago = video.stat().st_mtime - 3600
    os.utime(video, (long_ago, long_ago))
    looked = place.settle()
    (notice,) = looked.notices
    assert notice.state is ManifestState.INCOMPLETE
    assert rules(notice) == ["video-truncated"]
    assert str(video) in notice.message
    assert looked.again is None
    assert place.look(1000).notices == ()
    place.film()
    looked = place.settle()
    assert (names(looked.jobs), looked.notices) == (["m.yaml"], ())


def test_a_writer_that_pauses_longer_than_the_settle_time(place: Place) -> None:
    place.manifest()
    place.film(part=0.2)
    told = list(place.settle().notices)
    for part in (0.4, 0.6, 0.8):
        place.film(part=part)
        looked = place.settle()
        assert looked.jobs == ()
        told += looked.notices
    assert {each.state for each in told} == {ManifestState.INCOMPLETE}
    assert len(told) == 4
    place.film()
    assert names(place.settle().jobs) == ["m.yaml"]


def test_a_slow_writer_is_not_read_at_all(place: Place) -> None:
    place.manifest()
    place.film(part=0.1)
    place.look()
    for tenth in range(2, 10):
        place.film(part=tenth / 10)
        assert place.look(SETTLE / 2).jobs == ()
    assert place.state() is ManifestState.SETTLING
    assert not any(probed for _, probed in place.reads)
    assert len(place.reads) == 1
