"""A video that is put into a season, once, whatever happens on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from nicobatch.errors import VideoFailed
from nicobatch.pipeline.outcome import State
from nicobatch.sites.bilibili.fields import Options
from tests.unit.sites.bilibili.making import Stage
from tests.unit.sites.bilibili.sandbox.client import Client


@pytest.mark.parametrize("play", ["", "drop", "lost", "empty"])
def test_a_video_is_put_into_its_season_once(
    stage: Stage, site: Client, file: Path, play: str
) -> None:
    if play:
        site.fault("episodes-add", play=play)
    outcome = stage.run(stage.video(file, options=Options(season=12345)))
    assert (outcome.error, outcome.state) == (None, State.PUBLISHED)
    (season,) = site.state()["seasons"]
    (archive,) = site.state()["archives"]
    assert season["asked"] == 12345
    assert [each["aid"] for each in season["episodes"]] == [archive["id"]]
    assert site.view(archive["bvid"])["in_season"] is True


def test_a_season_that_is_not_the_accounts(stage: Stage, site: Client, file: Path) -> None:
    site.fault("season", code=-404, times=None)
    outcome = stage.run(stage.video(file, options=Options(season=5)))
    assert isinstance(outcome.error, VideoFailed)
    assert "the account has no season 5" in str(outcome.error)
    assert len(site.state()["archives"]) == 1
