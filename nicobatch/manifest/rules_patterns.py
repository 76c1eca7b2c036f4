"""Rules about patterns of file names, and about the placeholders that go with them.

Every message is a whole sentence with named placeholders; a doubled brace stands for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nicobatch.language import N_
from nicobatch.model import Severity

ERROR: Final = Severity.ERROR
WARNING: Final = Severity.WARNING
NOTE: Final = Severity.NOTE

PATTERNS: Mapping[str, tuple[Severity, str, str]] = {
    "pattern-unmatched": (
        ERROR,
        N_("no file matches {pattern}"),
        N_(
            "write the pattern as seen from the manifest's folder; hidden and unfinished files"
            " don't count"
        ),
    ),
    "pattern-conflict-copy": (
        NOTE,
        N_("{pattern} leaves out {file}: a program that syncs folders made this conflict copy"),
        N_("compare it with the other one, keep the right one under its name, and delete the copy"),
    ),
    "pattern-case": (
        WARNING,
        N_("{file} is left out of {pattern}, which differs in capital and small letters"),
        N_("rename the file, or give it an entry of its own"),
    ),
    "pattern-unreadable": (
        ERROR,
        N_("the folder {path} can't be searched: {reason}"),
        N_("let it be read, or write a pattern that leaves it out"),
    ),
    "pattern-too-wide": (
        ERROR,
        N_("more than {limit} files and folders lie where {pattern} searches"),
        N_("begin the pattern with the folder that the videos are in"),
    ),
    "placeholder-unknown": (
        ERROR,
        N_("{written} is no placeholder"),
        N_(
            "there are {{stem}}, {{index}} and {{index:02}}; beside a pattern, {{{{ and }}}} stand"
            " for the braces themselves"
        ),
    ),
    "placeholder-format": (
        ERROR,
        N_("{written} asks for a form that {placeholder} doesn't have"),
        N_("write {{stem}}, {{index}} for 1, 2, 3, or {{index:02}} for 01, 02, 03"),
    ),
    "placeholder-brace": (
        ERROR,
        N_("{field} has a single {brace}"),
        N_("beside a pattern, {{{{ and }}}} stand for the braces themselves"),
    ),
    "placeholder-unfilled": (
        WARNING,
        N_("{written} is not filled in: the video's file is no pattern"),
        N_("write the text itself, or a pattern as file, for example clips/*.mp4"),
    ),
    "placeholder-idle": (
        WARNING,
        N_("{written} stays as it is in {field}: only title and id have placeholders"),
        N_("write the text itself"),
    ),
    "id-of-several": (
        ERROR,
        N_("{count} files match, and the id {id} can be that of one video"),
        N_("add {{stem}} or {{index}} to the id"),
    ),
    "id-by-index": (
        WARNING,
        N_("the id rests on {{index}}, which moves when files are added, removed or renamed"),
        N_("use {{stem}}, or leave the id out: it tells what was published before"),
    ),
    "title-of-several": (
        WARNING,
        N_("{count} videos get the same title: {title}"),
        N_("add {{stem}} or {{index}} to the title"),
    ),
}
