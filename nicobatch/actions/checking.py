"""From paths to videos that are ready to be published: manifests and media, checked together."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from nicobatch import manifest, media, sites
from nicobatch.actions.access import Access
from nicobatch.errors import JournalError, UsageError
from nicobatch.journal import Journal
from nicobatch.language import _
from nicobatch.model import Problem, Receipt, ReceiptPlace, Video
from nicobatch.pipeline import CheckedVideo, Owner, without_file
from nicobatch.plan import KnownFiles
from nicobatch.sites.abilities import read_moment
from nicobatch.sites.base import Limits, Role


@dataclass(frozen=True, slots=True)
class Checked:
    """What the paths hold: videos without errors of their own, and every finding."""

    manifests: tuple[Path, ...]
    ready: tuple[CheckedVideo, ...]
    problems: tuple[Problem, ...]
    videos: tuple[Video, ...] = ()
    """Every video that names a file, be there something wrong with it or not."""
    patterns: tuple[str, ...] = ()
    """What the manifests' folders were searched for, as the manifests write it."""
    away: tuple[Video, ...] = ()
    """Those of the videos that need no file any more, which is not here."""
    left_out: tuple[Path, ...] = ()
    """The manifests, or what was named as such, of which nothing is to be published."""

    @property
    def notes(self) -> tuple[Problem, ...]:
        """Return what is worth a word and no problem: once a manifest, which files are away."""
        groups = itertools.groupby(self.away, key=lambda each: each.manifest)
        return tuple(media.away(tuple(videos)) for _manifest, videos in groups)

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Return who is to publish where, each once."""
        return tuple(dict.fromkeys(Owner.of(each.video) for each in self.ready))

    def signed_in_as(self, account: str) -> Checked:
        """Return the same videos for the account, whatever their manifests say."""
        ready = (
            replace(each, video=replace(each.video, account=account), by_option=True)
            for each in self.ready
        )
        return replace(self, ready=tuple(ready))

    def without_faulty(self) -> Checked:
        """Return what is left if manifests with errors are left out."""
        faulty = tuple(dict.fromkeys(each.path for each in self.problems if each.stops()))
        ready = tuple(each for each in self.ready if each.video.manifest not in faulty)
        return replace(self, ready=ready, left_out=faulty)

    @property
    def ok(self) -> bool:
        """Tell whether there is no error, be there warnings or not."""
        return self.is_fine(strict=False)

    def is_fine(self, *, strict: bool) -> bool:
        """Tell whether nothing found keeps the videos from being published."""
        return not any(each.stops(strict=strict) for each in self.problems)


def read(
    paths: Sequence[str],
    access: Access,
    *,
    exclude: Sequence[str] = (),
    probe: bool = True,
    chosen: bool = True,
) -> Checked:
    """Read every manifest, then look into every video; never raises for what they hold.

    Without `chosen`, no person named the paths: other tools' files are left alone.
    """
    journal = access.receipts
    site = sites.site()
    loaded = manifest.load(
        paths,
        site=site,
        now=datetime.now(UTC).astimezone(),
        exclude=exclude,
        chosen=chosen,
        community=access.site().takes("community"),
        published=_published(journal),
        refused=_refused(access),
    )
    videos = (*loaded.videos, *loaded.flawed)
    look = _Look(journal, site.limits, probe, media.places(each.file for each in videos))
    ready, away, problems = [], [], list(loaded.problems)
    for video in loaded.flawed:
        problems += look(video)[1]
    for video in loaded.videos:
        one, found = look(video)
        problems += found
        if one and one.is_away:
            away.append(video)
        if one and probe:
            ready.append(one)
    problems.sort(key=in_order)
    return Checked(
        manifests=loaded.manifests,
        ready=tuple(ready),
        problems=tuple(problems),
        videos=videos,
        patterns=loaded.patterns,
        away=tuple(away),
    )


def in_order(problem: Problem) -> tuple[str, int, int]:
    """Return by what findings are sorted: where they stand."""
    return str(problem.path), problem.line, problem.column


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks into videos' files, or for one that is not here into its receipt."""

    journal: Journal
    limits: Limits
    probe: bool
    taken: Collection[Path]
    """Where files lie that entries name."""

    def __call__(self, video: Video) -> tuple[CheckedVideo | None, tuple[Problem, ...]]:
        """Return the video if it can be published, and all that is wrong with its file."""
        info, found = media.check(video, limits=self.limits, probe=self.probe, taken=self.taken)
        if media.is_away(found) and (known := self._without_file(video)):
            return known, ()
        if info is None or any(each.stops() for each in found):
            return None, found
        is_needless = bool(found and self._without_file(video))
        return CheckedVideo(video, (info,)), () if is_needless else found

    def _without_file(self, video: Video) -> CheckedVideo | None:
        receipts = list(self._of(video))
        known = (without_file(video, each, sites.service().table()) for each in receipts)
        return next(filter(None, known), None)

    def _of(self, video: Video) -> Iterator[Receipt]:
        """Yield the video's receipt; one that is flawed in its manifest has no id but a file."""
        with contextlib.suppress(JournalError):  # told where the video is decided about
            if video.id:
                yield from filter(None, [self.journal.read(video)])
                return
            for path, receipt in self.journal.receipts(video.manifest):
                manifest = ReceiptPlace.of(path, receipt.site).manifest
                names = manifest, receipt.files[0].name
                if names == (video.manifest.name, video.file.name):
                    yield receipt


def _refused(access: Access) -> Callable[[str], Path | None]:
    """Tell by what this machine remembers which genres the site has refused."""

    def refused(genre: str) -> Path | None:
        refusals = access.site().refusals
        return refusals.file if genre in refusals else None

    return refused


def _published(journal: Journal) -> Callable[[Path, str, datetime], bool]:
    """Tell by the receipts which timers have done their work."""

    def published(manifest: Path, video_id: str, at: datetime) -> bool:
        receipt = journal.find(manifest, video_id)
        publishing = sites.service().table().name(Role.PUBLISHES)
        record = receipt.steps.get(publishing) if receipt else None
        return record is not None and read_moment(record.inputs.get("publish.at")) == at

    return published


def journal_for(manifests: Sequence[Path], access: Access) -> Journal:
    """Return the journal of this kind of run; raise UsageError where receipts would collide."""
    if access.journal:
        seen: dict[str, Path] = {}
        for path in manifests:
            other = seen.setdefault(path.name, path)
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
    folders = {path.parent: path for path in manifests}
    return KnownFiles.of(
        (str(path.resolve()), receipt)
        for manifest in folders.values()
        for path, receipt in journal.receipts(manifest)
    )
