"""Each request without an answer, or with a strange one: there is one video in the end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nicobatch.model import Thumbnail
from nicobatch.pipeline import State
from tests.sites.bilibili.making import Stage
from tests.sites.bilibili.sandbox.client import Client
from tests.sites.bilibili.test_publishing import arrived, only, published, sums

CALLS = ("preupload", "probe", "init", "part", "complete", "cover", "submit", "view", "public")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "trouble", [{"play": "drop"}, {"play": "lost"}, {"play": "html"}, {"status": 502}], ids=str
)
def test_whatever_passes_on_the_way_makes_one_video(
    stage: Stage, site: Client, file: Path, other: Path, call: str, trouble: dict[str, Any]
) -> None:
    site.fault(call, **trouble)
    published(stage.run(stage.video(file, other, thumbnail=Thumbnail(timing=500))))
    assert arrived(site) == sums(file, other)


@pytest.mark.parametrize("play", ["drop", "lost", "empty", "html"])
def test_an_edit_whose_answer_is_lost_is_sent_again(
    stage: Stage, site: Client, file: Path, play: str
) -> None:
    video = stage.video(file)
    published(stage.run(video))
    site.fault("edit", play=play)
    assert stage.run(replace(video, title="改")).state is State.UPDATED
    assert only(site)["title"] == "改"
    assert arrived(site) == sums(file)
