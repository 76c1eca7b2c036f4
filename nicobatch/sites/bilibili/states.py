"""Where an archive stands, by the site's numbers: whether it is still at work, and how it ended."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from nicobatch.language import N_, _

WAITING: Final = frozenset({-1, -6, -8, -9, -10, -15, -20, -30, -60})
GOOD: Final = frozenset({0, 1, -40, -50})
SCHEDULED: Final = -40
PRIVATE: Final = -50
DELETED: Final = frozenset({-14, -100})
WORDS: Final = MappingProxyType(
    {
        1: N_("passed"),
        0: N_("public"),
        -1: N_("waits for its review"),
        -2: N_("returned"),
        -3: N_("locked by the police"),
        -4: N_("locked as a duplicate"),
        -5: N_("locked"),
        -6: N_("waits for the review of a change"),
        -7: N_("held"),
        -8: N_("waits for the review of a new file"),
        -9: N_("waits for its transcoding"),
        -10: N_("delayed"),
        -11: N_("its file has to be mended"),
        -12: N_("its file could not be stored"),
        -13: N_("waits for a comment"),
        -14: N_("in the recycle bin"),
        -15: N_("being distributed"),
        -16: N_("transcoding failed"),
        -20: N_("created"),
        -30: N_("submitted"),
        -40: N_("scheduled"),
        -50: N_("private"),
        -60: N_("submitted"),
        -100: N_("deleted"),
    }
)
"""By `state`. [D] and the clients' tables; what -60 means is a guess."""


def worded(state: int) -> str:
    """Say where it stands; a state that is not known here goes by its number."""
    return f"{_(WORDS[state])} ({state})" if state in WORDS else str(state)
