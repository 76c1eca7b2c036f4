"""bilibili: unofficial, unproven against the live site, used only where a manifest names it.

`VideoUploader` and the three beside it bear the names of the document; see `uploader`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nicobatch.sites.bilibili.uploader import (
        VideoUploader,
        VideoUploaderCredential,
        VideoUploaderEvents,
        VideoUploaderPage,
    )

__all__ = [
    "VideoUploader",
    "VideoUploaderCredential",
    "VideoUploaderEvents",
    "VideoUploaderPage",
]


def __getattr__(name: str) -> Any:
    """Return one of the four, which come with the whole pipeline, once it is asked for."""
    if name not in __all__:
        raise AttributeError(name)
    from nicobatch.sites.bilibili import uploader

    return getattr(uploader, name)
