"""Receipts as JSON text: readable, diffable, versioned, and sealed against silent damage."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from nicobatch.model import FileIdentity, Json, Receipt, Remote, StepRecord, StepState, Upload

VERSION: Final = 1
MOST_PARTS: Final = 100_000
_VERSIONS: Final = range(1, 10_000)
_ATTEMPTS: Final = range(2**31)
_SIZES: Final = range(2**53)
_IDS: Final = range(1, 2**63)
_NUMBERS: Final = range(-(2**63), 2**63)
_DEEPEST: Final = 4
"""How many lists and mappings may lie within each other in what a step rests on."""
_NAME: Final = re.compile("[^/\x00-\x1f\x7f-\x9f\ud800-\udbff]{1,255}")
"""A file's name; Python gives low surrogates for the bytes of one that are no UTF-8."""
_LABEL: Final = re.compile(r"[^/\\\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,200}")
"""What a file's name was made of, for a receipt or a lock."""
_HASH: Final = re.compile("[0-9a-f]{64}")
_UUID: Final = re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PATH: Final = re.compile(r"/(?!/)[!-\[\]-~]{0,1999}")
"""Of a URL: printable ASCII without a backslash, which some take for a slash."""
_T = TypeVar("_T")


class NewerReceipt(ValueError):
    """The receipt was written by a later version of nicobatch."""


class DamagedReceipt(ValueError):
    """The text is not a whole receipt."""


def encode(receipt: Receipt) -> str:
    """Return the receipt as indented JSON with its seal: the SHA-256 of everything else."""
    data: dict[str, Any] = {
        "nicobatch": VERSION,
        "video": receipt.video,
        "manifest": receipt.manifest,
        "origin": receipt.origin,
        "profile": receipt.profile,
        "account": receipt.account,
        "attempt": receipt.attempt,
        "file": {
            "name": receipt.file.name,
            "size": receipt.file.size,
            "sha256": receipt.file.sha256,
        },
        "remote": receipt.remote and _remote_data(receipt.remote),
        "upload": receipt.upload and _upload_data(receipt.upload),
        "steps": {name: _step_data(record) for name, record in receipt.steps.items()},
        "blockers": list(receipt.blockers),
        "abandoned": list(receipt.abandoned),
    }
    data["seal"] = _seal(data)
    return _json(data, indent=2) + "\n"


def decode(text: str) -> Receipt:
    """Return the receipt that the text holds; raise NewerReceipt or DamagedReceipt.

    A seal is no signature: whoever can write here can seal anything. So every value is looked at.
    """
    try:
        data = json.loads(text, parse_constant=_no_number)
        if isinstance(data, dict) and _whole(data.get("nicobatch"), _VERSIONS) > VERSION:
            raise NewerReceipt
        if data.pop("seal") != _seal(data):
            raise DamagedReceipt
        return _receipt(data)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        if isinstance(error, NewerReceipt | DamagedReceipt):
            raise
        raise DamagedReceipt from error


def _seal(data: Mapping[str, Any]) -> str:
    text = _json(data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _json(data: Mapping[str, Any], **style: Any) -> str:
    """Write JSON; the bytes that no UTF-8 file name has become escapes, as Python reads them."""
    text = json.dumps(data, ensure_ascii=False, **style)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _remote_data(remote: Remote) -> dict[str, Any]:
    return {"id": remote.id, "videoId": remote.video_id, "url": remote.url}


def _upload_data(upload: Upload) -> dict[str, Any]:
    return {
        "uuid": upload.uuid,
        "url": upload.url,
        "partSize": upload.part_size,
        "totalParts": upload.total_parts,
        "doneParts": ranges(upload.done_parts),
    }


def _step_data(record: StepRecord) -> dict[str, Any]:
    data: dict[str, Any] = {"state": record.state.value, "at": record.at, "digest": record.digest}
    if record.inputs:
        data["inputs"] = dict(record.inputs)
    return data


def _receipt(data: Mapping[str, Any]) -> Receipt:
    file = _file(data["file"])
    return Receipt(
        video=_matching(data["video"], _LABEL),
        manifest=_matching(data["manifest"], _NAME),
        origin=_word(data["origin"]),
        profile=_word(data["profile"]),
        account=_matching(data["account"], _LABEL),
        attempt=_whole(data["attempt"], _ATTEMPTS),
        file=file,
        remote=_optional(data["remote"], _remote),
        upload=_optional(data["upload"], lambda upload: _upload(upload, file)),
        steps={_word(name): _step(record) for name, record in data["steps"].items()},
        blockers=_ids(data["blockers"]),
        abandoned=_ids(data["abandoned"]),
    )


def _file(data: Mapping[str, Any]) -> FileIdentity:
    name, sha256 = _matching(data["name"], _NAME), _matching(data["sha256"], _HASH)
    return FileIdentity(name, _whole(data["size"], _SIZES), sha256)


def _remote(data: Mapping[str, Any]) -> Remote:
    url = _word(data["url"])
    if urlsplit(url).scheme not in {"http", "https"}:
        raise DamagedReceipt
    return Remote(id=_whole(data["id"], _IDS), video_id=_word(data["videoId"]), url=url)


def _upload(data: Mapping[str, Any], file: FileIdentity) -> Upload:
    """Read how far the file has come; its parts are as many as its size makes."""
    part_size = _whole(data["partSize"], _SIZES[1:])
    total = _whole(data["totalParts"], range(MOST_PARTS + 1))
    if total != -(-file.size // part_size):
        raise DamagedReceipt
    return Upload(
        uuid=_matching(data["uuid"], _UUID),
        url=_matching(data["url"], _PATH),
        part_size=part_size,
        total_parts=total,
        done_parts=members(_text(data["doneParts"]), total),
    )


def _step(data: Mapping[str, Any]) -> StepRecord:
    inputs = _plain(data.get("inputs", {}), _DEEPEST)
    if not isinstance(inputs, dict):
        raise DamagedReceipt
    return StepRecord(
        state=StepState(data["state"]),
        at=_word(data["at"]),
        digest=_matching(data["digest"], _HASH),
        inputs=inputs,
    )


def _ids(value: object) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise DamagedReceipt
    return tuple(_whole(number, _IDS) for number in value)


def _optional(data: Any, make: Callable[[Any], _T]) -> _T | None:
    return None if data is None else make(data)


def _plain(value: object, depth: int) -> Json:
    """Return a value of JSON that is neither too deep nor too large a number to be shown."""
    if isinstance(value, list | dict) and not depth:
        raise DamagedReceipt
    if isinstance(value, dict):
        return {name: _plain(each, depth - 1) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, depth - 1) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise DamagedReceipt
    if value is None or isinstance(value, bool | float | str):
        return value
    return _whole(value, _NUMBERS)


def _no_number(_name: str) -> object:
    """Refuse NaN and Infinity, which are no JSON."""
    raise DamagedReceipt


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise DamagedReceipt
    return value


def _matching(value: object, shape: re.Pattern[str]) -> str:
    if not shape.fullmatch(_text(value)):
        raise DamagedReceipt
    return _text(value)


def _word(value: object) -> str:
    """Return a text that is one word, of a length to be shown."""
    text = _text(value)
    if not (text.isprintable() and 0 < len(text) <= 1000) or " " in text:
        raise DamagedReceipt
    return text


def _whole(value: object, within: range) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value not in within:
        raise DamagedReceipt
    return value


def ranges(numbers: frozenset[int]) -> str:
    """Write whole numbers as ascending ranges: `{0, 1, 2, 5}` is `0-2,5`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{a}-{b}" if a < b else f"{a}" for a, b in runs)


def members(text: str, total: int = MOST_PARTS) -> frozenset[int]:
    """Read what `ranges` wrote of numbers below the total; raise ValueError for anything else."""
    numbers: set[int] = set()
    least = 0
    for run in filter(None, text.split(",")):
        first, _, last = run.partition("-")
        begin, end = int(first), int(last or first) + 1
        if not least <= begin < end <= total:
            raise ValueError(text)
        numbers.update(range(begin, end))
        least = end
    if ranges(frozenset(numbers)) != text:
        raise ValueError(text)
    return frozenset(numbers)
