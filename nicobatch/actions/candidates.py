"""Which videos a user means to have deleted, and that they are the user's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nicobatch import disk
from nicobatch.actions.naming import Named, named, number
from nicobatch.actions.patience import asked
from nicobatch.actions.receipts import below
from nicobatch.errors import Passing, UsageError, VideoFailed
from nicobatch.journal import Journal
from nicobatch.language import N_, _
from nicobatch.model import Receipt, ReceiptPlace, Remote, Video
from nicobatch.sites.abilities import Deletes, LooksAsVisitor, OwnVideo, printable

_NAMELESS: Final = N_("{name} names neither a video on niconico nor a manifest")
_NAMELESS_HINT: Final = N_(
    "write an id, like sm39130867, the address of its page, or MANIFEST#VIDEO, like m.yaml#ep-01"
)
_NO_RECEIPT: Final = N_("{name} has no receipt, so nothing is known to be on niconico")
_NO_RECEIPT_HINT: Final = N_(
    "give the id of the video itself; `nicobatch status --remote` shows it"
)
_ELSEWHERE: Final = N_("the receipt of {video} belongs to {origin}, not to {asked}")
_OTHER_ACCOUNT: Final = N_("the receipt of {video} says account {has}, and --account says {asked}")
_NOT_OURS: Final = N_("{id} is not among the videos of {who}: nothing was deleted")
_NOT_OURS_HINT: Final = N_(
    "check the id, and that --account names who posted it; a draft, or a video that is still"
    " being encoded, is not listed: name it by MANIFEST#VIDEO, where its receipt is"
)
_THERE: Final = N_("it is on niconico all the same ({sight}): check whether that account posted it")


@dataclass(frozen=True, slots=True)
class Held:
    """A receipt and where it lies; `video` stands for it before the journal."""

    path: Path
    receipt: Receipt
    video: Video


@dataclass(frozen=True, slots=True)
class Meant:
    """What one word of the command line means: a number on the site, and its receipt if any."""

    id: str
    account: str
    held: Held | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A video that is to be deleted, as the site and the journal know it."""

    account: str
    who: str
    remote: Remote
    title: str
    views: int | None = None
    listed: bool
    """Whether the account's list has it."""
    there: bool
    held: Held | None

    @property
    def is_buried(self) -> bool:
        """Whether it is gone, and its receipt says so."""
        return not self.there and self.held is not None and self.held.receipt.is_deleted


@dataclass(frozen=True, slots=True)
class Search:
    """Finds what is meant in the journal, then on the site of that origin."""

    journal: Journal
    origin: str
    account: str | None
    """Whose videos they are, whatever receipts say; None leaves it to them."""

    def meant(self, names: Sequence[str]) -> list[Meant]:
        """Return what is named, each video once; raise UsageError, VideoFailed, JournalError."""
        found: dict[str, Meant] = {}
        for name in names:
            for each in self._of(name):
                found.setdefault(each.id, each)
        return list(found.values())

    def _of(self, name: str) -> Iterator[Meant]:
        try:
            listed = number(name)
        except UsageError:
            yield from self._of_manifest(_manifest(name), name)
            return
        yield self._by_number(listed)

    def _by_number(self, listed: str) -> Meant:
        """Look for the receipt here and below; one that is in force comes before a tombstone."""
        found = [
            (path, each)
            for path, each in below(Path(), self.journal)
            if each.remote and (each.origin, each.remote.id) == (self.origin, listed)
        ]
        for path, receipt in sorted(found, key=lambda pair: pair[1].is_deleted):
            return self._meant(listed, path, receipt)
        return Meant(listed, self.account or "main")

    def _of_manifest(self, name: Named, text: str) -> Iterator[Meant]:
        there = False
        for path, receipt in self.journal.receipts(name.manifest):
            place = ReceiptPlace.of(path, receipt.site)
            is_its = disk.is_same_name(place.manifest, name.manifest.name)
            is_meant = name.video is None or disk.is_same_name(place.video, name.video)
            if is_its and is_meant and receipt.remote:
                there = True
                yield self._meant(receipt.remote.id, path, receipt)
        if not there:
            raise VideoFailed(_(_NO_RECEIPT).format(name=text), _(_NO_RECEIPT_HINT))

    def _meant(self, listed: str, path: Path, receipt: Receipt) -> Meant:
        video = self.journal.video(path, receipt)
        if receipt.origin != self.origin:
            raise VideoFailed(
                _(_ELSEWHERE).format(video=video.key, origin=receipt.origin, asked=self.origin)
            )
        if self.account not in {None, receipt.account}:
            raise VideoFailed(
                _(_OTHER_ACCOUNT).format(video=video.key, has=receipt.account, asked=self.account)
            )
        return Meant(listed, receipt.account, Held(path, receipt, video))


def _manifest(text: str) -> Named:
    try:
        return named(text)
    except UsageError:
        raise UsageError(_(_NAMELESS).format(name=text), _(_NAMELESS_HINT)) from None


def looked_up(meant: Meant, target: Deletes, who: str, stop: threading.Event) -> Candidate:
    """Ask niconico about the video; raise VideoFailed where it is not the account's."""
    held, own = meant.held, asked(lambda: target.find(meant.id), stop)
    if own:
        remote, there = target.remote(own), not own.deleted
    elif held and held.receipt.remote:
        remote, known = held.receipt.remote, held.receipt.is_deleted
        there = not known and asked(lambda: target.is_entry(remote.id), stop)
        if not (there or known):
            _demand_unseen(remote, target, who, stop)
    elif empty := asked(lambda: target.untouched(meant.id), stop):
        remote, there = empty, True
    else:
        raise VideoFailed(_(_NOT_OURS).format(id=f"sm{meant.id}", who=who), _(_NOT_OURS_HINT))
    return Candidate(
        account=meant.account,
        who=who,
        remote=remote,
        title=_title(own, held),
        views=own.views if own else None,
        listed=own is not None,
        there=there,
        held=held,
    )


def _demand_unseen(remote: Remote, target: Deletes, who: str, stop: threading.Event) -> None:
    """Raise VideoFailed where visitors meet what the account doesn't have: it is another's."""
    if not isinstance(target, LooksAsVisitor):
        return
    try:
        view = asked(lambda: target.look(remote, {}), stop)
    except (Passing, VideoFailed):  # the page tells nothing, and the account's own answers count
        return
    if not view.is_absent:
        raise VideoFailed(
            _(_NOT_OURS).format(id=remote.video_id, who=who), _(_THERE).format(sight=view.told)
        )


def _title(own: OwnVideo | None, held: Held | None) -> str:
    """Return the site's title, or else what was sent there."""
    if own and own.title:
        return printable(own.title)
    for record in held.receipt.steps.values() if held else ():
        if "title" in record.inputs:
            return printable(record.inputs["title"])
    return ""
