"""Planning and publishing: what a run does, and its surroundings on this machine."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from nicobatch import sites
from nicobatch.actions.access import Access, Site
from nicobatch.actions.announcing import announcer, unset
from nicobatch.actions.checking import journal_for, known_files
from nicobatch.actions.patience import lock_folder
from nicobatch.errors import NicobatchError
from nicobatch.events import BatchStarted, Event
from nicobatch.journal import Receipts
from nicobatch.language import N_, _
from nicobatch.locks import Locks, Rights
from nicobatch.model import NEXT, PREVIOUS, Video
from nicobatch.pipeline import Checked, CheckedVideo, Owner, addresses
from nicobatch.pipeline.addresses import Addresses, MissingAddress
from nicobatch.pipeline.batch import Batch
from nicobatch.pipeline.deciding import PlannedVideo, decide
from nicobatch.pipeline.meter import Throttle
from nicobatch.pipeline.outcome import Outcome
from nicobatch.pipeline.pace import VIDEO, Forecast, Pace, PaceFolder
from nicobatch.pipeline.prefetch import Reader
from nicobatch.pipeline.retry import Retry
from nicobatch.pipeline.session import Run
from nicobatch.plan import Known, Note, Plan, Verdict
from nicobatch.settings import Settings
from nicobatch.sites.base import Step, Target

_SOON: Final = timedelta(minutes=1)
"""Within which a video's turn is now, to whoever reads a plan."""
_ELSEWHERE: Final = N_("it waits for its address on {site}")
_TO_COME: Final = {
    PREVIOUS: N_("it waits for the address of {video}"),
    NEXT: N_(
        "the line with {{next.url}} is left out until {video} can be seen; a later run sends it"
    ),
}
_WORK: Final = {Verdict.CREATE, Verdict.RESUME, Verdict.UPDATE}
"""What there is something to do for."""
_APART: Final = N_("its turn comes at {time} at the earliest: videos are to be apart")
_AHEAD: Final = 1000
"""Events that may wait for whoever iterates; a run that is further ahead waits itself."""


@dataclass(frozen=True, slots=True)
class Plans:
    """What publishing would do with the videos that were checked, one plan each, in order."""

    checked: Checked
    plans: tuple[Plan, ...]
    videos: Mapping[str, PlannedVideo]
    """By their keys, the videos that could be decided about, with what the plans rest on."""
    left: int = 0
    """How many more videos there is something to do for, which are left for later."""

    def limited(self, most: int | None) -> Plans:
        """Return the plans of no more than so many videos that there is something to do for.

        They are the first ones. A video counts once, on however many sites: its texts may wait for
        its own address on another one. None is no limit.
        """
        if most is None:
            return self
        pairs = list(zip(self.checked.ready, self.plans, strict=True))
        due = list(dict.fromkeys(_entry(ready) for ready, plan in pairs if plan.verdict in _WORK))
        later = set(due[most:])
        kept = [
            (ready, plan)
            for ready, plan in pairs
            if plan.verdict not in _WORK or _entry(ready) not in later
        ]
        checked = replace(self.checked, ready=tuple(ready for ready, _plan in kept))
        plans = tuple(plan for _ready, plan in kept)
        return replace(self, checked=checked, plans=plans, left=len(later))

    def __iter__(self) -> Iterator[Plan]:
        return iter(self.plans)

    def __len__(self) -> int:
        return len(self.plans)


def planned(checked: Checked, access: Access, *, wait: bool = True, space: float = 0.0) -> Plans:
    """Decide about every video as `publish` will; one that can't be decided about is refused.

    `space` is the seconds between two videos of an account, for when each one's turn comes.
    """
    journal = journal_for(checked, access)
    known = known_files(journal, checked.manifests)
    identified, videos = Reader(), dict[str, PlannedVideo]()
    others = announcer(access.site(), journal, threading.Event())

    def plan(ready: CheckedVideo, target: Target, turns: Forecast) -> Plan:
        key = ready.video.key
        try:
            ready, missing = addresses.known(ready, journal, sites.table, _now())
            after, files = others.steps(ready.video), identified(ready)
            video = decide(ready, files, target, journal, known, announcements=after, wait=wait)
        except NicobatchError as error:
            reasons = (str(error),)
            return Plan(video=key, verdict=Verdict.REFUSE, reasons=reasons, hint=error.hint)
        if video.plan.verdict not in {Verdict.REFUSE, Verdict.LEAVE}:
            known.claim(video.wanted)
        notes = *_addresses(video, missing), *_turn(video, turns), *unset(video, access)
        videos[key] = video = replace(
            video, plan=replace(video.plan, notes=(*video.plan.notes, *notes))
        )
        return video.plan

    with access.site().reaching(checked.owners) as targets:
        turns = {
            owner: Pace.of(target, owner, PaceFolder(lock_folder()), _now, space).forecast()
            for owner, target in targets.items()
        }
        owners = ((ready, Owner.of(ready.video)) for ready in checked.ready)
        plans = tuple(plan(ready, targets[owner], turns[owner]) for ready, owner in owners)
    return Plans(checked, plans, videos)


@dataclass(slots=True, kw_only=True)
class Publication:
    """One run of publishing; iterate for its events as they happen, or `run` it to its end."""

    checked: Checked
    access: Access
    settings: Settings
    site: Callable[[], AbstractContextManager[Site]]
    """Opens the site, for as long as the run takes."""
    plans: Mapping[str, PlannedVideo] = field(default_factory=dict)
    """What was shown of what the run does; the rest is decided on the way."""
    stopping: threading.Event = field(default_factory=threading.Event)
    outcomes: list[Outcome] = field(default_factory=list)
    """What became of each video, in order; empty until the run has ended."""

    def stop(self) -> None:
        """End the run at the next moment that loses nothing; may be called by any thread."""
        self.stopping.set()

    def run(self, listen: Callable[[Event], None] = lambda event: None) -> list[Outcome]:  # noqa: ARG005
        """Publish, and return what became of each video; raise what ends the whole run.

        `listen` is told what happens, by several threads.
        """
        journal = journal_for(self.checked, self.access)
        videos = self.checked.ready
        with self.site() as site:
            run = run_with(
                journal,
                lambda: known_files(journal, self.checked.manifests),
                settings=self.settings,
                locks=Locks("publish"),
                stop=self.stopping,
                listen=listen,
                announcements=announcer(site, journal, self.stopping).steps,
            )
            targets = site.targets(self.checked.owners, self.stopping)
            size = sum(each.size for each in videos)
            run.tell(BatchStarted(videos=len(videos), bytes=size))
            self.outcomes = Batch(run, targets, self.plans).publish(videos)
        return self.outcomes

    def __iter__(self) -> Iterator[Event]:
        """Yield what happens until the run has ended; raise what ends it.

        Whoever stops iterating stops the run: everything is saved, and another one goes on.
        """
        return happening(self.run, self.stop)


def _entry(ready: CheckedVideo) -> tuple[Path, str]:
    """Return what is one video, on however many sites."""
    return ready.video.manifest, ready.video.id


def _addresses(video: PlannedVideo, missing: Sequence[MissingAddress]) -> Iterator[Note]:
    """Yield a note for each address that is still to come into the video's texts."""
    for each in missing:
        words = _(_TO_COME.get(each.name, _ELSEWHERE))
        yield _note(video, "description", words.format(site=each.name, video=each.video))


def _turn(video: PlannedVideo, turns: Forecast) -> Iterator[Note]:
    """Yield a note where the video's turn is not now: the account is parked, or has a budget."""
    if video.plan.steps:
        at = turns.after(video.spends if video.is_afterwards else (VIDEO, *video.spends))
        if at > _now() + _SOON:
            time = at.astimezone().isoformat(" ", "minutes")
            is_apart = VIDEO in turns.rates
            message = (
                _(_APART)
                if is_apart
                else _(
                    "its turn comes at {time} at the earliest: the site is not to be asked faster"
                )
            )
            yield _note(video, "account", message.format(time=time))


def _note(video: PlannedVideo, field: str, message: str) -> Note:
    place = video.ready.video.place(field)
    return Note(name=field, message=message, line=place.line, column=place.column)


def _now() -> datetime:
    return datetime.now(UTC)


def happening(
    run: Callable[[Callable[[Event], None]], object], stop: Callable[[], None]
) -> Generator[Event, None, None]:
    """Yield what `run` tells while it runs in a thread of its own; raise what it raises.

    Where nobody takes the rest, `stop` is called, and the run's end awaited.
    """
    told: queue.Queue[Event | None] = queue.Queue(_AHEAD)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            run(told.put)
        except BaseException as error:  # noqa: BLE001 - raised again by who iterates
            failed.append(error)
        told.put(None)

    worker = threading.Thread(target=work, name="nicobatch-run", daemon=True)
    worker.start()
    try:
        yield from iter(told.get, None)
    finally:
        stop()
        while worker.is_alive():
            with contextlib.suppress(queue.Empty):
                told.get(timeout=0.1)
    if failed:
        raise failed[0]


def run_with(  # noqa: PLR0913 - what a run needs of its command
    journal: Receipts,
    known_files: Callable[[], Known],
    *,
    settings: Settings,
    locks: Rights,
    stop: threading.Event,
    listen: Callable[[Event], None],
    announcements: Callable[[Video], Sequence[Step]],
) -> Run:
    """Return a run that obeys the settings and ends once `stop` is set."""
    return Run(
        journal=journal,
        known_files=known_files,
        settings=settings,
        retry=Retry(settings=settings, stop=stop),
        locks=locks,
        lock_folder=lock_folder(),
        stop=stop,
        listen=listen,
        now=_now,
        addresses=Addresses(journal, stop, sites.table, _now),
        announcements=announcements,
        throttle=Throttle(settings.limit_rate, stop.wait) if settings.limit_rate else None,
    )
