"""What a video's plan counts against an account's budget."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nicobatch.model import Video
from nicobatch.pipeline import CheckedVideo
from nicobatch.pipeline.deciding import Identified, PlannedVideo
from nicobatch.plan import Plan, Verdict
from nicobatch.receipt import Receipt
from nicobatch.sites.base import Role, StepSpec, StepTable
from tests.unit.plan.making import receipt, wanted

TABLE = StepTable(
    (
        StepSpec(name="chunks", roles=frozenset({Role.SENDS}), spends="preupload"),
        StepSpec(
            name="metadata", roles=frozenset({Role.SEALS, Role.PUBLISHES}), spends="submission"
        ),
    )
)


def spends(before: Receipt | None, *steps: str) -> tuple[str, ...]:
    video = Video(manifest=Path("m.yaml"), id="a", file=Path("a.mp4"), title="A")
    return PlannedVideo(
        ready=CheckedVideo(video, ()),
        identified=Identified((), ()),
        wanted=replace(wanted(), table=TABLE),
        receipt=before,
        plan=Plan(video="m.yaml#a", verdict=Verdict.CREATE, steps=steps),
    ).spends


def test_a_change_of_what_is_out_is_no_submission() -> None:
    assert spends(None, "chunks", "metadata") == ("preupload", "submission")
    assert spends(receipt("chunks"), "metadata") == ("submission",)
    assert spends(receipt("chunks", "metadata"), "metadata") == ()
    assert spends(receipt("chunks", "metadata"), "chunks", "metadata") == ("preupload",)
