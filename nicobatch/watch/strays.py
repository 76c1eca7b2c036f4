"""What lies in the folder and belongs to no manifest: each told once, none guessed at."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from nicobatch.language import N_, _
from nicobatch.manifest.copies import original
from nicobatch.media import Stamp
from nicobatch.watch.folder import Listing
from nicobatch.watch.judging import Notice
from nicobatch.watch.names import is_manifest, is_video
from nicobatch.watch.settle import Settling

_UNNAMED: Final = N_("no manifest names {file}: it stays where it is")
_NAME_IT: Final = N_("write a manifest for it, as `nicobatch init` does, and put it in the folder")
_LEADS_OUT: Final = N_("{file} is a link out of the folder, and is not followed")
_PUT_IN: Final = N_("put the file itself into the folder")
_COPY: Final = N_(
    "{file} is a conflict copy of {original}, which a program that syncs folders made:"
    " it is left alone"
)
_COMPARE: Final = N_("compare the two, keep the right one as {original}, and delete the other")


class Strays:
    """Watches the videos that nobody names, and the links that lead elsewhere."""

    def __init__(self, root: Path, settling: Settling) -> None:
        self._root, self._settling = root, settling
        self._told: dict[Path, Stamp] = {}
        self._links: frozenset[Path] = frozenset()
        self._copies: dict[Path, str] = {}
        """The conflict copies, and of what."""
        self.videos: dict[Path, Stamp] = {}
        """Those that nobody names."""
        self.samples: dict[Path, float] = {}
        """Of these, the ones not told yet, and in how many seconds each settles."""

    def look(
        self, listing: Listing, now: float, named: Collection[Path], *, quiet: bool
    ) -> Iterator[Notice]:
        """Yield what has to be told; `now` is monotonic.

        `quiet` leaves the videos for later, when a manifest that is still to be read has been.
        """
        yield from self._new_links(listing, named)
        yield from self._new_copies(listing, named)
        self.videos = videos = {
            path: stamp
            for name, stamp in listing.files.items()
            if is_video(name) and (path := self._root / name) not in {*named, *self._copies}
        }
        self._told = {path: stamp for path, stamp in self._told.items() if path in videos}
        self.samples = {
            path: self._settling.remaining(path, stamp, now)
            for path, stamp in videos.items()
            if self._told.get(path) != stamp
        }
        for path, rest in list(self.samples.items()):
            if not (quiet or rest) and videos[path].size:
                del self.samples[path]
                self._told[path] = videos[path]
                yield Notice(None, path, _(_UNNAMED).format(file=path), _(_NAME_IT))

    def _new_copies(self, listing: Listing, named: Collection[Path]) -> Iterator[Notice]:
        """Yield the conflict copies of manifests, and of videos that no manifest names."""
        paths = (self._root / name for name in listing.files if is_manifest(name) or is_video(name))
        before, self._copies = (
            self._copies,
            {path: of for path in paths if path not in named and (of := original(path))},
        )
        for path, of in self._copies.items():
            if path not in before:
                yield Notice(
                    None,
                    path,
                    _(_COPY).format(file=path, original=of),
                    _(_COMPARE).format(original=of),
                )

    def _new_links(self, listing: Listing, named: Collection[Path]) -> Iterator[Notice]:
        """Yield links that look like manifests, or like videos that no manifest accounts for."""
        paths = (self._root / name for name in listing.links_out)
        links = frozenset(
            each
            for each in paths
            if is_manifest(each.name) or (is_video(each.name) and each not in named)
        )
        for path in sorted(links - self._links):
            yield Notice(None, path, _(_LEADS_OUT).format(file=path), _(_PUT_IN))
        self._links = links
