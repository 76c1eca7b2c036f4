"""Rules about the paths that are given and the files that are found there, before they are read.

Every message is a whole sentence with named placeholders, ready for translation.
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
