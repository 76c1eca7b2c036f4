"""Paths that the system itself refuses: they are told like any other mistake, by every command."""

from __future__ import annotations

import os
from typing import Final

import pytest

from tests.unit.cli.conftest import Cli, Shelf

LONG: Final = "a" * 300
"""A name that systems have no room for, and answer with an error of its own kind."""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="it is just not there on Windows")


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (1, ("check", LONG)),
        (1, ("check", f"{LONG}/*.yaml")),
        (1, ("plan", ".", "--journal", LONG)),
        (2, ("preview", ".", "-o", LONG)),
        (2, ("status", LONG)),
        (2, ("adopt", "sm9", LONG)),
        (2, ("delete", LONG, "--yes")),
        (1, ("init", LONG)),
        (2, ("init", "a.mp4", "-o", f"{LONG}/m.yaml")),
        (2, ("check", ".", "--junit", LONG)),
    ],
)
def test_a_name_that_is_too_long(
    cli: Cli, shelf: Shelf, code: int, arguments: tuple[str, ...]
) -> None:
    shelf.series("a")
    result = cli(*arguments)
    assert (result.code, "bug" in result.err) == (code, False), result.err


@pytest.mark.usefixtures("_rightless")
@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (1, ("check", "locked/m.yaml")),
        (1, ("plan", "m.yaml", "--journal", "locked/j")),
        (1, ("status", "locked/m.yaml")),
        (2, ("adopt", "sm9", "locked/m.yaml")),
        (2, ("init", "a.mp4", "-o", "locked/m.yaml")),
        (1, ("status", "locked")),
        (1, ("publish", "m.yaml", "--journal", "locked/j")),
        (5, ("publish", "m.yaml", "--journal", "locked/j", "--sandbox")),
        (5, ("watch", "locked", "--once")),
        (5, ("sandbox", "--state", "locked/site")),
    ],
)
def test_a_folder_that_is_locked(
    cli: Cli, shelf: Shelf, code: int, arguments: tuple[str, ...]
) -> None:
    shelf.add("a.mp4")
    shelf.series("a")
    locked = shelf.folder / "locked"
    locked.mkdir()
    locked.chmod(0)
    try:
        result = cli(*arguments)
    finally:
        locked.chmod(0o700)
    assert (result.code, "bug" in result.err) == (code, False), result.err
