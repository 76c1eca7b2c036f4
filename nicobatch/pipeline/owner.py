"""Whose turn it is: one account at one site."""

from __future__ import annotations

from typing import NamedTuple

from nicobatch.model import Video


class Owner(NamedTuple):
    """Who publishes videos where: accounts of the same name on two sites are two."""

    site: str
    account: str

    @classmethod
    def of(cls, video: Video) -> Owner:
        """Return the video's."""
        return cls(video.site, video.account)
