from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.reports.job_summary import LIMIT, Section, StepFile


def section(rows: int, cell: str = "長いお話", closing: str = "that is all") -> Section:
    cells = [(str(number), cell) for number in range(rows)]
    return Section(heading="nicobatch x", columns=("a", "b"), rows=cells, closing=closing)


def test_a_section_is_a_table() -> None:
    assert section(2).render(10_000) == (
        "### nicobatch x\n\n| a | b |\n| --- | --- |\n| 0 | 長いお話 |\n| 1 | 長いお話 |\n"
        "\nthat is all\n\n"
    )


def test_without_rows_there_is_no_table() -> None:
    assert section(0).render(10_000) == "### nicobatch x\n\n\nthat is all\n\n"
    assert section(0, closing="").render(10_000) == "### nicobatch x\n\n\n"


@given(st.integers(0, 60_000), st.integers(0, 400))
def test_it_never_takes_more_room_than_there_is(room: int, rows: int) -> None:
    told = section(rows, "話" * 50).render(room)
    assert len(told.encode()) <= room
    if told:
        listed = told.count("| 話")
        left_out = f"… and {rows - listed} more, left out" in told
        assert left_out is (listed < rows)


def test_a_large_summary_is_cut_below_githubs_limit(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    section(30_000, "話" * 100).add_to(StepFile(path), share=0.5)
    half = path.stat().st_size
    assert LIMIT * 0.45 < half <= LIMIT / 2
    for _ in range(3):
        section(30_000, "話" * 100).add_to(StepFile(path))
    assert LIMIT * 0.95 < path.stat().st_size <= LIMIT


def test_what_others_wrote_stays(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    file.write_bytes(b"# theirs\n")
    section(1).add_to(StepFile(file))
    assert file.read_bytes().startswith(b"# theirs\n### nicobatch x\n")
    file.write_bytes(b"x" * (LIMIT - 50))
    section(1).add_to(StepFile(file))
    assert file.stat().st_size == LIMIT - 50


@pytest.mark.parametrize("name", ["", "gone/summary.md"])
def test_a_file_that_can_not_be_written_ends_no_run(tmp_path: Path, name: str) -> None:
    section(1).add_to(StepFile(tmp_path / name))
