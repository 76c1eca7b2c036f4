"""Receipts between the files beside the manifests, which may be in git, and the fleet's table.

Both have the same sealed JSON. What they had when they last were alike is noted: whichever differs
from that has changed since, and where both have, nobody can say which is right.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from nicobatch.errors import NicobatchError
from nicobatch.fleet import accounts
from nicobatch.fleet.database import Connection, Database, fetched
from nicobatch.fleet.receipts import columns, decoded, key, place, start
from nicobatch.journal import Journal, codec
from nicobatch.language import N_, _
from nicobatch.manifest import naming
from nicobatch.manifest.discover import ManifestSearch
from nicobatch.model import Json, Video, key_of
from nicobatch.pipeline import Owner
from nicobatch.receipt import Receipt

_WHERE: Final = "manifest = %(manifest)s AND video = %(video)s AND site = %(site)s"
_THERE: Final = f"SELECT receipt FROM nicobatch_receipts WHERE {_WHERE} FOR UPDATE"  # noqa: S608
_ALIKE: Final = f"SELECT digest FROM nicobatch_exchanged WHERE {_WHERE}"  # noqa: S608
_NOTE: Final = """
INSERT INTO nicobatch_exchanged (manifest, video, site, digest)
VALUES (%(manifest)s, %(video)s, %(site)s, %(digest)s)
ON CONFLICT (manifest, video, site) DO UPDATE SET digest = EXCLUDED.digest, at = now()"""
_WRITE: Final = """
INSERT INTO nicobatch_receipts
    (manifest, video, site, account_id, content, remote_id, begun, deleted, attempt, own, receipt)
VALUES (
    %(manifest)s, %(video)s, %(site)s, %(account)s, %(content)s, %(remote_id)s, %(begun)s,
    %(deleted)s, %(attempt)s, %(own)s, %(receipt)s
)
ON CONFLICT (manifest, video, site) DO UPDATE SET
    account_id = EXCLUDED.account_id, content = EXCLUDED.content, begun = EXCLUDED.begun,
    remote_id = EXCLUDED.remote_id, deleted = EXCLUDED.deleted, attempt = EXCLUDED.attempt,
    own = EXCLUDED.own, receipt = EXCLUDED.receipt, at = now()"""
_BELOW: Final = """
SELECT manifest, video, site, receipt FROM nicobatch_receipts
WHERE manifest = %(path)s OR starts_with(manifest, %(folder)s)
ORDER BY manifest, video, site"""
_BOTH: Final = N_("the receipt of {video} was changed here and in the fleet's database")
_BOTH_HINT: Final = N_(
    "move {path} away, and `nicobatch fleet export` writes the database's there;"
    " if yours is right, put it back in that one's place, and run this again"
)


class Exchange(StrEnum):
    """What came of one receipt."""

    SAME = "same"
    WRITTEN = "written"
    OLDER = "older"
    """Only the other side has changed: that way it is to go."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One receipt, and what came of it."""

    video: str
    """Its key: `MANIFEST#VIDEO`."""
    result: Exchange
    message: str = ""
    hint: str = ""

    @property
    def data(self) -> dict[str, Json]:
        """Return what a program is told of it."""
        told = {"message": self.message, "hint": self.hint} if self.message else {}
        return {"video": self.video, "result": self.result.value, **told}


def standing(connection: Connection, video: Video, receipt: Receipt) -> Exchange:
    """Say what would become of a receipt that lies in a file; the table's row is held meanwhile.

    Raise JournalError.
    """
    where, text = key(video.manifest, video.id, video.site), codec.encode(receipt)
    rows = fetched(connection, _THERE, where)
    there = codec.encode(decoded(rows[0][0], video.key, video.site)) if rows else None
    return _decided(text, there, _alike(fetched(connection, _ALIKE, where)))


def take_in(connection: Connection, journal: Journal, video: Video, receipt: Receipt) -> Exchanged:
    """Bring a receipt that lies in a file into the table, within the caller's transaction."""
    try:
        return _take_in(connection, journal, video, receipt)
    except NicobatchError as error:
        return Exchanged(video.key, Exchange.REFUSED, str(error), error.hint)


def import_receipts(
    database: Database,
    journal: Journal,
    found: Mapping[Path, Receipt],
    manifests: Mapping[str, Path],
) -> Iterator[Exchanged]:
    """Bring receipts of files into the table, each in a transaction of its own.

    `manifests` are by name what a folder of all receipts doesn't tell: where their manifests lie.
    """
    for path, receipt in found.items():
        video = journal.video(path, receipt)
        video = replace(video, manifest=manifests.get(video.manifest.name, video.manifest))
        yield database.transaction(
            lambda connection, video=video, receipt=receipt: take_in(  # type: ignore[misc]
                connection, journal, video, receipt
            )
        )


def export_receipts(
    database: Database,
    journal: Journal,
    paths: Sequence[str],
    *,
    exclude: Sequence[str] = (),
    means: Callable[[str], bool] = lambda site: True,  # noqa: ARG005 - every site's
) -> Iterator[Exchanged]:
    """Write the table's receipts of the manifests, and of all below folders, into their files.

    What matches a glob of `exclude` is passed over in folders, and what `means` tells is not meant.
    """
    for each in paths:
        for manifest, video_id, site, text in _rows(database, each, exclude):
            if not means(site):
                continue
            called = key_of(manifest, video_id, site)
            try:
                receipt = decoded(text, called, site)
                yield _export(database, journal, manifest, video_id, receipt)
            except NicobatchError as error:
                yield Exchanged(called, Exchange.REFUSED, str(error), error.hint)


def _rows(
    database: Database, path: str, exclude: Sequence[str]
) -> Iterator[tuple[Path, str, str, str]]:
    """Yield manifest, video, site and receipt of all that the path names, as `check` takes it."""
    named = naming.named(path) or naming.gone(path)
    root = place(named.manifest)
    search = ManifestSearch(Path(root), exclude)
    rows = database.rows(_BELOW, {"path": root, "folder": start(root)})
    there = {(video, site) for _manifest, video, site, _receipt in rows}
    ids = there if named.video is None else naming.meant(named.video, there)
    for text, video, site, receipt in rows:
        manifest = Path(text)
        if (video, site) in ids and not any(
            map(search.is_excluded, _within(manifest, search.root))
        ):
            yield manifest, video, site, receipt


def _within(path: Path, root: Path) -> Iterator[Path]:
    """Yield the path, and the folders above it that lie in the root."""
    return itertools.takewhile(lambda each: root in each.parents, (path, *path.parents))


def _take_in(connection: Connection, journal: Journal, video: Video, receipt: Receipt) -> Exchanged:
    where = key(video.manifest, video.id, video.site)
    result = standing(connection, video, receipt)
    if result is Exchange.WRITTEN:
        owner = Owner(receipt.site, receipt.account)
        account = accounts.number(connection, owner, receipt.origin)
        accounts.demand_idle(connection, owner, account)
        own = journal.is_own(video, receipt)
        given = {**where, **columns(receipt), "account": account, "own": own}
        fetched(connection, _WRITE, given)
    if result in {Exchange.WRITTEN, Exchange.SAME}:
        fetched(connection, _NOTE, {**where, "digest": _digest(codec.encode(receipt))})
    return _told(video.key, result, journal.path(video))


def _export(
    database: Database, journal: Journal, manifest: Path, video_id: str, receipt: Receipt
) -> Exchanged:
    where, text = key(manifest, video_id, receipt.site), codec.encode(receipt)
    found = journal.find(manifest, video_id, receipt.site)
    there = codec.encode(found) if found else None
    result = _decided(text, there, _alike(database.rows(_ALIKE, where)))
    file = manifest.parent / receipt.files[0].name
    video = Video(manifest=manifest, id=video_id, file=file, title="", site=receipt.site)
    if result is Exchange.WRITTEN:
        journal.write(video, receipt)
    if result in {Exchange.WRITTEN, Exchange.SAME}:  # noted last: what was written is the same then
        database.rows(_NOTE, {**where, "digest": _digest(text)})
    return _told(video.key, result, journal.path(video))


def _decided(given: str, there: str | None, alike: bytes | None) -> Exchange:
    """Say what becomes of a receipt that is to replace what is there, by what both were once."""
    if given == there:
        return Exchange.SAME
    if there is None or _digest(there) == alike:
        return Exchange.WRITTEN
    return Exchange.OLDER if _digest(given) == alike else Exchange.REFUSED


def _told(video: str, result: Exchange, path: Path) -> Exchanged:
    if result is Exchange.REFUSED:
        hint = _(_BOTH_HINT).format(path=path)
        return Exchanged(video, result, _(_BOTH).format(video=video), hint)
    return Exchanged(video, result)


def _alike(rows: Sequence[tuple[bytes]]) -> bytes | None:
    return bytes(rows[0][0]) if rows else None


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
