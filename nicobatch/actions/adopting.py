"""Adopting a video: the receipt of one that is there already, with nothing sent."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nicobatch import sites
from nicobatch.actions.access import Site
from nicobatch.actions.naming import id_of, is_id
from nicobatch.actions.patience import Hold, asked, lock_folder, telling
from nicobatch.errors import UsageError, VideoFailed
from nicobatch.events import Event
from nicobatch.journal import Journal
from nicobatch.language import N_, _
from nicobatch.locks import Locks
from nicobatch.manifest.naming import Named
from nicobatch.model import FileIdentity, Inputs, Json
from nicobatch.pipeline import Checked, CheckedVideo, Owner
from nicobatch.pipeline.deciding import identify, new_receipt, wanted
from nicobatch.pipeline.locking import AccountLocks, Guards
from nicobatch.pipeline.receipt_writer import ReceiptWriter
from nicobatch.plan import digest
from nicobatch.receipt import Receipt, ReceiptPlace, Remote, StepState
from nicobatch.sites.abilities import ListsVideos, OwnVideo, Standing
from nicobatch.sites.base import Role

_UNKNOWN: Final = N_("{id} is not among the videos of {who}")
_UNKNOWN_HINT: Final = N_(
    "check the id, and that --account names who posted it;"
    " drafts, and videos that are still being encoded, are not listed"
)
_LENGTHS: Final = N_("{id} is {listed:.0f} s long, and {file} is {seconds:.0f} s long")
_DRAFT: Final = N_("{id} is published, and the manifest says publish: draft")
_DELETED: Final = N_("{id} is deleted")
_TAKEN: Final = N_("{video} has the receipt of another video already: {id}")
_TAKEN_HINT: Final = N_("if that one is wrong, remove {path} and run this again")
_OTHERS: Final = N_("{id} is the video of {video} already")
_ELSEWHERE: Final = N_("the receipt of {video} belongs to {origin}")
_KEPT: Final = N_("{video} has the receipt of {id} already; nothing was changed")
_ADOPTED: Final = N_("{id} is adopted as {video}: it will not be uploaded again")
_BEGUN: Final = N_("{id} is adopted as {video}: publish goes on with it")
_DIFFERS: Final = N_("{id} is adopted as {video}; publish will change: {names}")


def adopt(
    name: str, ready: CheckedVideo, journal: Journal, site: Site, listen: Callable[[Event], None]
) -> tuple[str, dict[str, Json]]:
    """Write the receipt of the site's video, and say so in words and as data.

    `name` is its id, or an address that has it. Signs in. Raise UsageError where it names none,
    VideoFailed where it can't be this one, JournalError, and what asking raises.
    """
    video_id = id_of(name, ready.video.site)
    with contextlib.closing(site.at(ready.video.site).target(ready.video.account)) as target:
        return _Adoption(ready, target, journal, listen).of(video_id)


def meant(video_id: str, name: Named, found: Checked) -> CheckedVideo | None:
    """Return the named video on the site that has such ids; of several, on its first one.

    None where problems are in the way. Raise UsageError where there is no such video, or several.
    """
    for each in found.problems:
        if each.rule in {"video-unknown", "video-elsewhere"}:
            raise UsageError(each.message, each.hint)
    if not found.is_fine(strict=False):
        return None
    ids = list(dict.fromkeys(each.video.id for each in found.ready))
    if len(ids) != 1:
        raise UsageError(
            _("{manifest} has several videos: {ids}").format(
                manifest=name.manifest, ids=", ".join(ids)
            ),
            _("name one, after a #"),
        )
    fitting = (each for each in found.ready if is_id(video_id, each.video.site))
    return next(fitting, found.ready[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What the receipt is to say of the video, and what is to be said of that."""

    remote: Remote
    steps: Mapping[str, Inputs]
    """Those that are done."""
    words: str
    own: OwnVideo | None = None
    """As the account's list has it, if it does."""
    differs: tuple[str, ...] = ()
    """The fields that are to be other ones than they are there."""


@dataclass(frozen=True, slots=True)
class _Adoption:
    """One video of a manifest that is to have the receipt of one that is there."""

    ready: CheckedVideo
    target: ListsVideos
    journal: Journal
    listen: Callable[[Event], None]

    def of(self, video_id: str) -> tuple[str, dict[str, Json]]:
        """Write the receipt, and say so; raise what keeps it from being written."""
        files, video = identify(self.ready).files, self.ready.video
        take = Hold(locks=Locks("adopt"), waiting=telling(self.listen, video.key))
        with AccountLocks(lock_folder(), self.target.origin, Owner.of(video)) as locks:
            locks.hold(take)
            claim = self._claim(video_id, files)
            with locks.of_receipt(self.journal, video, take) as guards:
                if not self._write(claim, new_receipt(video, files, self.target), guards):
                    return self._told(_KEPT, claim.remote, (), adopted=False)
        return self._told(claim.words, claim.remote, claim.differs, adopted=True)

    def _claim(self, video_id: str, files: tuple[FileIdentity, ...]) -> _Claim:
        """Ask the site what the video is; raise VideoFailed where it can't be this one."""
        who = asked(self.target.sign_in)
        own = asked(lambda: self.target.find(video_id))
        steps = wanted(self.ready, files, self.target, self.journal, wait=True).steps
        if own:
            self._demand_fit(own)
            return self._of_listed(own, steps)
        empty = asked(lambda: self.target.untouched(video_id))
        if empty is None:
            shown = sites.site(self.ready.video.site).shown_id(video_id)
            raise VideoFailed(_(_UNKNOWN).format(id=shown, who=who), _(_UNKNOWN_HINT))
        creating = self.target.table.name(Role.CREATES)
        return _Claim(remote=empty, steps={creating: steps[creating]}, words=_BEGUN)

    def _demand_fit(self, own: OwnVideo) -> None:
        media, file = self.ready.medias[0], self.ready.video.file
        if own.standing is Standing.DELETED:
            raise VideoFailed(_(_DELETED).format(id=own.video_id))
        if own.duration is not None and media.duration and not own.is_as_long_as(media.duration):
            message = _(_LENGTHS).format(
                id=own.video_id, listed=own.duration, file=file.name, seconds=media.duration
            )
            raise VideoFailed(
                message, _("check whether the id or the manifest belongs to another video")
            )

    def _of_listed(self, own: OwnVideo, steps: Mapping[str, Inputs]) -> _Claim:
        """Return the claim by which every step is done, as far as the list tells."""
        publishing = self.target.table.name(Role.PUBLISHES)
        if publishing not in steps:
            raise VideoFailed(
                _(_DRAFT).format(id=own.video_id), _("publish: true or false says who is to see it")
            )
        asked_for, there = steps[publishing], self.target.as_listed(steps[publishing], own)
        differs = tuple(name for name, value in asked_for.items() if there[name] != value)
        return _Claim(
            remote=self.target.remote(own),
            steps={**steps, publishing: there},
            words=_DIFFERS if differs else _ADOPTED,
            own=own,
            differs=differs,
        )

    def _write(self, claim: _Claim, new: Receipt, guards: Guards) -> bool:
        """Write the receipt, as nobody else may meanwhile; return whether there was a need."""
        video, publishing = self.ready.video, self.target.table.name(Role.PUBLISHES)
        before = self.journal.read(video)
        self._demand_free(claim.remote, before)
        start = before or new
        writer = ReceiptWriter(video=video, receipt=start, journal=self.journal, guards=guards)
        is_held = before is not None and before.remote is not None and not before.is_deleted
        goes_on = publishing not in claim.steps
        if is_held and (goes_on or start.state(publishing) is StepState.DONE):
            writer.note(lambda receipt: self._refreshed(receipt, claim))
        else:
            adopted = replace(new, attempt=start.attempt + 1, remote=claim.remote)
            writer.finish_all(claim.steps, lambda _before: adopted)
        writer.save()
        self.journal.vouch(video, writer.receipt)
        return writer.receipt != before

    def _demand_free(self, remote: Remote, before: Receipt | None) -> None:
        """Raise VideoFailed where a receipt says otherwise of the one or the other video."""
        video, origin = self.ready.video, self.target.origin
        if before and before.origin != origin:
            raise VideoFailed(_(_ELSEWHERE).format(video=video.key, origin=before.origin))
        if before and before.remote and before.remote.id != remote.id and not before.is_deleted:
            raise VideoFailed(
                _(_TAKEN).format(video=video.key, id=before.remote.video_id),
                _(_TAKEN_HINT).format(path=self.journal.path(video)),
            )
        for path, each in self.journal.receipts(video.manifest):
            is_it = each.remote and (each.origin, each.remote.id) == (origin, remote.id)
            if is_it and path != self.journal.path(video) and not each.is_deleted:
                name = ReceiptPlace.of(path, each.site).key
                raise VideoFailed(_(_OTHERS).format(id=remote.video_id, video=name))

    def _refreshed(self, before: Receipt, claim: _Claim) -> Receipt:
        """Return the receipt with what is on the site now in place of what was sent last."""
        publishing = self.target.table.name(Role.PUBLISHES)
        record = before.steps.get(publishing)
        if claim.own is None or record is None:
            return before
        there = self.target.as_listed(record.inputs, claim.own)
        if there == record.inputs:
            return before
        record = replace(record, inputs=there, digest=digest(there))
        steps = {**before.steps, publishing: record}
        return replace(before, steps=steps, attempt=before.attempt + 1)

    def _told(
        self, words: str, remote: Remote, differs: Sequence[str], *, adopted: bool
    ) -> tuple[str, dict[str, Json]]:
        key = self.ready.video.key
        told = _(words).format(id=remote.video_id, video=key, names=", ".join(differs))
        data = {"video": key, "id": remote.video_id, "url": remote.url}
        return told, {**data, "adopted": adopted, "differs": list(differs)}
