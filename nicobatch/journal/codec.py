"""Receipts as JSON text: readable, diffable, versioned, and sealed against silent damage."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from nicobatch.model import FileIdentity, Receipt, Remote, StepRecord, StepState, Upload

VERSION: Final = 1
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
    """Return the receipt that the text holds; raise NewerReceipt or DamagedReceipt."""
    try:
        data = json.loads(text)
        if isinstance(data, dict) and _whole(data.get("nicobatch")) > VERSION:
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
    file = data["file"]
    return Receipt(
        video=_text(data["video"]),
        manifest=_text(data["manifest"]),
        origin=_text(data["origin"]),
        profile=_text(data["profile"]),
        account=_text(data["account"]),
        attempt=_whole(data["attempt"]),
        file=FileIdentity(_text(file["name"]), _whole(file["size"]), _text(file["sha256"])),
        remote=_optional(data["remote"], _remote),
        upload=_optional(data["upload"], _upload),
        steps={_text(name): _step(record) for name, record in data["steps"].items()},
        blockers=tuple(_whole(number) for number in data["blockers"]),
        abandoned=tuple(_whole(number) for number in data["abandoned"]),
    )


def _remote(data: Mapping[str, Any]) -> Remote:
    return Remote(id=_whole(data["id"]), video_id=_text(data["videoId"]), url=_text(data["url"]))


def _upload(data: Mapping[str, Any]) -> Upload:
    return Upload(
        uuid=_text(data["uuid"]),
        url=_text(data["url"]),
        part_size=_whole(data["partSize"]),
        total_parts=_whole(data["totalParts"]),
        done_parts=members(_text(data["doneParts"])),
    )


def _step(data: Mapping[str, Any]) -> StepRecord:
    return StepRecord(
        state=StepState(data["state"]),
        at=_text(data["at"]),
        digest=_text(data["digest"]),
        inputs=dict(data.get("inputs", {})),
    )


def _optional(data: Any, make: Callable[[Any], _T]) -> _T | None:
    return None if data is None else make(data)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise DamagedReceipt
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
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


def members(text: str) -> frozenset[int]:
    """Read what `ranges` wrote; raise ValueError for anything else."""
    numbers: set[int] = set()
    for run in filter(None, text.split(",")):
        first, _, last = run.partition("-")
        numbers.update(range(int(first), int(last or first) + 1))
    if ranges(frozenset(numbers)) != text:
        raise ValueError(text)
    return frozenset(numbers)
