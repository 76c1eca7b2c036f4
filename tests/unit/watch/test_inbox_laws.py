"""Whatever is written, moved, deleted or restarted in any order: only whole jobs, each once."""

from __future__ import annotations

import functools
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from nicobatch.media import rules
from nicobatch.model import MediaInfo, Position, Problem, Video
from nicobatch.pipeline import Checked, CheckedVideo
from nicobatch.watch.folder import Folder, Unavailable
from nicobatch.watch.judging import ManifestState, WatchJob
from nicobatch.watch.memory import Memory
from nicobatch.watch.scanning import Scanner
from nicobatch.watch.worker import Pauses

pytestmark = pytest.mark.no_cover  # being traced would double its time, and cover nothing more

SETTLE: Final = 10.0
PAUSE: Final = 25.0
START: Final = 1_800_000_000
MANIFESTS: Final = ("a.yaml", "b.yaml")
VIDEOS: Final = ("1.mp4", "2.mp4", "clips/3.mp4")
INFO: Final = MediaInfo(container="mp4", size=1, duration=1, width=1, height=1)
Version: TypeAlias = tuple[tuple[str, int], ...]
"""A manifest and its files, each with the number of what was written last."""
TOLD: Final = frozenset({ManifestState.WAITING, ManifestState.INCOMPLETE, ManifestState.INVALID})

WHOLE, CUT = "whole", "cut"
NAMED = st.lists(st.sampled_from(VIDEOS), unique=True, min_size=1)


@dataclass
class Written:
    """The last that was done to a file."""

    at: float
    number: int
    text: str
    whole: bool = False
    """Whether it came in by a rename."""


class Watched(RuleBasedStateMachine):
    """The model knows what was written when; the inbox sees nothing but files."""

    def __init__(self) -> None:
        super().__init__()
        self.base = Path(tempfile.mkdtemp())
        self.root = self.base / "inbox"
        self.root.mkdir()
        self.now = 100.0
        self.numbers = itertools.count(1)
        self.files: dict[str, Written] = {}
        self.renamed: set[Path] = set()
        self.queued: list[WatchJob] = []
        self.versions: dict[WatchJob, Version] = {}
        self.offered: set[Version] = set()
        """What was handed out and not given back."""
        self.published: list[Version] = []
        self.saved: list[Version] = []
        """What a restart still knows to be published."""
        self.done: dict[str, dict[str, int]] = {}
        """The last version of each manifest that was published."""
        self.told: set[tuple[str, int, ManifestState]] = set()
        """Which number of a manifest was told to be in which state."""
        self.start()

    def start(self) -> None:
        self.memory = Memory(self.root)
        self.folder = Folder(self.root, sentinel=self.memory.path)
        self.scanner = Scanner(
            self.root,
            self.memory,
            self.read,
            settle=SETTLE,
            pauses=Pauses(PAUSE, PAUSE, lambda: 0.5),
            clock=lambda: START + self.now,
        )
        self.inbox = self.scanner.inbox

    def teardown(self) -> None:
        self.come_to_rest()
        shutil.rmtree(self.base)

    def read(self, manifest: Path) -> Callable[[bool], Checked]:
        """Read the imitation of a manifest: a line a file, `bad` for a problem."""
        return functools.partial(self.checked, manifest, manifest.read_text().splitlines())

    def checked(self, manifest: Path, lines: list[str], probe: bool) -> Checked:
        names = [line for line in lines if line != "bad"]
        problems = [_problem("bad", 1) for line in lines if line == "bad"]
        videos = []
        for number, name in enumerate(names, start=2):
            file = self.root / name
            at = Position(number, 1)
            video = Video(manifest=manifest, id=name, file=file, title=name, places={"file": at})
            videos.append(video)
            problems += [_problem(each, number) for each in _wrong(file, probe)]
        ready = [] if problems or not probe else [CheckedVideo(video, (INFO,)) for video in videos]
        return Checked((manifest,), tuple(ready), tuple(problems), tuple(videos))

    # What people do

    @initialize(names=NAMED)
    def write_all(self, names: list[str]) -> None:
        self.write_manifest("a.yaml", names, bad=False)
        for name in names:
            self.write_video(name, WHOLE)

    @rule(name=st.sampled_from(MANIFESTS), names=NAMED, bad=st.sampled_from([False] * 4 + [True]))
    def write_manifest(self, name: str, names: list[str], bad: bool) -> None:
        self.write(name, "\n".join([*(["bad"] if bad else []), *names]))

    @rule(name=st.sampled_from(VIDEOS), text=st.sampled_from([WHOLE, WHOLE, WHOLE, CUT, ""]))
    def write_video(self, name: str, text: str) -> None:
        self.write(name, text)

    @rule(name=st.sampled_from((*MANIFESTS, "1.mp4")))
    def rename_in(self, name: str) -> None:
        if name in self.files:
            path = self.root / name
            self.files[name].whole = True
            self.renamed.add(path)

    @rule(name=st.sampled_from(MANIFESTS + VIDEOS))
    def delete(self, name: str) -> None:
        if self.files.pop(name, None):
            (self.root / name).unlink()

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        written = Written(self.now, next(self.numbers), text)
        moment = round((START + self.now) * 1e9) + written.number
        os.utime(path, ns=(moment, moment))
        self.files[name] = written
        self.renamed.discard(path)

    # What the watcher does

    @rule(seconds=st.sampled_from([1.0, 5.0, 10.0, 30.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def look(self) -> None:
        renamed, self.renamed = self.renamed, set()
        looked = self.scanner.look(self.folder.look(), self.now, renamed)
        for notice in looked.notices:
            if notice.state:
                number = self.files[notice.path.name].number
                self.told.add((notice.path.name, number, notice.state))
        for job in looked.jobs:
            self.check(job)
        self.queued += looked.jobs
        self.saved = list(self.published)

    @rule()
    def settle(self) -> None:
        for _ in range(3):
            self.look()
            self.now += SETTLE

    @precondition(lambda self: self.queued)
    @rule(end=st.sampled_from(["done", "done", "failed", "dropped"]))
    def finish(self, end: str) -> None:
        job = self.queued.pop(0)
        if end == "done":
            self.inbox.done(job)
            self.done[job.manifest.name] = dict(self.versions[job])
            self.published.append(self.versions[job])
        else:
            self.inbox.failed(job, self.now) if end == "failed" else self.inbox.dropped(job)
            self.offered.discard(self.versions[job])

    @rule()
    def restart(self) -> None:
        self.queued.clear()
        self.offered = set(self.saved)
        self.published = list(self.saved)
        self.done = {version[0][0]: dict(version) for version in self.saved}
        self.start()

    @rule(seconds=st.sampled_from([0.0, 60.0]))
    def share_goes_and_comes_back(self, seconds: float) -> None:
        self.look()
        elsewhere = self.root.rename(self.base / "elsewhere")
        self.now += seconds
        self.demand_unavailable()
        self.root.mkdir()
        if (elsewhere / self.memory.path.relative_to(self.root)).exists():
            self.demand_unavailable()
        self.root.rmdir()
        elsewhere.rename(self.root)

    def demand_unavailable(self) -> None:
        try:
            self.folder.look()
        except Unavailable:
            return
        raise AssertionError("an absent folder was taken for an empty one")

    # What has to hold

    def check(self, job: WatchJob) -> None:
        """A job is valid and whole, nobody writes to it, and it was not handed out before."""
        assert job.is_current()
        manifest = self.files[job.manifest.name]
        names = manifest.text.splitlines()
        assert "bad" not in names
        expected = {self.root / name for name in (job.manifest.name, *names)}
        assert job.signature.keys() == expected
        assert [each.video.file for each in job.ready] == [self.root / name for name in names]
        for path in expected:
            written = self.files[path.relative_to(self.root).as_posix()]
            assert written.whole or self.now - written.at >= SETTLE
            assert path == job.manifest or written.text == WHOLE
        version = self.version()[job.manifest.name]
        assert version not in self.offered
        self.offered.add(version)
        self.versions[job] = version

    def version(self) -> dict[str, Version]:
        """Return what each manifest of the folder and its files are now."""
        return {
            name: tuple(
                (each, self.files[each].number)
                for each in (name, *self.names(name))
                if each in self.files
            )
            for name in MANIFESTS
            if name in self.files
        }

    def names(self, manifest: str) -> list[str]:
        return [each for each in self.files[manifest].text.splitlines() if each != "bad"]

    def come_to_rest(self) -> None:
        """Given time and no more writing, everything is judged, told, and then left alone."""
        for _ in range(6):
            self.look()
            self.now += SETTLE
        counted = dict.fromkeys(ManifestState, 0)
        for name in MANIFESTS:
            if name in self.files:
                counted[self.expected(name)] += 1
        actual = dict(self.inbox.counts())
        actual[ManifestState.READY] += actual.pop(ManifestState.FAILED)
        counted[ManifestState.READY] += counted.pop(ManifestState.FAILED)
        assert actual == counted
        assert not self.inbox.unsettled

    def expected(self, name: str) -> ManifestState:
        """Return what a manifest comes to, by what is in it and in its files."""
        version, done = dict(self.version()[name]), self.done.get(name)
        if done and version.items() <= done.items():
            return ManifestState.DONE
        texts = [self.files[each].text if each in self.files else "" for each in self.names(name)]
        state = ManifestState.READY
        if "bad" in self.files[name].text.splitlines():
            state = ManifestState.INVALID
        elif "" in texts:
            state = ManifestState.WAITING
        elif CUT in texts:
            state = ManifestState.INCOMPLETE
        if state in TOLD:
            assert (name, self.files[name].number, state) in self.told
        return state


def _wrong(file: Path, probe: bool) -> list[str]:
    if not file.exists():
        return [rules.NOT_FOUND.id]
    text = file.read_text()
    if not text:
        return [rules.EMPTY.id]
    return [rules.TRUNCATED.id] if probe and text == CUT else []


def _problem(rule_id: str, line: int) -> Problem:
    return Problem(rule=rule_id, message=rule_id, path=Path("m"), line=line)


def test_only_whole_jobs_and_each_once() -> None:
    run_state_machine_as_test(
        Watched,
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
