"""The rules that video files are held against: each with its words, which name their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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
    message="there is no file {file}",
    hint="write the path as seen from the manifest's folder",
)
NEAR_NAME: Final = "did you mean {near}?"
SAME_LETTERS: Final = (
    "the folder has {near}, which looks the same but spells its letters differently in Unicode"
    " (NFC and NFD, as macOS writes them): copy the name from there, or rename the file"
)
SAME_BUT_CASE: Final = "the folder has {near}: capital and small letters make a difference"

IS_FOLDER: Final = Rule(
    id="file-is-folder",
    message="{file} is a folder",
    hint="name the video file in it; each video needs an entry of its own",
)
UNREADABLE: Final = Rule(
    id="file-unreadable",
    message="{file} can't be read: {reason}",
    hint="check that the file may be read by you and that no other program holds it",
)
NO_ORDINARY_FILE: Final = "it is no ordinary file"

EMPTY: Final = Rule(
    id="file-empty",
    message="{file} is empty (0 bytes)",
    hint="copy or export the video again",
)
LFS_POINTER: Final = Rule(
    id="git-lfs-pointer",
    message="{file} is a Git LFS pointer: the video itself was not downloaded",
    hint="run `git lfs pull`; in CI, check out with LFS switched on",
)
NOT_A_VIDEO: Final = Rule(
    id="not-a-video",
    message="{file} is not a video: it holds no moving picture",
    hint="name a video file, best an MP4 with H.264 and AAC",
)
TRUNCATED: Final = Rule(
    id="video-truncated",
    message="{file} is cut off: it ends in the middle, after {size} bytes",
    hint="wait until it is completely written, or copy or export it again",
)
BROKEN: Final = Rule(
    id="video-broken",
    message="{file} can't be played: its pictures can't be decoded",
    hint="play it in a video player to see the damage, and export it again",
)
UNUSUAL: Final = Rule(
    id="container-unusual",
    message="{file} is in the format {container}; niconico takes MP4, MOV and MKV",
    hint="export it as MP4, best with H.264 and AAC",
    severity=Severity.WARNING,
)
TOO_LARGE: Final = Rule(
    id="file-too-large",
    message="{file} has {size} bytes; niconico takes {limit} from a free account",
    hint="export it at a lower bit rate, unless the account may send more",
    severity=Severity.WARNING,
)
TOO_LONG: Final = Rule(
    id="video-too-long",
    message="{file} is {duration} long; niconico takes {limit} from a free account",
    hint="cut it into several videos, unless the account may send more",
    severity=Severity.WARNING,
)
TIMING_OUTSIDE: Final = Rule(
    id="timing-outside",
    message="the thumbnail is to be taken at {timing}, but {file} ends at {duration}",
    hint="give a time before {duration}",
)
