from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.journal.codec import (
    VERSION,
    DamagedReceipt,
    NewerReceipt,
    decode,
    encode,
    members,
    ranges,
)
from nicobatch.model import DELETION, Receipt
from tests.journal.receipts import PARTS, RECEIPT, RECEIPTS

TEXT = encode(RECEIPT)
BYTES = TEXT.encode()


def read(content: bytes) -> Receipt | None:
    """Return the receipt, None where it is refused; anything else is a bug."""
    try:
        return decode(content.decode("utf-8"))
    except (DamagedReceipt, NewerReceipt, UnicodeDecodeError):
        return None


def sealed(**changes: Any) -> str:
    """Return a receipt that was changed by somebody who knows how to seal it."""
    data = {**json.loads(TEXT), **changes}
    data.pop("seal")
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return json.dumps({**data, "seal": hashlib.sha256(text.encode()).hexdigest()})


@given(RECEIPTS)
def test_what_was_written_is_read(receipt: Receipt) -> None:
    assert decode(encode(receipt)) == receipt


@given(RECEIPTS)
def test_what_was_read_is_written_alike(receipt: Receipt) -> None:
    assert encode(decode(encode(receipt))) == encode(receipt)


@pytest.mark.parametrize(
    "receipt",
    [
        RECEIPT,
        replace(RECEIPT, steps={}, remote=None, upload=None, blockers=(), abandoned=()),
        replace(RECEIPT, steps={**RECEIPT.steps, DELETION: RECEIPT.steps["create"]}),
        replace(RECEIPT, manifest="\udc83\udc6b.yaml"),  # Shift_JIS's bytes, as Python names them
    ],
)
def test_a_receipt_is_read_as_it_was_written(receipt: Receipt) -> None:
    assert read(encode(receipt).encode("utf-8")) == receipt


def test_a_receipt_is_for_people_too() -> None:
    lines = TEXT.splitlines()
    assert lines[:3] == ["{", f'  "nicobatch": {VERSION},', '  "video": "第1回",']
    assert '    "doneParts": "0-1,3"' in lines
    assert '        "title": "はじめての冒険",' in lines
    assert TEXT.endswith("}\n")


def test_a_change_is_a_line_in_a_diff() -> None:
    assert RECEIPT.upload is not None
    later = replace(RECEIPT, upload=replace(RECEIPT.upload, done_parts=frozenset({0, 1, 2, 3})))
    changed = set(TEXT.splitlines()) ^ set(encode(later).splitlines())
    assert {line.split(":")[0].strip() for line in changed} == {'"doneParts"', '"seal"'}


def test_a_deletion_is_a_few_lines_in_a_diff() -> None:
    deleted = replace(RECEIPT, steps={**RECEIPT.steps, DELETION: RECEIPT.steps["create"]})
    assert (RECEIPT.is_deleted, deleted.is_deleted) == (False, True)
    added = set(encode(deleted).splitlines()) - set(TEXT.splitlines())
    assert {line.split(":")[0].strip() for line in added} == {'"delete"', '"seal"'}


def test_git_may_change_the_line_ends() -> None:
    assert read(BYTES.replace(b"\n", b"\r\n")) == RECEIPT


def test_a_part_of_a_receipt_is_none() -> None:
    assert read(BYTES[:-1]) == RECEIPT, "the last newline carries nothing"
    assert [end for end in range(len(BYTES) - 1) if read(BYTES[:end]) is not None] == []


@pytest.mark.parametrize("flipped", [0x01, 0x08, 0x20, 0x80, 0xFF])
def test_a_flipped_byte_makes_no_other_receipt(flipped: int) -> None:
    refused = 0
    for place in range(len(BYTES)):
        damaged = bytearray(BYTES)
        damaged[place] ^= flipped
        found = read(bytes(damaged))
        assert found in (None, RECEIPT)
        refused += found is None
    assert refused > len(BYTES) * 3 // 4, "blanks alone may change"


@given(st.data())
def test_damage_makes_no_other_receipt(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(BYTES)))
    end = data.draw(st.integers(start, len(BYTES)))
    found = read(BYTES[:start] + data.draw(st.binary(max_size=8)) + BYTES[end:])
    assert found in (None, RECEIPT)


@given(st.text() | st.builds(json.dumps, st.dictionaries(st.text(), st.integers() | st.text())))
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises((DamagedReceipt, NewerReceipt)):
        decode(text)


@pytest.mark.parametrize("text", ["", "null", "1", '"x"', "[]", "{}", "[" * 100_000, "\ufeff{}"])
def test_other_json_is_damage(text: str) -> None:
    with pytest.raises(DamagedReceipt):
        decode(text)


@pytest.mark.parametrize("version", [VERSION + 1, 2000])
def test_a_later_version_is_told_from_damage(version: int) -> None:
    with pytest.raises(NewerReceipt):
        decode(json.dumps({"nicobatch": version, "shape": "not known yet"}))
    with pytest.raises(NewerReceipt):
        decode(sealed(nicobatch=version))


@pytest.mark.parametrize("version", ["2", 2.0, True, None, [2]])
def test_a_version_is_a_whole_number(version: object) -> None:
    with pytest.raises(DamagedReceipt):
        decode(json.dumps({"nicobatch": version}))


STEP = {"state": "done", "at": "", "digest": ""}
UPLOAD = {"uuid": "u", "url": "/", "partSize": 1, "totalParts": 1, "doneParts": ""}


def test_what_is_sealed_anew_is_read() -> None:
    assert decode(sealed()) == RECEIPT
    assert decode(sealed(video="other")) == replace(RECEIPT, video="other")


@pytest.mark.parametrize(
    "changes",
    [
        {"video": 1},
        {"origin": None},
        {"file": None},
        {"file": {"name": "a", "size": "3", "sha256": ""}},
        {"file": {"name": "a", "size": True, "sha256": ""}},
        {"file": {"name": "a", "size": 3}},
        {"remote": {"id": "9", "videoId": "sm9", "url": ""}},
        {"remote": "sm9"},
        {"upload": UPLOAD | {"doneParts": "3-1"}},
        {"upload": UPLOAD | {"doneParts": [0]}},
        {"upload": UPLOAD | {"partSize": 1.5}},
        {"steps": []},
        {"steps": {"create": STEP | {"state": "perhaps"}}},
        {"steps": {"create": STEP | {"state": ["done"]}}},
        {"steps": {"create": STEP | {"inputs": None}}},
        {"steps": {"create": None}},
        {"blockers": ["9"]},
        {"abandoned": None},
    ],
)
def test_a_sealed_receipt_of_another_shape_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(DamagedReceipt):
        decode(sealed(**changes))


@given(PARTS)
def test_ranges_are_read_as_they_were_written(numbers: frozenset[int]) -> None:
    assert members(ranges(numbers)) == numbers


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([], ""),
        ([0], "0"),
        ([0, 1], "0-1"),
        ([5, 2, 0, 1], "0-2,5"),
        ([1, 3, 5], "1,3,5"),
        (range(600), "0-599"),
    ],
)
def test_ranges_are_short(numbers: list[int], text: str) -> None:
    assert ranges(frozenset(numbers)) == text
    assert members(text) == frozenset(numbers)


@pytest.mark.parametrize(
    "text",
    ["-1", "a", "1-b", "3-1", "1,,2", ",", "2,1", "0,1", "0-1,1-2", " 1", "1_0", "+1", "1.0", "２"],
)
def test_other_ranges_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its words are for nobody
        members(text)
