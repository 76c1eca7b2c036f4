"""Watching a folder: everything that a watcher is made of, and what came of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from nicobatch import sites
from nicobatch.actions import checking, publishing
from nicobatch.actions.access import Access, Site
from nicobatch.actions.announcing import announcer
from nicobatch.actions.patience import Hold, lock_folder
from nicobatch.actions.receipts import Known
from nicobatch.actions.turns import Publisher
from nicobatch.errors import Again, Exit, UsageError
from nicobatch.events import Event
from nicobatch.language import _
from nicobatch.locks import TTL, Lease, Locks
from nicobatch.manifest.template import Template
from nicobatch.model import Problem, Video
from nicobatch.pipeline import Checked
from nicobatch.pipeline.locking import Place
from nicobatch.settings import Settings
from nicobatch.watch import reporting
from nicobatch.watch.backend import Alarms, WatchOptions
from nicobatch.watch.judging import ManifestState
from nicobatch.watch.memory import Memory
from nicobatch.watch.numbering import Numbering
from nicobatch.watch.reporting import Supervisor
from nicobatch.watch.watcher import Watcher, make_watcher

_ANY: Final = "any.yaml"
"""A manifest's name: all in a folder keep their receipts in one place."""
_LATER: Final = (ManifestState.SETTLING, ManifestState.WAITING, ManifestState.INCOMPLETE)


@dataclass(slots=True, kw_only=True)
class FolderWatch:
    """One watch of a folder; iterate for its events as they happen, or `run` it to its end."""

    folder: Path
    access: Access
    options: WatchOptions = field(default_factory=WatchOptions)
    settings: Settings = field(default_factory=Settings)
    account: str | None = None
    """Who publishes, whatever manifests say."""
    strict: bool = False
    """Whether warnings keep manifests from being published."""
    found: Callable[[Sequence[Video]], None] = lambda videos: None  # noqa: ARG005 - nobody listens
    """Is told of the videos of each manifest that is read."""
    alarms: Alarms = field(default_factory=Alarms)

    def stop(self) -> None:
        """End the watch at the next moment that loses nothing; may be called by any thread."""
        self.alarms.stop.set()

    def __iter__(self) -> Iterator[Event]:
        """Yield what happens until the watch ends; raise what ends it. Who leaves stops it."""
        return publishing.happening(self.run, self.stop)

    def run(self, listen: Callable[[Event], None] = lambda event: None) -> Watcher:  # noqa: ARG005
        """Watch until `stop`, or until nothing is left to be done, and return the watcher.

        Raise Locked while the folder is another watcher's, Stopped before it is ours.
        """
        self._demand_apart()
        locks = Locks("watch")
        with self._held(locks, reporting.stamped(listen)) as lease, self.access.online() as site:
            memory = _memory(self, site)
            numbering = self._numbering(memory)
            watcher = make_watcher(
                self.folder,
                self.options,
                memory=memory,
                read=self._read,
                publish=_publisher(self, site, locks, listen),
                listen=listen,
                guard=lease.check,
                write=numbering.write if numbering else None,
                strict=self.strict,
                alarms=self.alarms,
            )
            watcher.run()
        return watcher

    def _held(self, locks: Locks, tell: Callable[[Event], None]) -> Lease:
        """Take the folder for this watcher."""
        supervisor, looks = Supervisor.found(), list[Again]()

        def waiting(error: Again, seconds: float) -> None:
            supervisor.starting(str(error), seconds)
            if not looks:
                tell(reporting.held(self.folder, error, TTL))
            looks.append(error)

        hold = Hold(locks=locks, stop=self.alarms.stop, waiting=waiting)
        name = _("the folder {folder}").format(folder=self.folder)
        return hold(Place(lock_of(self.folder), name))

    def template_problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the template, if there is one."""
        return self._template()[1] if self.options.template else ()

    def _template(self) -> tuple[Template | None, tuple[Problem, ...]]:
        path = self.options.template or Path()
        return Template.read(path, sites.Described(), datetime.now(UTC).astimezone())

    def _demand_apart(self) -> None:
        """Raise UsageError where the template is among the manifests that are published."""
        template = self.options.template
        if template and template.resolve().parent == self.folder.resolve():
            words = _("{template} lies in the watched folder, where it is read as a manifest")
            hint = _("put it elsewhere, for example into a folder below that one")
            raise UsageError(words.format(template=template), hint)

    def _numbering(self, memory: Memory) -> Numbering | None:
        if self.options.template is None:
            return None
        name = f".template-{self.options.template.stem}{memory.path.name.removeprefix('.watch')}"
        return Numbering(
            root=self.folder,
            path=memory.path.with_name(name),
            base=self.access.journal or self.folder,
            read=self._template,
            journal=self.access.receipts,
            now=lambda: datetime.now(UTC),
        )

    def _read(self, manifest: Path) -> Callable[[bool], Checked]:
        """Read a manifest, and return what checks its videos: by their content, or without."""
        loaded = checking.load([str(manifest)], self.access, chosen=False)

        def check(probe: bool) -> Checked:  # noqa: FBT001 - `watch.scanning.Check`
            found = checking.check(loaded, self.access, probe=probe)
            self.found(found.videos)
            return found.signed_in_as(self.account) if self.account else found

        return check


def _memory(watch: FolderWatch, site: Site) -> Memory:
    """Return what is done; what is done for one site, account or journal is not for another."""
    journal = watch.access.journal
    purpose = " ".join([site.origin, watch.account or "", str(journal or "")])
    return Memory(watch.folder, purpose=purpose, journal=journal, rehearsal=watch.access.sandbox)


def _publisher(
    watch: FolderWatch, site: Site, locks: Locks, listen: Callable[[Event], None]
) -> Publisher:
    journal = watch.access.receipts
    run = publishing.run_with(
        journal,
        Known(journal, watch.folder / _ANY),
        settings=watch.settings,
        locks=locks,
        stop=watch.alarms.stop,
        listen=listen,
        announcements=announcer(site, journal, watch.alarms.stop).steps,
    )
    return Publisher(run, site, confirms=watch.options.done is not None)


def lock_of(folder: Path) -> Path:
    """Return where this machine's watchers of the folder meet: not on what may be a share."""
    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    return lock_folder() / f".watch-{name}.lock"


def exit_codes(watcher: Watcher) -> Iterator[int]:
    """Yield the exit codes that tell of each end, and of what is left."""
    yield from watcher.results.codes
    counts = watcher.counts()
    if counts.get(ManifestState.INVALID):
        yield Exit.FAILED
    if any(counts.get(state) for state in (ManifestState.FAILED, *_LATER)):
        yield Exit.LATER
