"""The fuzzer itself: each kind of hostile input is made and read, and what breaks is told."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.support.fuzz import __main__ as fuzz
from tests.support.fuzz.kinds import kinds


def test_an_example_of_each_kind_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main(["--seed", "1", "--only", "0"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "seed 1"
    assert len(told) == 1 + fuzz.KINDS
    assert all(line.endswith(": 1 held") for line in told[1:])


def test_what_breaks_is_told_with_how_to_make_it_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(random: Random) -> None:
        if random.random() < 0.5:
            raise ZeroDivisionError

    monkeypatch.setattr(fuzz, "kinds", lambda folder: iter([("letters", breaks)]))
    assert fuzz.main(["--seed", "1"]) == 1
    again = capsys.readouterr().out.splitlines()[-1].partition("FUZZ='")[2].removesuffix("'")
    assert fuzz.main(again.split()) == 1
    assert "ZeroDivisionError" in capsys.readouterr().out


def test_the_kinds_have_a_name_each(tmp_path: Path) -> None:
    names = [name for name, _kind in kinds(tmp_path)]
    assert len(set(names)) == len(names) == fuzz.KINDS
