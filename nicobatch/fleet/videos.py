"""Rows of videos as `enqueue` finds and writes them; what is `given` has the members they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from nicobatch.fleet.database import Connection, Database, Rows, fetched
from nicobatch.fleet.receipts import start
from nicobatch.model import key_of

_SAME_FILE: Final = """
SELECT manifest, video, site FROM nicobatch_videos
WHERE account_id = %(account)s AND content = %(content)s AND state = 'due'
AND (manifest, video, site) <> (%(manifest)s, %(video)s, %(site)s)"""
_ROW: Final = """
SELECT checked, encode(content, 'hex'), state FROM nicobatch_videos
WHERE manifest = %(manifest)s AND video = %(video)s AND site = %(site)s FOR UPDATE"""
_ENQUEUE: Final = """
INSERT INTO nicobatch_videos (manifest, video, site, account_id, content, checked, state)
VALUES (
    %(manifest)s, %(video)s, %(site)s, %(account)s, %(content)s, %(checked)s, %(state)s
)
ON CONFLICT (manifest, video, site) DO UPDATE SET
    account_id = EXCLUDED.account_id, content = EXCLUDED.content, checked = EXCLUDED.checked,
    state = EXCLUDED.state, not_before = now(), failures = 0, message = '', hint = '', at = now()"""
_UNDONE: Final = """
SELECT video.id, video, video.site, account_id, name
FROM nicobatch_videos AS video JOIN nicobatch_accounts AS account ON account.id = account_id
WHERE manifest = %(manifest)s AND state <> 'done' ORDER BY video.id"""
_BELOW: Final = """
SELECT manifest, count(*) FROM nicobatch_videos
WHERE state <> 'done' AND starts_with(manifest, %(folder)s) GROUP BY manifest"""
_PACKED: Final = """
SELECT checked FROM nicobatch_videos WHERE manifest = %(manifest)s AND state <> 'done'"""
_REMOVE: Final = """
DELETE FROM nicobatch_videos AS gone WHERE id = %(id)s AND state <> 'done' AND NOT EXISTS (
    SELECT FROM nicobatch_receipts AS receipt
    WHERE (receipt.manifest, receipt.video, receipt.site) = (gone.manifest, gone.video, gone.site)
    AND begun
) RETURNING 1"""
_DUE: Final = """
UPDATE nicobatch_accounts SET due_at = least(due_at, now()) WHERE id = %(account)s"""


def find(connection: Connection, given: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Return the row's packed video, its content in hex and its state, and hold the row."""
    rows = fetched(connection, _ROW, given)
    return (rows[0][0], rows[0][1], rows[0][2]) if rows else None


def of_same_file(connection: Connection, given: Mapping[str, Any]) -> str:
    """Return the key of another video of the account that is due with the same file, or nothing."""
    rows = fetched(connection, _SAME_FILE, given)
    return key_of(*rows[0]) if rows else ""


def write(connection: Connection, given: Mapping[str, Any]) -> None:
    """Write the row, whatever it was before."""
    fetched(connection, _ENQUEUE, given)


def undone(connection: Connection, manifest: str) -> Rows:
    """Return id, video, site, account's number and account of what isn't done of the manifest."""
    return fetched(connection, _UNDONE, {"manifest": manifest})


def below(database: Database, folder: str) -> dict[str, int]:
    """Return the manifests in and below the folder, and how many videos of each are not done."""
    return dict(database.rows(_BELOW, {"folder": start(folder)}))


def packed(database: Database, manifest: str) -> list[str]:
    """Return as text what isn't done of the manifest."""
    return [text for (text,) in database.rows(_PACKED, {"manifest": manifest})]


def remove(connection: Connection, id_: int) -> bool:
    """Remove the row, unless its video was begun; tell whether it is gone."""
    return bool(fetched(connection, _REMOVE, {"id": id_}))


def due(connection: Connection, account: int) -> None:
    """Have the account's next turn be now."""
    fetched(connection, _DUE, {"account": account})
