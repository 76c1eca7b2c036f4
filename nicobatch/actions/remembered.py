"""What a check goes by beside the manifests: receipts, and what this machine remembers of sites."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nicobatch import disk, sites
from nicobatch.errors import JournalError
from nicobatch.model import DEFAULT_SITE

if TYPE_CHECKING:
    from nicobatch.actions.access import Access
    from nicobatch.journal import Journal
    from nicobatch.model import Inputs
    from nicobatch.receipt import Receipt


def refused(access: Access) -> Callable[[str, str], Path | None]:
    """Tell by what this machine remembers which genres the site has refused."""

    def known(site: str, genre: str) -> Path | None:
        if site != DEFAULT_SITE:
            return None
        refusals = access.site().refusals
        return refusals.file if genre in refusals else None

    return known


def stands(journal: Journal) -> Callable[[str, Path, str], Inputs]:
    """Tell by the receipts what videos were published with."""

    def found(site: str, manifest: Path, video_id: str) -> Inputs:
        receipt = journal.find(manifest, video_id, site)
        record = receipt.steps.get(_publishing(site)) if receipt else None
        return record.inputs if record else {}

    return found


def sent(journal: Journal) -> Callable[[str, Path], dict[str, datetime]]:
    """Tell by the receipts which times a site has of a manifest's videos, be they in it or not."""

    def times(site: str, manifest: Path) -> dict[str, datetime]:
        from nicobatch.receipt import ReceiptPlace

        found = dict[str, datetime]()
        with contextlib.suppress(JournalError):  # told where the video is decided about
            for path in journal.paths(manifest):
                place = ReceiptPlace.of(path, site)
                if disk.is_same_name(place.manifest, manifest.name):
                    receipt = journal.at(path)
                    at = _time(receipt) if receipt.site == site else None
                    if at and not receipt.is_deleted:
                        found[place.video] = at
        return found

    return times


def _time(receipt: Receipt) -> datetime | None:
    return receipt.publish_at(_publishing(receipt.site))


def _publishing(site: str) -> str:
    """Return the step after which others may see a video."""
    from nicobatch.sites.base import Role

    return sites.table(site).name(Role.PUBLISHES)
