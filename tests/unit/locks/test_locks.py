"""What a lock file may say, and who gets the lock then; every clock is the test's own."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from nicobatch import disk
from nicobatch.errors import JournalError, Later, Locked
from nicobatch.locks import TTL, Lease, Locks, files, processes

NAME: Final = "the account main"
HOUR: Final = 3600.0


@dataclass
class Clock:
    """A machine's two clocks, which the test moves together or each alone."""

    wall: float = 1_800_000_000.0
    monotonic: float = 50.0

    def advance(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds


@dataclass
class Run:
    """A run with clocks of its own; its thread never gets to beat within a test."""

    operation: str = "publish"
    clock: Clock = field(default_factory=Clock)
    locks: Locks = field(init=False)

    def __post_init__(self) -> None:
        self.locks = Locks(
            self.operation,
            wall=lambda: self.clock.wall,
            monotonic=lambda: self.clock.monotonic,
        )

    def takes(self, path: Path) -> bool:
        """Tell whether the run gets the lock, and let go of it."""
        try:
            self.locks.acquire(path, NAME).release()
        except Locked:
            return False
        return True


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "not yet there" / ".account-main.lock"


@pytest.fixture
def lease(path: Path) -> Iterator[Lease]:
    with Run().locks.acquire(path, NAME) as lease:
        yield lease


@pytest.fixture
def run() -> Run:
    return Run("watch")


@pytest.fixture(scope="module")
def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-S", "-c", "pass"])
    process.wait()
    return process.pid


def record(path: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads(path.read_text("utf-8"))
    return content


@pytest.fixture
def forge(path: Path) -> Callable[..., None]:
    """Leave the lock of a run that doesn't beat, with some fields of another's choice."""

    def write(**fields: object) -> None:
        with Run().locks.acquire(path, NAME):
            content = record(path)
        path.write_text(json.dumps(content | fields), "utf-8")

    return write


# Who gets the lock


def test_a_free_lock_is_taken_and_names_its_holder(path: Path, lease: Lease) -> None:
    content = record(path)
    assert content["operation"] == "publish"
    assert content["pid"] == os.getpid()
    assert content["since"] == "2027-01-15T08:00:00+00:00"
    lease.check()


def test_what_is_held_names_its_holder(path: Path, lease: Lease, run: Run) -> None:
    with pytest.raises(Locked) as caught:
        run.locks.acquire(path, NAME)
    host = re.escape(str(record(path)["host"]))
    when = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
    expected = rf"{NAME} is in use by publish on {host} \(pid {os.getpid()}\) since {when}"
    assert re.fullmatch(expected, str(caught.value))
    assert "within 120 s" in caught.value.hint


def test_the_time_is_shown_in_the_readers_zone(
    path: Path, forge: Callable[..., None], run: Run
) -> None:
    forge(since="2026-11-20T23:30:00+09:00")
    here = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(1_795_185_000))
    with pytest.raises(Locked, match=here):
        run.locks.acquire(path, NAME)


def test_a_run_is_refused_what_it_holds_itself(path: Path) -> None:
    locks = Run().locks
    seen: list[str] = []

    def another_thread() -> None:
        try:
            locks.acquire(path, NAME)
        except Locked as error:
            seen.append(str(error))

    with locks.acquire(path, NAME):
        with pytest.raises(Locked):
            locks.acquire(path, NAME)
        thread = threading.Thread(target=another_thread)
        thread.start()
        thread.join()
    assert f"(pid {os.getpid()})" in seen[0]


def test_other_locks_of_the_folder_are_free(path: Path, lease: Lease, run: Run) -> None:
    assert run.takes(path.with_name(".account-second.lock"))


@dataclass(frozen=True)
class Left:
    """A lock that a run left, and who gets it: `at_once`, or after TTL of watching it."""

    fields: dict[str, object]
    at_once: bool


STATES: Final = {
    "a live process here": Left({}, at_once=False),
    "a live process here, of unknown age": Left({"born": ""}, at_once=False),
    "a dead process here": Left({"pid": "DEAD"}, at_once=True),
    "a dead process here, of unknown age": Left({"pid": "DEAD", "born": ""}, at_once=True),
    "a dead process of another host": Left({"pid": "DEAD", "place": "elsewhere"}, at_once=False),
    "a live process of another host": Left({"place": "elsewhere"}, at_once=False),
    "the same host name, not the same host": Left(
        {"pid": "DEAD", "place": f"{socket.gethostname()} 0"}, at_once=False
    ),
    "a later version's": Left({"pid": "DEAD", "shards": [1]}, at_once=True),
    "every process": Left({"pid": -1}, at_once=False),
    "the process group": Left({"pid": 0}, at_once=False),
    "no possible process": Left({"pid": 2**70}, at_once=False),
    "half a process": Left({"pid": None}, at_once=False),
    "infinitely many beats": Left({"beat": float("inf")}, at_once=False),
    "no time": Left({"since": "noon"}, at_once=False),
    "a time of no zone": Left({"since": "2026-11-20T12:00:03"}, at_once=False),
    "a time before all": Left({"since": "0001-01-01T00:00:00+14:00"}, at_once=False),
}


@pytest.mark.parametrize("left", STATES.values(), ids=STATES.keys())
def test_what_a_run_left_is_taken_over(
    path: Path, forge: Callable[..., None], run: Run, dead_pid: int, left: Left
) -> None:
    forge(**{key: dead_pid if value == "DEAD" else value for key, value in left.fields.items()})
    assert run.takes(path) is left.at_once
    if not left.at_once:
        run.clock.advance(TTL - 1)
        assert not run.takes(path)
        run.clock.advance(1)
        assert run.takes(path)


@pytest.mark.skipif(sys.platform != "linux", reason="only there a process has a known age")
def test_a_pid_that_came_to_be_anothers_holds_nothing(
    path: Path, forge: Callable[..., None], run: Run
) -> None:
    forge(born="1")
    assert run.takes(path)


GARBLED: Final = {
    "empty": b"",
    "zeros": bytes(200),
    "not text": b"\xff\xfe\x00",
    "a list": b"[]",
    "a number": b"1",
    "nothing in it": b"{}",
    "bottomless": b"[" * 100_000,
    "truncated": b'{\n "host": "desk",\n "pid": 1',
}


@pytest.mark.parametrize("content", GARBLED.values(), ids=GARBLED.keys())
def test_what_can_not_be_understood_is_held(path: Path, run: Run, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(Locked) as caught:
        run.locks.acquire(path, NAME)
    assert str(caught.value).startswith(f"{NAME} seems to be in use: its lock {path} is there")
    run.clock.advance(TTL)
    path.write_bytes(content + b" ")
    assert not run.takes(path), "somebody is writing it"
    run.clock.advance(TTL)
    assert run.takes(path)


@given(content=st.binary(max_size=80))
def test_no_content_is_taken_for_a_free_lock(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / ".any.lock"
    path.write_bytes(content)
    run = Run()
    assert not run.takes(path)
    run.clock.advance(TTL)
    assert run.takes(path)


def test_one_who_beats_is_never_taken_over(path: Path, run: Run) -> None:
    holder = Run()
    with holder.locks.acquire(path, NAME) as lease:
        for _ in range(20):
            assert not run.takes(path)
            run.clock.advance(TTL)
            holder.clock.advance(TTL / 4)
            holder.locks.beat()
        lease.check()


def test_what_was_seen_of_an_earlier_holder_does_not_count(path: Path, run: Run) -> None:
    for _ in range(3):
        with Run().locks.acquire(path, NAME):
            assert not run.takes(path)
        run.clock.advance(TTL)
    assert run.takes(path)


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_the_time_of_day_of_a_waiting_run_does_not_matter(
    path: Path, lease: Lease, run: Run, step: float
) -> None:
    for _ in range(5):
        assert not run.takes(path)
        run.clock.wall += step


# What a holder notices


def test_a_check_reads_nothing_while_beats_are_recent(path: Path) -> None:
    run = Run()
    with run.locks.acquire(path, NAME) as lease:
        path.unlink()
        run.clock.advance(TTL / 2 - 1)
        lease.check()
        run.clock.advance(1)
        with pytest.raises(Later, match=f"{NAME} is no longer this run's: the lock .* removed"):
            lease.check()
        with pytest.raises(Later):
            lease.check()


def test_a_check_after_a_pause_goes_on_where_nobody_took_over(path: Path, run: Run) -> None:
    holder = Run()
    with holder.locks.acquire(path, NAME) as lease:
        assert not run.takes(path)
        holder.clock.advance(10 * TTL)
        lease.check()
        run.clock.advance(TTL)
        assert not run.takes(path), "the check is a beat"


@pytest.mark.parametrize(
    ("wall", "monotonic"),
    [(TTL, TTL), (TTL, 0), (0, TTL), (TTL - HOUR, TTL), (HOUR, 0)],
    ids=["process", "machine", "process, hidden", "process, set back", "machine, for long"],
)
def test_a_holder_that_was_suspended_stops(
    path: Path, run: Run, wall: float, monotonic: float
) -> None:
    holder = Run()
    with holder.locks.acquire(path, NAME) as lease:
        assert not run.takes(path)
        run.clock.advance(TTL)
        with run.locks.acquire(path, NAME) as taken:
            holder.clock.wall += wall
            holder.clock.monotonic += monotonic
            with pytest.raises(Later) as caught:
                lease.check()
            taken.check()
            lease.release()
            taken.check()
            assert record(path)["operation"] == "watch", "and its release changes nothing"
    assert re.fullmatch(
        rf"{NAME} was taken over by watch on \S+ \(pid {os.getpid()}\)"
        " while this run was suspended",
        str(caught.value),
    )
    assert "writes nothing more" in caught.value.hint


def test_nobody_takes_over_what_is_held_however_long_that_takes(
    path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PATIENCE", 0.05)
    with Run().locks.acquire(path, NAME) as lease:
        assert not run.takes(path)
        with lease.held():
            run.clock.advance(TTL)
            assert not run.takes(path)
        assert run.takes(path)
        with pytest.raises(Later, match="no longer this run's"), lease.held():
            pytest.fail("it was taken over")


def test_a_loss_that_a_beat_found_shows_at_the_next_check(path: Path) -> None:
    run = Run()
    with run.locks.acquire(path, NAME) as lease:
        path.write_bytes(b"{")
        lease.check()
        run.locks.beat()
        with pytest.raises(Later, match="overwritten"):
            lease.check()
        assert path.read_bytes() == b"{"


def test_a_pause_within_a_beat_makes_the_hold_look_older(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run()

    def write_slowly(path: Path, holder: files.Holder, write: Callable[..., None]) -> None:
        write(path, holder)
        run.clock.advance(TTL / 2)

    monkeypatch.setattr(files, "write", functools.partial(write_slowly, write=files.write))
    with run.locks.acquire(path, NAME) as lease:
        for beat in range(1, 4):
            lease.check()
            assert record(path)["beat"] == beat, "each check has to look again"


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_a_step_of_the_holders_clock_changes_nothing(path: Path, run: Run, step: float) -> None:
    holder = Run()
    with holder.locks.acquire(path, NAME) as lease:
        for beat in range(1, 4):
            holder.clock.wall += step
            lease.check()
            lease.check()
            assert record(path)["beat"] == beat
            assert not run.takes(path)


def test_a_released_lock_is_free(path: Path, run: Run) -> None:
    lease = Run().locks.acquire(path, NAME)
    lease.release()
    assert not path.exists()
    with pytest.raises(Later):
        lease.check()
    with run.locks.acquire(path, NAME) as other:
        lease.release()
        with pytest.raises(Later):
            lease.check()
        other.check()
        assert path.exists()


def test_a_lock_is_let_go_when_its_work_fails(path: Path, run: Run) -> None:
    with pytest.raises(ZeroDivisionError), Run().locks.acquire(path, NAME):
        raise ZeroDivisionError
    assert run.takes(path)


def test_no_lock_passes_for_a_receipt(path: Path, lease: Lease) -> None:
    assert list(path.parent.parent.glob("[!.]*/[!.]*")) == []
    assert {each.name for each in path.parent.iterdir()} == {path.name, files.GUARD}


# What the disk does


def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path, run: Run) -> None:
    (tmp_path / "folder").write_bytes(b"")
    path = tmp_path / "folder" / ".account-main.lock"
    with pytest.raises(JournalError) as caught:
        run.locks.acquire(path, NAME)
    assert str(caught.value).startswith(f"the lock {path} can't be written: ")
    assert caught.value.hint == "make room, or let the folder be written to"


@pytest.mark.usefixtures("_rightless")
def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path, run: Run) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(JournalError, match="can't be written: Permission denied"):
        run.locks.acquire(tmp_path / ".account-main.lock", NAME)


def test_a_disk_that_goes_away_stops_a_holder_until_it_is_back(path: Path) -> None:
    run, away = Run(), path.parent.with_name("away")
    with run.locks.acquire(path, NAME) as lease:
        shutil.move(path.parent, away)
        path.parent.write_bytes(b"")
        run.locks.beat()
        lease.check()
        run.clock.advance(TTL / 2)
        with pytest.raises(JournalError, match="can't be written"):
            lease.check()
        path.parent.unlink()
        shutil.move(away, path.parent)
        lease.check()


def test_a_release_on_a_disk_that_is_gone_is_silent(path: Path) -> None:
    with Run().locks.acquire(path, NAME):
        shutil.rmtree(path.parent)
        path.parent.write_bytes(b"")
    assert path.parent.read_bytes() == b""


def test_what_a_run_could_not_let_go_it_takes_again_at_once(path: Path, run: Run) -> None:
    away = path.parent.with_name("away")
    mine = Run()
    with mine.locks.acquire(path, NAME):
        shutil.move(path.parent, away)
    assert not path.parent.exists()  # a share's mount point is not to be filled meanwhile
    shutil.move(away, path.parent)
    assert not run.takes(path)
    assert mine.takes(path)
    assert run.takes(path)


def test_a_guard_that_is_held_for_long_is_told(
    path: Path, lease: Lease, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PATIENCE", 0.02)
    guard = path.with_name(files.GUARD)
    with FileLock(guard), pytest.raises(Locked) as caught:
        run.locks.acquire(path, NAME)
    assert str(caught.value) == f"{NAME} is in use: another run does not let go of {guard}"
    assert not run.takes(path)
    lease.check()


# The thread that beats


def keepers() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "nicobatch-locks"]


def test_one_thread_beats_for_all_locks_of_a_run(tmp_path: Path) -> None:
    locks = Locks("publish", ttl=0.08)
    paths = [tmp_path / f".{name}.lock" for name in ("a", "b", "c")]
    leases = [locks.acquire(each, NAME) for each in paths]
    (keeper,) = keepers()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and any(record(each)["beat"] == 0 for each in paths):
        time.sleep(0.01)
    assert all(record(each)["beat"] != 0 for each in paths)
    for lease in leases:
        assert keepers() == [keeper]
        lease.release()
    keeper.join(5)
    assert keepers() == []
    locks.acquire(paths[0], NAME).release()
    assert list(tmp_path.glob(".?.lock")) == []


# Where processes are told apart


def test_this_place_is_always_the_same() -> None:
    assert processes.place() == processes.place()


@pytest.mark.skipif(sys.platform != "linux", reason="tells places by /proc")
def test_a_place_that_can_not_be_told_is_like_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(processes, "_BOOT_ID", tmp_path / "none")
    assert processes.place() != processes.place()


def test_elsewhere_the_network_card_tells_places_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert processes.place() == processes.place()
    assert re.fullmatch(r"\S+ [0-9a-f]+", processes.place())


def test_a_process_that_is_gone_has_no_age(dead_pid: int) -> None:
    assert processes.born(dead_pid) == ""


def test_a_process_of_another_user_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int, signal: int) -> None:
        assert signal == 0
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert processes.lives(os.getpid(), processes.born(os.getpid()))


@pytest.mark.parametrize("act", ["acquire", "beat", "release"])
def test_a_scanner_that_has_the_lock_open_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """As on Windows, where what another program has open can't be read, replaced or removed."""
    pauses: list[float] = []
    patiently = functools.partial(disk.patiently, windows=True, sleep=pauses.append)
    lock, free = tmp_path / ".a.lock", {name: getattr(Path, name) for name in ("replace", "unlink")}

    def busy(name: str) -> Callable[..., Any]:
        def method(path: Path, *arguments: Any, **options: Any) -> Any:
            if lock in {path, *arguments} and len(pauses) < 3:
                raise PermissionError(13, "Permission denied", str(path))
            return free[name](path, *arguments, **options)

        return method

    locks = Locks("publish")
    lease = None if act == "acquire" else locks.acquire(lock, "it")
    monkeypatch.setattr(disk, "patiently", patiently)
    for name in free:
        monkeypatch.setattr(Path, name, busy(name))
    getattr(lease, act)() if lease else locks.acquire(lock, "it").release()
    assert len(pauses) == 3
    monkeypatch.undo()
    assert lock.exists() == (act == "beat")
    if lease and act == "beat":
        lease.release()
