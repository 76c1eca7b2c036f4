"""Nothing counts as there that the site has not said to be there in this very run."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from nicobatch.actions.surveying import demand_there
from nicobatch.errors import NotYet, VideoFailed
from nicobatch.model import FileIdentity, Publish
from nicobatch.pipeline.outcome import Outcome, State
from nicobatch.plan import Plan, Verdict
from nicobatch.receipt import Receipt, Remote, StepRecord, StepState
from nicobatch.sites.abilities import OwnVideo
from nicobatch.sites.niconico.target import Niconico

DONE = StepRecord(state=StepState.DONE, digest="d", at="2026-11-20")
REMOTE = Remote(id="9", video_id="sm9", url="https://www.nicovideo.jp/watch/sm9")
OWN = OwnVideo(id="9", video_id="sm9")


@dataclass
class Site:
    """As much of a site as is asked."""

    own: OwnVideo | None = None
    at_work: bool = True
    asked: list[str] = field(default_factory=list)
    table = Niconico.table

    def sign_in(self) -> str:
        self.asked.append("sign in")
        return ""

    def find(self, number: int) -> OwnVideo | None:
        self.asked.append("list")
        return self.own

    def is_at_work(self, number: int) -> bool:
        self.asked.append("status")
        return self.at_work


def outcome(state: State, *steps: str, ran: str = "", remote: Remote | None = REMOTE) -> Outcome:
    receipt = Receipt(
        video="a",
        manifest="m.yaml",
        origin="o",
        profile="p",
        account="main",
        files=(FileIdentity("a.mp4", 1, "0"),),
        steps=dict.fromkeys(steps, DONE),
        remote=remote,
    )
    plan = Plan(video="m.yaml#a", verdict=Verdict.CREATE, steps=tuple(ran.split()))
    return Outcome(
        video="m.yaml#a", title="", state=state, publish=Publish(), receipt=receipt, plan=plan
    )


def demand(site: Site, ended: Outcome) -> list[str]:
    demand_there([ended], site, threading.Event())  # type: ignore[arg-type]
    return site.asked


def test_what_was_seen_encoded_in_this_run_is_not_asked_for() -> None:
    ended = outcome(State.PUBLISHED, "metadata", "encoded", ran="create metadata encoded")
    assert demand(Site(), ended) == []


@pytest.mark.parametrize("state", [State.UNCHANGED, State.UPDATED, State.PUBLISHED])
def test_what_is_in_the_list_is_there(state: State) -> None:
    ended = outcome(state, "metadata", "encoded", ran="metadata visible")
    assert demand(Site(OWN), ended) == ["sign in", "list"]


@pytest.mark.parametrize("own", [None, OwnVideo(id="9", video_id="sm9", deleted=True)])
def test_what_has_left_the_list_is_gone(own: OwnVideo | None) -> None:
    with pytest.raises(VideoFailed, match="sm9 is not there any more"):
        demand(Site(own), outcome(State.UNCHANGED, "metadata", "encoded"))


@pytest.mark.parametrize("steps", [("metadata",), ("draft", "encoded")], ids=["fresh", "draft"])
def test_what_may_not_be_listed_yet_is_asked_for(steps: tuple[str, ...]) -> None:
    assert demand(Site(at_work=False), outcome(State.UNCHANGED, *steps))[-1] == "status"
    with pytest.raises(NotYet, match="still at work"):
        demand(Site(), outcome(State.UNCHANGED, *steps))


def test_without_an_entry_there_is_nothing_to_ask() -> None:
    assert demand(Site(), outcome(State.UNCHANGED, remote=None)) == ["sign in"]
