"""A video's files on their way to bilibili: page after page, part by part; and its cover."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from nicobatch.errors import Passing, StartOver, VideoFailed
from nicobatch.language import _
from nicobatch.media import MediaError
from nicobatch.media.drawing import Picture
from nicobatch.media.frames import cropped_frame
from nicobatch.media.pictures import cropped_picture
from nicobatch.model import FileIdentity, Thumbnail, Video
from nicobatch.receipt import Receipt, StepState, Upload, nothing
from nicobatch.sites.base import Call, Change, Job
from nicobatch.sites.bilibili import limits
from nicobatch.sites.bilibili.client import Client
from nicobatch.sites.bilibili.codes import UploadGone
from nicobatch.sites.bilibili.limits import PREUPLOAD
from nicobatch.sites.bilibili.metadata import Sent
from nicobatch.sites.bilibili.submission import Submission, page_title
from nicobatch.sites.bilibili.uploads import Begun, Uploads
from nicobatch.sites.bilibili.upos import Line, Upos, total_parts

FILENAME: Final = "filename"
"""Of an upload's state: what the site calls the file."""
CID: Final = "cid"
BEGUN: Final = "begun"
"""How often the page was begun."""
COMPLETE: Final = "complete"
COVER: Final = "cover"
COVER_43: Final = "cover43"
"""The addresses of the covers, as a submission names them; they stand with the first page."""
STARTS: Final = 3
"""How often one page's upload may begin anew within `FRESH`."""
FRESH: Final = timedelta(hours=1)
"""How young an upload is that the site can't have forgotten in good order."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The calls that bring a video's files, and its cover, to the site."""

    client: Client
    upos: Upos
    uploads: Uploads
    now: Callable[[], datetime]

    def next_calls(self, job: Job) -> Sequence[Call]:
        """Return what is next: beginning a page, then its parts, then completing it."""
        page = next(_open_pages(job), None)
        if page is None:
            return ()
        begun = self._begun(job, page)
        if begun is None:
            return [functools.partial(self._begin, page)]
        if not begun.upload_id:
            return [functools.partial(self._name, page)]
        upload = job.receipt.uploads[page]
        if missing := sorted(frozenset(range(upload.total_parts)) - upload.done_parts):
            return [functools.partial(self._part, page, index) for index in missing]
        return [functools.partial(self._complete, page)]

    def at_once(self, job: Job) -> int:
        """Return how many parts: what the site allows, and no more than the user wants."""
        page = next(_open_pages(job), None)
        begun = None if page is None else self._begun(job, page)
        threads = begun.to.threads if begun else 1
        return max(1, min(threads, job.parallel or threads))

    def _begun(self, job: Job, page: int) -> Begun | None:
        """Return the page's upload where it can be gone on with from here."""
        upload = job.receipt.uploads.get(page)
        if upload is None or upload.sha256 != job.files[page].sha256:
            return None
        begun = self.uploads.get(upload.state.get(FILENAME, ""))
        fits = begun is not None and begun.to.part_size == upload.part_size
        return begun if fits else None

    def _begin(self, page: int, job: Job) -> Change:
        """Ask what the site allows for the page."""
        path, file = job.video.files[page], job.files[page]
        before = job.receipt.uploads.get(page)
        starts = int(before.state.get(BEGUN, "0")) if before else 0
        line = self._line(job)
        job.spend(PREUPLOAD)
        to = self.client.preupload(path.name, file.size, line)
        self.uploads.put(Begun(to=to, name=path.name, at=self.now()))
        upload = Upload(
            sha256=file.sha256,
            part_size=to.part_size,
            total_parts=total_parts(file.size, to.part_size),
            state={FILENAME: to.filename, CID: str(to.biz_id), BEGUN: str(starts + 1)},
        )
        return _with_upload(page, upload)

    def _line(self, job: Job) -> str:
        """Return the query of the line that the bytes go by; empty leaves it to the site."""
        wanted = Submission.of(job.video).options.line
        try:
            lines = self.client.lines()
        except (Passing, VideoFailed):
            lines = []
        if wanted == "auto":
            found = self.upos.first_alive(lines)
        else:
            found = next((line for line in lines if line.name == wanted), Line(f"upcdn={wanted}"))
        return found.query if found else ""

    def _name(self, page: int, job: Job) -> Change:
        """Begin the upload, which gives it its id."""
        begun = self._begun(job, page)
        if begun:
            try:
                upload_id = self.upos.begin(begun.to, job.files[page].size)
            except UploadGone as error:
                return self._lost(page, job, begun, error)
            self.uploads.put(replace(begun, upload_id=upload_id))
        return nothing

    def _part(self, page: int, index: int, job: Job) -> Change:
        begun = self._begun(job, page)
        if begun is None:  # another part has learned that the upload is no more
            return nothing
        try:
            self.upos.send_part(
                begun.to,
                begun.upload_id,
                job.video.files[page],
                size=job.files[page].size,
                index=index,
                progress=job.progress,
            )
        except UploadGone as error:
            return self._lost(page, job, begun, error)

        def change(receipt: Receipt) -> Receipt:
            newest = receipt.uploads[page]
            if newest.state[FILENAME] != begun.to.filename:
                return receipt
            done = replace(newest, done_parts=newest.done_parts | {index})
            return _with_upload(page, done)(receipt)

        return change

    def _complete(self, page: int, job: Job) -> Change:
        begun, upload = self._begun(job, page), job.receipt.uploads[page]
        if begun is None:
            return nothing
        try:
            self.upos.complete(begun.to, begun.upload_id, begun.name, upload.total_parts)
        except UploadGone as error:
            return self._lost(page, job, begun, error)
        return _with_upload(page, replace(upload, state={**upload.state, COMPLETE: "1"}))

    def _lost(self, page: int, job: Job, begun: Begun, error: UploadGone) -> Change:
        """Have the page begin anew; raise where the site can't have forgotten it in good order."""
        starts = int(job.receipt.uploads[page].state.get(BEGUN, "1"))
        if starts >= STARTS and self.now() - begun.at < FRESH:
            raise error
        self.uploads.forget(begun.to.filename)
        return nothing

    def cover(self, job: Job) -> Change:
        """Send the picture, or the frame, that stands for the video, in each shape."""
        is_wanted = Submission.of(job.video).options.cover43
        sizes = {COVER: limits.COVER} | ({COVER_43: limits.COVER_43} if is_wanted else {})
        urls = {name: self._picture(job, size) for name, size in sizes.items()}

        def change(receipt: Receipt) -> Receipt:
            first = receipt.uploads.get(0) or _known(job.files[0])
            return _with_upload(0, replace(first, state={**first.state, **urls}))(receipt)

        return change

    def _picture(self, job: Job, size: tuple[int, int]) -> str:
        try:
            return self.client.cover(_drawn(job.video, size).data)
        except MediaError as error:
            raise VideoFailed(str(error)) from None


def _drawn(video: Video, size: tuple[int, int]) -> Picture:
    """Return the cover in that size; raise MediaError and VideoFailed."""
    thumbnail = video.thumbnail
    if thumbnail.file:
        return cropped_picture(thumbnail.file, *size, sha256=thumbnail.sha256)
    if thumbnail.sha256:
        words = _("the picture of {video} is not here, and has to be sent anew")
        raise VideoFailed(words.format(video=video.key), _("put the file back, and run it again"))
    return cropped_frame(video.files[0], thumbnail.timing or 0, *size)


def _open_pages(job: Job) -> Iterator[int]:
    """Yield the pages whose bytes the site has yet to get."""
    record = job.receipt.steps.get("submit")
    pages = record.inputs.get("pages") if record and record.state is StepState.DONE else ()
    has = [each.get("sha256") for each in _mappings(pages)]  # pages are only ever added behind
    for page, file in enumerate(job.files):
        upload = job.receipt.uploads.get(page)
        same = upload if upload and upload.sha256 == file.sha256 else None
        is_there = same is not None and same.is_sent and COMPLETE in same.state
        if not is_there and [file.sha256] != has[page : page + 1]:
            yield page


def _mappings(value: object) -> list[dict[str, object]]:
    found = value if isinstance(value, list | tuple) else ()
    return [each for each in found if isinstance(each, dict)]


def sent(job: Job, wish: Submission, page: int) -> Sent:
    """Return the page as a submission names it; raise StartOver where the receipt has it not."""
    upload, words = job.receipt.uploads.get(page), wish.pages[page]
    filename = upload.state.get(FILENAME, "") if upload else ""
    if not upload or not filename:
        raise StartOver(_("the receipt names no upload on bilibili"), page=page)
    cid = upload.state.get(CID, "")
    return Sent(
        filename=filename,
        title=page_title(words),
        description=words.description,
        cid=int(cid) if cid.isdecimal() else None,
    )


def covers_of(job: Job) -> dict[str, str]:
    """Return the addresses of the covers that were sent; none leaves the choice to the site."""
    first = job.receipt.uploads.get(0)
    if first is None or job.video.thumbnail == Thumbnail():
        return {}
    names = (COVER, COVER_43) if Submission.of(job.video).options.cover43 else (COVER,)
    return {name: first.state[name] for name in names if name in first.state}


def _known(file: FileIdentity) -> Upload:
    """Return the upload of a page of which nothing is known but that the site has it."""
    size = max(1, file.size)
    return Upload(
        sha256=file.sha256,
        part_size=size,
        total_parts=total_parts(file.size, size),
        done_parts=frozenset(range(total_parts(file.size, size))),
        state={COMPLETE: "1"},
    )


def _with_upload(page: int, upload: Upload) -> Change:
    return lambda receipt: replace(receipt, uploads={**receipt.uploads, page: upload})
