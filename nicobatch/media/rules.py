"""The rules that video files are held against: each with its words, which name their values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from nicobatch.language import N_
from nicobatch.model import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that can be wrong with a file; `message` and `hint` are format templates."""

    id: str
    message: str
    hint: str
    severity: Severity = Severity.ERROR


NOT_FOUND: Final = Rule(
    id="file-not-found",
    message=N_("there is no file {file}"),
    hint=N_("write the path as seen from the manifest's folder"),
)
LEADS_NOWHERE: Final = N_("it is a link to {target}, which is not there")
NEAR_NAME: Final = N_("did you mean {suggestion}?")
SAME_LETTERS: Final = N_(
    "several names look the same, and only spell their letters differently in Unicode (NFC, and NFD"
    " as macOS writes them): rename all but one, or copy the right name from there"
)
LONG_PATHS: Final = N_(
    "move the folder nearer to the drive, or have Windows take longer ones, once and as its"
    " administrator: reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\FileSystem"
    " /v LongPathsEnabled /t REG_DWORD /d 1 /f"
)
SAME_BUT_CASE: Final = N_("the folder has {near}: capital and small letters make a difference")

IN_STORE: Final = Rule(
    id="file-in-store",
    message=N_("{file} lies in a store, and only a fleet fetches files from there"),
    hint=N_("publish it with `nicobatch fleet enqueue`, or download it and name the file"),
)
IS_FOLDER: Final = Rule(
    id="file-is-folder",
    message=N_("{file} is a folder"),
    hint=N_("name the video file in it; each video needs an entry of its own"),
)
PATH_TOO_LONG: Final = Rule(
    id="path-too-long",
    message=N_("the path of {file} has {count} characters, and this Windows takes {limit}"),
    hint=LONG_PATHS,
)
RECEIPT_TOO_LONG: Final = Rule(
    id=PATH_TOO_LONG.id,
    message=N_(
        "the path of its receipt, {file}, would need {count} characters, and this Windows takes"
        " {limit}"
    ),
    hint=LONG_PATHS,
)
UNREADABLE: Final = Rule(
    id="file-unreadable",
    message=N_("{file} can't be read: {reason}"),
    hint=N_("check that the file may be read, and that no other program holds it"),
)
NO_ORDINARY_FILE: Final = N_("it is no ordinary file")

EMPTY: Final = Rule(
    id="file-empty",
    message=N_("{file} is empty (0 bytes)"),
    hint=N_("copy or export the video again"),
)
LFS_POINTER: Final = Rule(
    id="git-lfs-pointer",
    message=N_("{file} is a Git LFS pointer: the video itself was not downloaded"),
    hint=N_("run `git lfs pull`; in CI, check out with LFS switched on"),
)
NOT_A_VIDEO: Final = Rule(
    id="not-a-video",
    message=N_("{file} is not a video: it holds no moving picture"),
    hint=N_("name a video file, best an MP4 with H.264 and AAC"),
)
SOUND: Final = Rule(
    id=NOT_A_VIDEO.id,
    message=N_("{file} is not a video: it holds sound, and no moving picture"),
    hint=N_("name a video file: this one is only to be listened to"),
)
TRUNCATED: Final = Rule(
    id="video-truncated",
    message=N_("{file} is cut off: it ends in the middle, after {size} bytes"),
    hint=N_("wait until it is completely written, or copy or export it again"),
)
UNFILLED: Final = Rule(
    id=TRUNCATED.id,
    message=N_("{file} is not complete: it has its {size} bytes, but some of them are still blank"),
    hint=N_("wait until it is completely written, or copy or export it again"),
)
BROKEN: Final = Rule(
    id="video-broken",
    message=N_("{file} can't be played: its pictures can't be decoded"),
    hint=N_("play it in a video player to see the damage, and export it again"),
)
AWAY: Final = Rule(
    id="file-away",
    message=N_("not here, and needed no more: {files}"),
    hint=N_("the site has them: only a new upload would need the files"),
    severity=Severity.NOTE,
)
TOO_COMPLEX: Final = Rule(
    id="video-too-complex",
    message=N_("{file} is more complex than a video ever is, and was not looked into further"),
    hint=N_("export it again, as an ordinary MP4"),
)
PICTURE_TOO_LARGE: Final = Rule(
    id="picture-too-large",
    message=N_("{file} has pictures of more than {pixels} pixels, which is more than 8K has"),
    hint=N_("export it smaller, in 4K for one"),
)
UNUSUAL: Final = Rule(
    id="container-unusual",
    message=N_("{file} is in the format {container}, which {site} may not take"),
    hint=N_("export it as MP4, best with H.264 and AAC"),
    severity=Severity.WARNING,
)
TOO_LARGE: Final = Rule(
    id="file-too-large",
    message=N_("{file} has {size} bytes; {site} takes {limit} from a free account"),
    hint=N_("export it at a lower bit rate, unless the account may send more"),
    severity=Severity.WARNING,
)
TOO_LONG: Final = Rule(
    id="video-too-long",
    message=N_("{file} is {duration} long; {site} takes {limit} from a free account"),
    hint=N_("cut it into several videos, unless the account may send more"),
    severity=Severity.WARNING,
)
TIMING_OUTSIDE: Final = Rule(
    id="timing-outside",
    message=N_("the thumbnail is to be taken at {timing}, but {file} ends at {duration}"),
    hint=N_("give a time before {duration}"),
)

# Of the picture that stands for a video

PICTURE_IS_FOLDER: Final = replace(IS_FOLDER, hint=N_("name the picture in it"))
PICTURE_EMPTY: Final = replace(EMPTY, hint=N_("copy or export the picture again"))
PICTURE_LFS_POINTER: Final = replace(
    LFS_POINTER,
    message=N_("{file} is a Git LFS pointer: the picture itself was not downloaded"),
)
NOT_A_PICTURE: Final = Rule(
    id="not-a-picture",
    message=N_(
        "{file} can't be used as a picture: it is broken, of another kind, or has more than"
        " {pixels} pixels"
    ),
    hint=N_(
        "export it as JPEG or PNG; for a frame of the video, write thumbnail: {{timing: 20.263}}"
    ),
)
PICTURE_DAMAGED: Final = Rule(
    id="picture-damaged",
    message=N_("{file} is damaged or cut off: a part of it will be missing"),
    hint=N_("copy or export the picture again"),
    severity=Severity.WARNING,
)
PICTURE_SMALL: Final = Rule(
    id="picture-small",
    message=N_(
        "{file} has {width}×{height} pixels; {site} shows {wanted}, so it is enlarged and blurred"
    ),
    hint=N_("give a picture of at least {wanted} pixels"),
    severity=Severity.WARNING,
)

ALL: Final = (
    NOT_FOUND,
    IN_STORE,
    IS_FOLDER,
    PATH_TOO_LONG,
    UNREADABLE,
    EMPTY,
    LFS_POINTER,
    NOT_A_VIDEO,
    TRUNCATED,
    BROKEN,
    AWAY,
    TOO_COMPLEX,
    PICTURE_TOO_LARGE,
    UNUSUAL,
    TOO_LARGE,
    TOO_LONG,
    TIMING_OUTSIDE,
    NOT_A_PICTURE,
    PICTURE_DAMAGED,
    PICTURE_SMALL,
)
"""Every rule, in this order."""
ABSENT: Final = frozenset({NOT_FOUND.id, UNREADABLE.id, LFS_POINTER.id, IN_STORE.id})
"""The rules by which the video itself is not here: archived, or on a disk that is elsewhere."""
