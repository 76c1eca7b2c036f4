"""From paths to videos that are ready to be published: manifests and media, checked together."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from nicobatch import manifest, media, sites
from nicobatch.actions import remembered
from nicobatch.actions.access import Access
from nicobatch.errors import JournalError, UsageError, VideoFailed
from nicobatch.journal import Journal
from nicobatch.language import _
from nicobatch.media import rules
from nicobatch.model import DEFAULT_SITE, FileIdentity, MediaInfo, Problem, Severity, Video
from nicobatch.origin import stored
from nicobatch.pipeline import Checked, CheckedVideo

if TYPE_CHECKING:
    from nicobatch.fleet.scratch import Fetched
    from nicobatch.plan import KnownFiles
    from nicobatch.receipt import Receipt
    from nicobatch.sites.description import Site

Fetch: TypeAlias = "Callable[[Video], contextlib.AbstractContextManager[Fetched]]"
"""Brings a video's files here from the store that they lie in, as long as one looks into them."""
Told: TypeAlias = Callable[[str, int, int], None]
"""Is told what is being done, how far that has come, and how far it has to."""


def _untold(doing: str, done: int, total: int) -> None:
    """Have nobody look on."""


def read(  # noqa: PLR0913 - each of them may be left out
    paths: Sequence[str],
    access: Access,
    *,
    exclude: Sequence[str] = (),
    probe: bool = True,
    fetch: Fetch | None = None,
    told: Told = _untold,
) -> Checked:
    """Read every manifest, then look into every video; never raises for what they hold."""
    loaded = load(paths, access, exclude=exclude, told=told)
    return check(loaded, access, probe=probe, fetch=fetch, told=told)


def load(
    paths: Sequence[str],
    access: Access,
    *,
    exclude: Sequence[str] = (),
    chosen: bool = True,
    told: Told = _untold,
) -> manifest.Loaded:
    """Read every manifest; never raises for what they hold.

    Without `chosen`, no person named the paths: other tools' files are left alone.
    """
    described: Mapping[str, Site] = sites.Described()
    if access.site().takes("community"):
        described = {**described, DEFAULT_SITE: described[DEFAULT_SITE].still("community")}
    return manifest.load(
        paths,
        sites=described,
        now=datetime.now(UTC).astimezone(),
        exclude=exclude,
        chosen=chosen,
        means=access.means,
        stands=remembered.stands(access.receipts),
        sent=remembered.sent(access.receipts),
        refused=remembered.refused(access),
        told=functools.partial(told, _("reading the manifests")),
    )


def check(
    loaded: manifest.Loaded,
    access: Access,
    *,
    probe: bool = True,
    fetch: Fetch | None = None,
    told: Told = _untold,
) -> Checked:
    """Look into every video that was read of; without `probe`, at nothing but name and size.

    What lies in a store is looked into where `fetch` can bring it here.
    """
    taken = media.places(each.file for each in (*loaded.videos, *loaded.flawed))
    look = _Look(access.receipts, sites.Described(), probe, taken)
    videos, ready, away, problems = [], [], [], list(loaded.problems)
    for video in loaded.flawed:
        problems += look(video)[1]
    doing, total = _("looking into the videos"), len(loaded.videos)
    for number, read in enumerate(loaded.videos):
        told(doing, number, total)
        in_store = fetch and any(map(stored, read.named))
        video, one, found = _fetched(look, read, fetch) if fetch and in_store else look.whole(read)
        videos.append(video)
        problems += found
        if one and one.is_away:
            away.append(video)
        if one and probe and not any(each.stops() for each in found):
            ready.append(one)
    problems.sort(key=in_order)
    return Checked(
        manifests=loaded.manifests,
        ready=tuple(ready),
        problems=tuple(dict.fromkeys(problems)),  # of a file that is for several sites, once
        videos=(*videos, *loaded.flawed),
        patterns=loaded.patterns,
        away=tuple(away),
    )


def _fetched(
    look: _Look, read: Video, fetch: Fetch
) -> tuple[Video, CheckedVideo | None, tuple[Problem, ...]]:
    """Look into a video whose files are here only meanwhile."""
    try:
        with fetch(read) as here:
            video, one, found = look.whole(here.video, here.infos)
            one = one and here.ready(one)
    except VideoFailed as error:
        rule, hint = rules.UNREADABLE.id, error.hint
        return read, None, (read.problem("file", rule, str(error), hint, Severity.ERROR),)
    return here.named(video), one, tuple(map(here.told, found))


def in_order(problem: Problem) -> tuple[str, int, int]:
    """Return by what findings are sorted: where they stand."""
    return str(problem.path), problem.line, problem.column


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks into videos' files, or for one that is not here into its receipt."""

    journal: Journal
    sites: Mapping[str, Site]
    probe: bool
    taken: Collection[Path]
    """Where files lie that entries name."""

    def __call__(
        self, video: Video, infos: Sequence[MediaInfo | None] = ()
    ) -> tuple[CheckedVideo | None, tuple[Problem, ...]]:
        """Return the video if it can be published, and all that is wrong with its files.

        `infos` are by page what is known to be in them.
        """
        if too_long := media.check_lengths(video, self.journal.path(video)):
            return None, too_long
        pages = enumerate(zip_longest(video.files, infos))
        looks = [self._look(video, page, info) for page, (_file, info) in pages]
        medias = [info for info, _found in looks]
        found = tuple(each for _info, problems in looks for each in problems)
        known = self._without_file(video) if found else None
        away = [media.is_away(problems) for _info, problems in looks]
        if known and any(away) and (mixed := _partly(known, medias, away)):
            return mixed, ()
        if not all(medias) or any(each.stops() for each in found):
            return None, found
        return CheckedVideo(video, tuple(filter(None, medias))), () if known else found

    def _look(
        self, video: Video, page: int, info: MediaInfo | None
    ) -> tuple[MediaInfo | None, tuple[Problem, ...]]:
        limits = self.sites[video.site].limits
        if info:
            return info, media.check_found(video, info, limits=limits, page=page)
        return media.check(video, page=page, limits=limits, probe=self.probe, taken=self.taken)

    def whole(
        self, read: Video, infos: Sequence[MediaInfo | None] = ()
    ) -> tuple[Video, CheckedVideo | None, tuple[Problem, ...]]:
        """Return the video with its picture, as it can be published, and all that is wrong."""
        video, flaws = self._pictured(read)
        one, found = self(video, infos)
        return video, one, (*found, *flaws)

    def _pictured(self, video: Video) -> tuple[Video, tuple[Problem, ...]]:
        """Return the video with what its picture is, or was when it was sent; and what is wrong."""
        limits = self.sites[video.site].limits
        digest, found = media.check_picture(video, limits=limits, probe=self.probe)
        thumbnail = replace(video.thumbnail, sha256=digest)
        if media.is_away(found) and (sent := self._sent_picture(video)):
            thumbnail, found = replace(video.thumbnail, file=None, sha256=sent), ()
        return replace(video, thumbnail=thumbnail), found

    def _sent_picture(self, video: Video) -> str:
        from nicobatch.receipt import StepState

        records = (each for receipt in self._of(video) for each in receipt.steps.values())
        sent = (
            each.inputs.get("thumbnail.file") for each in records if each.state is StepState.DONE
        )
        return next((each for each in sent if isinstance(each, str)), "")

    def _without_file(self, video: Video) -> CheckedVideo | None:
        from nicobatch.pipeline.deciding import without_file  # which most checks have no need of

        receipts = list(self._of(video))
        site, table = self.sites[video.site], sites.table(video.site)
        known = (without_file(video, each, site, table) for each in receipts)
        return next(filter(None, known), None)

    def _of(self, video: Video) -> Iterator[Receipt]:
        """Yield the video's receipt; one that is flawed in its manifest has no id but a file."""
        from nicobatch.receipt import ReceiptPlace

        with contextlib.suppress(JournalError):  # told where the video is decided about
            if video.id:
                yield from filter(None, [self.journal.read(video)])
                return
            for path, receipt in self.journal.receipts(video.manifest):
                manifest = ReceiptPlace.of(path, receipt.site).manifest
                found = receipt.site, manifest, receipt.files[0].name
                if found == (video.site, video.manifest.name, video.file.name):
                    yield receipt


def _partly(
    known: CheckedVideo, infos: Sequence[MediaInfo | None], away: Sequence[bool]
) -> CheckedVideo | None:
    """Return the video with what is known in place of files that are not here; None if it isn't."""
    medias, files = list[MediaInfo](), list[FileIdentity | None]()
    for page, info in enumerate(infos):
        is_known = away[page] and page < len(known.known)
        media_info = known.medias[page] if is_known else info
        if media_info is None:
            return None
        medias.append(media_info)
        files.append(known.known[page] if is_known else None)
    return replace(known, medias=tuple(medias), known=tuple(files))


def journal_for(checked: Checked, access: Access) -> Journal:
    """Return the journal of this kind of run; raise UsageError where receipts would collide.

    Those of one site lie apart from another's: there, manifests may have the same name.
    """
    if access.journal:
        seen: dict[tuple[str, str], Path] = {}
        for video in checked.videos:
            path = video.manifest
            other = seen.setdefault((path.name, video.site), path)
            if other != path:
                raise UsageError(
                    _("{other} and {path} would share their receipts in {journal}").format(
                        other=other, path=path, journal=access.journal
                    ),
                    _("rename one of them, or publish them with a --journal each"),
                )
    return access.receipts


def known_files(journal: Journal, manifests: Sequence[Path]) -> KnownFiles:
    """Collect what was published before from the folders of these manifests."""
    from nicobatch.plan import KnownFiles  # which a check has no need of

    folders = {path.parent: path for path in manifests}
    return KnownFiles.of(
        (str(path.resolve()), receipt)
        for manifest in folders.values()
        for path, receipt in journal.receipts(manifest)
    )
