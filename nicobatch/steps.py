"""What the steps of a video's way are called, by their names in plans, receipts and events."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from nicobatch.language import N_, _

UPLOADING: Final = "chunks"
"""The step that sends the parts of the file."""
_WORDS: Final = MappingProxyType(
    {
        "create": N_("creating the video"),
        "stream": N_("preparing the upload"),
        UPLOADING: N_("uploading"),
        "done": N_("completing the upload"),
        "thumbnail": N_("setting the thumbnail"),
        "draft": N_("saving the draft"),
        "metadata": N_("sending the metadata"),
        "encoded": N_("waiting for the encoding"),
        "visible": N_("looking at what visitors see"),
    }
)


def worded(name: str) -> str:
    """Say what is going on in the step; one that is not known here goes by its name."""
    return _(_WORDS.get(name, name))
