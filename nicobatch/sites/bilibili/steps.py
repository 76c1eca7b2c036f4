"""The steps that publish a video on bilibili: what each rests on, and what it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from nicobatch.errors import NotYet, VideoFailed
from nicobatch.language import N_, _
from nicobatch.model import FileIdentity, Inputs, MediaInfo, PublishMode, Video
from nicobatch.receipt import nothing
from nicobatch.sites.abilities import Difference
from nicobatch.sites.base import Change, Job, Role, Row, Step, StepSpec, StepTable, only
from nicobatch.sites.bilibili import metadata
from nicobatch.sites.bilibili.client import Client
from nicobatch.sites.bilibili.limits import EDIT, PREUPLOAD, SUBMISSION
from nicobatch.sites.bilibili.metadata import ArchiveView
from nicobatch.sites.bilibili.pages import Pages
from nicobatch.sites.bilibili.states import GOOD, WAITING, worded
from nicobatch.sites.bilibili.submission import Submission
from nicobatch.sites.bilibili.submitting import Submitting, remote_of, submitted

Medias: TypeAlias = Sequence[MediaInfo]
Files: TypeAlias = Sequence[FileIdentity]

TABLE: Final = StepTable(
    (
        StepSpec(
            name="upload",
            label=N_("uploading"),
            roles=frozenset({Role.SENDS}),
            spends=PREUPLOAD,
        ),
        StepSpec(name="cover", label=N_("setting the cover")),
        StepSpec(
            name="submit",
            label=N_("submitting the video"),
            roles=frozenset({Role.SEALS, Role.CREATES, Role.PUBLISHES, Role.CLOSES, Role.APPENDS}),
            once=True,
            spends=SUBMISSION,
            edits=EDIT,
        ),
        StepSpec(name="review", label=N_("waiting for the review"), roles=frozenset({Role.WAITS})),
        StepSpec(name="season", label=N_("adding the video to the season"), once=True),
        StepSpec(
            name="visible",
            label=N_("looking at what visitors see"),
            roles=frozenset({Role.WAITS, Role.PROVES}),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Steps:
    """What the steps do, on behalf of one account."""

    client: Client
    pages: Pages
    submitting: Submitting

    def made(self) -> Sequence[Step]:
        """Return the table's steps, in order."""
        rows: dict[str, Row] = {
            "upload": (_content, self.pages.next_calls, None),
            "cover": (_cover, only(self.pages.cover), None),
            "submit": (submitted, only(self.submitting.submit), self.submitting.ask),
            "review": (submitted, only(self._review), None),
            "season": (_season, only(self._join_season), self._ask_season),
            "visible": (_seen, only(self._visible), None),
        }
        return TABLE.made(rows, self.pages.at_once)

    def _review(self, job: Job) -> Change:
        """Raise NotYet until the site has looked at it; tell what it has made of it."""
        entry = self.client.view(remote_of(job).video_id)
        state = worded(entry.state)
        if entry.state in WAITING:
            raise NotYet(_("bilibili is still at work ({state})").format(state=state))
        if entry.state not in GOOD:
            reasons = "; ".join(filter(None, (entry.reason, *entry.troubles))) or state
            raise VideoFailed(
                _("bilibili has returned the video ({state}): {reason}").format(
                    state=state, reason=reasons
                ),
                _("change what it names at {place}, or in the upload manager").format(
                    place=job.video.where()
                ),
                code=str(entry.state),
            )
        for each in self._otherwise(job, entry):
            job.notice(each.problem(job.video.manifest, job.video.place(each.field)))
        return nothing

    def _otherwise(self, job: Job, entry: ArchiveView) -> Iterator[Difference]:
        """Yield what the site has otherwise than it was sent."""
        if len(entry.pages) != len(job.files):
            words = _("bilibili shows {there} pages, and {sent} were sent").format(
                there=len(entry.pages), sent=len(job.files)
            )
            yield Difference(field="pages", rule="visible-pages-differ", message=words)
        yield from metadata.differences(Submission.of(job.video), entry)

    def _join_season(self, job: Job) -> Change:
        section = self._section(job)
        self.client.add_episode(section, self.client.view(remote_of(job).video_id))
        return nothing

    def _ask_season(self, job: Job) -> Change | None:
        there = self.client.episodes(self._section(job))
        return nothing if int(remote_of(job).id) in there else None

    def _section(self, job: Job) -> int:
        season = Submission.of(job.video).options.season or 0
        section = self.client.section_of(season)
        if section is None:
            raise VideoFailed(
                _("the account has no season {season}").format(season=season),
                _("write the number of one of the account's seasons at {place}").format(
                    place=job.video.where("season")
                ),
            )
        return section

    def _visible(self, job: Job) -> Change:
        """Raise NotYet until visitors see the video."""
        if self.client.seen(remote_of(job).video_id) is None:
            raise NotYet(_("visitors don't see it yet"))
        return nothing


# What the outcome of each step rests on


def _content(video: Video, medias: Medias, files: Files) -> Inputs:  # noqa: ARG001
    return {"sha256": [each.sha256 for each in files]}


def _cover(video: Video, medias: Medias, files: Files) -> Inputs | None:  # noqa: ARG001
    wish = Submission.of(video)
    chosen = metadata.cover(wish)
    if not chosen:
        return None
    frame = {"sha256": files[0].sha256} if "thumbnail.timing" in chosen else {}
    shapes = {"cover43": True} if wish.options.cover43 else {}
    return {**chosen, **frame, **shapes}


def _season(video: Video, medias: Medias, files: Files) -> Inputs | None:  # noqa: ARG001
    season = Submission.of(video).options.season
    return None if season is None else {"season": season}


def _seen(video: Video, medias: Medias, files: Files) -> Inputs | None:
    public = video.publish.mode is PublishMode.PUBLIC
    return submitted(video, medias, files) if public else None
