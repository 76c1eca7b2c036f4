"""A target whose steps do as a test says: the pipeline's seam, without a site behind it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nicobatch.model import FileIdentity, Inputs, Json, MediaInfo, Video
from nicobatch.receipt import Receipt, Remote, Upload
from nicobatch.sites.base import Call, Change, Job, Rate, Role, Step, StepSpec, StepTable

Script = dict[str, list[Any]]
"""By step, what its calls come to in turn: an exception to raise, or a Change; then it works."""

TABLE = StepTable(
    (
        StepSpec(name="create", roles=frozenset({Role.CREATES}), once=True, recognizes=True),
        StepSpec(name="stream"),
        StepSpec(name="chunks", roles=frozenset({Role.SENDS})),
        StepSpec(name="done", roles=frozenset({Role.SEALS}), once=True),
        StepSpec(name="metadata", roles=frozenset({Role.CLOSES, Role.PUBLISHES}), once=True),
        StepSpec(name="encoded", roles=frozenset({Role.WAITS})),
    )
)


def nothing(receipt: Receipt) -> Receipt:
    return receipt


def created(receipt: Receipt) -> Receipt:
    number = 7 if receipt.video == "a" else 1000 + zlib.crc32(receipt.video.encode())
    remote = Remote(id=str(number), video_id=f"sm{number}", url=f"http://127.0.0.1/sm{number}")
    return replace(receipt, remote=remote)


def streamed(receipt: Receipt) -> Receipt:
    (file,) = receipt.files
    state = {"uuid": "0b1f6f4e-8a57-4d6c-9f5e-3f1b2c4d5e6f", "url": "/chunks"}
    size = -(-file.size // 3)
    upload = Upload(sha256=file.sha256, part_size=size, total_parts=3, state=state)
    return replace(receipt, uploads={0: upload})


@dataclass
class ScriptedTarget:
    """Steps create, stream, chunks (3 parts), done, metadata and encoded."""

    script: Script = field(default_factory=dict)
    origin: str = "http://127.0.0.1"
    profile: str = "scripted"
    table: StepTable = TABLE
    renews_sign_in: bool = False
    rates: Mapping[str, Sequence[Rate]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    answers: dict[str, Change | None] = field(default_factory=dict)
    """By step, what asking for it tells."""
    there: list[Remote] = field(default_factory=list)
    """What looks like any video, to the one who asks."""
    asked_for: list[str | None] = field(default_factory=list)
    """What was in the way when lookalikes were asked for."""
    named: dict[str, list[Remote]] = field(default_factory=dict)
    """By title, what has it and another length."""
    other: str = ""
    """What of the site's video is another one than receipts say."""
    slots: int | None = None
    empty: list[Remote] = field(default_factory=list)
    """Entries to which nothing but their creation happened."""
    notes: dict[str, str] = field(default_factory=dict)
    """By field, what the site can't do about it."""
    steps: Sequence[Step] = ()
    closed: bool = False

    def __post_init__(self) -> None:
        self.steps = (
            Step(spec=self.table["create"], inputs=_always, calls=self._one("create", created)),
            Step(spec=self.table["stream"], inputs=_inputs, calls=self._one("stream", streamed)),
            Step(spec=self.table["chunks"], inputs=_inputs, calls=self._parts, at_once=_wanted),
            self._asking("done"),
            self._asking("metadata"),
            Step(spec=self.table["encoded"], inputs=_inputs, calls=self._one("encoded", nothing)),
        )

    def sign_in(self) -> str:
        self.play("sign_in", nothing)
        return "somebody"

    def lookalikes(
        self, video: Video, medias: Sequence[MediaInfo], *, in_the_way: str | None
    ) -> Sequence[Remote]:
        self.asked_for.append(in_the_way)
        self.play("lookalikes", nothing)
        return self.there

    def namesakes(self, video: Video, medias: Sequence[MediaInfo]) -> Sequence[Remote]:
        return self.named.get(video.title, [])

    def mismatch(self, receipt: Receipt, video: Video, medias: Sequence[MediaInfo]) -> str:
        self.play("mismatch", nothing)
        return self.other

    def room(self) -> int | None:
        return self.slots

    def untouched(self, entry: str) -> Remote | None:
        self.play("untouched", nothing)
        return next((each for each in self.empty if each.id == entry), None)

    def note(self, field: str, old: Json, new: Json, *, published: bool) -> str:
        return self.notes.get(field, "")

    def close(self) -> None:
        self.closed = True

    def _asking(self, name: str) -> Step:
        def ask(job: Job) -> Change | None:
            self.calls.append(f"ask {name}")
            return self.answers.get(name)

        inputs = _title if name == "metadata" else _inputs
        calls = self._one(name, nothing)
        return Step(spec=self.table[name], inputs=inputs, calls=calls, ask=ask)

    def _one(self, name: str, change: Change) -> Callable[[Job], Sequence[Call]]:
        def call(job: Job) -> Change:
            job.spend(name)
            if job.unsettled:
                self.unsettled.append(name)
            return self.play(name, change)

        return lambda job: [call]

    def _parts(self, job: Job) -> Sequence[Call]:
        upload = job.receipt.uploads[0]

        def call(index: int) -> Call:
            def send(job: Job) -> Change:
                job.progress(4)
                try:
                    self.play(f"part {index}", nothing)
                except BaseException:
                    job.progress(-4)
                    raise
                return lambda receipt: _with_part(receipt, index)

            return send

        return [call(index) for index in range(3) if index not in upload.done_parts]

    def play(self, name: str, change: Change) -> Change:
        self.calls.append(name)
        script = self.script.get(name, [])
        result = script.pop(0) if script else change
        if isinstance(result, BaseException):
            raise result
        made: Change = result
        return made


def _with_part(receipt: Receipt, index: int) -> Receipt:
    upload = receipt.uploads[0]
    return replace(receipt, uploads={0: replace(upload, done_parts=upload.done_parts | {index})})


def _wanted(job: Job) -> int:
    return job.parallel or 1


def _inputs(video: Video, medias: Sequence[MediaInfo], files: Sequence[FileIdentity]) -> Inputs:
    return {"sha256": files[0].sha256}


def _always(video: Video, medias: Sequence[MediaInfo], files: Sequence[FileIdentity]) -> Inputs:
    return {}


def _title(video: Video, medias: Sequence[MediaInfo], files: Sequence[FileIdentity]) -> Inputs:
    return {"title": video.title}
