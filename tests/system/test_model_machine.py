"""Whatever users, the network and the power supply do in any order: once a video and site."""

from __future__ import annotations

import functools
import os
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from examples.make_samples import make_video
from nicobatch import sites
from nicobatch.pipeline.outcome import Outcome, State
from tests.support.machine_model import BILIBILI, FINE, NICONICO, Asked, Memory, Name, second_page
from tests.support.machine_world import FAULTS, STEPS, TROUBLES, Cut, World, padded

pytestmark = pytest.mark.no_cover  # being traced would double its time, and cover nothing more

EXAMPLES: Final = 14
MANY: Final = 4
"""Videos of a manifest that are enough."""
ROUNDS: Final = 8
"""Runs within which everything comes to rest."""
DAY: Final = 86_400.0
AT_REST: Final = FINE | {State.REFUSED}
IN_CI: Final = "CI" in os.environ
"""Read before the tests are kept from it."""
Told = dict[tuple[str, str], Outcome]
"""By site and the video's id there."""

SITES = st.sampled_from([(NICONICO,), (BILIBILI,), (NICONICO, BILIBILI)])
IDS = st.sampled_from("abcdef")
TITLES = st.sampled_from([f"The {each}" for each in "abcdefgh"])
CONTENTS = st.integers(0, 20)
MOMENTS = st.integers(0, 40)


@functools.cache
def samples() -> tuple[bytes, bytes]:
    """Return two small real videos."""
    with tempfile.TemporaryDirectory() as folder:
        wide = make_video(Path(folder) / "wide.mp4", seconds=0.5, width=64, height=36)
        tall = make_video(Path(folder) / "tall.mp4", seconds=0.5, width=36, height=64)
        return wide.read_bytes(), tall.read_bytes()


class Publishing(RuleBasedStateMachine):
    """The model remembers all that was ever asked for; the sandbox's audit is the judge."""

    def __init__(self) -> None:
        super().__init__()
        self.files = 0
        self.manifest = "m.yaml"
        self.wanted: dict[str, Asked] = {}
        self.contents: dict[str, int] = {}
        """By file."""
        self.memories = {site: Memory(sites.table(site)) for site in (NICONICO, BILIBILI)}
        self.restless = False
        """Whether a run has something to do, as far as is known."""
        self.world = World()

    @initialize(profile=st.sampled_from(["garage-2026", "article-2021"]), videos=st.integers(1, 3))
    def begin(self, profile: str, videos: int) -> None:
        self.world.profile = profile
        for content, key in enumerate("abc"[:videos]):
            both = (NICONICO, BILIBILI) if content else (BILIBILI,)
            self.add(key, content, title=f"The {key}", draft=False, where=both, paged=not content)

    # What a creator does

    @rule(
        key=IDS,
        content=CONTENTS,
        title=TITLES,
        draft=st.booleans(),
        where=SITES,
        paged=st.booleans(),
    )
    def add(
        self,
        key: str,
        content: int,
        title: str,
        draft: bool,
        where: tuple[str, ...],
        paged: bool,
    ) -> None:
        if key not in self.wanted:
            self.files += 1
            name = f"{self.files}.mp4"
            sha256 = self.put(name, content)
            second = self.put(second_page(name), 1000) if paged and BILIBILI in where else ""
            asked = Asked(name, sha256, title, draft, sites=where, second=second)
            self.ask({**self.wanted, key: asked})
            self.restless = True

    @precondition(lambda self: self.wanted)
    @rule(data=st.data(), title=TITLES, draft=st.booleans(), twice=st.booleans())
    def edit(self, data: st.DataObject, title: str, draft: bool, twice: bool) -> None:
        self.change(self.some(data), title=title, draft=draft, twice=twice)

    @precondition(lambda self: self.wanted)
    @rule(data=st.data(), content=CONTENTS)
    def swap(self, data: st.DataObject, content: int) -> None:
        key = self.some(data)
        self.change(key, sha256=self.put(self.wanted[key].file, content))

    @precondition(lambda self: self.wanted)
    @rule(data=st.data(), new=IDS)
    def rename_video(self, data: st.DataObject, new: str) -> None:
        old = self.some(data)
        if new not in self.wanted:
            self.ask({new if key == old else key: asked for key, asked in self.wanted.items()})

    @precondition(lambda self: self.wanted)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        gone = self.some(data)
        self.ask({key: asked for key, asked in self.wanted.items() if key != gone})

    @precondition(lambda self: len(self.wanted) > 1)
    @rule(data=st.data())
    def move_to_the_top(self, data: st.DataObject) -> None:
        top = self.some(data)
        self.ask({top: self.wanted[top], **self.wanted})

    @rule(name=st.sampled_from(["m.yaml", "n.yaml"]))
    def rename_manifest(self, name: str) -> None:
        self.manifest = name
        self.ask(self.wanted)

    @precondition(lambda self: self.world.receipts())
    @rule(careless=st.integers(0, 2))
    def lose_journal(self, careless: int) -> None:
        if careless:
            return
        self.world.lose_journal()
        for memory in self.memories.values():
            memory.forget()

    @precondition(lambda self: self.unpublished())
    @rule(data=st.data())
    def delete_in_the_garage(self, data: st.DataObject) -> None:
        self.delete(data.draw(st.sampled_from(self.unpublished())))

    # Runs

    @precondition(lambda self: self.wanted)
    @rule()
    def run(self) -> None:
        self.world.expired.clear()
        self.publish()

    @rule(trouble=st.sampled_from(TROUBLES))
    def run_with_fault(self, trouble: tuple[str, str]) -> None:
        self.have_work()
        step, fault = trouble
        self.world.faults.at(STEPS[step], FAULTS[fault])
        self.publish()

    @rule(at=MOMENTS)
    def run_and_expire(self, at: int) -> None:
        self.have_work()
        self.publish(Cut(at, self.world.expire))

    @rule(at=MOMENTS, elsewhere=st.booleans())
    def run_and_kill(self, at: int, elsewhere: bool) -> None:
        self.have_work()
        cut = Cut(at, lambda: self.world.kill(cut, elsewhere=elsewhere))
        self.publish(cut, elsewhere=elsewhere)

    @rule(at=MOMENTS)
    def run_and_stop(self, at: int) -> None:
        self.have_work()
        stop = threading.Event()
        self.publish(Cut(at, stop.set), stop)

    @rule(at=MOMENTS, hours=st.sampled_from([-1, 1]))
    def run_and_step_clock(self, at: int, hours: int) -> None:
        self.have_work()
        self.publish(Cut(at, lambda: self.world.clock.step(hours)))

    @rule(at=MOMENTS, data=st.data(), content=CONTENTS, back=st.booleans())
    def run_and_swap(self, at: int, data: st.DataObject, content: int, back: bool) -> None:
        """Swap a video's file while it is on its way; it may be put back afterwards."""
        self.have_work()
        key = self.some(data)

        def swap() -> None:
            asked = self.wanted[key]
            self.wanted[key] = replace(asked, sha256=self.put(asked.file, content))
            self.remember()

        before = self.contents[self.wanted[key].file]
        self.publish(Cut(at, swap))
        if back:
            self.change(key, sha256=self.put(self.wanted[key].file, before))

    def have_work(self) -> None:
        """Leave something to do to the next run: trouble comes while there is."""
        if not (self.restless and self.wanted):
            if len(self.wanted) > MANY:
                self.ask(dict(list(self.wanted.items())[1:]))
            new = self.files + 1
            where = (NICONICO, BILIBILI)
            self.add(f"new-{new}", 100 + new, f"New {new}", draft=False, where=where, paged=False)

    def publish(
        self,
        cut: Cut | None = None,
        stop: threading.Event | None = None,
        *,
        elsewhere: bool = False,
    ) -> Told:
        """Run, and hold what it did and told against the model."""
        self.remember()
        before = {site: {e["id"] for e in self.world.entries(site)} for site in self.memories}
        outcomes = self.world.run(cut, stop, elsewhere=elsewhere)
        self.judge()
        now = {site: self.world.entries(site) for site in self.memories}
        for site, memory in self.memories.items():
            memory.judge_new(self.names(site), before[site], now[site])
        self.restless = not outcomes or any(each.state not in AT_REST for each in outcomes)
        told = {place_of(outcome): outcome for outcome in outcomes or ()}
        for (site, key), outcome in told.items():
            name, asked = Name(self.manifest, key), self.wanted[key].on(site)
            self.memories[site].judge_outcome(name, asked, outcome, now[site])
        return told

    @invariant()
    def judge(self) -> None:
        for site, memory in self.memories.items():
            entries, receipts = self.world.entries(site), self.world.receipts(site)
            memory.learn(entries, receipts)
            memory.judge(entries, receipts)

    # At the end

    def teardown(self) -> None:
        try:
            if self.wanted:
                self.come_to_rest()
                assert self.world.sandbox.audit()["crashes"] == []
        finally:
            self.world.close()

    def come_to_rest(self) -> None:
        """Without any more trouble, each video is published, or there is a reason known here."""
        self.world.expired.clear()
        self.world.faults.plan.clear()
        self.world.clock.wait(DAY)  # whoever was too fast may try again
        told, before = Told(), dict[tuple[str, str], State]()
        for _ in range(ROUNDS):
            told = self.publish()
            states = {place: outcome.state for place, outcome in told.items()}
            if states == before and not self.clear_the_way(told):
                break
            before = states
        for place, outcome in told.items():
            self.demand_reason(*place, outcome)

    def clear_the_way(self, told: Told) -> int:
        """Delete what no run is going to finish, as the messages ask a person to."""
        if {outcome.state for outcome in told.values()} <= AT_REST:
            return 0
        alive = FINE | {State.UNFINISHED}
        names = {Name(self.manifest, key) for (_, key), o in told.items() if o.state in alive}
        owners = self.memories[NICONICO].owners
        hopeless = [e for e in self.unpublished() if owners.get(e) not in names]
        for entry in hopeless:
            self.delete(entry)
        return len(hopeless)

    def demand_reason(self, site: str, key: str, outcome: Outcome) -> None:
        message = str(outcome.event().data.get("message", ""))
        name, asked = Name(self.manifest, key), self.wanted[key].on(site)
        now = self.world.entries(site)
        known = self.memories[site].predicts(name, asked, message, now)
        assert outcome.state in FINE or known, message

    # How

    def some(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.wanted)))

    def names(self, site: str) -> dict[Name, Asked]:
        return {
            Name(self.manifest, key): asked.on(site)
            for key, asked in self.wanted.items()
            if site in asked.sites
        }

    def remember(self) -> None:
        for site, memory in self.memories.items():
            memory.asked |= set(self.names(site).items())

    def change(self, key: str, **parts: Any) -> None:
        self.ask({**self.wanted, key: replace(self.wanted[key], **parts)})

    def ask(self, wanted: dict[str, Asked]) -> None:
        self.wanted = wanted
        self.world.write(self.manifest, [asked.document(key) for key, asked in wanted.items()])

    def put(self, file: str, content: int) -> str:
        self.contents[file] = content
        return self.world.put(file, padded(samples()[content % 2], content))

    def unpublished(self) -> list[int]:
        return [
            entry["id"]
            for entry in self.world.entries()
            if not entry["published"] | entry["deleted"]
        ]

    def delete(self, entry: int) -> None:
        self.world.delete(entry)
        memory = self.memories[NICONICO]
        if entry in memory.owners:
            memory.deleted.add(memory.owners[entry])


def place_of(outcome: Outcome) -> tuple[str, str]:
    """Return the site and the video's id there."""
    key, _, site = outcome.video.rpartition("#")[2].partition("@")
    return site or NICONICO, key


def test_each_video_is_published_exactly_once_or_for_a_reason_not() -> None:
    run_state_machine_as_test(
        Publishing,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            derandomize=IN_CI,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
