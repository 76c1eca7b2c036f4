"""The loop in this process: real folders, published to nowhere."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pytest

from nicobatch import events
from nicobatch.errors import Later, NicobatchError
from nicobatch.events import Event
from nicobatch.model import Video
from nicobatch.pipeline import Checked, CheckedVideo
from nicobatch.watch import watcher as module
from nicobatch.watch.backend import Alarms, Backend, BackendChoice, Limited, WatchOptions
from nicobatch.watch.destination import Recovered
from nicobatch.watch.folder import Folder, FolderListing
from nicobatch.watch.memory import Memory
from nicobatch.watch.notifier import Notifier, Waking
from nicobatch.watch.watcher import make_watcher
from nicobatch.watch.worker import Ending, JobPart, Pauses, Result
from tests.unit.watch.jobs import MEDIA


class Counting(Folder):
    """A folder that knows how often it was looked at."""

    looks = 0

    def look(self) -> FolderListing:
        self.looks += 1
        return super().look()


def checked(manifest: Path) -> Checked:
    """Return what a manifest holds that names the video of its own name."""
    file = manifest.with_suffix(".mp4")
    video = Video(manifest=manifest, id=file.stem, file=file, title=file.stem)
    return Checked((manifest,), (CheckedVideo(video, (MEDIA,)),), (), (video,))


@dataclass
class Post:
    """A watcher on a thread of its own, and all that it told."""

    root: Path
    results: list[Result | Exception] = field(default_factory=list)
    done: Path | None = None
    failed: Path | None = None
    once: bool = False
    rescan: float = 0.1
    settle: float = 0.05
    heart: Path | None = None
    waking: Callable[[Backend], Waking] | None = None
    guard: Callable[[], None] = lambda: None
    slow: float = 0.0
    during: Callable[[JobPart], None] = lambda turn: None
    told: list[Event] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    raised: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.alarms = Alarms()
        self.root.mkdir(exist_ok=True)
        self.watcher = make_watcher(
            self.root,
            WatchOptions(
                rescan=self.rescan,
                settle=self.settle,
                once=self.once,
                done=self.done,
                failed=self.failed,
                heartbeat=self.heart,
            ),
            memory=Memory(self.root),
            read=self._read,
            publish=self._publish,
            listen=self.told.append,
            guard=self.guard,
            alarms=self.alarms,
            notifier=Notifier(
                lambda: BackendChoice(Backend.NATIVE, "watched"),
                self.waking or (lambda backend: Waking(self.root, self.alarms.changed, backend)),
                Pauses(0.01, 0.01),
            ),
        )
        self.folder = self.watcher.folder = Counting(self.root, sentinel=Memory(self.root).sentinel)
        self.thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.alarms.stop.set()
        self.thread.join(5)
        assert not self.thread.is_alive()

    def _run(self) -> None:
        try:
            self.watcher.run()
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            self.raised.append(error)

    def _publish(self, turn: JobPart) -> Result:
        self.published.append(turn.job.manifest.stem)
        self.during(turn)
        result = self.results.pop(0) if self.results else Result(ending=Ending.DONE)
        if isinstance(result, Exception):
            raise result
        return result

    def _read(self, manifest: Path) -> Callable[[bool], Checked]:
        def check(probe: bool) -> Checked:
            time.sleep(self.slow)
            return checked(manifest)

        return check

    def add(self, *names: str) -> None:
        for name in names:
            (self.root / f"{name}.mp4").write_bytes(name.encode())
            (self.root / f"{name}.yaml").write_text("version: 1\n")

    def until(self, wanted: Callable[[], object]) -> None:
        deadline = time.monotonic() + 5
        while not wanted():
            assert time.monotonic() < deadline, self.told
            time.sleep(0.005)

    def states(self) -> list[str]:
        return [str(each.data["state"]) for each in self.of(events.UnitChanged)]

    def of(self, kind: type[Event]) -> list[Event]:
        return [each for each in list(self.told) if isinstance(each, kind)]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHORTEST", 0.02)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "in"


def test_what_comes_is_published_and_done(root: Path) -> None:
    with Post(root) as post:
        post.add("a", "b")
        post.until(lambda: post.states().count("done") == 2)
        assert sorted(post.published) == ["a", "b"]
    assert post.raised == []
    (started,) = post.of(events.WatchStarted)
    assert started.data["backend"] == "native"
    assert started.data["message"] == "watched"


@pytest.mark.parametrize("ending", [Ending.TRANSIENT, Ending.LATER, Ending.PERMANENT])
def test_what_fails_is_tried_again(root: Path, ending: Ending) -> None:
    fault = Result(ending=ending, message="no luck", hint="wait")
    with Post(root, results=[fault, fault]) as post:
        post.add("a")
        post.until(lambda: "done" in post.states())
    assert post.published == ["a"] * 3
    failed = [each for each in post.of(events.UnitChanged) if each.data["state"] == ending.value]
    assert len(failed) == 2
    assert "no luck" in str(failed[0].data["message"])
    assert failed[0].data["hint"] == "wait"


def test_what_changes_while_it_waits_its_turn_is_offered_anew(root: Path) -> None:
    def change(turn: JobPart) -> None:
        if turn.job.manifest.stem == "a":
            (root / "b.mp4").write_bytes(b"another")

    post = Post(root, during=change)
    post.add("a", "b")
    with post:
        post.until(lambda: post.states().count("done") == 2)
    assert post.states().count("stale") == 1
    assert post.published == ["a", "b"]


def test_what_was_stopped_is_neither_done_nor_failed(root: Path) -> None:
    with Post(root, results=[Result(ending=Ending.STOPPED)]) as post:
        post.add("a")
        post.until(lambda: post.published)
    assert set(post.states()) <= {"ready"}


def test_what_an_earlier_run_had_begun_to_move_is_finished_first(root: Path) -> None:
    post = Post(root, done=root / "done")
    recovered = Recovered(((root / "a.yaml", root / "done" / "a"),))
    destination = post.watcher.results.destinations[Ending.DONE]
    destination.recover = lambda: recovered  # type: ignore[method-assign]
    with post:
        post.until(lambda: post.of(events.Moved))
        post.until(lambda: post.folder.looks > 1)


def test_a_blocked_account_is_told_of_and_waited_for(root: Path) -> None:
    blocked = Result(ending=Ending.ACCOUNT, message="who are you?")
    with Post(root, results=[blocked]) as post:
        post.add("a")
        post.until(lambda: "done" in post.states())
    (told,) = [each for each in post.of(events.UnitChanged) if each.data["state"] == "blocked"]
    assert told.data["account"] == "main"


def test_jobs_that_are_through_are_moved(root: Path) -> None:
    results: list[Result | Exception] = [Result(ending=Ending.PERMANENT, message="no video")]
    with Post(root, results=results, done=root / "done", failed=root / "failed") as post:
        post.add("a")
        post.until(lambda: post.of(events.Moved))
        post.add("b")
        post.until(lambda: len(post.of(events.Moved)) == 2)
    told = json.loads((root / "failed" / "a" / "result.json").read_text("utf-8"))
    assert (told["state"], told["message"]) == ("hopeless", "no video")
    assert (root / "done" / "b" / "b.mp4").exists()
    assert "waiting" not in post.states()


def test_what_can_not_be_moved_is_tried_again(root: Path) -> None:
    place = root.parent / "done"
    with Post(root, done=place) as post:
        post.until(place.exists)
        place.rmdir()
        place.write_text("in the way")
        post.add("a")
        post.until(lambda: post.states().count("later") == 2)
        place.unlink()
        place.mkdir()
        post.until(lambda: post.of(events.Moved))
    assert len(post.published) >= 3


def test_scans_are_few_whatever_happens(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHORTEST", 0.2)
    with Post(root, rescan=60) as post:
        post.add("a")
        post.until(lambda: "done" in post.states())
        before, begun = post.folder.looks, time.monotonic()
        while time.monotonic() - begun < 1.0:
            post.add("a")
            (root / "a.yaml").chmod(0o600)
        looks = post.folder.looks - before
    assert 2 <= looks <= 7


def test_without_events_the_folder_is_scanned_all_the_same(root: Path) -> None:
    class Deaf(Waking):
        def start(self) -> None:
            """Hear nothing."""

        alive = True

    with Post(root, waking=lambda backend: Deaf(root, threading.Event(), backend)) as post:
        post.add("a")
        post.until(lambda: "done" in post.states())


def test_a_folder_that_goes_away_is_waited_for(root: Path) -> None:
    away = root.with_name("away")
    heart = root.with_name("heart.json")
    with Post(root, heart=heart) as post:
        post.add("a")
        post.until(lambda: "done" in post.states())
        root.rename(away)
        post.until(lambda: post.of(events.FolderChanged))
        post.until(lambda: json.loads(heart.read_text())["state"] == "unavailable")
        away.rename(root)
        post.until(lambda: len(post.of(events.FolderChanged)) == 2)
        post.until(lambda: json.loads(heart.read_text())["units"].get("done") == 1)
    assert [each.data["state"] for each in post.of(events.FolderChanged)] == [
        "unavailable",
        "available",
    ]
    assert len(post.of(events.WatchStarted)) == 2
    assert post.published == ["a"]


def test_a_heartbeat_that_can_not_be_written_is_told_once(root: Path) -> None:
    with Post(root, heart=root / "no" / "such" / "folder") as post:
        post.until(lambda: post.folder.looks > 4)
    (told,) = post.of(events.UnitChanged)
    assert "heartbeat" in str(told.data["message"])


def test_signs_of_life_come_in_the_middle_of_a_long_look(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEAT", 0.01)
    beats: list[object] = []
    post = Post(root, slow=0.05, once=True)
    monkeypatch.setattr(post.watcher.heartbeat, "beat", beats.append)
    post.add("a", "b", "c", "d", "e")
    with post:
        post.until(post.states)
        assert len(beats) >= 5


def test_an_observer_that_keeps_dying_ends_the_watcher(root: Path) -> None:
    class Dying(Waking):
        alive = False

    with Post(root, waking=lambda backend: Dying(root, threading.Event(), backend)) as post:
        post.thread.join(5)
    (error,) = post.raised
    assert isinstance(error, NicobatchError)
    assert post.alarms.stop.is_set()


def test_polling_for_lack_of_room_is_told(root: Path) -> None:
    def waking(backend: Backend) -> Waking:
        made = Waking(root, threading.Event(), backend)
        if backend is Backend.NATIVE:

            def start() -> None:
                raise Limited("no watches left", "raise the limit")

            made.start = start  # type: ignore[method-assign]
        return made

    with Post(root, waking=waking) as post:
        post.until(lambda: post.of(events.WatchStarted))
        post.add("a")
        post.until(lambda: "done" in post.states())
    (told,) = post.of(events.WatchStarted)
    assert (told.data["backend"], told.data["hint"]) == ("poll", "raise the limit")


def test_a_bug_in_a_worker_ends_the_watcher(root: Path) -> None:
    with Post(root, results=[ZeroDivisionError()]) as post:
        post.add("a")
        post.thread.join(5)
    assert [type(error) for error in post.raised] == [ZeroDivisionError]


def test_one_who_has_lost_the_folder_to_another_ends(root: Path) -> None:
    def guard() -> None:
        raise Later("taken over")

    with Post(root, guard=guard) as post:
        post.thread.join(5)
    assert [str(error) for error in post.raised] == ["taken over"]


def test_once_it_ends_by_itself_and_keeps_what_became_of_each(root: Path) -> None:
    fault = Result(ending=Ending.TRANSIENT, message="no luck", code=1)
    post = Post(root, once=True, results=[fault])
    post.add("a", "b")
    with post:
        post.thread.join(10)
    assert post.watcher.results.codes == {0, 1}
    counts = post.watcher.counts()
    assert (counts["done"], counts["failed"]) == (1, 1)


def test_once_what_never_settles_is_not_waited_for(root: Path) -> None:
    over = threading.Event()

    def write() -> None:
        while not over.wait(0.01):
            with (root / "a.mp4").open("r+b") as file:  # which is empty at no moment
                file.write(str(time.monotonic()).encode())

    post = Post(root, once=True, settle=0.5)  # by far longer than the writer may pause
    post.add("a", "b")
    writer = threading.Thread(target=write)
    writer.start()
    with post:
        post.thread.join(10)
    over.set()
    writer.join()
    assert post.published == ["b"]
    assert post.watcher.counts()["settling"] == 1


def test_once_a_machine_that_stalls_has_everything_looked_at_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEAT", 0.01)
    stalls = iter([0.0, 0.5])
    post = Post(root, once=True)
    monkeypatch.setattr(post.watcher.heartbeat, "beat", lambda data: time.sleep(next(stalls, 0.0)))
    post.add("a")
    with post:
        post.thread.join(10)
    assert post.published == ["a"]


def test_once_a_folder_that_is_not_there_is_no_reason_to_wait(root: Path) -> None:
    post = Post(root, once=True)
    root.rmdir()
    with post:
        post.thread.join(5)
    assert [type(error) for error in post.raised] == [Later]


def _jitters() -> Iterator[float]:
    yield from (0.0, 0.5, 1.0)


@pytest.mark.parametrize(
    ("backend", "settle", "pauses"),
    [
        (Backend.NATIVE, 10.0, [54.0, 60.0, 66.0]),
        (Backend.POLL, 30.0, [9.0, 10.0, 11.0]),
        (Backend.POLL, 600.0, [54.0, 60.0, 66.0]),
    ],
)
def test_the_pace(backend: Backend, settle: float, pauses: list[float]) -> None:
    jitters = _jitters()
    options = WatchOptions(rescan=60.0, settle=settle)
    waits = [options.until_scan(backend, lambda: next(jitters)) for _time in pauses]
    assert waits == pytest.approx(pauses)
