"""A writer that is killed leaves the old receipt or the new one, wherever that happens."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nicobatch.journal import Journal
from nicobatch.model import Video
from tests.unit.journal.receipts import LATER, RECEIPT

ROOT = Path(__file__).parents[3]

START = """
import os, sys
from pathlib import Path
from nicobatch.journal import Journal, files
from tests.unit.journal.receipts import LATER, RECEIPT, video

here = video(Path(sys.argv[1]))
"""

KILLED_BEFORE_THE_RENAME = """
os.replace = lambda *paths: os._exit(9)
Journal().write(here, LATER)
"""

KILLED_AFTER_THE_RENAME = """
rename = os.replace
os.replace = lambda *paths: (rename(*paths), os._exit(9))
Journal().write(here, LATER)
"""

KILLED_EVERYWHERE = """
def dies_at(count):
    def trace(frame, event, argument):
        nonlocal count
        if frame.f_code.co_filename != files.__file__:
            return None
        count -= event == "line"
        if count == 0:
            os._exit(9)
        return trace
    return trace

seen, count, code = [], 0, 9
while code == 9:
    count += 1
    Journal().write(here, RECEIPT)
    child = os.fork()
    if not child:
        sys.settrace(dies_at(count))
        Journal().write(here, LATER)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    ((path, receipt),) = Journal().receipts(here.manifest)
    assert receipt == Journal().read(here)
    seen.append("old" if receipt == RECEIPT else "new" if receipt == LATER else "another")
assert code == 0, code
print(*seen)
"""


def run(script: str, manifest: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", START + script, str(manifest)]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(autouse=True)
def _earlier(here: Video) -> None:
    Journal().write(here, RECEIPT)


@pytest.mark.parametrize(
    ("script", "expected", "left"),
    [
        (KILLED_BEFORE_THE_RENAME, RECEIPT, 1),
        (KILLED_AFTER_THE_RENAME, LATER, 0),
    ],
    ids=["before the rename", "after the rename"],
)
def test_a_killed_writer_leaves_a_whole_receipt(
    here: Video, script: str, expected: object, left: int
) -> None:
    done = run(script, here.manifest)
    assert (done.returncode, done.stderr) == (9, "")
    assert Journal().read(here) == expected
    assert [receipt for _, receipt in Journal().receipts(here.manifest)] == [expected]
    folder = Journal().path(here).parent
    assert len([each for each in folder.iterdir() if each.name.startswith(".")]) == left


def test_the_next_writer_goes_on_after_a_killed_one(here: Video) -> None:
    assert run(KILLED_BEFORE_THE_RENAME, here.manifest).returncode == 9
    Journal().write(here, LATER)
    assert Journal().read(here) == LATER


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_writer_can_be_killed_at_every_line(here: Video) -> None:
    done = run(KILLED_EVERYWHERE, here.manifest)
    assert (done.returncode, done.stderr) == (0, "")
    seen = done.stdout.split()
    assert set(seen) == {"old", "new"}
    assert seen == sorted(seen, reverse=True), "first the old one, then the new one"
    assert seen.count("old") > 10
    assert seen.count("new") > 3
