"""From paths to videos that are ready to be published: manifests and media, checked together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from nicobatch import manifest, media
from nicobatch.cli.options import Common
from nicobatch.errors import UsageError
from nicobatch.journal import Journal
from nicobatch.language import _
from nicobatch.model import Problem, Video
from nicobatch.pipeline import Ready
from nicobatch.plan import KnownFiles
from nicobatch.reports.report import Report


@dataclass(frozen=True, slots=True)
class Reading:
    """What the paths hold: videos without errors of their own, and every finding."""

    manifests: tuple[Path, ...]
    ready: tuple[Ready, ...]
    problems: tuple[Problem, ...]
    videos: tuple[Video, ...] = ()
    """Every video that names a file, be there something wrong with it or not."""
    patterns: tuple[str, ...] = ()
    """What the manifests' folders were searched for, as the manifests write it."""

    @property
    def accounts(self) -> tuple[str, ...]:
        """Return who is to publish, each once."""
        return tuple(dict.fromkeys(each.video.account for each in self.ready))

    def signed_in_as(self, account: str) -> Reading:
        """Return the same videos for the account, whatever their manifests say."""
        ready = (replace(each, video=replace(each.video, account=account)) for each in self.ready)
        return replace(self, ready=tuple(ready))

    def is_fine(self, *, strict: bool) -> bool:
        """Tell whether nothing found keeps the videos from being published."""
        return not any(each.stops(strict=strict) for each in self.problems)


def read(paths: Sequence[str], options: Common, *, probe: bool = True) -> Reading:
    """Read every manifest, then look into every video; never raises for what they hold."""
    loaded = manifest.load(
        paths,
        now=datetime.now(UTC).astimezone(),
        community=options.profile.community,
        published=_published(Journal(options.journal, rehearsal=options.sandbox)),
    )
    ready, problems = [], list(loaded.problems)
    for video in loaded.flawed:
        problems += media.check(video, probe=probe)[1]
    for video in loaded.videos:
        info, found = media.check(video, probe=probe)
        problems += found
        if info and not any(each.stops() for each in found):
            ready.append(Ready(video, info))
    problems.sort(key=lambda each: (str(each.path), each.line, each.column))
    videos = (*loaded.videos, *loaded.flawed)
    return Reading(loaded.manifests, tuple(ready), tuple(problems), videos, loaded.patterns)


def _published(journal: Journal) -> Callable[[Path, str, datetime], bool]:
    """Tell by the receipts which timers have done their work."""

    def published(manifest: Path, video_id: str, at: datetime) -> bool:
        from nicobatch.niconico.steps import Niconico  # with all of HTTP, for few manifests

        receipt = journal.find(manifest, video_id)
        record = receipt and receipt.steps.get(Niconico.publishing_step)
        sent = record and record.inputs.get("publish.at")
        return isinstance(sent, str) and datetime.fromisoformat(sent) == at

    return published


def sound(paths: Sequence[str], options: Common, report: Report) -> Reading | None:
    """Read and report what was found; None where that keeps the videos from being published."""
    found = read(paths, options)
    report.videos(found.videos)
    if found.problems:
        report.problems(found.problems, found.manifests)
    return found if found.is_fine(strict=options.strict) else None


def journal_for(manifests: Sequence[Path], options: Common) -> Journal:
    """Return the journal of this kind of run; raise UsageError where receipts would collide."""
    if options.journal:
        seen: dict[str, Path] = {}
        for path in manifests:
            other = seen.setdefault(path.name, path)
            if other != path:
                raise UsageError(
                    _("{other} and {path} would share their receipts in {journal}").format(
                        other=other, path=path, journal=options.journal
                    ),
                    _("rename one of them, or publish them with a --journal each"),
                )
    return Journal(options.journal, rehearsal=options.sandbox)


def known_files(journal: Journal, manifests: Sequence[Path]) -> KnownFiles:
    """Collect what was published before from the folders of these manifests."""
    folders = {path.parent: path for path in manifests}
    return KnownFiles.of(
        (str(path.resolve()), receipt)
        for manifest in folders.values()
        for path, receipt in journal.receipts(manifest)
    )
