"""What was read and checked, and is ready to be decided about."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from nicobatch import media
from nicobatch.model import FileIdentity, MediaInfo, Problem, Video
from nicobatch.pipeline.owner import Owner


@dataclass(frozen=True, slots=True)
class CheckedVideo:
    """A video without problems, and what a look into its file found."""

    video: Video
    medias: tuple[MediaInfo, ...]
    """One a page."""
    known: tuple[FileIdentity | None, ...] = ()
    """By page, what the receipt tells of a file that is not here: the site has it."""
    stored: tuple[FileIdentity | None, ...] = ()
    """By page, what a file is that lies in a store, and is fetched when the video's turn comes."""
    by_option: bool = False
    """Whether the account is the command line's, whatever the manifest says."""

    @property
    def is_away(self) -> bool:
        """Whether a file of it is not here."""
        return any(self.known)

    @property
    def size(self) -> int:
        """Return the bytes of all its files."""
        return sum(each.size for each in self.medias)

    def stamps(self) -> tuple[media.Stamp | None, ...]:
        """Return the files' stamps as they are now; None for one that is not here."""
        return tuple(
            None if known else media.Stamp.of(path)
            for path, known in zip_longest(self.video.files, self.known)
        )


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
