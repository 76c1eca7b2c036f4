"""How one video of a manifest is named: `MANIFEST#VIDEO`, and `@SITE` where one site's is meant."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from nicobatch import disk
from nicobatch.model import split_key

SUFFIXES: Final = frozenset({".yaml", ".yml"})
"""Of manifests."""
Id: TypeAlias = tuple[str, str]
"""A video's id, and its site."""


@dataclass(frozen=True, slots=True)
class Named:
    """A manifest, and which of its videos is meant."""

    manifest: Path
    video: str | None = None
    """What stands behind the `#`, in one piece (NFC); None means all of its videos."""


def named(text: str) -> Named | None:
    """Split the text where the longest file that exists ends; None if it begins with none."""
    ends = [at for at, char in enumerate(text) if char == "#"]
    for end in reversed([*ends, len(text)]):
        for path in disk.spelled(Path(text[:end])):
            if os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises for what is locked
                video = unicodedata.normalize("NFC", text[end + 1 :])
                return Named(path, None if end == len(text) else video)
    return None


def gone(text: str) -> Named:
    """Split the text by how names of manifests end, as there is no such file."""
    manifest, video = split_key(text)
    if video and Path(manifest).suffix.lower() in SUFFIXES:
        return Named(Path(manifest), unicodedata.normalize("NFC", video))
    return Named(Path(text))


def meant(video: str, there: Collection[Id]) -> set[Id]:
    """Return which of the videos are meant by `ID`, on all of its sites, or by `ID@SITE`.

    An id may end like that itself, and is meant where no other one fits.
    """
    name, _, site = video.rpartition("@")
    return {(name, site)}.intersection(there) or {each for each in there if each[0] == video}
