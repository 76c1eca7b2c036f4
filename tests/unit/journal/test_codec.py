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
)
from nicobatch.journal.ranges import MOST_PARTS, members, ranges
from nicobatch.receipt import DELETION, Receipt
from tests.unit.journal.receipts import PARTS, RECEIPT, RECEIPTS

TEXT = encode(RECEIPT)
BYTES = TEXT.encode()


def read(content: bytes) -> Receipt | None:
    """Return the receipt, None where it is refused; anything else is a bug."""
    try:
        return decode(content.decode("utf-8"))
    except (DamagedReceipt, NewerReceipt, UnicodeDecodeError):
        return None


def sealed(receipt: Receipt = RECEIPT, /, **changes: Any) -> str:
    """Return a receipt that was changed by somebody who knows how to seal it."""
    data = {**json.loads(encode(receipt)), **changes}
    data.pop("seal")
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    content = text.encode("utf-8", "backslashreplace")
    return json.dumps({**data, "seal": hashlib.sha256(content).hexdigest()})


@pytest.mark.no_cover
@given(RECEIPTS)
def test_what_was_written_is_read(receipt: Receipt) -> None:
    assert decode(encode(receipt), receipt.site) == receipt


@given(RECEIPTS)
def test_what_was_read_is_written_alike(receipt: Receipt) -> None:
    assert encode(decode(encode(receipt), receipt.site)) == encode(receipt)


@pytest.mark.parametrize(
    "receipt",
    [
        RECEIPT,
        replace(RECEIPT, steps={}, remote=None, uploads={}, blockers=(), abandoned=()),
        replace(RECEIPT, steps={**RECEIPT.steps, DELETION: RECEIPT.steps["create"]}),
        replace(RECEIPT, manifest="\udc83\udc6b.yaml"),  # Shift_JIS's bytes, as Python names them
    ],
)
def test_a_receipt_is_read_as_it_was_written(receipt: Receipt) -> None:
    assert read(encode(receipt).encode("utf-8")) == receipt


def test_a_receipt_is_for_people_too() -> None:
    lines = TEXT.splitlines()
    assert lines[:3] == ["{", '  "nicobatch": 1,', '  "video": "第1回",']
    assert '    "doneParts": "0-1,3"' in lines
    assert '        "title": "はじめての冒険",' in lines
    assert TEXT.endswith("}\n")


def test_a_change_is_a_line_in_a_diff() -> None:
    upload = replace(RECEIPT.uploads[0], done_parts=frozenset({0, 1, 2, 3}))
    later = replace(RECEIPT, uploads={0: upload})
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


STEP = {"state": "done", "at": "2026-11-21T00:00:00+00:00", "digest": "0" * 64}
FILE = {"name": "a.mp4", "size": 3, "sha256": "0" * 64}
REMOTE = {"id": 9, "videoId": "sm9", "url": "https://www.nicovideo.jp/watch/sm9"}
UPLOAD = {
    "uuid": "0b1f6f4e-8a57-4d6c-9f5e-3f1b2c4d5e6f",
    "url": "/api/v2/videos/9/file/chunks",
    "partSize": 10_000_000,
    "totalParts": 5,
    "doneParts": "0-1",
}


def test_what_is_sealed_anew_is_read() -> None:
    assert decode(sealed()) == RECEIPT
    assert decode(sealed(video="other")) == replace(RECEIPT, video="other")


SHAPES: dict[str, dict[str, Any]] = {
    "file": FILE,
    "remote": REMOTE,
    "upload": UPLOAD,
    "steps": {"create": STEP},
}


def test_the_shapes_to_be_spoiled_are_sound() -> None:
    found = decode(sealed(**{**SHAPES, "file": FILE | {"size": 45_000_000}}))
    assert found.uploads[0].done_parts == {0, 1}


FAULTS: dict[str, list[Any]] = {
    "video": [1, None, "", "a/b", "a\nb", "\ud800", "x" * 1000],
    "manifest": [1, None, "", "../m.yaml", "a\x1bb", "\ud800"],
    "origin": [None, "", "a b", "a\r\nb", "x" * 5000],
    "profile": [7, "", "\u202e"],
    "account": [None, "", "../../x", "a\\\\b", "a\x00", "\udc80"],
    "attempt": [-1, 10**900, 2**31, True, 1.0, "1", None],
    "file": [None, [], {}, "a.mp4"],
    "file.name": [None, "", "a/b", "a\nb", 5],
    "file.size": ["3", True, -1, 10**900, 3.0, None],
    "file.sha256": ["", "z" * 64, "0" * 63, 0],
    "remote": ["sm9", [], {}, 9],
    "remote.id": ["9", True, 0, -9, 10**900, 9.0],
    "remote.videoId": [9, "", "sm 9", "sm9\n", "x" * 5000],
    "remote.url": ["", "javascript:alert(1)", "https://[evil", "https://a b", 9, None],
    "upload": ["", [], {}, 5],
    "upload.uuid": ["", "u", 'x"\r\nSet: 1', "0b1f6f4e8a574d6c9f5e3f1b2c4d5e6f", 1],
    "upload.url": [
        "",
        "[evil",
        "https://evil.example/",
        "//evil.example/",
        "@evil.example/",
        "/a b",
        "/a\r\nb",
        "/\\\\evil.example",
        "/" + "x" * 5000,
        None,
    ],
    "upload.partSize": [-1, 0, 1, 1.5, "1", True, 10**900],
    "upload.totalParts": [10**12, 4, 6, 0, -5, True, "5"],
    "upload.doneParts": [
        "0-99999999999",
        "3-1",
        "5",
        "0-5",
        "0-1,0-1",
        "-1",
        "9" * 5000,
        ",".join(["0-4"] * 1000),
        [0],
        None,
    ],
    "steps": [[], None, "create", {"create": None}, {"": STEP}, {"a\nb": STEP}],
    "steps.create.state": ["perhaps", ["done"], None, True],
    "steps.create.at": ["", "a\x1b[2J", 5, "x" * 5000],
    "steps.create.digest": ["", "0" * 63, 5],
    "steps.create.inputs": [
        None,
        [],
        "x",
        {"title": float("nan")},
        {"title": float("inf")},
        {"title": 10**900},
        {"title": [[[[[1]]]]]},
        {"a": {"a": {"a": {"a": {"a": 1}}}}},
    ],
    "blockers": [["9"], [True], [0], [-1], [10**900], {}, "", "9", None],
    "abandoned": [["9"], [1.0], {}, None],
}


def spoiled(place: str, value: object) -> dict[str, Any]:
    """Return the receipt's members with one value in the place of a sound one."""
    shapes = json.loads(json.dumps({**SHAPES, "file": FILE | {"size": 45_000_000}}))
    *way, last = place.split(".")
    inner = shapes
    for name in way:
        inner = inner[name]
    inner[last] = value
    return dict(shapes)


@pytest.mark.parametrize(
    ("place", "value"),
    [(place, value) for place, values in FAULTS.items() for value in values],
    ids=lambda value: str(value)[:30].encode("unicode-escape").decode(),
)
def test_a_sealed_receipt_of_hostile_values_is_damaged(place: str, value: object) -> None:
    with pytest.raises(DamagedReceipt):
        decode(sealed(**spoiled(place, value)))


PAGES = replace(RECEIPT, site="elsewhere", files=RECEIPT.files * 2)
"""A receipt of a site that takes several files, and keeps what it wants of an upload."""
PAGE = json.loads(encode(PAGES))["uploads"][0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("site", "../elsewhere"),
        ("site", "another"),
        ("files", []),
        ("files", None),
        ("uploads", None),
        *(
            ("uploads", [PAGE | changed])
            for changed in (
                {"page": 2},
                {"page": -1},
                {"sha256": "z" * 64},
                {"state": {"bucket": 7}},
                {"state": {"bucket": "a\x1b[2J"}},
                {"state": {"bucket": "x" * 5000}},
                {"state": {"a b": "x"}},
            )
        ),
    ],
)
def test_a_sealed_receipt_of_hostile_pages_is_damaged(name: str, value: object) -> None:
    assert decode(sealed(PAGES), "elsewhere") == PAGES
    with pytest.raises(DamagedReceipt):
        decode(sealed(PAGES, **{name: value}), "elsewhere")


def test_an_upload_has_no_more_parts_than_can_be_kept() -> None:
    for parts, is_read in ((MOST_PARTS, True), (MOST_PARTS + 1, False)):
        sizes = {"partSize": 1, "totalParts": parts, "doneParts": f"0-{parts - 1}"}
        text = sealed(file=FILE | {"size": parts}, upload=UPLOAD | sizes)
        assert (read(text.encode()) is not None) is is_read


HOSTILE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=[]))
    | st.sampled_from([10**900, -(2**63), "[evil", "0-99999999999", [[[[[[]]]]]], {"a": {}}, []])
)
PLACES = [
    *FAULTS,
    "steps.create.inputs.title",
    *(f"upload.{name}" for name in UPLOAD),
]


@given(st.sampled_from(PLACES), HOSTILE)
def test_whoever_seals_it_a_receipt_is_sound_or_damaged(place: str, value: object) -> None:
    shapes = spoiled("steps.create.inputs", {})
    *way, last = place.split(".")
    inner = shapes
    for name in way:
        inner = inner[name]
    inner[last] = value
    found = read(sealed(**shapes).encode("utf-8", "surrogatepass"))
    if found:
        assert decode(encode(found), found.site) == found
        for upload in found.uploads.values():
            assert upload.done_parts <= frozenset(range(upload.total_parts))


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
