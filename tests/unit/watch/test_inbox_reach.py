from __future__ import annotations

from pathlib import Path

import pytest

from nicobatch.watch.judging import OUTSIDE, ManifestState
from tests.unit.watch.looking import Place, names, rules


@pytest.mark.parametrize("way", ["path", "absolute", "file-link", "folder-link"])
def test_a_video_outside_is_not_read(place: Place, secret: Path, way: str) -> None:
    name = {"path": "../secret.mp4", "absolute": str(secret)}.get(way, "clips/a.mp4")
    if way == "file-link":
        (place.root / "clips").mkdir()
        (place.root / name).symlink_to(secret)
    if way == "folder-link":
        elsewhere = place.root.with_name("elsewhere")
        elsewhere.mkdir()
        secret.rename(elsewhere / "a.mp4")
        (place.root / "clips").symlink_to(elsewhere)
    place.manifest("m.yaml", name)
    (notice,) = place.settle().notices
    assert notice.state is ManifestState.INVALID
    (problem,) = notice.problems
    assert (problem.rule, problem.line, problem.column) == (OUTSIDE, 3, 11)
    assert problem.path == place.root / "m.yaml"
    assert "--allow-outside" in problem.hint
    assert not any(probed for _, probed in place.reads)
    allowed = Place(place.root, place.video, allow_outside=True)
    assert names(allowed.settle().jobs) == ["m.yaml"]


def test_nothing_is_told_of_what_is_not_there_outside(place: Place) -> None:
    place.root.with_name("secret-1.mp4").touch()
    place.manifest("m.yaml", "../secret.mp4", "b.mp4")
    (notice,) = place.settle().notices
    assert set(rules(notice)) == {OUTSIDE, "file-not-found"}
    assert "secret-1" not in str(notice)


def test_a_link_out_of_the_folder_is_told_once_and_not_followed(place: Place, secret: Path) -> None:
    elsewhere = place.root.with_name("m.yaml")
    elsewhere.write_text("version: 1\nfile: secret.mp4\ntitle: A\n", encoding="utf-8")
    for name, target in (("m.yaml", elsewhere), ("s.mp4", secret), ("notes.txt", secret)):
        (place.root / name).symlink_to(target)
    notices = place.look().notices
    assert [(each.state, each.path.name) for each in notices] == [(None, "m.yaml"), (None, "s.mp4")]
    assert place.settle().notices == ()
    assert place.reads == []
    (place.root / "m.yaml").unlink()
    place.look()
    (place.root / "m.yaml").symlink_to(elsewhere)
    assert len(place.look().notices) == 1


def test_links_within_the_folder_are_followed(place: Place) -> None:
    video = place.film("clips/a.mp4")
    (place.root / "a.mp4").symlink_to(video)
    place.manifest()
    assert names(place.settle().jobs) == ["m.yaml"]


# Patterns


def test_a_pattern_waits_for_its_first_file(place: Place) -> None:
    manifest = place.manifest("m.yaml", "episode-*.mp4", title="第{index}回")
    (notice,) = place.settle().notices
    assert (notice.state, notice.path) == (ManifestState.WAITING, manifest)
    assert rules(notice) == ["pattern-unmatched"]
    assert "episode-*.mp4" in notice.message
    assert place.look(1000).again is None
    place.film("other.mp4")
    assert [each.path.name for each in place.settle().notices] == ["other.mp4"]
    place.film("episode-1.mp4")
    looked = place.settle()
    assert (names(looked.jobs), looked.notices) == (["m.yaml"], ())


@pytest.mark.parametrize("folder", ["", "clips/"])
def test_a_pattern_takes_what_comes_later(place: Place, folder: str) -> None:
    place.film(f"{folder}1.mp4")
    place.manifest("m.yaml", f"{folder}*.mp4", title="第{index}回")
    (first,) = place.settle().jobs
    assert [each.video.file.name for each in first.ready] == ["1.mp4"]
    reads = len(place.reads)
    assert place.look(1000).jobs == ()
    place.put("notes.txt", b"x")
    place.look()
    assert len(place.reads) == reads
    place.inbox.done(first)
    place.film(f"{folder}2.mp4", part=0.5)
    assert [each.state for each in place.settle().notices] == [ManifestState.INCOMPLETE]
    place.film(f"{folder}2.mp4")
    (second,) = place.settle().jobs
    assert [each.video.file.name for each in second.ready] == ["1.mp4", "2.mp4"]
    place.inbox.done(second)
    assert place.settle().jobs == ()
    assert place.state() is ManifestState.DONE


def test_a_pattern_is_done_for_what_it_stood_for_also_after_a_restart(place: Place) -> None:
    for name in ("1.mp4", "2.mp4"):
        place.film(name)
    place.manifest("m.yaml", "?.mp4", title="第{index}回")
    (job,) = place.settle().jobs
    place.inbox.done(job)
    (place.root / "1.mp4").unlink()
    assert place.settle().jobs == ()
    place.start()
    place.reads.clear()
    assert place.settle().jobs == ()
    assert (place.reads, place.state()) == ([], ManifestState.DONE)
    place.film("3.mp4")
    place.start()
    (job,) = place.settle().jobs
    assert [each.video.file.name for each in job.ready] == ["2.mp4", "3.mp4"]


def test_brackets_of_a_name_that_is_still_to_come(place: Place) -> None:
    place.manifest("m.yaml", "[live] 1.mp4")
    assert [each.state for each in place.settle().notices] == [ManifestState.WAITING]
    place.film("[live] 1.mp4")
    assert names(place.settle().jobs) == ["m.yaml"]


def test_a_pattern_that_leads_outside_is_refused(place: Place, secret: Path) -> None:
    place.manifest("m.yaml", "../*.mp4", title="{stem}")
    (notice,) = place.settle().notices
    assert rules(notice) == [OUTSIDE]
    reads = len(place.reads)
    secret.rename(secret.with_name("other.mp4"))
    secret.with_name("more.mp4").touch()
    place.settle()
    assert not any(probed for _, probed in place.reads)
    allowed = Place(place.root, place.video, allow_outside=True)
    secret.with_name("more.mp4").unlink()
    assert names(allowed.settle().jobs) == ["m.yaml"]
    assert reads == 1


def test_a_pattern_takes_what_comes_after_its_first_files_were_tidied_away(place: Place) -> None:
    first = place.film("1.mp4")
    place.manifest("m.yaml", "*.mp4", title="第{index}回")
    (job,) = place.settle().jobs
    place.inbox.done(job)
    first.unlink()
    assert place.settle().jobs == ()
    place.film("2.mp4")
    looked = place.settle()
    assert looked.notices == ()
    assert [each.video.file.name for job in looked.jobs for each in job.ready] == ["2.mp4"]
