"""The inbox decides by what it is told alone: a folder that is nowhere, and its laws."""

from __future__ import annotations

import builtins
import copy
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nicobatch.media import Stamp, rules
from nicobatch.model import Position, Problem, Video
from nicobatch.pipeline import Checked, CheckedVideo
from nicobatch.watch.claims import Write
from nicobatch.watch.folder import FolderListing
from nicobatch.watch.inbox import Action, Inbox, Probe, Read, Snapshot
from nicobatch.watch.judging import Claim, ManifestRead, ManifestState, Notice, WatchJob
from nicobatch.watch.memory import DoneManifests
from nicobatch.watch.worker import Pauses
from tests.unit.watch.jobs import MEDIA

ROOT: Final = Path("/nowhere/inbox")
SETTLE: Final = 10.0
MANIFESTS: Final = ("a.yaml", "b.yaml")
FILES: Final = (*MANIFESTS, "1.mp4", "2.mp4")
NAMES: Final = {"a.yaml": ["1.mp4"], "b.yaml": ["1.mp4", "2.mp4"]}
"""Which videos each manifest names: one of them is both's."""
ENDS: Final = ("done", "failed", "dropped", "moved")
STEPS: Final = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(FILES)),
        st.tuples(st.just("empty"), st.sampled_from(FILES)),
        st.tuples(st.just("delete"), st.sampled_from(FILES)),
        st.tuples(st.just("wait"), st.sampled_from([1.0, 10.0, 30.0])),
        st.tuples(st.sampled_from(ENDS), st.none()),
        st.tuples(st.just("look"), st.none()),
    ),
    max_size=25,
)


@contextmanager
def without_a_world() -> Iterator[None]:
    """Have whoever looks at a file or a clock fail."""
    with (
        mock.patch.object(os, "stat", side_effect=AssertionError("a file was looked at")),
        mock.patch.object(os, "lstat", side_effect=AssertionError("a file was looked at")),
        mock.patch.object(os, "scandir", side_effect=AssertionError("a folder was listed")),
        mock.patch.object(os, "listdir", side_effect=AssertionError("a folder was listed")),
        mock.patch.object(builtins, "open", side_effect=AssertionError("a file was read")),
        mock.patch.object(time, "time", side_effect=AssertionError("a clock was read")),
        mock.patch.object(time, "monotonic", side_effect=AssertionError("a clock was read")),
    ):
        yield


@dataclass
class World:
    """Files that are only told of, and who answers what the inbox asks."""

    inbox: Inbox = field(
        default_factory=lambda: Inbox(
            ROOT,
            settle=SETTLE,
            done=DoneManifests(ROOT),
            pauses=Pauses(60.0, 60.0, lambda: 0.5),
        )
    )
    now: float = 1000.0
    writes: int = 0
    files: dict[str, Stamp] = field(default_factory=dict)
    aside: set[Path] = field(default_factory=set)
    queued: list[WatchJob] = field(default_factory=list)

    def write(self, name: str, size: int = 5) -> None:
        self.writes += 1
        self.files[name] = Stamp(1, self.writes, size, round(self.now * 1e9) - self.writes, 0)

    def look(self, inbox: Inbox) -> list[Action]:
        """Return all that follows from a look, answers included."""
        listing = FolderListing(dict(self.files))
        sight = Snapshot(listing, {}, self.now, self.now, aside=frozenset(self.aside))
        wanted = inbox.look(sight)
        stamps = {path: self.files.get(path.name) for path in wanted}
        found = list(self.through(inbox, inbox.see(stamps)))
        return [*found, *self.through(inbox, inbox.leftovers())]

    def through(self, inbox: Inbox, actions: Iterable[Action]) -> Iterator[Action]:
        for action in actions:
            yield action
            if isinstance(action, Read | Probe):
                yield from self.through(inbox, inbox.take(self.answer(action)))

    def answer(self, action: Read | Probe) -> ManifestRead:
        probed = isinstance(action, Probe)
        manifest = action.reading.manifest if isinstance(action, Probe) else action.manifest
        paths = [ROOT / name for name in NAMES[manifest.name]]
        videos = tuple(
            Video(
                manifest=manifest,
                id=path.stem,
                file=path,
                title=path.stem,
                places={"file": Position(line, 1)},
            )
            for line, path in enumerate(paths, start=2)
        )
        lacking = [
            Problem(rule=rules.NOT_FOUND.id, message="no file", path=manifest, line=line)
            for line, path in enumerate(paths, start=2)
            if not (self.files.get(path.name) and self.files[path.name].size)
        ]
        ready = tuple(CheckedVideo(video, (MEDIA,)) for video in videos) if probed else ()
        return ManifestRead(
            manifest=manifest,
            found=Checked((manifest,), ready, tuple(lacking), videos),
            probed=probed,
            claim=Claim((manifest, *paths)),
            stamps={path: self.files.get(path.name) for path in (manifest, *paths)},
            is_current=True,
        )

    def do(self, what: str, which: Any) -> None:
        """Have something happen that is no look."""
        if what == "write":
            self.write(which)
        elif what == "empty":
            self.write(which, 0)
        elif what == "delete":
            self.files.pop(which, None)
        elif what == "wait":
            self.now += which


def jobs(actions: Iterable[Action]) -> list[WatchJob]:
    return [each for each in actions if isinstance(each, WatchJob)]


def shown(actions: Iterable[Action]) -> list[object]:
    """Return actions so that equal ones compare so; a job is what it is of."""
    return [
        (each.manifest, each.signature) if isinstance(each, WatchJob) else each for each in actions
    ]


@given(STEPS)
@settings(deadline=None, max_examples=50)
@without_a_world()
def test_what_was_seen_decides_and_seen_again_decides_nothing(
    steps: list[tuple[str, Any]],
) -> None:
    world = World()
    offered: list[tuple[Path, object]] = []
    """What was handed out, and has not failed, been dropped or left since."""
    for what, which in [*steps, ("wait", SETTLE), ("look", None), ("wait", SETTLE), ("look", None)]:
        world.do(what, which)
        if what in ENDS and world.queued:
            job = world.queued.pop(0)
            if what != "done":
                offered.remove((job.manifest, job.signature))
            if what == "failed":
                world.inbox.failed(job, world.now)
            else:
                getattr(world.inbox, what)(job)
        if what != "look":
            continue
        twin = copy.deepcopy(world.inbox)
        found = world.look(world.inbox)
        assert shown(world.look(twin)) == shown(found)  # the same state, listing and moment
        assert world.look(world.inbox) == []  # nothing is new, and no time has passed
        for job in jobs(found):
            assert (job.manifest, job.signature) not in offered
            assert all(stamp.size for stamp in job.signature.values())
            offered.append((job.manifest, job.signature))
            world.queued.append(job)


@given(st.sampled_from(MANIFESTS), st.sampled_from(["done", "moved"]), STEPS)
@settings(deadline=None, max_examples=50)
@without_a_world()
def test_what_was_published_is_no_job_again_while_nobody_writes_to_it(
    name: str, end: str, steps: list[tuple[str, Any]]
) -> None:
    """Moved, it is not even there; done, it stays: whatever else comes, goes, and fails."""
    world = World()
    own = {name, *NAMES[name]}
    for each in own:
        world.write(each)
    world.look(world.inbox)
    world.now += SETTLE
    [job] = [job for job in jobs(world.look(world.inbox)) if job.manifest.name == name]
    getattr(world.inbox, end)(job)
    if end == "moved":
        for each in own:
            del world.files[each]
    for what, which in steps:
        if which not in own:
            world.do(what, which)
        found = world.look(world.inbox) if what == "look" else []
        assert name not in [each.manifest.name for each in jobs(found)]


def test_what_is_moved_by_ourselves_brings_nothing() -> None:
    world = World()
    for each in ("a.yaml", "1.mp4"):
        world.write(each)
    world.look(world.inbox)
    world.now += SETTLE
    [job] = jobs(world.look(world.inbox))
    world.aside = set(job.signature)
    for gone in ("1.mp4", "a.yaml"):
        del world.files[gone]
        world.now += SETTLE
        assert world.look(world.inbox) == []
    assert world.inbox.counts()[ManifestState.READY] == 1


@pytest.mark.parametrize("has_template", [False, True])
def test_a_video_of_nobody_is_told_or_given_a_manifest(has_template: bool) -> None:
    world = World()
    pauses = Pauses(60.0, 60.0)
    world.inbox = Inbox(
        ROOT, settle=SETTLE, done=DoneManifests(ROOT), pauses=pauses, has_template=has_template
    )
    world.write("1.mp4")
    assert world.look(world.inbox) == []
    world.now += SETTLE
    [action] = world.look(world.inbox)
    assert isinstance(action, Write if has_template else Notice)
