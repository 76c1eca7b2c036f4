"""A file that goes to two sites is read once for its digest, and once for each of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.benchmarks.bilibili import IMPORTS, READS, bytes_read

SIZE = 64_000_000
"""Bytes: one reading more would be twice what the program reads of itself."""


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="needs Linux's count of bytes read")
def test_a_file_for_two_sites_is_read_no_more_often_than_it_has_to_be(tmp_path: Path) -> None:
    assert READS * SIZE <= bytes_read(tmp_path / "both", SIZE) <= READS * SIZE + IMPORTS
