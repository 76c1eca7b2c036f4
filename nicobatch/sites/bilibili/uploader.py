"""The uploader of a document from 2021, with its names, on what bilibili speaks today: asyncio.

A thin face on the steps that publish manifests: a part, a receipt, a retry is the same here. What
is repeated with the same pages and meta goes on where it ended, and never submits twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import inspect
import json
import os
import shutil
import tempfile
import threading
import warnings
import weakref
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, Final

import platformdirs

from nicobatch.errors import Stopped, UsageError, VideoFailed
from nicobatch.journal import Journal
from nicobatch.language import _
from nicobatch.locks import Locks
from nicobatch.media import MediaError, probe
from nicobatch.model import Page, Thumbnail, Video
from nicobatch.origin import check_private
from nicobatch.pipeline import CheckedVideo, Owner
from nicobatch.pipeline.addresses import Addresses
from nicobatch.pipeline.batch import Batch
from nicobatch.pipeline.outcome import Outcome
from nicobatch.pipeline.retry import Retry
from nicobatch.pipeline.session import Run
from nicobatch.plan import KnownFiles
from nicobatch.settings import Settings
from nicobatch.sites.bilibili import service
from nicobatch.sites.bilibili.fields import SITE
from nicobatch.sites.bilibili.given import VideoUploaderCredential, VideoUploaderPage, spool
from nicobatch.sites.bilibili.meta import demand_sound, video_of
from nicobatch.sites.bilibili.steps import TABLE
from nicobatch.sites.bilibili.telling import Telling, Told, VideoUploaderEvents
from nicobatch.sites.service import Reach

__all__ = ["VideoUploader", "VideoUploaderCredential", "VideoUploaderEvents", "VideoUploaderPage"]

CHUNK_SIZE: Final = 2048 * 1024
"""The document's; today the site says how large a part is."""
COVERS: Final = MappingProxyType({"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"})
GRACE: Final = 0.9
"""Seconds that work may take to end once it is to stop; what takes longer is not waited for."""
BREAK: Final = 0.05
"""Seconds between two attempts to break off what it waits for: a request may just be leaving."""
Handler = Callable[..., Any]


class VideoUploader:
    """Uploads pages and submits them as one video.

    `api_origin`, or else the environment's NICOBATCH_API_ORIGIN, is another place than bilibili.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - as the document has it
        self,
        pages: Sequence[VideoUploaderPage],
        meta: Mapping[str, Any],
        credential: VideoUploaderCredential,
        threads: int = 5,
        chunk_size: int = CHUNK_SIZE,
        cover_stream: BinaryIO | None = None,
        cover_type: str = "image/jpeg",
        *,
        api_origin: str | None = None,
    ) -> None:
        self.pages, self.meta, self.credential = list(pages), meta, credential
        self.threads = threads
        self.cover_stream, self.cover_type = cover_stream, cover_type
        self._origin = api_origin or os.environ.get("NICOBATCH_API_ORIGIN")
        self._handlers: dict[str, list[Handler]] = {}
        self._tasks: set[asyncio.Future[Any]] = set()
        self._work: asyncio.Future[dict[str, Any]] | None = None
        self._stop = threading.Event()
        self._aborted = asyncio.Event()
        self._folder: Path | None = None
        self._clean: Callable[[], object] = lambda: None
        self._hang_up: Callable[[], None] = lambda: None
        if chunk_size != CHUNK_SIZE:
            words = _("bilibili says itself how large a part is: chunk_size is not used")
            warnings.warn(words, UserWarning, stacklevel=2)

    def on(self, event: str | VideoUploaderEvents, handler: Handler | None = None) -> Handler:
        """Have the handler, a function or a coroutine function, called with what the event tells.

        Without one, return a decorator. `__ALL__` means every event, told as name and data.
        """
        name = event.value if isinstance(event, VideoUploaderEvents) else event
        if name not in {"__ALL__", *VideoUploaderEvents.__members__}:
            raise UsageError(_("there is no event {name}").format(name=name))

        def add(added: Handler) -> Handler:
            self._handlers.setdefault(name, []).append(added)
            return added

        return add(handler) if handler else add

    async def start(self) -> dict[str, Any]:
        """Upload and submit, and return the video's `bvid` and `aid`.

        Raise what keeps it from being done, Stopped once it is aborted. Another start goes on.
        """
        if self._work and not self._work.done():
            raise UsageError(_("the upload is under way"))
        self._stop, self._aborted = threading.Event(), asyncio.Event()
        try:
            result = await self._finished(self._teller(self._stop))
        except (asyncio.CancelledError, Stopped):
            self._stop.set()
            self._dispatch(VideoUploaderEvents.ABORTED, None)
            raise
        except Exception as error:
            self._dispatch(VideoUploaderEvents.FAILED, {"err": error})
            raise
        else:
            self._dispatch(VideoUploaderEvents.COMPLETED, result)
        finally:
            await self._settled(self._tasks)
        self._clean()
        self._folder = None
        return result

    async def abort(self) -> None:
        """Stop within a second; another start goes on after the last part."""
        self._stop.set()
        self._aborted.set()
        await self._ended()

    async def _finished(self, tell: Told) -> dict[str, Any]:
        work = self._work = asyncio.ensure_future(
            asyncio.to_thread(self._publish, tell, self._stop)
        )
        work.add_done_callback(lambda done: done.cancelled() or done.exception())
        abort = asyncio.ensure_future(self._aborted.wait())
        try:
            await asyncio.wait({work, abort}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                await self._ended()
        except asyncio.CancelledError:
            self._stop.set()
            await self._ended()
            raise
        finally:
            abort.cancel()
        if not work.done():
            raise Stopped
        return work.result()

    async def _ended(self) -> None:
        """Let the work that is to stop come to its end; answers that it waits for are given up."""
        clock = asyncio.get_running_loop().time
        end, work = clock() + GRACE, self._work
        while work and not work.done() and clock() < end:
            self._hang_up()
            await asyncio.wait({work}, timeout=BREAK)

    @staticmethod
    async def _settled(work: set[Any]) -> None:
        others = {each for each in work if each is not asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=GRACE)

    def _teller(self, stop: threading.Event) -> Told:
        """Return what brings events from the threads to this loop, in order, until the stop."""
        loop = asyncio.get_running_loop()

        def here(event: VideoUploaderEvents, facts: dict[str, Any]) -> None:
            if not stop.is_set():
                self._dispatch(event, facts)

        def tell(event: VideoUploaderEvents, facts: dict[str, Any]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(here, event, facts)

        return tell

    def _dispatch(self, event: VideoUploaderEvents, facts: dict[str, Any] | None) -> None:
        told = [(each, facts) for each in self._handlers.get(event.value, ())]
        everything = {"name": event.value, "data": (facts,)}
        for handler, data in [*told, *((each, everything) for each in self._all())]:
            try:
                outcome = handler(data)
            except Exception as error:  # noqa: BLE001 - a handler's fault is not the upload's
                context = {"message": event.value, "exception": error}
                asyncio.get_running_loop().call_exception_handler(context)
                continue
            if inspect.isawaitable(outcome):
                task = asyncio.ensure_future(outcome)
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def _all(self) -> Sequence[Handler]:
        return self._handlers.get("__ALL__", ())

    # In a thread

    def _publish(self, tell: Told, stop: threading.Event) -> dict[str, Any]:
        demand_sound(self.meta)
        self._demand_sound()
        account, credentials = self.credential.session()
        profile = service.profile(Reach(profile=SITE.profiles[0], origin=self._origin))
        target = Telling(profile, credentials, stop=stop)
        self._hang_up = target.hang_up
        video = self._video(account or _owner(target, stop), target.origin, stop)
        target.tell_to(tell, tuple(self.pages))
        outcome = _published(video, target, self.threads, stop)
        reasons = outcome.plan.reasons if outcome.plan else ()
        remote = outcome.receipt.remote if outcome.receipt else None
        if outcome.error or remote is None:
            raise outcome.error or VideoFailed("; ".join(reasons))
        return {"bvid": remote.video_id, "aid": int(remote.id)}

    def _demand_sound(self) -> None:
        """Raise UsageError where nothing can be made of what was given."""
        if not self.pages:
            raise UsageError(_("a video has at least one page"))
        if self.threads < 1:
            raise UsageError(_("threads is at least 1"))
        if self.cover_stream and self.cover_type not in COVERS:
            raise UsageError(_("a cover is one of {types}").format(types=", ".join(COVERS)))
        if self._origin:
            check_private(self._origin)

    def _video(self, account: str, origin: str, stop: threading.Event) -> Video:
        """Return the video; its name tells it from all others."""
        folder, thumbnail, known = self._spool_folder(), Thumbnail(), [origin, account]
        pages = []
        for each in self.pages:
            file, name = each.file(folder, stop)
            pages.append(Page(file=file, title=each.title, description=each.description))
            known += [name, each.title, each.description]
        if self.cover_stream:
            picture = folder / f"cover.{COVERS[self.cover_type]}"
            if not picture.exists():
                spool(self.cover_stream, picture, stop)
            digest = hashlib.sha256(picture.read_bytes()).hexdigest()
            thumbnail = Thumbnail(file=picture, sha256=digest)
            known.append(digest)
        known.append(json.dumps(dict(self.meta), sort_keys=True))
        name = hashlib.sha256("\0".join(known).encode()).hexdigest()[:32]
        place = platformdirs.user_state_path("nicobatch") / "bilibili" / "uploader" / "uploader"
        return video_of(
            self.meta, pages, place=place, name=name, account=account, thumbnail=thumbnail
        )

    def _spool_folder(self) -> Path:
        """Return the folder of copies, which lasts until the video is there or nobody wants it."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="nicobatch-"))
            self._clean = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder


def _owner(target: Telling, stop: threading.Event) -> str:
    """Return the account's name by its number: cookies are others once they are renewed."""
    ask = Retry(settings=Settings(), stop=stop)
    return f"user-{ask(target.who, lambda *_told: None).mid}"


def _now() -> datetime:
    return datetime.now(UTC)


def _published(video: Video, target: Telling, threads: int, stop: threading.Event) -> Outcome:
    """Bring the video as far as its submission, whose review is not waited for."""
    journal = Journal(root=video.manifest.parent)
    settings = Settings(wait=False, parallel_chunks=threads)
    run = Run(
        journal=journal,
        known_files=lambda: KnownFiles.of(()),
        settings=settings,
        retry=Retry(settings=settings, stop=stop),
        locks=Locks("publish"),
        lock_folder=platformdirs.user_state_path("nicobatch") / "locks",
        stop=stop,
        listen=lambda event: None,  # noqa: ARG005 - there are events of its own
        now=_now,
        addresses=Addresses(journal, stop, lambda site: TABLE, _now),  # noqa: ARG005
    )
    try:
        medias = tuple(map(probe, video.files))
    except MediaError as error:
        raise VideoFailed(str(error)) from None
    (outcome,) = Batch(run, {Owner.of(video): target}).publish([CheckedVideo(video, medias)])
    return outcome
