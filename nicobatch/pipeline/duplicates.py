"""What the site says against creating a video, or changing one: there may be another one.

The journal may be lost, another tool may have been at work, or a receipt may be another's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nicobatch.errors import ListUnreadable, NicobatchError, SiteRefuses, VideoFailed
from nicobatch.journal import Receipts
from nicobatch.language import N_, _
from nicobatch.model import Problem, Video
from nicobatch.pipeline import commands
from nicobatch.pipeline.checked import CheckedVideo
from nicobatch.pipeline.deciding import PlannedVideo
from nicobatch.plan import Known, Plan, Verdict
from nicobatch.receipt import Remote
from nicobatch.sites.base import Role, Target

_THERE: Final = N_("the account already has a video of this title and length: {videos}")
_ADOPT: Final = N_(
    "if it is this one, `nicobatch adopt {video_id} {video}{options}` writes its receipt;"
    " to publish another one like it, set allow_duplicate: true"
)
_UNTOLD: Final = N_(
    "not created, as it may be there already: the account's list of videos can't be read ({reason})"
)
_WITHOUT_LIST: Final = N_(
    "look for it in the garage; if it is not there, --without-list creates it all the same"
)
_NAMESAKE: Final = N_("the account already has a video of this title, but another length: {videos}")
_FULL: Final = N_(
    "the account has room for {room} more, and {wanted} are to be created: {over} will not fit"
)
_MAKE_ROOM: Final = N_("delete some in the garage, or leave the last ones out for now")

_ANOTHER: Final = N_(
    "its receipt, which was not written here, may be another video's: {difference}"
)
_ANOTHER_HINT: Final = N_(
    "if {id} is this video all the same, `nicobatch adopt {id} {video}{options}` says so;"
    " else remove the receipt {path}"
)
_UNCHANGED: Final = N_(
    "not changed, as its receipt was not written here and the account's list of videos, which"
    " would tell whether it is right, can't be read ({reason})"
)
_LOOK_THERE: Final = N_(
    "look at {url}; if it is this video, --without-list changes it all the same"
)


@dataclass(slots=True, kw_only=True)
class DuplicateCheck:
    """Asks one account's site before anything is created there."""

    target: Target
    journal: Receipts
    without_list: bool = False
    """Whether a video is created although the site doesn't tell what is there."""
    in_the_way: str | None = None
    """The entry that kept this run from creating one, until it is known what became of it."""
    _is_warned: bool | None = None
    _untold: NicobatchError | None = None
    """Why the site doesn't tell, which it is not asked again."""

    def refusal(self, decided: PlannedVideo, known: Known) -> Plan | None:
        """Return why the video must not be created, if it looks like one that no receipt names.

        Raise what asking raises, and ListUnreadable where the site has no list to look at.
        """
        video = decided.ready.video
        if video.allow_duplicate:
            return None
        there = self._lookalikes(decided)
        found = [each for each in there if self._is_stranger(each, video, known)]
        if not found:
            return None
        hint = self._adopt(found[0], decided.ready)
        reason = _(_THERE).format(videos=_listed(found))
        return Plan(video=video.key, verdict=Verdict.REFUSE, reasons=(reason,), hint=hint)

    def is_warned(
        self,
        videos: Callable[[], Sequence[CheckedVideo]],
        known: Known,
        tell: Callable[[Problem, CheckedVideo], None],
    ) -> bool:
        """Tell, once, what speaks against creating all of the videos; return whether anything does.

        Raise what asking raises; where the site has no list to look at, there is nothing to warn of
        that would not keep each of the videos from being created.
        """
        if self._is_warned is None:
            found = self._warnings(videos(), known)
            for ready, problem in found:
                tell(problem, ready)
            self._is_warned = bool(found)
        return self._is_warned

    def _warnings(
        self, videos: Sequence[CheckedVideo], known: Known
    ) -> list[tuple[CheckedVideo, Problem]]:
        """Return what speaks against creating them, each with the video it is about."""
        try:
            return [*self._too_many(videos), *self._namesakes(videos, known)]
        except (SiteRefuses, VideoFailed) as error:
            self._untold = error
            return []

    def _too_many(self, videos: Sequence[CheckedVideo]) -> Iterator[tuple[CheckedVideo, Problem]]:
        room, wanted = self.target.room(), len(videos)
        if room is not None and room < wanted:
            message = _(_FULL).format(room=max(0, room), wanted=wanted, over=wanted - max(0, room))
            first = videos[max(0, room)]
            yield first, first.video.problem("title", "account-full", message, _(_MAKE_ROOM))

    def _namesakes(
        self, videos: Sequence[CheckedVideo], known: Known
    ) -> Iterator[tuple[CheckedVideo, Problem]]:
        for each in videos:
            if each.video.allow_duplicate:
                continue
            there = self.target.namesakes(each.video, each.medias)
            strangers = [other for other in there if self._is_stranger(other, each.video, known)]
            if strangers:
                message = _(_NAMESAKE).format(videos=_listed(strangers))
                hint = self._adopt(strangers[0], each)
                yield each, each.video.problem("title", "same-title", message, hint)

    def demand_none(self, decided: PlannedVideo, known: Known) -> None:
        """Raise VideoFailed where there is a reason not to create the video."""
        refusal = self.refusal(decided, known)
        if refusal:
            raise VideoFailed("; ".join(refusal.reasons), refusal.hint)

    def _lookalikes(self, decided: PlannedVideo) -> Sequence[Remote]:
        """Ask for them; a second video is worse than one that is not created."""
        if self._untold is None:
            try:
                found = self.target.lookalikes(
                    decided.ready.video, decided.ready.medias, in_the_way=self.in_the_way
                )
            except (SiteRefuses, VideoFailed) as error:
                self._untold = error
            else:
                self.in_the_way = None
                return found
        if self.without_list:
            return ()
        raise ListUnreadable(_(_UNTOLD).format(reason=self._untold), _(_WITHOUT_LIST))

    def _is_stranger(self, remote: Remote, video: Video, known: Known) -> bool:
        """Tell whether no receipt names what is there."""
        return not known.holders(video.site, self.target.origin, remote.id)

    def _adopt(self, remote: Remote, ready: CheckedVideo) -> str:
        video, options = ready.video, commands.options(self.journal, ready.video.account)
        return _(_ADOPT).format(
            video_id=remote.video_id, video=commands.word(video.key), options=options
        )


@dataclass(frozen=True, slots=True)
class ReceiptCheck:
    """Asks one account's site about what receipts name that were not written here."""

    target: Target
    journal: Receipts
    without_list: bool

    def demand_same(self, decided: PlannedVideo) -> None:
        """Raise VideoFailed where the site's video, which is to be changed, is not the receipt's.

        Raise ListUnreadable where the site doesn't tell, and what else asking raises.
        """
        receipt, video = decided.receipt, decided.ready.video
        if receipt is None or receipt.remote is None or not self._changes(decided):
            return
        if self.journal.is_own(video, receipt):
            return
        try:
            difference = self.target.mismatch(receipt, video, decided.ready.medias)
        except (SiteRefuses, VideoFailed) as error:
            if self.without_list:
                return
            hint = _(_LOOK_THERE).format(url=receipt.remote.url)
            raise ListUnreadable(_(_UNCHANGED).format(reason=error), hint) from None
        if difference:
            hint = _(_ANOTHER_HINT).format(
                id=receipt.remote.video_id,
                video=commands.word(video.key),
                options=commands.options(self.journal, video.account),
                path=self.journal.path(video),
            )
            raise VideoFailed(_(_ANOTHER).format(difference=difference), hint)
        self.journal.vouch(video, receipt)

    def _changes(self, decided: PlannedVideo) -> bool:
        """Tell whether there is more to do than to look on."""
        return not decided.wanted.table.names(Role.WAITS).issuperset(decided.plan.steps)


def _listed(remotes: Sequence[Remote]) -> str:
    return ", ".join(f"{each.video_id} ({each.url})" for each in remotes)
