from __future__ import annotations

from pathlib import Path

import pytest

from nicobatch.errors import JournalError, Stopped
from nicobatch.model import Severity
from nicobatch.watch.judging import ManifestState
from tests.unit.watch.looking import PAUSE, SETTLE, Place, names, nothing, rules


def test_an_invalid_manifest_is_told_with_its_problems_and_again_once_edited(place: Place) -> None:
    place.film()
    manifest = place.manifest(more="colour: red\n")
    looked = place.settle()
    (notice,) = looked.notices
    assert (notice.state, notice.path) == (ManifestState.INVALID, manifest)
    assert notice.message == f"{manifest} has 1 problem"
    assert rules(notice) == ["unknown-key"]
    assert looked.again is None
    reads = len(place.reads)
    assert place.look(1000).notices == ()
    assert len(place.reads) == reads
    place.manifest(more="colour: red\n")  # saved, but not mended
    (notice,) = place.settle().notices
    assert rules(notice) == ["unknown-key"]
    place.manifest()
    looked = place.settle()
    assert (names(looked.jobs), looked.notices) == (["m.yaml"], ())


def test_all_problems_are_told_the_missing_video_among_them(place: Place) -> None:
    place.manifest(more="colour: red\n")
    (notice,) = place.settle().notices
    assert notice.state is ManifestState.INVALID
    assert notice.message.endswith("has 2 problems")
    assert sorted(rules(notice)) == ["file-not-found", "unknown-key"]


def test_an_invalid_manifest_is_not_told_again_for_a_file_that_grows(place: Place) -> None:
    place.manifest(more="colour: red\n")
    place.film(part=0.3)
    place.settle()
    for part in (0.5, 0.7, 1):
        place.film(part=part)
        assert place.settle().notices == ()
    assert place.state() is ManifestState.INVALID


def test_a_manifest_that_is_no_yaml(place: Place) -> None:
    place.put("m.yaml", b"\x82\xa0: [")
    (notice,) = place.settle().notices
    assert notice.state is ManifestState.INVALID


def test_what_is_no_video_is_invalid(place: Place) -> None:
    place.put("a.mp4", b"no video at all")
    place.film("b.mp4", part=0.5)
    place.manifest("m.yaml", "a.mp4", "b.mp4")
    (notice,) = place.settle().notices
    assert notice.state is ManifestState.INVALID
    assert set(rules(notice)) == {"not-a-video", "video-truncated"}


def test_warnings_stop_nothing_unless_they_are_asked_to(place: Place) -> None:
    place.film()
    place.manifest("m.yaml")
    place.put("m.yaml", b"version: 1\nfile: a.mp4\ntitle: A\ngenre: gaming\n")
    assert names(place.settle().jobs) == ["m.yaml"]
    strict = Place(place.root, place.video, strict=True)
    (notice,) = strict.settle().notices
    assert notice.state is ManifestState.INVALID
    assert [each.severity for each in notice.problems] == [Severity.WARNING]


def test_a_file_that_can_not_be_read_is_tried_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program may hold it, and leave it as it is."""
    place.film()
    place.manifest()
    real = Path.open

    def held(path: Path, *arguments: object, **more: object) -> object:
        if path.name == "a.mp4":
            raise PermissionError(13, "held by another program")
        return real(path, *arguments, **more)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", held)
        looked = place.settle()
        (notice,) = looked.notices
        assert rules(notice) == ["file-unreadable"]
        assert looked.again == PAUSE
        looked = place.look(PAUSE)
        assert (looked.notices, looked.again) == ((), 2 * PAUSE)
    assert names(place.look(2 * PAUSE).jobs) == ["m.yaml"]


def test_a_receipt_that_can_not_be_read_stops_its_manifest_alone(place: Place) -> None:
    for name in ("a", "b"):
        place.film(f"{name}.mp4")
        place.manifest(f"{name}.yaml", f"{name}.mp4")
    broken = {"a.yaml"}

    def before(manifest: Path, probe: bool) -> None:
        if manifest.name in broken:
            raise JournalError("the receipt is damaged", "restore it")

    place.before = before
    looked = place.settle()
    assert names(looked.jobs) == ["b.yaml"]
    (notice,) = looked.notices
    assert (notice.state, notice.message) == (ManifestState.FAILED, "the receipt is damaged")
    assert notice.hint == "restore it"
    assert looked.again == PAUSE
    broken.clear()
    looked = place.look(PAUSE)
    assert (names(looked.jobs), looked.notices) == (["a.yaml"], ())


def test_a_damaged_receipt_of_what_was_done_before_is_asked_for_with_pauses(place: Place) -> None:
    place.film()
    place.manifest()
    (job,) = place.settle().jobs
    place.inbox.done(job)
    place.manifest(title="第2回")
    tries = []

    def before(manifest: Path, probe: bool) -> None:
        tries.append(place.now)
        raise JournalError("the receipt is damaged")

    place.before = before
    assert len(place.settle().notices) == 1
    for _ in range(20):
        assert place.look(PAUSE / 4).notices == ()
    assert len(tries) == 3


def test_being_stopped_is_no_fault_of_a_manifest(place: Place) -> None:
    place.film()
    place.manifest()
    place.look()

    def before(manifest: Path, probe: bool) -> None:
        raise Stopped

    place.before = before
    with pytest.raises(Stopped):
        place.look(SETTLE)
    place.before = nothing
    assert names(place.look().jobs) == ["m.yaml"]
