"""Video files and pictures: what is in them, whether they can be published, and which they are.

Who draws pictures takes that from `drawing`, `frames`, `pictures` and `choosing`.
"""

from nicobatch.media.checking import (
    away,
    check,
    check_found,
    check_lengths,
    check_picture,
    is_away,
)
from nicobatch.media.files import Stamp, identify, places
from nicobatch.media.probing import MediaError, probe

__all__ = [
    "MediaError",
    "Stamp",
    "away",
    "check",
    "check_found",
    "check_lengths",
    "check_picture",
    "identify",
    "is_away",
    "places",
    "probe",
]
