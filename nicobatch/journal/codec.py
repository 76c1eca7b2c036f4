"""Receipts as JSON text: readable, diffable, versioned, and sealed against silent damage."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from nicobatch.journal.ranges import MOST_PARTS, members, ranges
from nicobatch.model import DEFAULT_SITE, FileIdentity, Json
from nicobatch.receipt import Receipt, Remote, StepRecord, StepState, Upload

VERSION: Final = 2
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
_SITE: Final = re.compile("[a-z][a-z0-9]{0,30}")
_ID: Final = re.compile("[A-Za-z0-9_-]{1,100}")
_HASH: Final = re.compile("[0-9a-f]{64}")
_UUID: Final = re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PATH: Final = re.compile(r"/(?!/)[!-\[\]-~]{0,1999}")
"""Of a URL: printable ASCII without a backslash, which some take for a slash."""


class NewerReceipt(ValueError):
    """The receipt was written by a later version of nicobatch."""


class DamagedReceipt(ValueError):
    """The text is not a whole receipt."""


def encode(receipt: Receipt) -> str:
    """Return the receipt as indented JSON with its seal: the SHA-256 of everything else.

    The default site's are of version 1: an older nicobatch, at work on the same receipts, goes on
    with them.
    """
    data: dict[str, Any] = {
        "nicobatch": VERSION,
        "site": receipt.site,
        "video": receipt.video,
        "manifest": receipt.manifest,
        "origin": receipt.origin,
        "profile": receipt.profile,
        "account": receipt.account,
        "attempt": receipt.attempt,
        "files": [_file_data(each) for each in receipt.files],
        "remote": receipt.remote and _remote_data(receipt.remote),
        "uploads": [_upload_data(page, each) for page, each in sorted(receipt.uploads.items())],
        "steps": {name: _step_data(record) for name, record in receipt.steps.items()},
        "blockers": list(receipt.blockers),
        "abandoned": list(receipt.abandoned),
    }
    if receipt.site == DEFAULT_SITE:
        data = _as_first(data)
    data["seal"] = _seal(data)
    return _json(data, indent=2) + "\n"


def decode(text: str, folder: str = DEFAULT_SITE) -> Receipt:
    """Return the receipt that the text holds; raise NewerReceipt or DamagedReceipt.

    It lies in a folder of its site's name, unless that is the default one. A seal is no signature:
    whoever can write here can seal anything. So every value is looked at.
    """
    try:
        data = json.loads(text)
        version = _whole(data.get("nicobatch"), _VERSIONS)
        if version > VERSION:
            raise NewerReceipt
        if data.pop("seal") != _seal(data):
            raise DamagedReceipt
        data = _from_first(data) if version < VERSION else data
        if data["site"] not in {DEFAULT_SITE, folder}:
            raise DamagedReceipt
        return _receipt(data)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        if isinstance(error, NewerReceipt | DamagedReceipt):
            raise
        raise DamagedReceipt from error


def _as_first(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of version 1: of one site, whose ids are numbers, with one file each."""
    remote, uploads = data["remote"], data["uploads"]
    same = ("video", "manifest", "origin", "profile", "account", "attempt")
    return {
        "nicobatch": 1,
        **{name: data[name] for name in same},
        "file": data["files"][0],
        "remote": remote and {**remote, "id": int(remote["id"])},
        "upload": _upload_as_first(uploads[0]) if uploads else None,
        "steps": data["steps"],
        "blockers": [int(each) for each in data["blockers"]],
        "abandoned": [int(each) for each in data["abandoned"]],
    }


def _upload_as_first(upload: Mapping[str, Any]) -> dict[str, Any]:
    sizes = {name: upload[name] for name in ("partSize", "totalParts", "doneParts")}
    return {"uuid": upload["state"]["uuid"], "url": upload["state"]["url"], **sizes}


def _from_first(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of version 1 as version 2 has them; raise for what neither can have."""
    file, remote, upload = data["file"], data["remote"], data["upload"]
    return {
        **data,
        "site": DEFAULT_SITE,
        "files": [file],
        "remote": remote and {**remote, "id": str(_whole(remote["id"], _IDS))},
        "uploads": [_upload_from_first(upload, file)] if upload is not None else [],
        "blockers": [str(_whole(each, _IDS)) for each in _list(data["blockers"])],
        "abandoned": [str(_whole(each, _IDS)) for each in _list(data["abandoned"])],
    }


def _upload_from_first(upload: Mapping[str, Any], file: Mapping[str, Any]) -> dict[str, Any]:
    state = {"uuid": _matching(upload["uuid"], _UUID), "url": _matching(upload["url"], _PATH)}
    return {**upload, "page": 0, "sha256": file["sha256"], "state": state}


def _seal(data: Mapping[str, Any]) -> str:
    text = _json(data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _json(data: Mapping[str, Any], **style: Any) -> str:
    """Write JSON; the bytes that no UTF-8 file name has become escapes, as Python reads them."""
    text = json.dumps(data, ensure_ascii=False, **style)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _remote_data(remote: Remote) -> dict[str, Any]:
    return {"id": remote.id, "videoId": remote.video_id, "url": remote.url}


def _file_data(file: FileIdentity) -> dict[str, Any]:
    return {"name": file.name, "size": file.size, "sha256": file.sha256}


def _upload_data(page: int, upload: Upload) -> dict[str, Any]:
    return {
        "page": page,
        "sha256": upload.sha256,
        "partSize": upload.part_size,
        "totalParts": upload.total_parts,
        "doneParts": ranges(upload.done_parts),
        "state": dict(upload.state),
    }


def _step_data(record: StepRecord) -> dict[str, Any]:
    data: dict[str, Any] = {"state": record.state.value, "at": record.at, "digest": record.digest}
    if record.inputs:
        data["inputs"] = dict(record.inputs)
    return data


def _receipt(data: Mapping[str, Any]) -> Receipt:
    files = tuple(_file(each) for each in _list(data["files"]))
    if not files:
        raise DamagedReceipt
    return Receipt(
        site=_matching(data["site"], _SITE),
        video=_matching(data["video"], _LABEL),
        manifest=_matching(data["manifest"], _NAME),
        origin=_word(data["origin"]),
        profile=_word(data["profile"]),
        account=_matching(data["account"], _LABEL),
        attempt=_whole(data["attempt"], _ATTEMPTS),
        files=files,
        remote=None if data["remote"] is None else _remote(data["remote"]),
        uploads=dict(_upload(each, files) for each in _list(data["uploads"])),
        steps={_word(name): _step(record) for name, record in data["steps"].items()},
        blockers=tuple(_matching(each, _ID) for each in _list(data["blockers"])),
        abandoned=tuple(_matching(each, _ID) for each in _list(data["abandoned"])),
    )


def _file(data: Mapping[str, Any]) -> FileIdentity:
    name, sha256 = _matching(data["name"], _NAME), _matching(data["sha256"], _HASH)
    return FileIdentity(name, _whole(data["size"], _SIZES), sha256)


def _remote(data: Mapping[str, Any]) -> Remote:
    url = _word(data["url"])
    if urlsplit(url).scheme not in {"http", "https"}:
        raise DamagedReceipt
    return Remote(id=_matching(data["id"], _ID), video_id=_word(data["videoId"]), url=url)


def _upload(data: Mapping[str, Any], files: Sequence[FileIdentity]) -> tuple[int, Upload]:
    """Read how far a page's file has come; its parts are as many as its size makes."""
    page = _whole(data["page"], range(len(files)))
    part_size = _whole(data["partSize"], _SIZES[1:])
    total = _whole(data["totalParts"], range(MOST_PARTS + 1))
    sha256 = _matching(data["sha256"], _HASH)
    if sha256 == files[page].sha256 and total != -(-files[page].size // part_size):
        raise DamagedReceipt
    return page, Upload(
        sha256=sha256,
        part_size=part_size,
        total_parts=total,
        done_parts=members(_text(data["doneParts"]), total),
        state={_word(name): _shown(value) for name, value in data["state"].items()},
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


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise DamagedReceipt
    return value


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


def _shown(value: object) -> str:
    """Return a text of a length to be shown, blanks included."""
    text = _text(value)
    if not (text.isprintable() and len(text) <= 2000):
        raise DamagedReceipt
    return text


def _whole(value: object, within: range) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value not in within:
        raise DamagedReceipt
    return value
