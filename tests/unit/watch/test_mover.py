from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

from nicobatch.model import Json
from nicobatch.watch.destination import Destination, Recovered
from nicobatch.watch.judging import WatchJob
from nicobatch.watch.move_plan import NotMoved
from nicobatch.watch.results import Move, Mover
from nicobatch.watch.worker import Pauses
from tests.unit.watch.jobs import job

STUCK = NotMoved("no room")


class Moved(NamedTuple):
    """What is told of a move."""

    job: WatchJob | None
    place: Path | None = None
    error: NotMoved | None = None
    kept: Collection[Path] = ()


class Scripted(Destination):
    """A destination whose disk does as it is told, once for each call."""

    def __init__(
        self, folder: Path, puts: list[Path | NotMoved], recoveries: list[Recovered]
    ) -> None:
        super().__init__(folder / "elsewhere", folder)
        self.puts, self.recoveries = puts, recoveries

    def put(self, job: WatchJob, result: Mapping[str, Json], keep: Collection[Path] = ()) -> Path:
        answer = self.puts.pop(0)
        if isinstance(answer, NotMoved):
            raise answer
        return answer

    def recover(self) -> Recovered:
        return self.recoveries.pop(0) if self.recoveries else Recovered()


@dataclass
class Floor:
    """Mover on a clock that stands still."""

    patient: bool = True
    now: float = 0.0

    def __post_init__(self) -> None:
        self.mover = Mover(
            pauses=Pauses(10.0, 10.0, jitter=lambda: 0.5),
            wake=threading.Event(),
            patient=self.patient,
            clock=lambda: self.now,
        )

    def ends(self, number: int) -> list[Moved]:
        """Return whose move has ended next, where it lies now or else why not, and what stays."""
        found: list[Moved] = []
        deadline = time.monotonic() + 5
        while len(found) < number or not self._is_at_rest():
            assert time.monotonic() < deadline
            found += [
                Moved(each.job, each.place, None if each.place else each.error, each.keep)
                for each in self.mover.ends()
            ]
            time.sleep(0.002)
        return found

    def _is_at_rest(self) -> bool:
        due = self.mover.due
        return not self.mover.waiting or (due is not None and due > self.now)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def test_a_job_is_moved_and_is_under_way_until_that_is_told(inbox: Path) -> None:
    floor, moved, place = Floor(), job(inbox), inbox / "done"
    kept = moved.ready[0].video.file
    floor.mover.add(Move(Scripted(inbox, [place], []), moved, {}, {kept}))
    assert floor.mover.under_way == {moved.manifest}
    assert floor.ends(1) == [Moved(moved, place, kept={kept})]
    assert floor.mover.under_way == set()
    assert floor.mover.waiting == 0


def test_a_real_move(inbox: Path) -> None:
    floor, moved = Floor(), job(inbox)
    floor.mover.add(Move(Destination(inbox / "done", inbox), moved, {"state": "done"}, ()))
    (told,) = floor.ends(1)
    assert told.place == inbox / "done" / "m"
    assert [each.name for each in inbox.iterdir()] == ["done"]
    floor.mover.stop(wait=True)


def test_what_can_not_be_moved_at_all_is_told(inbox: Path) -> None:
    floor, moved = Floor(), job(inbox)
    floor.mover.add(Move(Scripted(inbox, [STUCK], []), moved, {}, ()))
    assert floor.ends(1) == [Moved(moved, error=STUCK)]


def test_what_stopped_half_way_is_finished_later_and_keeps_no_other_waiting(inbox: Path) -> None:
    floor, moved, other, place = Floor(), job(inbox), job(inbox, "n"), inbox / "done"
    half = Recovered(((moved.manifest, STUCK),))
    whole = Recovered(((moved.manifest, place),))
    destination = Scripted(inbox, [STUCK, place], [half, half, half, whole])
    floor.mover.add(Move(destination, moved, {}, ()))
    floor.mover.add(Move(destination, other, {}, ()))
    assert floor.ends(1) == [Moved(other, place)]
    for at in (0.0, 10.0):
        floor.now = at
        assert floor.ends(0) == []
        assert floor.mover.due == at + 10.0
        assert floor.mover.under_way == moved.signature.keys()
    floor.now = 20.0
    assert floor.ends(1) == [Moved(moved, place)]


def test_where_nobody_waits_it_is_left_to_the_next_run(inbox: Path) -> None:
    floor, moved = Floor(patient=False), job(inbox)
    destination = Scripted(inbox, [STUCK], [Recovered(((moved.manifest, STUCK),))])
    floor.mover.add(Move(destination, moved, {}, ()))
    assert floor.ends(1) == [Moved(moved, error=STUCK)]
    assert floor.mover.waiting == 0


@pytest.mark.parametrize("patient", [True, False])
def test_what_an_earlier_run_left_is_finished_first(inbox: Path, patient: bool) -> None:
    floor, place = Floor(patient=patient), inbox / "done" / "a"
    left = (inbox / "b.yaml", STUCK)
    first = Recovered(((inbox / "a.yaml", place), left))
    destination = Scripted(inbox, [], [first, Recovered((left,))])
    floor.mover.recover(destination)
    assert floor.mover.recovering
    assert floor.ends(2) == [Moved(None, place), Moved(None, error=STUCK)]
    assert [each for each in (floor.mover,) if each.recovering] == []
    assert bool(floor.mover.waiting) is patient
    floor.now = 10.0
    assert floor.ends(0) == []
