"""Duplicates, as queries: no turn reads what all the others have published."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import Final

from nicobatch.fleet.database import Database, Transaction
from nicobatch.fleet.receipts import decoded, key, path_of
from nicobatch.model import key_of
from nicobatch.plan import Known, KnownFiles, Taker, Wanted, content
from nicobatch.receipt import Receipt

_TAKEN: Final = """
SELECT manifest, video, site FROM nicobatch_receipts
WHERE account_id = (SELECT id FROM nicobatch_accounts WHERE site = %(site)s AND name = %(account)s)
    AND content = %(content)s AND begun AND NOT deleted
    AND (manifest, video, site) <> (%(manifest)s, %(video)s, %(site)s)"""
_HELD: Final = """
SELECT manifest, video, site, receipt FROM nicobatch_receipts
WHERE site = %(site)s AND remote_id = %(id)s"""


class FleetKnown(Known):
    """What the fleet's receipts have taken, and files that lie elsewhere.

    Each site has one origin in it.
    """

    def __init__(self, database: Database | Transaction, files: KnownFiles | None = None) -> None:
        self._database = database
        self._files = files or KnownFiles()

    def note(self, path: str, receipt: Receipt) -> None:
        """Do nothing: the row tells."""

    def claim(self, wanted: Wanted) -> None:
        """Note that a video not yet created is going to take its file."""
        self._files.claim(wanted)

    def others(self, wanted: Wanted) -> tuple[str, ...]:
        """Return as which other videos of the account the wanted file is taken."""
        video = wanted.video
        given = {
            **key(video.manifest, video.id, video.site),
            "account": video.account,
            "content": bytes.fromhex(content(wanted.files)),
        }
        taken = {key_of(*row) for row in self._database.rows(_TAKEN, given)}
        return tuple(sorted({*taken, *self._files.others(wanted)}))

    def holders(self, site: str, origin: str, id_: str) -> list[Taker]:  # noqa: ARG002
        """Return whose it is what the site has under the id, deleted or not."""
        rows = self._database.rows(_HELD, {"site": site, "id": id_})
        return list(filter(None, (_taker(*row) for row in rows)))

    def ids(self, site: str, origin: str) -> Container[str]:
        """Return what tells which ids at the site receipts name."""
        return _Ids(self, site, origin)


class _Ids:
    def __init__(self, known: FleetKnown, site: str, origin: str) -> None:
        self._known, self._site, self._origin = known, site, origin

    def __contains__(self, id_: object) -> bool:
        return bool(self._known.holders(self._site, self._origin, str(id_)))


def _taker(manifest: str, video: str, site: str, text: str) -> Taker | None:
    path = path_of(Path(manifest), video, site)
    return Taker.of(str(path.resolve()), decoded(text, key_of(manifest, video, site), site))
