"""What hints need to name a command that works when it is pasted into a shell."""

from __future__ import annotations

import re
from typing import Final

from nicobatch.journal import Receipts
from nicobatch.model import DEFAULT_ACCOUNT

_PLAIN: Final = re.compile(r"[\w./\\:#~@+-]+")
"""What every shell takes as one word as it is."""


def word(text: str) -> str:
    """Quote what a shell would take apart, in the one way that all of them know."""
    return text if _PLAIN.fullmatch(text) else f'"{text}"'


def options(journal: Receipts, account: str) -> str:
    """Return the options by which another command finds a run's account and receipts."""
    whose = f" --account {word(account)}" if account != DEFAULT_ACCOUNT else ""
    where = f" --journal {word(str(journal.root))}" if journal.root else ""
    return whose + where + (" --sandbox" if journal.rehearsal else "")
