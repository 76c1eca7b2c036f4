"""Receipts of somebody who means harm: sealed anew, of odd values, or no files at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from nicobatch.journal import codec
from nicobatch.model import Json
from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Cli, Shelf

pytestmark = pytest.mark.no_cover  # being traced would double its time, and cover nothing more

COMMANDS: Final = (("status",), ("status", "--remote"), ("plan", "."), ("publish", "."))
ODD: Final[tuple[Json, ...]] = (
    None,
    True,
    -(2**62),
    1.5,
    "",
    "\ud800\x1b[2J\u202e",
    "2026-13-99",
    "x" * 100_000,
    [],
    [[1], {"a": None}],
    {},
    {"id": {"a": []}},
)
RECEIPT: Final = Path(".nicobatch/m.yaml/a.json")


@pytest.fixture
def published(cli: Cli, shelf: Shelf, site: Sandbox) -> Shelf:
    shelf.series("a")
    assert cli("publish", ".").code == 0
    return shelf


def rewrite(change: Callable[[dict[str, Json]], dict[str, Json]]) -> None:
    """Change what the publication is said to have sent, and seal the receipt anew."""
    receipt = codec.decode(RECEIPT.read_text("utf-8"))
    record = receipt.steps["metadata"]
    record = replace(record, inputs=change(dict(record.inputs)), digest="0" * 64)
    steps = {**receipt.steps, "metadata": record}
    RECEIPT.write_text(codec.encode(replace(receipt, steps=steps)), "utf-8")


def sent() -> dict[str, Json]:
    return dict(codec.decode(RECEIPT.read_text("utf-8")).steps["metadata"].inputs)


@pytest.mark.parametrize("odd", ODD, ids=lambda value: ascii(value)[:20])
def test_whatever_was_sent_no_command_breaks(cli: Cli, published: Shelf, odd: Json) -> None:
    rewrite(lambda inputs: {**dict.fromkeys(inputs, odd), "publish": "public"})
    for command in COMMANDS:
        assert cli(*command).code in {0, 1}
    for format in ("json", "text"):  # noqa: A001 - the option's name
        assert cli("status", "--remote", "--format", format).code in {0, 1}


@pytest.mark.parametrize("odd", ODD, ids=lambda value: ascii(value)[:20])
def test_whoever_was_to_see_it_no_command_breaks(cli: Cli, published: Shelf, odd: Json) -> None:
    rewrite(lambda inputs: {**inputs, "publish": odd, "publish.at": odd})
    for command in COMMANDS:
        assert cli(*command).code in {0, 1}


def test_nothing_was_sent_and_no_command_breaks(cli: Cli, published: Shelf) -> None:
    rewrite(lambda inputs: {"publish": "public"})
    for command in COMMANDS:
        assert cli(*command).code in {0, 1}


def pipe(path: Path) -> None:
    os.mkfifo(path)


def zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(3 << 30)


@pytest.mark.skipif(os.name == "nt", reason="it has no such files")
@pytest.mark.parametrize("make", [pipe, zeros, sparse])
def test_what_is_no_receipt_is_told_by_every_command(
    cli: Cli, published: Shelf, make: Callable[[Path], Any]
) -> None:
    RECEIPT.unlink()
    make(RECEIPT)
    for command in (*COMMANDS, ("adopt", "sm39130867", "m.yaml"), ("delete", "m.yaml", "--yes")):
        result = cli(*command)
        assert result.code == 1, command
        assert str(RECEIPT) in result.out + result.err
