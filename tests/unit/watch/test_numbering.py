"""Numbers of videos that come without a manifest: given once, written down first."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nicobatch import disk
from nicobatch.journal import Journal
from nicobatch.media import Stamp
from nicobatch.model import Problem
from nicobatch.watch.numbering import Numbering

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@dataclass
class Desk:
    """A folder, and a template that tells of what it is asked."""

    root: Path
    problems: tuple[Problem, ...] = ()
    now: datetime = NOW
    asked: list[Mapping[str, datetime]] = field(default_factory=list)

    def takes(self, name: str) -> bool:
        return name.endswith(".mp4")

    def times(self, last: Mapping[str, datetime], now: datetime) -> dict[str, datetime]:
        self.asked.append(last)
        return {"niconico": last.get("niconico", now) + timedelta(days=7)}

    def manifest(self, file: str, index: int, times: Mapping[str, datetime]) -> str:
        return f"{file} {index} {times['niconico']:%m-%d}"

    def write(self, name: str) -> tuple[bool, str]:
        """Write a video's manifest as a new process would."""
        numbering = Numbering(
            root=self.root,
            path=self.root / ".nicobatch" / ".template-s.json",
            base=self.root,
            read=lambda: (None if self.problems else self, self.problems),
            journal=Journal(),
            now=lambda: self.now,
        )
        video = self.root / name
        if not video.exists():
            video.write_bytes(name.encode())
        stamp = Stamp.of(video)
        assert stamp
        is_done, notice = numbering.write(video, stamp)
        if not is_done:
            assert numbering.write(video, stamp) == (False, None)  # what fails is told once
        return is_done, notice.message if notice else ""

    def texts(self) -> list[str]:
        return sorted(each.read_text("utf-8") for each in self.root.glob("*.yaml"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_each_video_gets_the_next_number_and_time(desk: Desk) -> None:
    assert all(desk.write(name)[0] for name in ("b.mp4", "a.mp4"))
    assert desk.texts() == ["a.mp4 2 12-04", "b.mp4 1 11-27"]
    (desk.root / "a.yaml").write_text("edited")
    assert desk.write("a.mp4") == (True, "")
    assert "edited" in desk.texts()
    assert desk.write("c.txt") == (True, "")


def test_a_crash_between_number_and_manifest_costs_no_number(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = disk.replace

    def full(path: Path, content: bytes, *, durable: bool = True, mode: int = 0o644) -> None:
        if path.suffix == ".yaml":
            raise OSError(28, "No space left on device")
        replace(path, content, durable=durable, mode=mode)

    with monkeypatch.context() as patch:
        patch.setattr(disk, "replace", full)
        is_done, message = desk.write("a.mp4")
    assert not is_done
    assert message.startswith(f"no manifest can be written for {desk.root / 'a.mp4'}: ")
    assert desk.write("a.mp4")[0]
    desk.write("b.mp4")
    assert desk.texts() == ["a.mp4 1 11-27", "b.mp4 2 12-04"]


def test_a_time_that_passed_in_vain_is_not_kept(desk: Desk) -> None:
    desk.write("a.mp4")
    (desk.root / "a.yaml").unlink()
    desk.now = NOW + timedelta(days=30)
    desk.write("a.mp4")
    assert desk.texts() == ["a.mp4 1 12-27"]


def test_a_number_by_which_nothing_began_is_free_again(desk: Desk) -> None:
    desk.write("a.mp4")
    (desk.root / "a.yaml").unlink()  # it was moved away as one that failed
    desk.write("b.mp4")
    receipts = desk.root / ".nicobatch" / "b.yaml"
    receipts.mkdir()
    (receipts / "b.json").touch()
    (desk.root / "b.yaml").unlink()  # and this one as one that is done
    desk.write("c.mp4")
    assert desk.texts() == ["c.mp4 2 12-04"]


def test_another_video_of_the_same_name_has_a_manifest_of_its_own(desk: Desk) -> None:
    desk.write("a.mp4")
    (desk.root / "a.mp4").write_bytes(b"another")
    desk.write("a.mp4")
    assert {each.name for each in desk.root.glob("*.yaml")} == {"a.yaml", "a-2.yaml"}


def test_what_keeps_a_manifest_from_being_written_is_told(desk: Desk, tmp_path: Path) -> None:
    desk.problems = (Problem(rule="r", message="m", path=tmp_path),)
    is_done, message = desk.write("a.mp4")
    assert (is_done, message[:31]) == (False, "the template has problems: " + str(tmp_path)[:4])
    desk.problems = ()
    elsewhere = tmp_path.with_name("elsewhere")
    elsewhere.mkdir()
    (tmp_path / ".nicobatch").symlink_to(elsewhere)
    assert not desk.write("a.mp4")[0]
    assert list(elsewhere.iterdir()) == []
    shutil.rmtree(elsewhere)
