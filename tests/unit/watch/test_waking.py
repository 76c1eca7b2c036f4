"""The system's word that something changed, with real folders and a real kernel."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watchdog.observers.api import BaseObserver, EventDispatcher, EventEmitter

from nicobatch.watch import notifier
from nicobatch.watch.backend import Backend, Limited
from nicobatch.watch.notifier import Waking

DEADLINE = 10.0
"""Seconds in which the system tells of a change, however busy the machine is."""

linux = pytest.mark.skipif(sys.platform != "linux", reason="about inotify")
may_mount = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def wake() -> threading.Event:
    return threading.Event()


@pytest.fixture
def watched(root: Path, wake: threading.Event) -> Iterator[Waking]:
    watching = Waking(root, wake, Backend.NATIVE)
    watching.start()
    yield watching
    watching.close()


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def quiet(wake: threading.Event, marker: Path) -> bool:
    """Tell whether nothing but the marker's arrival woke: events come in their order."""
    if wake.is_set():
        return False
    marker.touch()
    return wake.wait(DEADLINE)


def lives(watching: Waking) -> bool:
    return watching.alive


def descriptors() -> list[str]:
    folder = Path("/proc/self/fd")
    return sorted(str(each.readlink()) for each in folder.iterdir() if each.is_symlink())


# What wakes


def test_a_file_that_arrives_wakes(watched: Waking, wake: threading.Event, root: Path) -> None:
    assert lives(watched)
    (root / "a.yaml").write_text("version: 1")
    assert wake.wait(DEADLINE)
    assert watched.renamed() == set()


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_text("more"),
        lambda path: path.unlink(),
        lambda path: path.rename(path.with_name("b.yaml")),
        lambda path: path.rename(path.parents[1] / "b.yaml"),
        lambda path: (path.parent / "clips").mkdir(),
    ],
    ids=["written", "deleted", "renamed", "moved away", "a folder made"],
)
def test_every_change_of_the_root_wakes(
    change: Callable[[Path], object], root: Path, wake: threading.Event
) -> None:
    path = root / "a.yaml"
    path.touch()
    watching = Waking(root, wake, Backend.NATIVE)
    watching.start()
    try:
        change(path)
        assert wake.wait(DEADLINE)
    finally:
        watching.close()


@linux
def test_looking_and_hidden_names_wake_nobody(
    watched: Waking, wake: threading.Event, root: Path
) -> None:
    (root / ".nicobatch").mkdir()
    (root / ".nicobatch" / ".watch.json").write_text("{}")
    (root / "a.mp4.part").write_bytes(b"0")
    (root / ".DS_Store").unlink(missing_ok=True)
    assert sorted(each.name for each in os.scandir(root)) == [".nicobatch", "a.mp4.part"]
    (root / "a.mp4.part").read_bytes()
    time.sleep(0.2)  # nothing comes, and that takes a while to be seen
    assert quiet(wake, root / "a.yaml")


def test_a_rename_from_elsewhere_or_of_a_temporary_name_is_a_finished_file(
    watched: Waking, wake: threading.Event, root: Path
) -> None:
    if sys.platform != "linux":
        pytest.skip("elsewhere it looks like a file that is being written")
    (root.parent / "a.mp4").write_bytes(b"whole")
    (root.parent / "a.mp4").rename(root / "a.mp4")
    (root / "b.mp4.part").write_bytes(b"whole")
    (root / "b.mp4.part").rename(root / "b.mp4")
    (root / "c.mp4").write_bytes(b"hal")
    (root / "c.mp4").rename(root / "d.mp4")
    (root.parent / "hidden").mkdir()
    (root.parent / "hidden").rename(root / "clips")
    (root.parent / "e").write_bytes(b"")
    (root.parent / "e").rename(root / ".e")
    (root.parent / "f.yaml").write_bytes(b"whole")
    (root.parent / "f.yaml").rename(root / "f.yaml")
    found: set[Path] = set()

    def all_came() -> bool:
        found.update(watched.renamed())
        return root / "f.yaml" in found

    assert until(all_came)
    assert found == {root / "a.mp4", root / "b.mp4", root / "f.yaml"}
    assert watched.renamed() == set()
    assert wake.is_set()


class Counting(threading.Event):
    """An event that counts how often it was set."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def set(self) -> None:
        self.times += 1
        super().set()


@linux
def test_renames_are_not_kept_without_end(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifier, "RENAMED", 3)
    counting = Counting()
    watching = Waking(root, counting, Backend.NATIVE)
    watching.start()
    try:
        for number in range(5):
            (root.parent / "x").write_bytes(b"whole")
            (root.parent / "x").rename(root / f"{number}.mp4")
        assert until(lambda: counting.times == 5)
        assert watching.renamed() == {root / f"{number}.mp4" for number in range(3)}
    finally:
        watching.close()


@linux
def test_a_root_behind_a_link_is_watched(tmp_path: Path, wake: threading.Event) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "inbox").symlink_to("real")
    watching = Waking(tmp_path / "inbox", wake, Backend.NATIVE)
    watching.start()
    try:
        (tmp_path / "a.mp4").write_bytes(b"whole")
        (tmp_path / "a.mp4").rename(tmp_path / "real" / "a.mp4")
        assert wake.wait(DEADLINE)
        assert until(lambda: watching.renamed() == {tmp_path / "inbox" / "a.mp4"})
        (tmp_path / "other").mkdir()
        (tmp_path / "inbox").unlink()
        assert not lives(watching)
        (tmp_path / "inbox").symlink_to("other")
        assert not lives(watching)
    finally:
        watching.close()


def test_polling_watches_nothing(root: Path, wake: threading.Event) -> None:
    before = threading.active_count()
    polling = Waking(root, wake, Backend.POLL)
    polling.start()
    assert lives(polling)
    assert threading.active_count() == before
    assert polling.renamed() == set()
    polling.close()


# Whether it is alive


def test_before_the_start_and_after_the_end_nothing_is_alive(
    root: Path, wake: threading.Event
) -> None:
    watching = Waking(root, wake, Backend.NATIVE)
    assert not lives(watching)
    watching.start()
    assert lives(watching)
    watching.close()
    watching.close()
    assert not lives(watching)


def test_a_root_that_is_deleted_ends_it(watched: Waking, wake: threading.Event, root: Path) -> None:
    root.rmdir()
    assert wake.wait(DEADLINE)
    assert not lives(watched)
    root.mkdir()
    assert not lives(watched)
    watched.start()
    assert lives(watched)
    wake.clear()
    (root / "a.yaml").touch()
    assert wake.wait(DEADLINE)


def test_a_root_that_is_swapped_ends_it(watched: Waking, wake: threading.Event, root: Path) -> None:
    root.rename(root.with_name("away"))
    assert not lives(watched)
    root.mkdir()
    assert not lives(watched)
    root.rmdir()
    root.with_name("away").rename(root)
    assert lives(watched)  # the folder that is watched, at its place
    (root / "a.yaml").touch()
    assert wake.wait(DEADLINE)


@linux
@may_mount
def test_a_mount_that_went_and_came_back_ends_it(root: Path, wake: threading.Event) -> None:
    image = root.with_name("disk")
    with image.open("wb") as file:
        file.truncate(4 << 20)
    made = subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=False, capture_output=True)
    mounting = ["mount", "-o", "loop", str(image), str(root)]
    if made.returncode or subprocess.run(mounting, check=False, capture_output=True).returncode:
        pytest.skip("this machine mounts no file")
    watching = Waking(root, wake, Backend.NATIVE)
    try:
        identity = root.stat().st_ino
        watching.start()
        assert lives(watching)
        subprocess.run(["umount", str(root)], check=True)
        subprocess.run(mounting, check=True)
        assert root.stat().st_ino == identity
        assert not lives(watching)
        watching.start()
        assert lives(watching)
    finally:
        watching.close()
        subprocess.run(["umount", str(root)], check=True)


def test_a_thread_that_died_ends_it(watched: Waking) -> None:
    threads = [each for each in threading.enumerate() if "watchdog" in type(each).__module__]
    emitter = next(each for each in threads if isinstance(each, EventEmitter))
    emitter.stop()
    emitter.join(DEADLINE)
    assert not lives(watched)


def test_an_observer_that_no_longer_hears_ends_it(watched: Waking) -> None:
    (observer,) = (each for each in threading.enumerate() if isinstance(each, BaseObserver))
    observer.stopped_event.set()
    observer.event_queue.put(EventDispatcher.stop_event)
    observer.join(DEADLINE)
    assert not lives(watched)


def test_where_the_kernel_says_nothing_of_watches_threads_must_do(
    watched: Waking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier, "_DESCRIPTORS", tmp_path / "no proc")
    assert lives(watched)


# What keeps it from starting


def test_a_root_that_is_not_there_is_no_matter_of_limits(
    tmp_path: Path, wake: threading.Event
) -> None:
    with pytest.raises(FileNotFoundError):
        Waking(tmp_path / "none", wake, Backend.NATIVE).start()
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        Waking(tmp_path / "file", wake, Backend.NATIVE).start()


class Failing(BaseObserver):
    """An observer whose start fails, as one does that reaches a limit."""

    def __init__(self, error: OSError, before: Callable[[], object] = lambda: None) -> None:
        super().__init__(EventEmitter)
        self.error, self.before = error, before

    def on_thread_start(self) -> None:
        self.before()
        raise self.error


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "fs.inotify.max_user_watches"),
        (errno.EMFILE, "fs.inotify.max_user_instances"),
        (errno.ENFILE, "fs.file-max"),
        (errno.ENOSYS, os.strerror(errno.ENOSYS)),
    ],
)
def test_a_limit_that_is_met_at_the_start_is_told(
    number: int, said: str, root: Path, wake: threading.Event
) -> None:
    failing = Failing(OSError(number, os.strerror(number)))
    watching = Waking(root, wake, Backend.NATIVE, observer=lambda: failing)
    with pytest.raises(Limited, match=said):
        watching.start()
    assert not lives(watching)


def test_a_root_that_goes_during_the_start_is_no_matter_of_limits(
    root: Path, wake: threading.Event
) -> None:
    failing = Failing(OSError(errno.ENOENT, "gone"), before=root.rmdir)
    with pytest.raises(FileNotFoundError):
        Waking(root, wake, Backend.NATIVE, observer=lambda: failing).start()


@linux
def test_an_observer_that_watches_nothing_is_no_observer(root: Path, wake: threading.Event) -> None:
    before = threading.active_count()
    watching = Waking(root, wake, Backend.NATIVE, observer=lambda: BaseObserver(EventEmitter))
    with pytest.raises(Limited, match=os.strerror(errno.EACCES)):
        watching.start()
    assert threading.active_count() == before


LIMITED = """
import resource, sys, threading
from pathlib import Path
from nicobatch.watch.backend import Backend, Limited
from nicobatch.watch.notifier import Waking
import watchdog.observers.inotify

def start():
    try:
        Waking(Path(sys.argv[1]), threading.Event(), Backend.NATIVE).start()
    except Limited as error:
        print(error.message, error.hint, threading.active_count())

"""
FEW_FILES = """
open_now = len(list(Path("/proc/self/fd").iterdir())) - 1
resource.setrlimit(resource.RLIMIT_NOFILE, (open_now + int(sys.argv[2]), 4096))
start()
"""
FEW_OF_THESE = """
limit = Path("/proc/sys/user") / sys.argv[2]
try:
    limit.write_text("0")
except OSError:
    print("not allowed")
else:
    start()
"""


@linux
@pytest.mark.parametrize("room", [0, 1, 2])
def test_a_process_that_may_open_no_more_files_polls(room: int, root: Path) -> None:
    command = [sys.executable, "-c", LIMITED + FEW_FILES, str(root), str(room)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "max_user_instances" in done.stdout
    assert "ulimit -n" in done.stdout
    assert done.stdout.split()[-1] == "1"


@linux
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare")
@pytest.mark.parametrize(
    ("limit", "sysctl"),
    [
        ("max_inotify_instances", "fs.inotify.max_user_instances"),
        ("max_inotify_watches", "fs.inotify.max_user_watches"),
    ],
)
def test_the_real_limits_are_met(limit: str, sysctl: str, root: Path) -> None:
    """They are a namespace's own here, so that nobody else has to do with less."""
    script = [sys.executable, "-c", LIMITED + FEW_OF_THESE, str(root), limit]
    command = ["unshare", "--user", "--map-root-user", *script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or "not allowed" in done.stdout:
        pytest.skip(f"this machine lets nobody set limits: {done.stderr}")
    assert f"{sysctl} is reached" in done.stdout
    assert done.stdout.split()[-1] == "1"


# A year of it


OPEN_AND_SHUT = """
import sys, threading
from pathlib import Path
from nicobatch.watch.backend import Backend
from nicobatch.watch.notifier import Waking

root = Path(sys.argv[1])
for number in range(30):
    watching = Waking(root, threading.Event(), Backend.NATIVE)
    watching.start()
    (root / f"{number}.mp4").touch()
    watching.close()
"""


def test_closing_says_nothing(root: Path) -> None:
    command = [sys.executable, "-c", OPEN_AND_SHUT, str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout + done.stderr == ""


@linux
def test_fifty_starts_leave_no_thread_and_no_descriptor(root: Path, wake: threading.Event) -> None:
    watching = Waking(root, wake, Backend.NATIVE)
    watching.start()
    watching.close()
    before = (threading.active_count(), descriptors())
    for number in range(50):
        watching.start()
        if number % 3 == 1:
            shutil.rmtree(root)
            root.mkdir()
        if number % 3 == 2:
            watching.start()
        (root / f"{number}.mp4").touch()
        watching.close()
    assert (threading.active_count(), descriptors()) == before
