"""How fast sites may be asked, for all workers: accounts have a row each, and so have addresses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from nicobatch.fleet.accounts import called
from nicobatch.fleet.database import Database
from nicobatch.language import N_, _
from nicobatch.pipeline import Owner
from nicobatch.receipt import read_moment

_READ: Final = """
SELECT until, why, hint, spent FROM nicobatch_paces
WHERE site = %(site)s AND origin = %(origin)s AND account = %(account)s AND address = %(address)s"""
_WRITE: Final = """
INSERT INTO nicobatch_paces (site, origin, account, address, until, why, hint, spent)
VALUES (
    %(site)s, %(origin)s, %(account)s, %(address)s, %(until)s, %(why)s, %(hint)s, %(spent)s
)
ON CONFLICT (site, origin, account, address) DO UPDATE SET
    until = EXCLUDED.until, why = EXCLUDED.why, hint = EXCLUDED.hint, spent = EXCLUDED.spent"""
_GO_ON: Final = N_("{hint}; once that is done, `nicobatch fleet resume {account}` goes on at once")


class FleetPaces:
    """Keeps them in the database; `address` names the line by which this worker asks sites."""

    def __init__(self, database: Database, address: str) -> None:
        self._database, self._address = database, address

    def read(self, origin: str, owner: Owner) -> Mapping[str, Any]:
        """Return what was written, nothing where nothing was."""
        for until, why, hint, spent in self._database.rows(_READ, self._key(origin, owner)):
            told = {"until": until.isoformat() if until else None, "why": why, "hint": hint}
            return {**told, "spent": json.loads(spent)}
        return {}

    def write(self, origin: str, owner: Owner, content: Mapping[str, Any]) -> None:
        """Replace it."""
        self._database.rows(
            _WRITE,
            {
                **self._key(origin, owner),
                "until": read_moment(content.get("until")),
                "why": content.get("why", ""),
                "hint": content.get("hint", ""),
                "spent": json.dumps(content.get("spent", {})),
            },
        )

    def hint(self, origin: str, owner: Owner, hint: str) -> str:  # noqa: ARG002
        """Return the hint, and by which command the account goes on; an address only waits."""
        if not owner.account:
            return hint
        return _(_GO_ON).format(hint=hint, account=called(owner))

    def _key(self, origin: str, owner: Owner) -> dict[str, str]:
        address = "" if owner.account else self._address
        return {
            "site": owner.site,
            "origin": origin,
            "account": owner.account,
            "address": address,
        }
