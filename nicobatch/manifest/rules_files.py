"""Rules about paths, the files that are found there, and patterns of file names.

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

FILES: Mapping[str, tuple[Severity, str, str]] = {
    "path-not-found": (
        ERROR,
        N_("{path} does not exist"),
        N_("check the spelling, and the folder that you are in"),
    ),
    "path-ambiguous": (
        ERROR,
        N_("{count} names differ from {path} only in how Unicode spells their letters"),
        N_("rename all but one of them"),
    ),
    "no-manifest": (
        ERROR,
        N_("there is no manifest in {path}"),
        N_("a manifest is a file that ends in .yaml or .yml"),
    ),
    "only-other-files": (
        WARNING,
        N_("there is no manifest in {path}, only other files"),
        N_("a manifest begins with `version: 1`, followed by a video's keys or by `videos:`"),
    ),
    "not-a-file": (ERROR, N_("{path} is neither a file nor a folder"), N_("name a manifest")),
    "leads-out": (
        ERROR,
        N_("{path} is a link out of the folder that was searched, and is not read"),
        N_("put the file itself there, or name it on the command line"),
    ),
    "unreadable": (
        ERROR,
        N_("{file} can't be read: {reason}"),
        N_("check that the file may be read, and that no other program holds it"),
    ),
    "manifest-too-large": (
        ERROR,
        N_("the manifest is larger than {limit} bytes"),
        N_("is it a video? If it is a manifest, split it"),
    ),
    "other-yaml": (
        NOTE,
        N_("this is no manifest, and is left alone"),
        N_("a manifest begins with `version: 1`; --exclude keeps a search out of folders"),
    ),
    "is-video": (
        ERROR,
        N_("this is a video, and no manifest"),
        N_("`{command}` writes its manifest"),
    ),
    "other-file": (
        ERROR,
        N_("this is {kind}, and no manifest"),
        N_("name a manifest: a text that begins with `version: 1`"),
    ),
    "lfs-pointer": (
        ERROR,
        N_("this is a pointer of Git LFS: the file itself was not downloaded"),
        N_("run `git lfs pull`; in CI, check out with LFS switched on"),
    ),
    "conflict-copy": (
        NOTE,
        N_("a program that syncs folders made this conflict copy of {original}: it is left alone"),
        N_("compare the two, put what is right into {original}, and delete this one"),
    ),
    "conflict-copy-named": (
        ERROR,
        N_("this is a conflict copy of {original}, which a program that syncs folders made"),
        N_(
            "compare the two, put what is right into {original}, and delete this one;"
            " if it is the right one, rename it"
        ),
    ),
}

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
