"""What files in a store were when they were fetched, so that one look into each is enough."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from nicobatch.fleet.database import Database
from nicobatch.model import FileIdentity, MediaInfo

_FIND: Final = """
SELECT sha256, media FROM nicobatch_stored WHERE address = %(address)s AND stamp = %(stamp)s"""
_KEEP: Final = """
INSERT INTO nicobatch_stored (address, stamp, sha256, media)
VALUES (%(address)s, %(stamp)s, %(sha256)s, %(media)s)
ON CONFLICT (address) DO UPDATE SET
    stamp = EXCLUDED.stamp, sha256 = EXCLUDED.sha256, media = EXCLUDED.media, at = now()"""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in a store, as it was when it was fetched."""

    address: str
    stamp: str
    """What the store told of it; empty where that is too little to know it again."""
    identity: FileIdentity
    info: MediaInfo | None = None
    """What a look into it found; None before that."""


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """Those that were looked into, in the fleet's database."""

    database: Database

    def find(self, address: str, stamp: str) -> StoredFile | None:
        """Return what the file is, if it was looked into as the store has it now; raise Passing."""
        rows = self.database.rows(_FIND, {"address": address, "stamp": stamp}) if stamp else []
        for sha256, media in rows:
            try:
                info = MediaInfo(**json.loads(media))
            except TypeError:  # another version of nicobatch looked into it
                return None
            name = PurePosixPath(address).name
            return StoredFile(address, stamp, FileIdentity(name, info.size, sha256), info)
        return None

    def keep(self, file: StoredFile, info: MediaInfo) -> StoredFile:
        """Keep what a look into the file found; raise Passing."""
        if file.stamp:
            given = {"address": file.address, "stamp": file.stamp, "sha256": file.identity.sha256}
            self.database.rows(_KEEP, {**given, "media": json.dumps(asdict(info))})
        return replace(file, info=info)
