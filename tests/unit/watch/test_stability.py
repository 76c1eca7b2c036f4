from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.media import Stamp
from nicobatch.watch.folder import Stability

SETTLE = 10.0
FILE = Path("a.mp4")
START = 1_800_000_000
"""What the wall's clock shows when the monotonic one shows 0."""


def stamp(*, size: int = 5, written: float = -1000.0, ctime: int = 0) -> Stamp:
    """Make the stamp of a file that was written at a moment of the monotonic clock."""
    return Stamp(1, 2, size, round((START + written) * 1e9), ctime)


class Clocks:
    """Both clocks: what `now` is told, and the wall's, which may be set."""

    def __init__(self) -> None:
        self.now, self.shift = 0.0, 0.0

    def wall(self) -> float:
        return START + self.now + self.shift


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def stability() -> Stability:
    return Stability(SETTLE)


def test_an_old_file_is_looked_at_twice_too(stability: Stability, clocks: Clocks) -> None:
    assert stability.remaining(FILE, stamp(), 0, clocks.wall()) == SETTLE
    clocks.now = 4
    assert stability.remaining(FILE, stamp(), 4, clocks.wall()) == 6
    assert stability.remaining(FILE, stamp(), 4, clocks.wall())
    clocks.now = 10
    assert stability.remaining(FILE, stamp(), 10, clocks.wall()) == 0
    assert not stability.remaining(FILE, stamp(), 10, clocks.wall())


@pytest.mark.parametrize(
    "other",
    [
        replace(stamp(), device=7),
        replace(stamp(), inode=7),
        replace(stamp(), size=7),
        replace(stamp(), mtime_ns=7),
        replace(stamp(), ctime_ns=7),
    ],
)
def test_whatever_changes_starts_the_wait_anew(
    stability: Stability, clocks: Clocks, other: Stamp
) -> None:
    stability.remaining(FILE, stamp(), 0, clocks.wall())
    clocks.now = 9.9
    assert stability.remaining(FILE, other, 9.9, clocks.wall()) == SETTLE


def test_a_file_from_the_future_settles_all_the_same(stability: Stability, clocks: Clocks) -> None:
    future = stamp(written=3600)
    assert stability.remaining(FILE, future, 0, clocks.wall()) == SETTLE
    clocks.now = SETTLE
    assert not stability.remaining(FILE, future, SETTLE, clocks.wall())


def test_a_file_from_the_near_future_waits_once_more_at_most(
    stability: Stability, clocks: Clocks
) -> None:
    future = stamp(written=3)
    stability.remaining(FILE, future, 0, clocks.wall())
    clocks.now = SETTLE
    assert stability.remaining(FILE, future, SETTLE, clocks.wall()) == pytest.approx(3, abs=0.01)
    clocks.now = 13.1
    assert not stability.remaining(FILE, future, 13.1, clocks.wall())


def test_the_age_counts_where_the_wall_clock_was_put_back(
    stability: Stability, clocks: Clocks
) -> None:
    stability.remaining(FILE, stamp(written=-1), 0, clocks.wall())
    clocks.now, clocks.shift = SETTLE, -8
    assert stability.remaining(FILE, stamp(written=-1), SETTLE, clocks.wall()) == pytest.approx(
        7, abs=0.01
    )


def test_what_came_whole_needs_no_time_until_it_is_written_to(
    stability: Stability, clocks: Clocks
) -> None:
    stability.remaining(FILE, stamp(), 0, clocks.wall())
    stability.trust(FILE, stamp(), 1)
    assert not stability.remaining(FILE, stamp(), 1, clocks.wall())
    assert not stability.remaining(FILE, stamp(), 2, clocks.wall())
    assert stability.remaining(FILE, stamp(size=6), 2, clocks.wall()) == SETTLE
    assert stability.remaining(FILE, stamp(), 3, clocks.wall()) == SETTLE


def test_what_is_not_kept_is_forgotten(stability: Stability, clocks: Clocks) -> None:
    other = Path("b.mp4")
    stability.remaining(FILE, stamp(), 0, clocks.wall())
    stability.remaining(other, stamp(), 0, clocks.wall())
    stability.keep([other])
    assert stability.remaining(FILE, stamp(), 20, clocks.wall()) == SETTLE
    assert stability.remaining(other, stamp(), 20, clocks.wall()) == 0


STAMPS = st.builds(
    stamp,
    size=st.integers(0, 2),
    written=st.integers(-30, 60).map(float),
    ctime=st.integers(0, 1),
)
LOOKS = st.lists(
    st.tuples(st.floats(0, 25), STAMPS, st.sampled_from([0.0, 0.0, 0.0, -3600.0, 3600.0])),
    max_size=30,
)


@given(LOOKS)
def test_nothing_settles_unless_it_was_the_same_for_long_enough(
    looks: list[tuple[float, Stamp, float]],
) -> None:
    clocks = Clocks()
    stability = Stability(SETTLE)
    samples: list[tuple[float, Stamp]] = []
    for pause, seen, step in looks:
        clocks.now += pause
        clocks.shift += step
        samples.append((clocks.now, seen))
        age = clocks.wall() - seen.mtime_ns / 1e9
        same = same_since(samples)
        expected = clocks.now - same >= SETTLE and not 0 <= age < SETTLE
        remaining = stability.remaining(FILE, seen, clocks.now, clocks.wall())
        if remaining <= 0:
            assert clocks.now - same >= SETTLE - 1e-6
            assert not 0 <= age < SETTLE - 1e-6
        elif expected:
            assert remaining < 1e-6  # what floats lose


def same_since(samples: list[tuple[float, Stamp]]) -> float:
    """Return since when every sample is what the last one is."""
    moment, last = samples[-1]
    for at, seen in reversed(samples):
        if seen != last:
            break
        moment = at
    return moment


@given(STAMPS, st.floats(0, 7200))
def test_what_nobody_writes_to_settles_within_twice_the_time(seen: Stamp, shift: float) -> None:
    clocks = Clocks()
    clocks.shift = shift
    stability = Stability(SETTLE)
    waited = 0.0
    while rest := stability.remaining(FILE, seen, clocks.now, clocks.wall()):
        clocks.now += rest + 1e-3
        waited += rest
        assert waited <= 2 * SETTLE + 0.1
