"""The upload's requests for curl: the same parts, in the same words, over one connection."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.support.benchmarks.measure import CannotRun, Cost, run

PART: Final = 10_000_000
"""Bytes of a chunk, as niconico takes them."""

_HEADERS: Final = {
    "X-Request-With": "nv-garage",
    "X-Requested-With": "XMLHttpRequest",
    "X-Frontend-Id": "23",
    "X-Frontend-Version": "0.0.0",
}


def split(path: Path, folder: Path) -> list[Path]:
    """Write the file's parts as files of their own: curl can't send a range of a file."""
    parts: list[Path] = []
    with path.open("rb") as file:
        while block := file.read(PART):
            parts.append(folder / f"part-{len(parts):05}")
            parts[-1].write_bytes(block)
    return parts


def upload(origin: str, user_session: str, folder: Path, *, size: int, parts: list[Path]) -> Cost:
    """Have curl send the parts of a file of `size` bytes, one after another, to a new entry."""
    try:
        text = _config(origin, user_session, size=size, parts=parts)
    except (urllib.error.URLError, KeyError) as error:
        raise CannotRun(f"the sandbox opened no entry: {error}") from error
    config = folder / "curl.config"
    config.write_text(text, encoding="utf-8")
    return run(["curl", "--config", config])


def _config(origin: str, user_session: str, *, size: int, parts: list[Path]) -> str:
    """Open an entry and return the curl configuration that sends its parts and closes it.

    Creating, the thumbnail and the metadata are a few hundred bytes each and are left out.
    """
    headers = {**_HEADERS, "Cookie": f"user_session={user_session}"}
    entry = _post(f"{origin}/api/v2/videos", headers)["data"]["id"]
    stream = _post(f"{origin}/api/v2/videos/{entry}/upload-chunk-stream", headers)["data"]["url"]
    path = stream if stream.startswith("/api/") else f"/api{stream}"
    whole = {
        "qquuid": str(uuid.uuid4()),
        "qqfilename": "big.mp4",
        "qqtotalfilesize": str(size),
        "qqtotalparts": str(len(parts)),
    }
    common = [*(f"{name}: {value}" for name, value in headers.items()), "Expect:"]
    blocks = [
        _request(
            f"{origin}{path}",
            common,
            [*_form({**_part(index, part), **whole}), _file(part)],
        )
        for index, part in enumerate(parts)
    ]
    done = [f'data-urlencode = "{name}={value}"' for name, value in whole.items()]
    return "\nnext\n".join([*blocks, _request(f"{origin}{path}?done", common, done)])


def _part(index: int, part: Path) -> dict[str, str]:
    return {
        "qqpartindex": str(index),
        "qqpartbyteoffset": str(index * PART),
        "qqchunksize": str(part.stat().st_size),
    }


def _form(fields: Mapping[str, str]) -> list[str]:
    return [f'form-string = "{name}={value}"' for name, value in fields.items()]


def _file(part: Path) -> str:
    return f'form = "qqfile=@{part};filename=blob;type=application/octet-stream"'


def _request(url: str, headers: list[str], lines: list[str]) -> str:
    words = [f'header = "{header}"' for header in headers]
    return "\n".join([f'url = "{url}"', "silent", "show-error", "fail", *words, *lines])


def _post(url: str, headers: Mapping[str, str]) -> Any:
    request = urllib.request.Request(url, data=b"", headers=dict(headers), method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)
