"""Comments of Livetube's broadcasts: found, read, waited for and written.

Nobody knows whether the service still runs; what is known of it is of 2017, and was tried against
the imitation in `livetube.sandbox` alone. Reading needs the extra `livetube`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nicobatch.livetube.answers import CommentRefused
    from nicobatch.livetube.broadcasts import Broadcast
    from nicobatch.livetube.client import HELD, ORIGIN, Livetube
    from nicobatch.livetube.comments import Comment, Icon, Marks, Reading
    from nicobatch.livetube.following import BanChanged, follow

__all__ = [
    "HELD",
    "ORIGIN",
    "BanChanged",
    "Broadcast",
    "Comment",
    "CommentRefused",
    "Icon",
    "Livetube",
    "Marks",
    "Reading",
    "follow",
]

_HOMES = {
    "answers": ("CommentRefused",),
    "broadcasts": ("Broadcast",),
    "client": ("HELD", "ORIGIN", "Livetube"),
    "comments": ("Comment", "Icon", "Marks", "Reading"),
    "following": ("BanChanged", "follow"),
}
"""Where each name is at home: imported when it is used, as the imitation needs none of them."""


def __getattr__(name: str) -> Any:
    """Return what the room offers under the name."""
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{home}"), name)
