"""What a name in the folder says: a manifest, a video, a marker, or nothing that concerns us."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from nicobatch.manifest.discover import SUFFIXES
from nicobatch.manifest.kinds import VIDEOS

READY: Final = ".ready"
"""`NAME.yaml.ready` says that the manifest and its videos are completely written."""

_STARTS: Final = (".", "~$", "~syncthing~")
"""Hidden files, and with them .DS_Store, ._*, .stfolder, .stversions, .~lock.*, .nfs* and rsync's;
Office's owner files, and what Syncthing has in hand on Windows."""

_ENDS: Final = (
    "~",
    ".part",
    ".partial",
    ".crdownload",
    ".tmp",
    ".temp",
    ".filepart",
    ".!qb",
    ".!ut",
    ".!bt",
    ".aria2",
    ".download",
    ".opdownload",
    ".ytdl",
    ".swp",
    ".bak",
    ".lock",
)
"""What copiers, browsers and editors call a file that is not the real one, or not yet."""

_NAMES: Final = frozenset(
    {
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "@eadir",
        "@recycle",
        "#recycle",
        "$recycle.bin",
        "system volume information",
        "lost+found",
        "icon\r",
    }
)
"""What systems and NAS boxes leave in every folder; paperless-ngx ships such a list."""


def is_ignored(name: str) -> bool:
    """Tell whether a name is hidden, temporary or the system's own."""
    folded = name.casefold()
    autosaved = folded.startswith("#") and folded.endswith("#")  # by Emacs
    return folded.startswith(_STARTS) or folded.endswith(_ENDS) or autosaved or folded in _NAMES


def is_manifest(name: str) -> bool:
    """Tell whether the name is one that manifests have."""
    return PurePath(name).suffix.lower() in SUFFIXES and not is_ignored(name)


def is_video(name: str) -> bool:
    """Tell whether the name is one that videos have."""
    return PurePath(name).suffix.lower() in VIDEOS and not is_ignored(name)
