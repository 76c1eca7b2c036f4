"""Whether the video that a receipt names can be the receipt's, where nobody vouches for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nicobatch.errors import EntryGone, NotYet
from nicobatch.language import N_, _
from nicobatch.model import MediaInfo, Remote, StepRecord, StepState, Video
from nicobatch.sites.niconico.answers import printable
from nicobatch.sites.niconico.client import Client
from nicobatch.sites.niconico.library import Library, OwnVideo, folded

ENCODING: Final = frozenset({"ACCEPTED", "TRANSCODING"})
"""`videoFileStatus` from the upload's end to the encoding's."""
REGISTERING: Final = frozenset({"PREPARING-REGISTER", "REGISTERING"})
REGISTERED: Final = REGISTERING | {"REGISTERED"}
"""`postStatus` from the moment the video was published."""
_TITLE: Final = N_("{id} is called {title}, and the receipt says {sent}")
_LENGTHS: Final = N_("{id} is {listed:.0f} s long, and {file} is {seconds:.0f} s long")
_DELETED: Final = N_("{id} is deleted")
_UNLISTED: Final = N_("{id} is not among the account's videos")
_PUBLISHED: Final = N_("{id} is published already, and the receipt knows nothing of that")
_UNPUBLISHED: Final = N_("{id} is not published, and the receipt says that it is")
_ENCODING: Final = N_("niconico lists {id}, which is to be changed, once it is encoded")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a receipt says of a video on niconico, and the video of the manifest."""

    remote: Remote
    record: StepRecord | None
    """The publication, if it was begun."""
    video: Video
    media: MediaInfo

    def mismatch(self, client: Client, library: Library) -> str:
        """Return what speaks against it; nothing if all is well. Raise what asking raises."""
        is_done = self.record is not None and self.record.state is StepState.DONE
        if is_done and (own := library.find(self.remote.id)):
            return self._difference(own)
        try:
            status = client.status(self.remote.id)
        except EntryGone:  # which an upload that was not published may well be
            return self._words(_UNLISTED) if is_done else ""
        if status.post not in REGISTERED:
            return self._words(_UNPUBLISHED) if is_done else ""
        if self.record is None:
            return self._words(_PUBLISHED)
        if own := library.find(self.remote.id):
            return self._difference(own)
        if status.file not in ENCODING:
            return self._words(_UNLISTED)
        library.expire()
        raise NotYet(self._words(_ENCODING))

    def _difference(self, own: OwnVideo) -> str:
        """Compare with the list, whose title was sent last, or by an edit of a lost answer."""
        if own.deleted:
            return self._words(_DELETED)
        file, seconds = self.video.file.name, self.media.duration
        if seconds and not own.is_as_long_as(seconds):  # none is known where the file is not here
            return self._words(_LENGTHS, listed=own.duration, file=file, seconds=seconds)
        sent = self.record.inputs.get("title") if self.record else None
        titles = {folded(each) for each in (sent, self.video.title) if isinstance(each, str)}
        if own.title is None or folded(own.title) in titles:
            return ""
        return self._words(_TITLE, title=printable(own.title), sent=printable(sent))

    def _words(self, words: str, **more: object) -> str:
        return _(words).format(id=self.remote.video_id, **more)
