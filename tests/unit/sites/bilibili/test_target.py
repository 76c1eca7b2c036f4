"""What a target tells of the account's videos, its seasons, and what it leaves to people."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch.errors import Exit, PersonNeeded, SiteRefuses, VideoFailed
from nicobatch.http import Http
from nicobatch.media import probe
from nicobatch.model import Secret
from nicobatch.sites.abilities import Standing
from nicobatch.sites.bilibili.client import Client as Calls
from nicobatch.sites.bilibili.cookies import Cookies
from nicobatch.sites.bilibili.fields import Options
from nicobatch.sites.bilibili.profiles import WEB_2026
from nicobatch.sites.bilibili.target import BUDGET, Bilibili
from tests.unit.sites.bilibili.making import Stage, credentials
from tests.unit.sites.bilibili.sandbox.client import Client


@pytest.fixture
def target(stage: Stage) -> Bilibili:
    found = stage.target()
    found.sign_in()
    return found


def test_the_list_and_the_proof_of_a_published_video(
    stage: Stage, target: Bilibili, file: Path
) -> None:
    video = stage.video(file)
    assert stage.run(video).error is None
    receipt = stage.receipt(video)
    assert receipt.remote
    own = target.find(receipt.remote.id)
    assert own
    assert (own.video_id, own.standing) == (receipt.remote.video_id, Standing.PUBLIC)
    assert target.remote(own) == receipt.remote
    medias = (probe(file),)
    assert target.lookalikes(video, medias, in_the_way=None) == [receipt.remote]
    assert target.namesakes(video, medias) == []
    longer = (replace(medias[0], duration=99.0),)
    assert target.namesakes(video, longer) == [receipt.remote]
    assert target.mismatch(receipt, video, medias) == ""
    assert "is called" in target.mismatch(
        replace(receipt, steps={"submit": replace(receipt.steps["submit"], inputs={})}),
        replace(video, title="另一个"),
        medias,
    )
    assert "not among" in target.mismatch(
        replace(receipt, remote=replace(receipt.remote, video_id="BV1xx411c7mD")), video, medias
    )
    assert target.as_listed({"title": "x", "tags": []}, own)["tags"] == ["游戏"]
    assert not target.is_at_work(own.id)
    assert target.is_there(own.id, listed=True)
    assert not target.look(receipt.remote, {"title": "第1集"}).is_absent
    assert target.look(receipt.remote, {"title": "别的"}).differences
    assert target.look(replace(receipt.remote, video_id="BV1xx411c7mD"), {}).is_absent


def test_deleting_is_a_person_s(target: Bilibili) -> None:
    with pytest.raises(PersonNeeded) as caught:
        target.delete("1")
    assert caught.value.exit_code == Exit.SIGN_IN
    assert "https://member.bilibili.com/" in caught.value.hint


def test_a_season_is_joined_once(stage: Stage, site: Client, file: Path) -> None:
    form = {"title": "合集", "desc": "", "cover": "", "season_price": "0", "csrf": site.csrf}
    season = site.post("/x2/creative/web/season/add", data=form).json()["data"]
    video = stage.video(file, options=Options(season=season))
    site.fault("episodes-add", play="lost")
    assert stage.run(video).error is None
    (found,) = site.state()["seasons"]
    assert len(found["episodes"]) == 1


def test_a_season_that_is_not_the_account_s_is_told(stage: Stage, site: Client, file: Path) -> None:
    site.fault("season", code=-404)
    outcome = stage.run(stage.video(file, options=Options(season=77)))
    assert isinstance(outcome.error, VideoFailed)
    assert "77" in outcome.error.message


def test_a_real_account_has_a_budget_and_a_rehearsal_has_none(stage: Stage) -> None:
    assert stage.target().rates == {}
    real = Bilibili(WEB_2026, credentials(), stop=stage.stop)
    assert real.rates == BUDGET
    assert real.origin == "https://member.bilibili.com"
    real.close()


@pytest.mark.parametrize(
    "address", ["https://bilibili.com.example", "https://evil.example", "http://bilibili.com"]
)
def test_cookies_go_to_bilibili_alone(address: str) -> None:
    http = Http()
    client = Calls(WEB_2026, http)
    client.use(Cookies({"SESSDATA": Secret("a").reveal(), "bili_jct": "b"}))
    moved = replace(WEB_2026, member=address)
    client._profile = moved
    with pytest.raises(SiteRefuses):
        client.view("BV1xx411c7mD")
    http.close()


def test_what_can_t_be_changed_afterwards_is_noted(target: Bilibili) -> None:
    assert target.note("publish.at", "a", "b", published=True)
    assert target.note("publish.at", None, "b", published=False) == ""
    assert target.note("thumbnail.timing", 1, None, published=True)
    assert target.note("thumbnail.timing", 1, 2, published=True) == ""
    assert target.note("title", "a", "b", published=True) == ""
