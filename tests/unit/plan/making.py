"""What plans are made of: videos, what is wanted for them, and what is known of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nicobatch import plan
from nicobatch.model import FileIdentity, Inputs, Video
from nicobatch.plan import KnownFiles, Plan, Wanted
from nicobatch.receipt import Receipt, Remote, StepRecord, StepState, Upload
from nicobatch.sites.base import Role, StepSpec, StepTable

REAL = "https://garage.nicovideo.jp"
FILE = FileIdentity("ep1.mp4", 25_000_000, "a" * 64)
OTHER_FILE = FileIdentity("ep1.mp4", 26_000_000, "b" * 64)
REMOTE = Remote(id="9", video_id="sm9", url="https://www.nicovideo.jp/watch/sm9")
UPLOAD = Upload(sha256="a" * 64, part_size=10_000_000, total_parts=3)
ALL_PARTS = frozenset({0, 1, 2})
METADATA: Inputs = {
    "title": "第1回",
    "description": "",
    "tags": ["ゲーム"],
    "publish": "public",
    "series": None,
    "thumbnail.timing": 20263,
}
STEPS = ("create", "stream", "chunks", "done", "thumbnail", "metadata", "encoded")
LABELS = {
    "create": "creating the video",
    "stream": "preparing the upload",
    "chunks": "uploading",
    "done": "completing the upload",
    "thumbnail": "setting the thumbnail",
    "metadata": "sending the metadata",
    "encoded": "waiting for the encoding",
}
ROLES = {
    "create": {Role.CREATES},
    "chunks": {Role.SENDS},
    "done": {Role.SEALS},
    "draft": {Role.CLOSES},
    "metadata": {Role.CLOSES, Role.PUBLISHES},
    "encoded": {Role.WAITS},
}
TABLE = StepTable(
    tuple(
        StepSpec(name=name, label=LABELS.get(name, ""), roles=frozenset(ROLES.get(name, ())))
        for name in (*STEPS[:5], "draft", *STEPS[5:])
    )
)
DRAFT: Inputs = {**METADATA, "publish": "draft"}
DRAFT_STEPS = ("create", "stream", "chunks", "done", "thumbnail", "draft", "encoded")


def inputs_of(step: str, file: FileIdentity = FILE, metadata: Inputs = METADATA) -> Inputs:
    """Return what a step of a site much like niconico rests on."""
    if step in {"metadata", "draft"}:
        return metadata
    if step == "thumbnail":
        return {"thumbnail.timing": metadata["thumbnail.timing"]}
    return {} if step == "create" else {"sha256": file.sha256}


def video(
    id_: str = "ep1", manifest: str = "m.yaml", account: str = "main", *, allow: bool = False
) -> Video:
    return Video(
        manifest=Path("videos") / manifest,
        id=id_,
        file=Path("videos/ep1.mp4"),
        title="第1回",
        account=account,
        allow_duplicate=allow,
    )


def lies(each: Video) -> str:
    """Return where the video's receipt lies."""
    return f"{each.manifest.parent}/.nicobatch/{each.manifest.name}/{each.id}.json"


def taken(*receipts: Receipt) -> KnownFiles:
    """Return what is known from receipts that lie beside the manifests of `video`."""
    return KnownFiles.of((lies(video(each.video, each.manifest)), each) for each in receipts)


def wanted(
    each: Video | None = None,
    file: FileIdentity = FILE,
    metadata: Inputs = METADATA,
    *,
    origin: str = REAL,
    steps: tuple[str, ...] = STEPS,
) -> Wanted:
    return Wanted(
        video=each or video(),
        files=(file,),
        origin=origin,
        receipt=lies(each or video()),
        steps={step: inputs_of(step, file, metadata) for step in steps},
        table=TABLE,
    )


def record(inputs: Inputs, state: StepState = StepState.DONE) -> StepRecord:
    at = "2026-11-21T00:00:00+00:00"
    return StepRecord(state=state, digest=plan.digest(inputs), inputs=inputs, at=at)


def receipt(
    *done: str,
    opened: str | None = None,
    parts: frozenset[int] = ALL_PARTS,
    file: FileIdentity = FILE,
    remote: Remote | None = REMOTE,
    metadata: Inputs = METADATA,
) -> Receipt:
    """Return what is known after these steps, with the last one perhaps still open."""
    steps = {step: record(inputs_of(step, file, metadata)) for step in done}
    if opened:
        steps[opened] = record(inputs_of(opened, file, metadata), StepState.OPEN)
    return Receipt(
        video="ep1",
        manifest="m.yaml",
        origin=REAL,
        profile="garage-2026",
        account="main",
        files=(file,),
        steps=steps,
        remote=remote,
        uploads={0: replace(UPLOAD, done_parts=parts)} if "stream" in steps else {},
    )


def decide(
    goal: Wanted, known_receipt: Receipt | None = None, known: KnownFiles | None = None
) -> Plan:
    return plan.decide(goal, known_receipt, known or KnownFiles())
