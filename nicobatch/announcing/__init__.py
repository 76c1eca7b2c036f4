"""Tells others: of a video that they can see, and the user of how a run went.

A video is announced on Livetube, and wherever apprise reaches. Each announcement is a step of its
own behind the site's, so that it is planned, written down before it is sent, and not sent again:
its name and inputs are where it goes to, and not what it says. `recipients` and `messenger` bring
messages of a run, on which nothing depends.
"""

from nicobatch.announcing.steps import ORIGIN_VARIABLE, Announcer, specs, unset

__all__ = ["ORIGIN_VARIABLE", "Announcer", "specs", "unset"]
