from __future__ import annotations

import hashlib
from itertools import chain, repeat
from pathlib import Path

import pytest

from nicobatch import s3
from nicobatch.errors import NicobatchError, Passing, Stopped, UsageError, VideoFailed
from nicobatch.model import FileIdentity
from tests.support.stores import Shelf


def never() -> bool:
    return False


def test_a_file_is_fetched_whole(shelf: Shelf, tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    address = shelf.put("第1話/序章 1.mp4", content)
    there = s3.look(address, never)
    assert there.size == len(content)
    fetched, told = s3.fetch(address, tmp_path / "v", never)
    assert fetched == FileIdentity("序章 1.mp4", 2_560_000, hashlib.sha256(content).hexdigest())
    assert (tmp_path / "v").read_bytes() == content
    assert told == there
    shelf.put("第1話/序章 1.mp4", content[::-1])
    assert s3.look(address, never).stamp != there.stamp


@pytest.mark.parametrize(
    ("address", "variables", "kind", "words"),
    [
        ("s3://clips/gone.mp4", {}, VideoFailed, "there is no s3://clips/gone.mp4 in the store"),
        ("s3://nowhere/v.mp4", {}, VideoFailed, "there is no s3://nowhere/v.mp4 in the store"),
        (
            "s3://clips/v.mp4",
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
            Passing,
            "reached",
        ),
    ],
)
def test_what_keeps_a_file_from_being_fetched(
    shelf: Shelf,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    variables: dict[str, str],
    kind: type[NicobatchError],
    words: str,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(kind, match=words) as found:
        s3.fetch(address, tmp_path / "v", never)
    assert found.value.hint
    assert "testing" not in f"{found.value}{found.value.hint}"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk is full here")
def test_a_full_disk_is_no_fault_of_the_store(shelf: Shelf) -> None:
    address = shelf.put("v.mp4", b"0" * 100)
    with pytest.raises(Passing, match="can't be fetched: "):
        s3.fetch(address, Path("/dev/full"), never)


def test_it_stops_while_the_store_says_nothing(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    asked = chain([False], repeat(True))
    with pytest.raises(Stopped):
        s3.fetch("s3://clips/v.mp4", tmp_path / "v", lambda: next(asked))


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "obstore.store", None)
    with pytest.raises(UsageError, match="the extra s3") as found:
        s3.look("s3://clips/v.mp4", never)
    assert found.value.hint.startswith("install it: ")
