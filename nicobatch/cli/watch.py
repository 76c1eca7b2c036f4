"""`nicobatch watch`: publish what is dropped into a folder, for ever."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from nicobatch.actions import checking, publishing
from nicobatch.actions.access import Site
from nicobatch.actions.jobs import Publisher
from nicobatch.actions.patience import Hold
from nicobatch.actions.receipts import Known
from nicobatch.cli import interrupts
from nicobatch.cli.ci import ci
from nicobatch.cli.manners import manners
from nicobatch.cli.options import Common, LocalPath, common, with_options
from nicobatch.cli.publish import GO_ON, tell_rehearsed
from nicobatch.cli.wishes import WISHES, Wishes
from nicobatch.errors import Again, Ended, Exit, Stopped, UsageError, worst_code
from nicobatch.journal import Journal
from nicobatch.language import N_, _
from nicobatch.locks import TTL, Lease, Locks
from nicobatch.model import Json
from nicobatch.origin import origin_of
from nicobatch.pipeline.locking import Place
from nicobatch.reports.report import Report
from nicobatch.settings import Settings
from nicobatch.watch.alarm import Alarms
from nicobatch.watch.backend import Backend, choose
from nicobatch.watch.clearing import Clearing
from nicobatch.watch.disposal import Disposal
from nicobatch.watch.ends import Ends, Places
from nicobatch.watch.folder import Folder
from nicobatch.watch.health import Heartbeat, Supervisor
from nicobatch.watch.inbox import Inbox, State
from nicobatch.watch.memory import Memory
from nicobatch.watch.observing import Observing
from nicobatch.watch.pauses import Pauses
from nicobatch.watch.publishing import Ending, Publishing
from nicobatch.watch.telling import Telling
from nicobatch.watch.unit import Reading
from nicobatch.watch.waking import Waking
from nicobatch.watch.watcher import Pace, Watcher

_ANY: Final = "any.yaml"
"""A manifest's name: all in a folder keep their receipts in one place."""
_ANEW: Final = Pauses(1.0, 60.0)
"""For an observer that has died."""
_COUNTED: Final = {
    State.DONE: N_("{count} done"),
    State.FAILED: N_("{count} failed"),
    State.INVALID: N_("{count} invalid"),
    State.INCOMPLETE: N_("{count} incomplete"),
    State.WAITING: N_("{count} waiting for files"),
    State.OTHER: N_("{count} of other tools"),
    State.SETTLING: N_("{count} still being written"),
    State.READY: N_("{count} not begun"),
}
_LATER: Final = (State.SETTLING, State.WAITING, State.INCOMPLETE)


@click.command("watch", help=_("Publish what is dropped into a folder, each video exactly once."))
@click.argument("folder", metavar="DIR", type=LocalPath(path_type=Path))
@functools.partial(with_options, table=WISHES)
@common
@ci
@functools.partial(manners, ends=False)
def command(
    folder: Path, options: Common, settings: Settings, *, account: str | None, **wishes: Any
) -> int:
    """Publish what is dropped into a folder, each video exactly once."""
    # Path's own methods raise for what may not be looked at.
    if os.path.exists(folder) and not os.path.isdir(folder):  # noqa: PTH110, PTH112
        raise UsageError(
            _("{folder} is no folder").format(folder=folder),
            _("`nicobatch publish` takes a manifest"),
        )
    if click.get_current_context().params["junit_file"] and not wishes["once"]:
        raise UsageError(
            _("--junit needs --once: a watch without an end has no end to report"),
            _("`--format json` tells of every video as it goes"),
        )
    report = options.report()
    with contextlib.closing(report):
        return _Watch(folder, Wishes(**wishes), options, settings, account, report).run()


@dataclass(frozen=True, slots=True)
class _Watch:
    """Everything that the command line has said, and what is made of it."""

    folder: Path
    wishes: Wishes
    options: Common
    settings: Settings
    account: str | None
    report: Report

    def run(self) -> int:
        """Watch until a signal comes, or nothing is left to be done; return the exit code."""
        locks, alarms, places = Locks("watch"), Alarms(), self._places()
        work = interrupts.Work[bool](alarms.stop)
        with self._held(locks, alarms.stop) as lease, self.options.online() as site:
            publisher = self._publisher(site, locks, alarms.stop)
            watcher = self._watcher(publisher, places, alarms, lease.check)
            if work.run(watcher.run) is None:
                self.report.error(Ended(_(GO_ON)))
                interrupts.leave(128 + (work.signal or signal.SIGTERM))
        tell_rehearsed(self.options, self.report)
        if work.signal is not None:
            raise Ended(_(GO_ON), signal=work.signal)
        return self._closing(watcher)

    def _places(self) -> Places:
        done, failed = self.wishes.done, self.wishes.failed
        return Places(
            done=Disposal(done, self.folder) if done else None,
            failed=Disposal(failed, self.folder) if failed else None,
        )

    def _held(self, locks: Locks, stop: threading.Event) -> Lease:
        """Take the folder for this watcher; raise Locked while it is another's, and Stopped."""
        supervisor, telling = Supervisor.found(), Telling(self.folder, self.report.event)
        looks: list[Again] = []

        def waiting(error: Again, seconds: float) -> None:
            supervisor.starting(str(error), seconds)
            if not looks:
                telling.held(error, TTL)
            looks.append(error)

        name = _("the folder {folder}").format(folder=self.folder)
        hold = Hold(locks=locks, stop=stop, waiting=waiting)
        work = interrupts.Work[Lease](stop)
        try:
            lease = work.run(lambda: hold(Place(lock_of(self.folder), name)))
        except Stopped as error:
            raise Ended(_(GO_ON), signal=work.signal or error.signal) from None
        if lease is None:
            interrupts.leave(128 + (work.signal or signal.SIGTERM))
        return lease

    def _watcher(
        self, publisher: Publisher, places: Places, alarms: Alarms, guard: Callable[[], None]
    ) -> Watcher:
        wishes, memory = self.wishes, self._memory(publisher.site)
        telling = Telling(self.folder, self.report.event)
        return Watcher(
            folder=Folder(self.folder, sentinel=None if self.options.journal else memory.path),
            make_inbox=functools.partial(self._inbox, memory),
            observing=Observing(
                choose=lambda: choose(self.folder, poll=wishes.poll),
                make=functools.partial(Waking, self.folder, alarms.changed),
                pauses=_ANEW,
            ),
            ends=Ends(
                publishing=Publishing(
                    publisher, wishes.pauses, alarms.wake, patient=not wishes.once
                ),
                clearing=Clearing(wishes.pauses, alarms.wake, patient=not wishes.once),
                places=places,
                telling=telling,
                keeps=wishes.once,
            ),
            telling=telling,
            heartbeat=Heartbeat(wishes.heartbeat),
            supervisor=Supervisor.found(),
            pace=Pace(wishes.rescan, wishes.settling),
            absence=wishes.absence,
            alarms=alarms,
            guard=guard,
            once=wishes.once,
        )

    def _memory(self, site: Site) -> Memory:
        """Return what is done; what is done for one site, account or journal is not for another."""
        origin = site.origin or origin_of(site.profile.garage)
        purpose = [origin, self.account or "", str(self.options.journal or "")]
        return Memory(
            self.folder,
            purpose=" ".join(purpose),
            journal=self.options.journal,
            rehearsal=self.options.sandbox,
        )

    def _publisher(self, site: Site, locks: Locks, stop: threading.Event) -> Publisher:
        journal = Journal(self.options.journal, rehearsal=self.options.sandbox)
        run = publishing.run_with(
            journal,
            Known(journal, self.folder / _ANY),
            settings=self.settings,
            locks=locks,
            stop=stop,
            listen=self.report.event,
        )
        return Publisher(run, site, confirms=self.wishes.done is not None)

    def _inbox(self, memory: Memory, backend: Backend, beat: Callable[[], None]) -> Inbox:
        def read(manifest: Path, probe: bool) -> Reading:  # noqa: FBT001 - `watch.unit.Read`
            beat()
            found = checking.read([str(manifest)], self.options, probe=probe, chosen=False)
            self.report.videos(found.videos)
            return found.signed_in_as(self.account) if self.account else found

        return Inbox(
            self.folder,
            settle=self.wishes.settling(backend),
            read=read,
            memory=memory,
            pauses=self.wishes.pauses,
            allow_outside=self.wishes.allow_outside,
            strict=self.options.strict,
        )

    def _closing(self, watcher: Watcher) -> int:
        """Tell, `--once`, what became of what was there."""
        moved = {state.value: count for state, count in watcher.ends.moved.items()}
        counts = watcher.counts()
        found = Counter(counts) + Counter(moved)
        said = _(", ").join(
            _(words).format(count=found[state]) for state, words in _COUNTED.items() if found[state]
        )
        told: dict[str, Json] = {"manifests": counts, **({"moved": moved} if moved else {})}
        self.report.answer(said or _("nothing to do"), told)
        return worst_code(_codes(watcher))


def lock_of(folder: Path) -> Path:
    """Return where this machine's watchers of the folder meet: not on what may be a share."""
    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    return publishing.lock_folder() / f".watch-{name}.lock"


def _codes(watcher: Watcher) -> Iterator[int]:
    """Yield the exit codes that tell of each end, and of what is left."""
    for result in watcher.ends.results:
        yield result.code
        if result.ending in {Ending.LATER, Ending.STALE}:
            yield Exit.LATER
    counts = watcher.counts()
    if counts.get(State.INVALID):
        yield Exit.FAILED
    if any(counts.get(state) for state in (State.FAILED, *_LATER)):
        yield Exit.LATER
