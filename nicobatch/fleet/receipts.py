"""The journal's second home: receipts as rows, each written in the epoch of its account's turn."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from nicobatch.errors import JournalError, Later, UsageError
from nicobatch.fleet.database import Database, Transaction
from nicobatch.fleet.fence import Fence, overtaken
from nicobatch.journal import FOLDER, codec
from nicobatch.language import N_, _
from nicobatch.model import DEFAULT_SITE, Video, key_of
from nicobatch.plan import content
from nicobatch.receipt import Receipt

_FIND: Final = """
SELECT receipt FROM nicobatch_receipts
WHERE manifest = %(manifest)s AND video = %(video)s AND site = %(site)s"""
_WRITE: Final = """
WITH turn AS (
    SELECT FROM nicobatch_accounts WHERE id = %(account)s AND epoch = %(epoch)s FOR SHARE
)
INSERT INTO nicobatch_receipts AS there
    (manifest, video, site, account_id, content, remote_id, begun, deleted, attempt, own, receipt)
SELECT
    %(manifest)s, %(video)s, %(site)s, %(account)s, %(content)s, %(remote_id)s, %(begun)s,
    %(deleted)s, %(attempt)s, %(remote_id)s::text IS NOT NULL, %(receipt)s
FROM turn, set_config(
    'synchronous_commit',
    CASE WHEN %(durable)s THEN current_setting('synchronous_commit') ELSE 'off' END, true
)
ON CONFLICT (manifest, video, site) DO UPDATE SET
    account_id = EXCLUDED.account_id, content = EXCLUDED.content, begun = EXCLUDED.begun,
    remote_id = EXCLUDED.remote_id, deleted = EXCLUDED.deleted, attempt = EXCLUDED.attempt,
    own = CASE
        WHEN EXCLUDED.remote_id IS DISTINCT FROM there.remote_id THEN EXCLUDED.own ELSE there.own
    END,
    receipt = EXCLUDED.receipt, at = now()
WHERE there.attempt <= EXCLUDED.attempt
RETURNING true"""
"""The row of the account is kept meanwhile from whoever would raise the epoch.

Only what is durable waits for the disk; it has the disk get all that was written before it, too.
"""
_IS_TURN: Final = "SELECT 1 FROM nicobatch_accounts WHERE id = %(account)s AND epoch = %(epoch)s"
_IS_OWN: Final = """
SELECT own AND remote_id = %(remote_id)s FROM nicobatch_receipts
WHERE manifest = %(manifest)s AND video = %(video)s AND site = %(site)s"""
_VOUCH: Final = """
UPDATE nicobatch_receipts SET own = true
WHERE manifest = %(manifest)s AND video = %(video)s AND site = %(site)s"""
_DAMAGED: Final = N_("the receipt of {video} in the fleet's database is damaged")
_RESTORE: Final = N_(
    "restore it from a backup of the database; without it nicobatch can't know whether the video"
    " was published, so it does nothing rather than publish it twice"
)
_NEWER: Final = N_("the receipt of {video} was written by a newer nicobatch")
_LATER_ATTEMPT: Final = N_("the receipt of {video} is of a later attempt than this one")
_NO_UTF_8: Final = N_("{manifest} has a name that is no UTF-8, which the database can't hold")


def place(manifest: Path) -> str:
    """Return by what the database knows the manifest; UsageError where it can't."""
    absolute = os.path.abspath(manifest)  # noqa: PTH100 - Path's own follows links
    try:
        absolute.encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError(_(_NO_UTF_8).format(manifest=manifest), _("rename it")) from None
    return absolute


def start(folder: str) -> str:
    """Return what the names begin with that the database has of all manifests in the folder."""
    return os.path.join(folder, "")  # noqa: PTH118 - a Path ends in no separator


def key(manifest: Path, video_id: str, site: str) -> dict[str, str]:
    """Return what a row is found by."""
    return {"manifest": place(manifest), "video": video_id, "site": site}


def columns(receipt: Receipt) -> dict[str, Any]:
    """Return what the row has of the receipt, beside its key and its account."""
    return {
        "content": bytes.fromhex(content(receipt.files)),
        "remote_id": receipt.remote.id if receipt.remote else None,
        "begun": receipt.is_begun,
        "deleted": receipt.is_deleted,
        "attempt": receipt.attempt,
        "receipt": codec.encode(receipt),
    }


def path_of(manifest: Path, video_id: str, site: str) -> Path:
    """Return where the receipt lies once it is exported: beside its manifest."""
    folder = Path(place(manifest)).parent / FOLDER / manifest.name
    within = folder if site == DEFAULT_SITE else folder / site
    return within / f"{video_id}.json"


def decoded(text: str, video: str, site: str) -> Receipt:
    """Return the receipt of a row; raise JournalError, which names it by the video's key."""
    try:
        return codec.decode(text, site)
    except codec.NewerReceipt:
        raise JournalError(_(_NEWER).format(video=video), _("upgrade nicobatch")) from None
    except codec.DamagedReceipt:
        raise JournalError(_(_DAMAGED).format(video=video), _(_RESTORE)) from None


class FleetJournal:
    """The receipts of the fleet, which only a turn writes, within its fence."""

    root: Path | None = None
    rehearsal = False

    def __init__(self, database: Database | Transaction, fence: Fence | None = None) -> None:
        self._database, self._fence = database, fence
        self._unsure = set[int]()
        """Connections whose last writes were not durable: a server that crashed may lose them."""

    def path(self, video: Video) -> Path:
        """Return where the video's receipt lies once it is exported."""
        return path_of(video.manifest, video.id, video.site)

    def read(self, video: Video) -> Receipt | None:
        """Return the video's receipt, None where there is none; raise JournalError."""
        return self.find(video.manifest, video.id, video.site)

    def find(self, manifest: Path, video_id: str, site: str = DEFAULT_SITE) -> Receipt | None:
        """Return the receipt by the video's names alone; raise JournalError."""
        rows = self._database.rows(_FIND, key(manifest, video_id, site))
        return decoded(rows[0][0], key_of(manifest, video_id, site), site) if rows else None

    def write(self, video: Video, receipt: Receipt, *, durable: bool = True) -> None:
        """Replace the video's receipt; raise Later where the turn is another worker's."""
        assert self._fence, "only a turn writes"  # noqa: S101
        begun, turn = self._fence.now(), self._fence.given
        given = {**_key(video), **columns(receipt), **turn, "durable": durable}
        if self._database.rows(_WRITE, given):
            self._fence.proven(begun)
            note = self._unsure.discard if durable else self._unsure.add
            note(self._database.connections)
        elif self._database.rows(_IS_TURN, turn):
            raise Later(_(_LATER_ATTEMPT).format(video=video.key))
        else:
            raise overtaken()

    @property
    def is_kept(self) -> bool:
        """Whether no server lost what was written: with the next commit all is on the disk."""
        return self._unsure <= {self._database.connections}

    def is_own(self, video: Video, receipt: Receipt) -> bool:
        """Tell whether the fleet itself came to know what the receipt names."""
        remote_id = receipt.remote.id if receipt.remote else None
        return self._database.rows(_IS_OWN, {**_key(video), "remote_id": remote_id}) == [(True,)]

    def vouch(self, video: Video, receipt: Receipt) -> None:  # noqa: ARG002 - it is the row's
        """Have the video's receipt count as the fleet's own from now on."""
        self._database.rows(_VOUCH, _key(video))

    def prepare(self, video: Video) -> None:
        """Make no room: the fence is all the locks there are."""

    def lock(self, video: Video) -> Path:
        """Return what stands for the receipt where a lock is asked for."""
        return self.path(video)

    def account_lock(self, video: Video) -> Path:
        """Return what stands for the account where a lock is asked for."""
        return self.path(video).parent


def _key(video: Video) -> dict[str, str]:
    return key(video.manifest, video.id, video.site)
