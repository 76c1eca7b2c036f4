"""bilibili's steps, telling of each event that the document's uploader knows as it happens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from nicobatch.errors import NicobatchError, Stopped
from nicobatch.receipt import nothing
from nicobatch.sites.base import Change, Job
from nicobatch.sites.bilibili.pages import Pages
from nicobatch.sites.bilibili.steps import Steps
from nicobatch.sites.bilibili.submitting import Submitting
from nicobatch.sites.bilibili.target import Bilibili


class VideoUploaderEvents(Enum):
    """What happens during an upload, in this order; those of chunks come once a part."""

    PRE_PAGE = "PRE_PAGE"
    PREUPLOAD = "PREUPLOAD"
    PREUPLOAD_FAILED = "PREUPLOAD_FAILED"
    PRE_CHUNK = "PRE_CHUNK"
    AFTER_CHUNK = "AFTER_CHUNK"
    CHUNK_FAILED = "CHUNK_FAILED"
    PRE_PAGE_SUBMIT = "PRE_PAGE_SUBMIT"
    PAGE_SUBMIT_FAILED = "PAGE_SUBMIT_FAILED"
    AFTER_PAGE_SUBMIT = "AFTER_PAGE_SUBMIT"
    AFTER_PAGE = "AFTER_PAGE"
    PRE_COVER = "PRE_COVER"
    AFTER_COVER = "AFTER_COVER"
    COVER_FAILED = "COVER_FAILED"
    PRE_SUBMIT = "PRE_SUBMIT"
    SUBMIT_FAILED = "SUBMIT_FAILED"
    AFTER_SUBMIT = "AFTER_SUBMIT"
    COMPLETED = "COMPLETED"
    ABORTED = "ABORTED"
    FAILED = "FAILED"


Told: TypeAlias = Callable[[VideoUploaderEvents, dict[str, Any]], None]
_E = VideoUploaderEvents


@dataclass(frozen=True)
class _Telling:
    """Tells of events; a page's first one only once, whichever of its parts comes first."""

    tell: Told
    pages: tuple[Any, ...]
    """What the handlers are given of each page."""
    _begun: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def page(self, page: int) -> dict[str, Any]:
        """Return the page for a handler, having told that it begins."""
        facts = {"page": self.pages[page]}
        with self._lock:
            if page not in self._begun:
                self._begun.add(page)
                self.tell(_E.PRE_PAGE, facts)
        return facts

    @contextmanager
    def failing(self, event: VideoUploaderEvents, facts: dict[str, Any]) -> Iterator[None]:
        """Tell of what is raised within, an abort aside."""
        try:
            yield
        except Stopped:
            raise
        except NicobatchError as error:
            self.tell(event, {**facts, "err": error})
            raise


@dataclass(frozen=True, kw_only=True)
class _Pages(Pages):
    """The calls for pages and cover."""

    telling: _Telling

    def _begin(self, page: int, job: Job) -> Change:
        facts = self.telling.page(page)
        self.telling.tell(_E.PREUPLOAD, facts)
        with self.telling.failing(_E.PREUPLOAD_FAILED, facts):
            return super()._begin(page, job)

    def _name(self, page: int, job: Job) -> Change:
        with self.telling.failing(_E.PREUPLOAD_FAILED, self.telling.page(page)):
            return super()._name(page, job)

    def _part(self, page: int, index: int, job: Job) -> Change:
        upload = job.receipt.uploads[page]
        chunk = {
            "offset": index * upload.part_size,
            "chunk_number": index,
            "total_chunk_count": upload.total_parts,
        }
        facts = {**self.telling.page(page), **chunk}
        self.telling.tell(_E.PRE_CHUNK, facts)
        with self.telling.failing(_E.CHUNK_FAILED, facts):
            change = super()._part(page, index, job)
        self.telling.tell(_E.CHUNK_FAILED if change is nothing else _E.AFTER_CHUNK, facts)
        return change

    def _complete(self, page: int, job: Job) -> Change:
        facts, tell = self.telling.page(page), self.telling.tell
        tell(_E.PRE_PAGE_SUBMIT, facts)
        with self.telling.failing(_E.PAGE_SUBMIT_FAILED, facts):
            change = super()._complete(page, job)
        if change is nothing:
            tell(_E.PAGE_SUBMIT_FAILED, facts)
        else:
            tell(_E.AFTER_PAGE_SUBMIT, facts)
            tell(_E.AFTER_PAGE, facts)
        return change

    def cover(self, job: Job) -> Change:
        self.telling.tell(_E.PRE_COVER, {})
        with self.telling.failing(_E.COVER_FAILED, {}):
            change = super().cover(job)
        self.telling.tell(_E.AFTER_COVER, {})
        return change


@dataclass(frozen=True, kw_only=True)
class _Submitting(Submitting):
    telling: _Telling

    def submit(self, job: Job) -> Change:
        self.telling.tell(_E.PRE_SUBMIT, {})
        with self.telling.failing(_E.SUBMIT_FAILED, {}):
            return self._told(super().submit(job), job)

    def ask(self, job: Job) -> Change | None:
        change = super().ask(job)
        return self._told(change, job) if change else None

    def _told(self, change: Change, job: Job) -> Change:
        if remote := change(job.receipt).remote:
            result = {"bvid": remote.video_id, "aid": int(remote.id)}
            self.telling.tell(_E.AFTER_SUBMIT, result)
        return change


class Telling(Bilibili):
    """bilibili, on behalf of one account, that tells of all it does."""

    def hang_up(self) -> None:
        """Break off the requests that other threads have under way."""
        self._http.hang_up()

    def tell_to(self, tell: Told, pages: tuple[Any, ...]) -> None:
        """Have events told from now on, of these pages."""
        old, telling = self._steps, _Telling(tell, pages)
        ways, sub = old.pages, old.submitting
        self._steps = Steps(
            old.client,
            _Pages(ways.client, ways.upos, ways.uploads, ways.now, telling=telling),
            _Submitting(sub.profile, sub.client, sub.uploads, sub.now, telling=telling),
        )
