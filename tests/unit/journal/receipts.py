"""Receipts to write and to read: a hand-made one, and all that there can be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st

from nicobatch.journal import Journal
from nicobatch.model import DEFAULT_SITE, FileIdentity, Json, Video
from nicobatch.receipt import Receipt, Remote, StepRecord, StepState, Upload

AT = "2026-11-21T00:00:00+00:00"
ORIGIN = "https://garage.nicovideo.jp"
RECEIPT = Receipt(
    video="第1回",
    manifest="冒険.yaml",
    origin=ORIGIN,
    profile="garage-2026",
    account="main",
    files=(FileIdentity("第1回.mp4", 45_000_000, "a" * 64),),
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
    remote=Remote(id="9", video_id="sm9", url="https://www.nicovideo.jp/watch/sm9"),
    uploads={
        0: Upload(
            sha256="a" * 64,
            part_size=10_000_000,
            total_parts=5,
            done_parts=frozenset({0, 1, 3}),
            state={
                "uuid": "0b1f6f4e-8a57-4d6c-9f5e-3f1b2c4d5e6f",
                "url": "/api/v2/videos/9/upload",
            },
        )
    },
    blockers=("7", "8"),
    abandoned=("5",),
)
LATER = replace(RECEIPT, abandoned=("5", "6"))
BLANK = replace(RECEIPT, remote=None, uploads={}, steps={})
"""A receipt that tells of nothing on the site."""

WHOLE = st.integers(-(2**63), 2**63 - 1)
FLAT: st.SearchStrategy[Json] = (
    st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
LISTS = st.lists(FLAT, max_size=3)
JSON = FLAT | LISTS | st.dictionaries(st.text(), FLAT | LISTS, max_size=3)
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="/\\"), min_size=1
)
WORDS = st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=1, max_size=40)
IDS = st.integers(1, 2**63 - 1).map(str)
NUMBERS = st.lists(IDS, max_size=3).map(tuple)
PARTS = st.frozensets(st.integers(0, 3000))
STEPS = st.builds(
    StepRecord,
    state=st.sampled_from(StepState),
    digest=HEX,
    at=WORDS,
    inputs=st.dictionaries(st.text(), JSON, max_size=3),
)
REMOTES = st.builds(Remote, id=IDS, video_id=WORDS, url=WORDS.map("https://site.example/{}".format))


@st.composite
def uploads(draw: st.DrawFn) -> tuple[FileIdentity, Upload]:
    """Return any file, and how far it can have come."""
    total, size = draw(st.integers(1, 3000)), draw(st.integers(1, 2**40))
    rest = draw(st.integers(1, size))
    file = FileIdentity(draw(NAMES), (total - 1) * size + rest, draw(HEX))
    path = draw(WORDS).replace("\\", "").lstrip("/")  # two slashes would name a host
    url = f"/{path}"
    return file, Upload(
        sha256=file.sha256,
        part_size=size,
        total_parts=total,
        done_parts=draw(st.frozensets(st.integers(0, total - 1))),
        state={"uuid": str(draw(st.uuids())), "url": url},
    )


@st.composite
def receipts(draw: st.DrawFn) -> Receipt:
    """Return any receipt that there can be; of the default site, those with one file."""
    site = draw(st.sampled_from([DEFAULT_SITE, "elsewhere"]))
    pages = draw(st.lists(uploads(), min_size=1, max_size=1 if site == DEFAULT_SITE else 3))
    begun = draw(st.sets(st.sampled_from(range(len(pages)))))
    return Receipt(
        site=site,
        video=draw(NAMES),
        manifest=draw(NAMES),
        origin=draw(WORDS),
        profile=draw(WORDS),
        account=draw(NAMES),
        files=tuple(file for file, _ in pages),
        attempt=draw(st.integers(0, 2**31 - 1)),
        steps=draw(st.dictionaries(WORDS, STEPS, max_size=4)),
        remote=draw(st.none() | REMOTES),
        uploads={page: pages[page][1] for page in sorted(begun)},
        blockers=draw(NUMBERS),
        abandoned=draw(NUMBERS),
    )


RECEIPTS = receipts()


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
