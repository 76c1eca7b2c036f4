from __future__ import annotations

import pytest

from nicobatch.watch.worker import Pauses


@pytest.mark.parametrize(
    ("failures", "pause"),
    [(1, 60), (2, 120), (3, 240), (6, 1920), (7, 3600), (70, 3600), (10**9, 3600)],
)
def test_pauses_double_up_to_their_cap(failures: int, pause: float) -> None:
    assert Pauses(60, 3600, lambda: 0.5).after(failures) == pytest.approx(pause)


@pytest.mark.parametrize(("chance", "pause"), [(0.0, 9), (0.25, 9.5), (1.0, 11)])
def test_pauses_differ_by_a_tenth(chance: float, pause: float) -> None:
    assert Pauses(10, 10, lambda: chance).after(1) == pytest.approx(pause)


def test_no_two_pauses_are_the_same() -> None:
    pauses = Pauses(60, 3600)
    found = [pauses.after(3) for _ in range(50)]
    assert len(set(found)) > 1
    assert all(216 <= each <= 264 for each in found)
