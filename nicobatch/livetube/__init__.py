"""Comments of Livetube's broadcasts: found, read, waited for and written.

Nobody knows whether the service still runs; what is known of it is of 2017, and was tried against
the imitation in `livetube.sandbox` alone. Reading needs the extra `livetube`.
"""

from __future__ import annotations

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
