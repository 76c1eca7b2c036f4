"""The submission, which publishes a video on bilibili, and its changes afterwards."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from nicobatch.errors import EntryGone, NotYet, StartOver, VideoFailed
from nicobatch.language import N_, _
from nicobatch.model import FileIdentity, Inputs, MediaInfo, Video
from nicobatch.receipt import Remote, StepState, nothing, read_moment
from nicobatch.sites.abilities import folded
from nicobatch.sites.base import Change, Job
from nicobatch.sites.bilibili import checking, metadata
from nicobatch.sites.bilibili.client import Client
from nicobatch.sites.bilibili.codes import PageSpoiled, TitleTaken
from nicobatch.sites.bilibili.limits import EDIT, SUBMISSION
from nicobatch.sites.bilibili.metadata import ArchiveView
from nicobatch.sites.bilibili.pages import BEGUN, FILENAME, STARTS, covers_of, sent
from nicobatch.sites.bilibili.profiles import Profile
from nicobatch.sites.bilibili.states import WAITING, worded
from nicobatch.sites.bilibili.submission import Submission, page_title
from nicobatch.sites.bilibili.uploads import Uploads

COVERS: Final = frozenset({"thumbnail.file", "thumbnail.timing", "cover43"})
"""The fields that another cover follows from."""
LOOKED_AT: Final = 10
"""Videos of the list that are looked into for our files, of those that may be ours."""
_EARLIER: Final = timedelta(minutes=10)
"""By how much the site's clock may be behind ours."""
_SHRINKS: Final = N_(
    "bilibili shows {there} pages of {id}, and {known} were submitted: nothing is changed, as"
    " pages would be lost"
)


@dataclass(frozen=True, slots=True)
class Submitting:
    """The calls that submit a video, and that change it."""

    profile: Profile
    client: Client
    uploads: Uploads
    now: Callable[[], datetime]

    def submit(self, job: Job) -> Change:
        """Submit the video, or send it anew where that is done; what is sent is all there is."""
        if job.receipt.state("submit") is StepState.DONE:
            return self._edit(job)
        wish = Submission.of(job.video)
        for found in checking.time_findings(wish, self.now()):
            problem = found.problem(job.video)
            raise VideoFailed(problem.message, problem.hint)
        pages = [sent(job, wish, page) for page in range(len(job.files))]
        body = metadata.body(wish, pages, covers_of(job), self.client.csrf)
        job.spend(SUBMISSION)
        try:
            aid, bvid = self.client.submit(body)
        except (TitleTaken, PageSpoiled) as error:
            if entry := self._find(job):  # an earlier run's, whose answer or receipt was lost
                return self._published(job, entry.aid, entry.bvid)
            raise self._spoiled(job, error) from None
        return self._published(job, aid, bvid)

    def _published(self, job: Job, aid: int, bvid: str) -> Change:
        """Note the video, whose uploads need not be opened any more."""
        for upload in job.receipt.uploads.values():
            self.uploads.forget(upload.state.get(FILENAME, ""))
        remote = Remote(id=str(aid), video_id=bvid, url=self.client.watch_url(bvid))
        return lambda receipt: replace(receipt, remote=remote)

    def _spoiled(self, job: Job, error: TitleTaken | PageSpoiled) -> Exception:
        """Return what has the page that the refusal names, if it does, uploaded once more."""
        if isinstance(error, TitleTaken):
            return error
        named = re.search(r"\d+", error.detail)
        page = int(named[0]) - 1 if named else 0
        upload = job.receipt.uploads.get(page)
        if upload is None or int(upload.state.get(BEGUN, "1")) >= STARTS:
            return error
        self.uploads.forget(upload.state.get(FILENAME, ""))
        return StartOver(error.message, error.hint, page=page)

    def ask(self, job: Job) -> Change | None:
        """Look for our files among the account's newest videos; the list may be behind."""
        if entry := self._find(job):
            return self._published(job, entry.aid, entry.bvid)
        begun = _begun(job)
        if begun and self.now() - begun < timedelta(seconds=self.profile.settling):
            raise NotYet(_("bilibili's list does not show the video yet"))
        return None

    def _find(self, job: Job) -> ArchiveView | None:
        """Return the video that has our files, as only they tell it from another one."""
        ours = [each.state.get(FILENAME, "") for each in job.receipt.uploads.values()]
        begun = _begun(job)
        since = (begun - _EARLIER).timestamp() if begun else math.inf
        title, looked = folded(job.video.title), 0
        for each in self.client.archives():
            if begun and each.created and each.created < since:
                return None
            if folded(each.title) == title or each.created >= since:
                entry, looked = self.client.view(each.bvid), looked + 1
                if any(ours) and entry.has(ours):
                    return entry
            if looked >= LOOKED_AT:
                return None
        return None

    def _edit(self, job: Job) -> Change:
        """Send the video anew: what has changed, and pages that were added."""
        entry = self.client.view(remote_of(job).video_id)
        if entry.state in WAITING:
            raise NotYet(
                _("bilibili changes nothing during the review ({state})").format(
                    state=worded(entry.state)
                )
            )
        wish, before = Submission.of(job.video), job.receipt.steps["submit"].inputs
        known = before.get("pages")
        count = len(known) if isinstance(known, list | tuple) else 1
        if len(entry.pages) < count:
            words = _(_SHRINKS).format(there=len(entry.pages), id=entry.bvid, known=count)
            raise VideoFailed(words, _("look at it in the upload manager"))
        wanted = submitted(job.video, job.medias, job.files)
        names = dict.fromkeys((*before, *wanted))
        fields = [name for name in names if before.get(name) != wanted.get(name)]
        added = [sent(job, wish, page) for page in range(count, len(job.files))]
        there = {page.filename for page in entry.pages}
        body = metadata.edited(
            _retitled(entry, wish),
            wish,
            fields,
            pages=[page for page in added if page.filename not in there],
            covers=covers_of(job) if COVERS.intersection(fields) else {},
            csrf=self.client.csrf,
        )
        job.spend(EDIT)
        self.client.edit(body)
        return nothing


def _begun(job: Job) -> datetime | None:
    """Return when the submission was begun; None where no receipt tells of one."""
    record = job.receipt.steps.get("submit")
    return read_moment(record.at) if record else None


def submitted(
    video: Video,
    medias: Sequence[MediaInfo],  # noqa: ARG001 - as steps are asked
    files: Sequence[FileIdentity],
) -> Inputs:
    """Return what the submission rests on: all that is said of the video, and its pages."""
    wish = Submission.of(video)
    pages = [
        {"title": page_title(page), "description": page.description, "sha256": file.sha256}
        for page, file in zip(wish.pages, files, strict=True)
    ]
    return {**metadata.inputs(wish), "pages": pages}


def remote_of(job: Job) -> Remote:
    """Return the video on bilibili; raise EntryGone where the receipt names none."""
    if job.receipt.remote is None:
        raise EntryGone(_("the receipt names no video on bilibili"))
    return job.receipt.remote


def _retitled(entry: ArchiveView, wish: Submission) -> ArchiveView:
    """Return the video with its pages called as the manifest calls them; both are in order."""
    called = [
        replace(there, title=page_title(words), description=words.description)
        for there, words in zip(entry.pages, wish.pages, strict=False)
    ]
    return replace(entry, pages=(*called, *entry.pages[len(called) :]))
