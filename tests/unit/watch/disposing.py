"""An inbox with one manifest and its files, to be taken elsewhere."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from nicobatch.media import Stamp
from nicobatch.model import Json
from nicobatch.watch.judging import WatchJob

FILES = {"第1回.mp4": b"first" * 999, "clips/b.mp4": b"second" * 999, "ep1.yaml": b"version: 1\n"}
RESULT: Final[Mapping[str, Json]] = {
    "state": "done",
    "videos": [{"id": "第1回", "url": "https://www.nicovideo.jp/watch/sm9"}],
}


def fill(inbox: Path) -> WatchJob:
    """Write the files, and return the job that they make."""
    for name, content in FILES.items():
        path = inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    return job(inbox, *FILES)


def job(inbox: Path, *names: str, manifest: str = "ep1.yaml") -> WatchJob:
    """Return a job as it is read now."""
    signature = {inbox / name: Stamp.of(inbox / name) for name in (manifest, *names)}
    known = {path: stamp for path, stamp in signature.items() if stamp}
    return WatchJob(manifest=inbox / manifest, ready=(), signature=known)


def contents(*folders: Path) -> Counter[bytes]:
    """Return what all files in the folders hold, results left out, and how often."""
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return Counter(path.read_bytes() for path in paths if path.name != "result.json")


def names(folder: Path) -> set[str]:
    """Return every file in the folder, by its path from there."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def told(folder: Path) -> Any:
    """Return what the folder's result says."""
    return json.loads((folder / "result.json").read_text("utf-8"))


def stays(folder: Path) -> dict[str, str]:
    """Return which files the result says to have stayed, by their names, and why."""
    return {
        Path(each["from"]).name: each["stays"] for each in told(folder)["files"] if "stays" in each
    }
