"""The loop: it looks at the folder again and again, and hands out what is ready.

What is in the folder, a whole scan tells. Everything else only says when the next one is due. All
but the publishing and the moving of files happens in this one thread, whose signs of life are the
watcher's.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nicobatch import events
from nicobatch.errors import Later
from nicobatch.events import Event
from nicobatch.language import N_, _
from nicobatch.model import Json
from nicobatch.watch import reporting
from nicobatch.watch.backend import Alarms, Backend, WatchOptions
from nicobatch.watch.destination import Destination
from nicobatch.watch.folder import Folder, Unavailable
from nicobatch.watch.inbox import Inbox
from nicobatch.watch.judging import ManifestState
from nicobatch.watch.memory import Memory
from nicobatch.watch.notifier import Notifier
from nicobatch.watch.reporting import Heartbeat, Supervisor
from nicobatch.watch.results import Mover, Results
from nicobatch.watch.scanning import Check, Looked, Scanner, Writer
from nicobatch.watch.worker import Ending, JobPart, Publishing, Result

SHORTEST: Final = 0.5
"""Seconds between two scans, whatever happens in the folder."""
SHARE: Final = 5
"""How many times longer than a scan took the pause after it is, at least."""
BEAT: Final = 10.0
"""Seconds between two signs of life, at most."""


@dataclass(slots=True, kw_only=True)
class Watcher:
    """Watches one folder until it is asked to stop; `once`, until what is there is dealt with."""

    options: WatchOptions
    folder: Folder
    make_scanner: Callable[..., Scanner]
    """Called once the folder is there, with `settle` and `beat`."""
    notifier: Notifier
    results: Results
    tell: Callable[[Event], None]
    heartbeat: Heartbeat
    supervisor: Supervisor
    alarms: Alarms
    guard: Callable[[], None]
    """Raises once another watcher has taken the folder over."""
    clock: Callable[[], float] = time.monotonic
    _scanner: Scanner | None = None
    _scan_at: float = 0.0
    _rested_at: float = 0.0
    """Before then there is no other scan, whatever happens."""
    _beat_at: float = 0.0
    _absences: int = 0
    _looked_at: float = 0.0
    _patience: float | None = None
    """Until when, `once`, something that does not settle is looked at again."""

    def run(self) -> None:
        """Watch to the end; raise NicobatchError where that can't go on."""
        self.supervisor.ready()
        try:
            while not self.alarms.stop.is_set():
                self._turn()
                if self._is_through():
                    break
                self.alarms.wake.wait(self._rest())
                self.alarms.wake.clear()
        except BaseException:
            self.alarms.stop.set()  # the uploads end too, and the error does not wait for them
            self._end(wait=False)
            raise
        self._end(wait=True)

    def counts(self) -> dict[str, Json]:
        """Return how many manifests are in which state."""
        counts = self._inbox.counts() if self._inbox else dict.fromkeys(ManifestState, 0)
        return {state.value: number for state, number in counts.items()}

    @property
    def _inbox(self) -> Inbox | None:
        return self._scanner.inbox if self._scanner else None

    def _turn(self) -> None:
        self.beat()
        self._collect()
        if self._is_time():
            self._scan()
            self._collect()

    def _collect(self) -> None:
        """Take note of what the other threads have brought to an end."""
        if self._inbox and self.results.collect(self._inbox):
            self._scan_soon()

    def _is_time(self) -> bool:
        if self._is_waiting_for_ends:
            return False
        if self.alarms.changed.is_set() or not self.notifier.alive:
            self._scan_soon()
        return self.clock() >= self._next_scan

    @property
    def _next_scan(self) -> float:
        """Return when the next scan is due; one is before each beginning of the observer."""
        due = self.notifier.due
        return self._scan_at if due is None else min(self._scan_at, max(due, self._rested_at))

    @property
    def _is_waiting_for_ends(self) -> bool:
        """Whether a scan would tell nothing that counts, as long as the other threads work."""
        return self.results.mover.recovering > 0 or (self.options.once and self._is_settled())

    def _scan_soon(self) -> None:
        self._scan_at = min(self._scan_at, self._rested_at)

    def _scan(self) -> None:
        begun = self.clock()
        self.guard()
        is_new = self.notifier.begin()
        self.alarms.changed.clear()
        renamed = self.notifier.renamed()
        try:
            listing = self.folder.look()
        except Unavailable as error:
            self._lose(error)
            return
        took = self.clock() - begun
        self._found(is_new=is_new)
        scanner, aside = self._scanner or self._open(), self.results.mover.under_way
        if self.results.mover.recovering:
            return
        self._looked_at = self.clock()
        looked = scanner.look(listing, self._looked_at, renamed, aside=aside)
        if self._patience is None or scanner.inbox.has_grown:
            self._patience = self.clock() + 2 * (self.options.settling(self._backend) + SHORTEST)
        self._hand_out(looked)
        self._rested_at = self.clock() + max(SHORTEST, SHARE * took)
        pause = self.options.until_scan(self._backend)
        self._scan_at = self.clock() + min(pause, pause if looked.again is None else looked.again)
        self._scan_at = max(self._scan_at, self._rested_at)

    def _hand_out(self, looked: Looked) -> None:
        for notice in looked.notices:
            for event in reporting.noticed(notice):
                self.tell(event)
        for job in looked.jobs:
            self.tell(reporting.manifest(job.manifest, ManifestState.READY))
            self.results.publishing.add(job)

    @property
    def _backend(self) -> Backend:
        choice = self.notifier.choice
        return choice.backend if choice else Backend.NATIVE

    def _open(self) -> Scanner:
        """Begin, now that the folder is there: first with what an earlier run left unfinished."""
        settle = self.options.settling(self._backend)
        self._scanner = self.make_scanner(settle=settle, beat=self.beat)
        for destination in self.results.destinations.values():
            self.results.mover.recover(destination)
        return self._scanner

    def _lose(self, error: Unavailable) -> None:
        """Wait for the folder: nothing follows from its absence."""
        if self.options.once:
            raise Later(str(error), error.hint)
        if not self._absences:
            self._tell_of_folder("unavailable", str(error), error.hint)
        self.notifier.close()
        self._absences += 1
        self._scan_at = self._rested_at = self.clock() + self.options.absence.after(self._absences)

    def _found(self, *, is_new: bool) -> None:
        if self._absences:
            self._absences = 0
            words = _("{folder} is there again")
            self._tell_of_folder("available", words.format(folder=self.folder.root))
        self.notifier.check()
        if is_new and (choice := self.notifier.choice):
            folder, backend = str(self.folder.root), choice.backend.value
            self.tell(
                events.WatchStarted(
                    folder=folder, backend=backend, message=choice.reason, hint=choice.hint
                )
            )

    def _tell_of_folder(self, state: str, message: str, hint: str = "") -> None:
        folder = str(self.folder.root)
        self.tell(events.FolderChanged(folder=folder, state=state, message=message, hint=hint))
        self._beat_at = 0.0

    def beat(self) -> None:
        """Give signs of life, if they are due; to be called every now and then."""
        now = self.clock()
        if now < self._beat_at:
            return
        self._beat_at = now + min(BEAT, self.options.rescan, self.supervisor.interval or BEAT)
        self.supervisor.watchdog()
        state = N_("unavailable") if self._absences else N_("watching")
        queued = self.results.publishing.waiting
        data: dict[str, Json] = {"state": state, "queued": queued, "units": self.counts()}
        if error := self.heartbeat.beat(data):
            self.tell(reporting.trouble(self.folder.root, error))
        words = _("{state} {folder}: {queued} queued")
        self.supervisor.status(words.format(state=_(state), folder=self.folder.root, queued=queued))

    def _is_settled(self) -> bool:
        """Tell whether, `once`, time brings nothing more; what never settles is not waited for."""
        if self._inbox is None or self._patience is None:
            return False
        return not self._inbox.unsettled or self._looked_at > self._patience

    def _is_through(self) -> bool:
        busy = self.results.publishing.waiting or self.results.mover.waiting
        return self.options.once and not busy and self._is_settled()

    def _rest(self) -> float:
        """Return how long nothing has to be done, unless something happens."""
        due = [self._beat_at, self.results.publishing.due, self.results.mover.due]
        if not self._is_waiting_for_ends:
            due.append(self._rested_at if self.alarms.changed.is_set() else self._next_scan)
        return max(0.0, min(each for each in due if each is not None) - self.clock())

    def _end(self, *, wait: bool) -> None:
        """Let go of everything; `wait` until what is under way has ended, and so is saved."""
        self.supervisor.stopping()
        self.notifier.close()
        self.results.publishing.stop(wait=wait)
        self.results.mover.stop(wait=wait)
        if self._scanner:
            self._scanner.leave()


def make_watcher(  # noqa: PLR0913 - all that one folder's differs in from another's
    root: Path,
    options: WatchOptions,
    *,
    memory: Memory,
    read: Callable[[Path], Check],
    publish: Callable[[JobPart], Result],
    listen: Callable[[Event], None],
    guard: Callable[[], None] = lambda: None,
    write: Writer | None = None,
    strict: bool = False,
    alarms: Alarms | None = None,
    notifier: Notifier | None = None,
) -> Watcher:
    """Return the loop that watches a folder, and publishes what is ready in it.

    `read` reads a manifest, `publish` publishes an account's turn, and `write` gives a video a
    manifest that comes without one; `strict`: warnings count as errors.
    """
    alarms, tell = alarms or Alarms(), reporting.stamped(listen)
    pauses, wake, patient = options.pauses, alarms.wake, not options.once
    places = {Ending.DONE: options.done, Ending.PERMANENT: options.failed}

    return Watcher(
        options=options,
        folder=Folder(root, sentinel=memory.sentinel),
        make_scanner=functools.partial(
            Scanner,
            root,
            memory,
            read,
            pauses=pauses,
            write=write,
            strict=strict,
            allow_outside=options.allow_outside,
        ),
        notifier=notifier or Notifier.of(root, alarms.changed, poll=options.poll),
        results=Results(
            publishing=Publishing(publish=publish, pauses=pauses, wake=wake, patient=patient),
            mover=Mover(pauses=pauses, wake=wake, patient=patient),
            destinations={end: Destination(to, root) for end, to in places.items() if to},
            tell=tell,
        ),
        tell=tell,
        heartbeat=Heartbeat(options.heartbeat),
        supervisor=Supervisor.found(),
        alarms=alarms,
        guard=guard,
    )
