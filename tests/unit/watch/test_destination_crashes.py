"""A move that is cut off, or fails, at any line of it: the next run finds all, and finishes it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MEMORY = Path("/dev/shm")

EVERYWHERE = """
import os, shutil, sys
from collections import Counter
from pathlib import Path
from nicobatch.watch import destination, move_plan
from nicobatch.watch.destination import Destination, Recovered
from tests.unit.watch.disposing import FILES, RESULT, contents, fill, names, told

os.fsync = lambda handle: None  # a process that is killed takes nothing from the disk
here, there, how = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
TRACED = {each.__file__ for each in (destination, move_plan)}
reached = []
inbox, done = here / "inbox", there / "done"

def fails_at(count):
    def trace(frame, event, argument):
        nonlocal count
        if frame.f_code.co_filename not in TRACED:
            return None
        count -= event == "line"
        if count == 0:
            reached.append(frame)
            if how == "killed":
                os._exit(9)
            raise OSError(5, "Input/output error")
        return trace
    return trace

def child(work, count):
    # 9: it got to its line of that number; 0: it ended before
    pid = os.fork()
    if not pid:
        sys.settrace(fails_at(count))
        try:
            work()
        finally:
            os._exit(9 if reached else 0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

ALL = Counter(FILES.values())
seen, count, code = [], 0, 9
while code == 9:
    count += 1
    for folder in (inbox, done):
        shutil.rmtree(folder, ignore_errors=True)
    job = fill(inbox)
    code = child(lambda: Destination(done, inbox).put(job, RESULT), count)
    child(lambda: Destination(done, inbox).recover(), count * 7 % 90 + 1)
    recovered = Destination(done, inbox).recover()
    assert recovered.left == (), (count, recovered)
    assert Destination(done, inbox).recover() == Recovered(), count
    assert not any("partial" in path.name for path in done.iterdir()), count
    assert not any(".nicobatch" in path.name for path in done.rglob("*")), count
    if contents(inbox) == ALL:
        assert list(done.iterdir()) == [], count
        seen.append("old")
    else:
        assert names(inbox) == set(), (count, names(inbox))
        assert contents(done) == ALL, (count, names(done))
        assert names(done / "ep1") == {"result.json", *FILES}, count
        assert told(done / "ep1")["state"] == "done"
        assert [each["to"] for each in told(done / "ep1")["files"]] == list(FILES), count
        seen.append("new")
print(*seen)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("how", ["killed", "failing"])
@pytest.mark.parametrize("disk", ["this disk", "another disk"])
def test_at_every_line(disk: str, how: str, tmp_path: Path) -> None:
    if disk == "this disk":
        seen = run(tmp_path, tmp_path, how)
    elif not MEMORY.is_dir() or MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has no second file system to write to")
    else:
        with tempfile.TemporaryDirectory(dir=MEMORY) as other:
            seen = run(tmp_path, Path(other), how)
    assert set(seen) == {"old", "new"}
    assert seen.count("new") > 30
    if how == "killed":
        assert seen == sorted(seen, reverse=True), "first all are here, then all are there"


def run(here: Path, there: Path, how: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", EVERYWHERE, str(here), str(there), how]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()
