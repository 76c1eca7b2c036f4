"""The steps that look on while niconico works: at the encoding, then at what visitors see."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from nicobatch.errors import NotYet, VideoFailed
from nicobatch.http import Http
from nicobatch.language import N_, _
from nicobatch.model import Remote
from nicobatch.sites.base import Change, Job
from nicobatch.sites.niconico import looking, step_inputs
from nicobatch.sites.niconico.answers import printable
from nicobatch.sites.niconico.client import Client, Status
from nicobatch.sites.niconico.differences import differences
from nicobatch.sites.niconico.profiles import Profile
from nicobatch.sites.niconico.receipts import nothing, remote_of

ENCODED: Final = "TRANSFERED"
"""`videoFileStatus` of a file that can be watched; the spelling is niconico's."""
FAILED: Final = frozenset({"TRANSFER-FAILED", "DELETED"})
_STATES: Final = MappingProxyType(
    {
        "NOT-UPLOAD": N_("the file has not arrived"),
        "ACCEPTED": N_("the file has arrived, and waits its turn"),
        "TRANSCODING": N_("the encoder is at work"),
        "TRANSFERED": N_("encoded"),
        "TRANSFER-FAILED": N_("the encoder failed"),
        "DELETED": N_("it was deleted"),
    }
)
"""By `videoFileStatus`; the last one may be a `postStatus`, too."""


@dataclass(frozen=True, slots=True)
class Polling:
    """Asks once a call; asking again later is the pipeline's."""

    profile: Profile
    http: Http
    client: Client

    def encoded(self, job: Job) -> Change:
        """Raise NotYet until the file can be watched, and VideoFailed where it never will."""
        status = self.client.status(remote_of(job).id)
        if {status.file, status.post} & FAILED:
            raise VideoFailed(
                _("niconico could not use the video ({states})").format(states=_words(status))
            )
        if status.file != ENCODED:
            raise NotYet(_("niconico is still encoding ({states})").format(states=_words(status)))
        return nothing

    def visible(self, job: Job) -> Change:
        """Raise NotYet until visitors see the video or its timer; tell what they see otherwise."""
        sight = self.look(remote_of(job))
        if sight.standing in looking.PENDING:
            raise NotYet(_("not visible yet: {sight}").format(sight=sight))
        if sight.standing not in looking.SHOWN:
            raise VideoFailed(_("not visible: {sight}").format(sight=sight))
        wanted = step_inputs.seen(job.video, job.media, job.file)
        for each in differences(wanted, sight) if wanted else ():
            job.notice(each.problem(job.video.manifest, job.video.place(each.field)))
        return nothing

    def look(self, remote: Remote) -> looking.Sight:
        """Look at the video as a visitor; raise Passing or VideoFailed where that tells nothing."""
        return looking.look(self.profile, self.http, remote.video_id)


def _words(status: Status) -> str:
    """Say what niconico is doing; a state that is not known here goes by niconico's name."""
    state = status.post if status.post in FAILED else status.file
    return _(_STATES.get(state, printable(state)))
