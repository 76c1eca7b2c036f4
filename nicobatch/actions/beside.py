"""Receipts that lie beside manifests which are enqueued: what was published without the fleet."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nicobatch.errors import UsageError
from nicobatch.fleet.receipts import path_of
from nicobatch.journal import Journal
from nicobatch.pipeline import Checked
from nicobatch.plan import KnownFiles
from nicobatch.receipt import Receipt


@dataclass(frozen=True, slots=True)
class Beside:
    """All that lie where the manifests' do, those of other manifests included."""

    journal: Journal
    own: Mapping[str, Receipt]
    """The videos' own, by their keys."""
    files: KnownFiles
    """What all of them have taken, each by where it lies once the fleet exports it."""

    @classmethod
    def of(cls, checked: Checked, journal: Journal) -> Beside:
        """Read them; raise JournalError."""
        folders = {each.parent: each for each in checked.manifests}
        lying = {
            path.resolve(): receipt
            for manifest in folders.values()
            for path, receipt in journal.receipts(manifest)
        }
        own, exported = dict[str, Receipt](), dict[Path, Path]()
        for video in (each.video for each in checked.ready):
            path = journal.path(video).resolve()
            if path in lying:
                own[video.key] = lying[path]
                with contextlib.suppress(UsageError):  # told where the video is taken
                    exported[path] = path_of(video.manifest, video.id, video.site).resolve()
        places = ((str(exported.get(path, path)), each) for path, each in lying.items())
        return cls(journal, own, KnownFiles.of(places))
