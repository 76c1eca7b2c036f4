"""Receipts to write and to read: a hand-made one, and all that there can be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st

from nicobatch.journal import Journal
from nicobatch.model import (
    FileIdentity,
    Json,
    Receipt,
    Remote,
    StepRecord,
    StepState,
    Upload,
    Video,
)

AT = "2026-11-21T00:00:00+00:00"
ORIGIN = "https://garage.nicovideo.jp"
RECEIPT = Receipt(
    video="第1回",
    manifest="冒険.yaml",
    origin=ORIGIN,
    profile="garage-2026",
    account="main",
    file=FileIdentity("第1回.mp4", 45_000_000, "a" * 64),
    attempt=2,
    steps={
        "create": StepRecord(state=StepState.DONE, digest="b" * 64, at=AT),
        "metadata": StepRecord(
            state=StepState.OPEN,
            digest="c" * 64,
            inputs={"title": "はじめての冒険", "tags": ["ゲーム"], "series": None},
            at=AT,
        ),
    },
    remote=Remote(id=9, video_id="sm9", url="https://www.nicovideo.jp/watch/sm9"),
    upload=Upload(
        uuid="u-1",
        url="/api/v2/videos/9/upload",
        part_size=10_000_000,
        total_parts=5,
        done_parts=frozenset({0, 1, 3}),
    ),
    blockers=(7, 8),
    abandoned=(5,),
)
LATER = replace(RECEIPT, abandoned=(5, 6))
BLANK = replace(RECEIPT, remote=None, upload=None, steps={})
"""A receipt that tells of nothing on the site."""

JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NUMBERS = st.lists(st.integers(), max_size=3).map(tuple)
PARTS = st.frozensets(st.integers(0, 3000))
RECEIPTS = st.builds(
    Receipt,
    file=st.builds(FileIdentity),
    steps=st.dictionaries(
        st.text(),
        st.builds(StepRecord, inputs=st.dictionaries(st.text(), JSON, max_size=3)),
        max_size=4,
    ),
    remote=st.none() | st.builds(Remote),
    upload=st.none() | st.builds(Upload, done_parts=PARTS),
    blockers=NUMBERS,
    abandoned=NUMBERS,
)


def video(manifest: Path, id_: str = "第1回") -> Video:
    """Return the video of the receipts, wherever its manifest lies."""
    return Video(manifest=manifest, id=id_, file=manifest.parent / "第1回.mp4", title="第1回")


def names(folder: Path) -> list[str]:
    """Return all files under the folder, hidden ones too."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found)


def spoil(here: Video, content: bytes) -> Path:
    """Put something else in the place of the video's receipt."""
    path = Journal().path(here)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path
