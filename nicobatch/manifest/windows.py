"""Names of files that Windows takes for something else: a manifest may be read there, too.

learn.microsoft.com/windows/win32/fileio/naming-a-file
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PureWindowsPath

from nicobatch.manifest.rules import shown

# An ending doesn't help.
RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)
DEVICES = "\\\\.\\"
"""How the names of devices begin."""
VERBATIM = "\\\\?\\"
"""How paths begin that are taken as they are: nothing is reserved in them, and nothing dropped."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What Windows takes a name for."""

    advice: str
    """The hint that tells it."""
    part: str
    """The part of the name that it lies in."""
    drive: str = ""

    @property
    def is_harmful(self) -> bool:
        """Whether it is not the file of that name."""
        return self.advice != "windows-edge"

    def values(self, file: str) -> dict[str, str]:
        """Return what fills the words for it."""
        return {"file": shown(file), "part": shown(self.part), "drive": self.drive}


def meaning(file: str) -> Meaning | None:
    """Return what Windows takes the name of a file for, None where it is that file's."""
    path, whole = PureWindowsPath(file), file.replace("/", "\\")
    if whole.startswith(DEVICES):
        return Meaning("windows-device", file)
    if path.drive and not path.root:
        return Meaning("windows-drive", file[len(path.drive) :], path.drive)
    steps = path.parts[1:] if path.anchor else path.parts
    for step in steps:
        if ":" in step:
            return Meaning("windows-stream", step)
        if not whole.startswith(VERBATIM) and (advice := _dropped(step)):
            return Meaning(advice, step)
    return None


def _dropped(step: str) -> str:
    name, dot, ending = step.partition(".")
    if RESERVED.fullmatch(f"{name.rstrip(' ')}{dot}{ending}"):
        return "windows-device"
    return "windows-edge" if step != ".." and step[-1] in " ." else ""
