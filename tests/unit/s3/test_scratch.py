"""Files that are fetched for a look or for a turn, and how much of them lies there at once."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path

import pytest

from nicobatch import s3
from nicobatch.actions.access import Access
from nicobatch.actions.checking import check, load
from nicobatch.errors import Later, Locked, Stopped, UsageError, VideoFailed
from nicobatch.fleet.database import Database
from nicobatch.fleet.scratch import Scratch, fetched, staging
from nicobatch.fleet.stored import StoredFiles
from nicobatch.model import FileIdentity, Secret, Thumbnail
from nicobatch.pipeline import Checked, CheckedVideo
from nicobatch.pipeline.deciding import identify
from nicobatch.pipeline.outcome import State
from nicobatch.pipeline.session import Run
from nicobatch.sites.base import Change
from tests.support.postgres import Postgres
from tests.support.stores import Shelf
from tests.unit.fleet.conftest import prepare
from tests.unit.pipeline.conftest import Bench
from tests.unit.pipeline.scripted import ScriptedTarget


def never() -> bool:
    return False


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Scratch]:
    """A scratch folder with room for two videos of ten bytes and a half."""
    with Scratch(tmp_path / "scratch", 25) as scratch:
        yield scratch
    assert [each.name for each in scratch.folder.iterdir()] in ([], [".lock"])


def enqueued(bench: Bench, shelf: Shelf, name: str = "a") -> CheckedVideo:
    """Return a video as a turn has it: its file lies in the store, and was read before."""
    ready = bench.ready(name)
    content = ready.video.file.read_bytes()
    shelf.put(f"in/{name}.mp4", content)
    video = replace(ready.video, file=Path(f"s3:/clips/in/{name}.mp4"))
    return replace(ready, video=video, stored=identify(ready).files)


class Watching(ScriptedTarget):
    """Notes at the creation of each video what lies in the scratch folder."""

    def __init__(self, scratch: Scratch) -> None:
        super().__init__()
        self.scratch, self.seen = scratch, list[set[str]]()

    def play(self, name: str, change: Change) -> Change:
        if name == "create":
            self.seen.append({each.name for each in self.scratch.folder.glob("*/0/*")})
        return super().play(name, change)


def test_a_turn_fetches_each_file_before_its_video_and_removes_it_after(
    bench: Bench, shelf: Shelf, scratch: Scratch
) -> None:
    names = ["a", "b", "c", "d"]
    videos = [enqueued(bench, shelf, name) for name in names]
    bench.around, target = functools.partial(staging, scratch), Watching(scratch)
    outcomes = bench.run(target, [*videos, bench.ready("local")])
    assert [each.state for each in outcomes] == [State.PUBLISHED] * 5
    assert bench.receipt("a").files == videos[0].stored
    for name, seen in zip(names, target.seen, strict=False):
        assert f"{name}.mp4" in seen
        assert len(seen) <= 2
    assert not list(scratch.folder.glob("*/0/*"))


def test_another_file_than_was_enqueued_is_not_sent(
    bench: Bench, shelf: Shelf, scratch: Scratch
) -> None:
    video = enqueued(bench, shelf)
    shelf.put("in/a.mp4", b"another")
    bench.around, target = functools.partial(staging, scratch), ScriptedTarget()
    (outcome,) = bench.run(target, [video])
    assert outcome.state is State.FAILED
    assert "another file than was enqueued" in str(outcome.error)
    assert target.calls == []


def test_where_the_account_is_lost_nothing_more_is_fetched(
    bench: Bench, shelf: Shelf, scratch: Scratch
) -> None:
    videos = [enqueued(bench, shelf, name) for name in ("a", "b", "c", "d")]
    bench.around = functools.partial(staging, scratch)
    outcomes = bench.run(ScriptedTarget({"create": [Later("full")]}), videos)
    assert [each.state for each in outcomes[1:]] == [State.SKIPPED] * 3


def test_a_picture_is_fetched_as_well(bench: Bench, shelf: Shelf, scratch: Scratch) -> None:
    video = enqueued(bench, shelf)
    shelf.put("in/a.png", b"picture")
    digest = hashlib.sha256(b"picture").hexdigest()
    picture = Thumbnail(file=Path("s3:/clips/in/a.png"), sha256=digest)
    seen = list[bytes]()

    @contextlib.contextmanager
    def around(
        videos: Sequence[CheckedVideo], run: Run
    ) -> Iterator[tuple[list[CheckedVideo], Run]]:
        with staging(scratch, videos, run) as (placed, within):
            within.read(placed[0])
            (file,) = filter(None, [placed[0].video.thumbnail.file])
            seen.append(file.read_bytes())
            yield [], within

    bench.around = around
    bench.run(ScriptedTarget(), [replace(video, video=replace(video.video, thumbnail=picture))])
    assert seen == [b"picture"]


def test_room_is_waited_for_and_never_exceeded(scratch: Scratch) -> None:
    scratch.take(20, never)
    asked = chain([False], repeat(True))
    with pytest.raises(Stopped):
        scratch.take(10, lambda: next(asked))
    waiting = threading.Thread(target=scratch.take, args=(10, never))
    waiting.start()
    scratch.give(20, scratch.folder / "gone")
    waiting.join(5)
    scratch.give(10, scratch.folder / "gone")
    with pytest.raises(VideoFailed, match=r"have 26 bytes, and .* room for 25 bytes"):
        scratch.take(26, never)


def test_one_worker_has_the_folder_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "scratch" / "left" / "0").mkdir(parents=True)
    with Scratch(tmp_path / "scratch", 1) as scratch:
        assert not (scratch.folder / "left").exists()
        with pytest.raises(Locked, match="another program"), Scratch(scratch.folder, 1):
            pass
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="can't be written"), Scratch(tmp_path / "file", 1):
        pass


MANIFEST = """\
version: 1
videos:
  - {file: s3://clips/whole.mp4, title: A}
  - {file: s3://clips/broken.mp4, title: B}
  - {file: s3://clips/gone.mp4, title: C}
"""


@pytest.fixture
def known(postgres: Postgres) -> Iterator[StoredFiles]:
    server = postgres.database(prepare)
    with contextlib.closing(Database(Secret(server.dsn), threading.Event())) as database:
        yield StoredFiles(database)


def test_enqueue_looks_into_files_that_lie_in_the_store(
    shelf: Shelf, small_video: Path, tmp_path: Path, known: StoredFiles
) -> None:
    whole = small_video.read_bytes()
    shelf.put("whole.mp4", whole)
    shelf.put("broken.mp4", whole[:-1000])
    manifest = tmp_path / "m.yaml"
    manifest.write_text(MANIFEST)
    loaded = load([str(manifest)], Access())
    with Scratch(tmp_path / "scratch", 1_000_000) as scratch:
        fetch = functools.partial(fetched, scratch, stop=never, known=known)
        checked = check(loaded, Access(), fetch=fetch)
    (ready,) = checked.ready
    assert ready.video.file == Path("s3:/clips/whole.mp4")
    digest = hashlib.sha256(whole).hexdigest()
    assert ready.stored == (FileIdentity("whole.mp4", len(whole), digest),)
    found = [(each.line, each.rule, each.message) for each in checked.problems]
    assert [each[:2] for each in found] == [(4, "video-truncated"), (5, "file-unreadable")]
    assert "s3://clips/broken.mp4 is cut off" in found[0][2]
    assert "there is no s3://clips/gone.mp4" in found[1][2]
    assert str(scratch.folder) not in str(found)


def test_enqueue_fetches_nothing_that_is_as_it_was(
    shelf: Shelf,
    small_video: Path,
    tmp_path: Path,
    known: StoredFiles,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original, asked = s3.fetch, list[str]()

    def fetch(address: str, target: Path, stop: Callable[[], bool]) -> tuple[FileIdentity, s3.Told]:
        asked.append(address)
        return original(address, target, stop)

    monkeypatch.setattr(s3, "fetch", fetch)
    manifest = tmp_path / "m.yaml"
    manifest.write_text("version: 1\nfile: s3://clips/a.mp4\ntitle: A\nthumbnail: {timing: 1}\n")
    content = small_video.read_bytes()

    def look() -> Checked:
        asked.clear()
        with Scratch(tmp_path / "scratch", 1_000_000) as scratch:
            fetch = functools.partial(fetched, scratch, stop=never, known=known)
            return check(load([str(manifest)], Access()), Access(), fetch=fetch)

    shelf.put("a.mp4", content)
    first = look()
    assert asked == ["s3://clips/a.mp4"]
    assert look() == first
    assert asked == []
    manifest.write_text(manifest.read_text().replace("timing: 1", "timing: 9"))
    (late,) = look().problems
    assert (late.rule, late.line, asked) == ("timing-outside", 4, [])
    shelf.put("a.mp4", content + struct.pack(">I4s", 8, b"free"))
    look()
    assert asked == ["s3://clips/a.mp4"]


def test_what_another_version_kept_of_a_file_is_no_answer(known: StoredFiles) -> None:
    row = "INSERT INTO nicobatch_stored VALUES ('s3://clips/a.mp4', 'x', 'abc', %(media)s)"
    known.database.rows(row, {"media": '{"size": 10, "loudness": -14}'})
    assert known.find("s3://clips/a.mp4", "x") is None


def test_without_a_fleet_a_store_is_told_of(tmp_path: Path) -> None:
    manifest = tmp_path / "m.yaml"
    manifest.write_text("version: 1\nfile: s3://clips/a.mp4\ntitle: A\n")
    (found,) = check(load([str(manifest)], Access()), Access()).problems
    assert (found.rule, found.line, found.column) == ("file-in-store", 2, 7)
    assert "s3://clips/a.mp4 lies in a store" in found.message


@pytest.mark.parametrize("name", ["s3://clips", "s3://clips/", "s3://clips/*.mp4", "s3:///a.mp4"])
def test_what_names_no_file_in_a_store(tmp_path: Path, name: str) -> None:
    manifest = tmp_path / "m.yaml"
    manifest.write_text(f"version: 1\nfile: {name}\ntitle: A\n")
    (found,) = check(load([str(manifest)], Access()), Access()).problems
    assert found.rule == "file-is-address"
