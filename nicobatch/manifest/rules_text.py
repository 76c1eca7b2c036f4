"""Rules about paths, bytes and YAML: what keeps a manifest from being read at all.

Every message is a whole sentence with named placeholders; a doubled brace stands for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from nicobatch.language import N_
from nicobatch.model import Severity

Row: TypeAlias = tuple[str, str] | tuple[str, str, Severity]
"""Message and hint, and how much it matters where it is no error."""
WARNING: Final = Severity.WARNING
NOTE: Final = Severity.NOTE

TEXT: Mapping[str, Row] = {
    # paths, and the files that are found there
    "path-not-found": (
        N_("{path} does not exist"),
        N_("check the spelling, and the folder that you are in"),
    ),
    "path-ambiguous": (
        N_("{count} names differ from {path} only in how Unicode spells their letters"),
        N_("rename all but one of them"),
    ),
    "no-manifest": (
        N_("there is no manifest in {path}"),
        N_("a manifest is a file that ends in .yaml or .yml"),
    ),
    "only-other-files": (
        N_("there is no manifest in {path}, only other files"),
        N_("a manifest begins with `version: 1`, followed by a video's keys or by `videos:`"),
        WARNING,
    ),
    "video-of-folder": (
        N_("{path} is a folder, and has no videos of its own"),
        N_("name a manifest in it, and its video after a #"),
    ),
    "video-unnamed": (
        N_("no video is named after the #"),
        N_("write MANIFEST#VIDEO, such as m.yaml#episode-01; without the # all of them are meant"),
    ),
    "video-unknown": (
        N_("{manifest} has no video {video}; it has {ids}"),
        N_("check the spelling; the id stands behind the #"),
    ),
    "video-elsewhere": (
        N_("the video {video} is not for {site}, but for {sites}"),
        N_("leave @{site} out, or add it to `sites:`"),
    ),
    "not-a-file": (N_("{path} is neither a file nor a folder"), N_("name a manifest")),
    "leads-out": (
        N_("{path} is a link out of the folder that was searched, and is not read"),
        N_("put the file itself there, or name it on the command line"),
    ),
    "unreadable": (
        N_("{file} can't be read: {reason}"),
        N_("check that the file may be read, and that no other program holds it"),
    ),
    "manifest-too-large": (
        N_("the manifest is larger than {limit} bytes"),
        N_("is it a video? If it is a manifest, split it"),
    ),
    "other-yaml": (
        N_("this is no manifest, and is left alone"),
        N_("a manifest begins with `version: 1`; --exclude keeps a search out of folders"),
        NOTE,
    ),
    "is-video": (N_("this is a video, and no manifest"), N_("`{command}` writes its manifest")),
    "other-file": (
        N_("this is {kind}, and no manifest"),
        N_("name a manifest: a text that begins with `version: 1`"),
    ),
    "lfs-pointer": (
        N_("this is a pointer of Git LFS: the file itself was not downloaded"),
        N_("run `git lfs pull`; in CI, check out with LFS switched on"),
    ),
    "conflict-copy": (
        N_(
            "this is a copy of {original}, as programs that sync folders, and file managers, name"
            " them: it is left alone"
        ),
        N_("compare the two, put what is right into {original}, and delete this one"),
        NOTE,
    ),
    "conflict-copy-named": (
        N_(
            "this is a copy of {original}, as programs that sync folders, and file managers, name"
            " them"
        ),
        N_(
            "compare the two, put what is right into {original}, and delete this one;"
            " if it is the right one, rename it"
        ),
    ),
    # bytes
    "wrong-encoding": (
        N_("the file is saved as {encoding}, not as UTF-8"),
        N_("save the file again as UTF-8 (in Notepad: Save as, Encoding: UTF-8)"),
    ),
    "not-utf-8": (
        N_("the byte {byte} is not UTF-8"),
        N_("save the file again as UTF-8 (in Notepad: Save as, Encoding: UTF-8)"),
    ),
    "text-cut-off": (
        N_("the file ends in the middle of a character"),
        N_("it was not copied or saved to its end: do that again"),
    ),
    "control-character": (
        N_("the invisible character {character} can't stand in a manifest"),
        N_("delete it"),
    ),
    # YAML
    "empty-manifest": (
        N_("the manifest is empty"),
        N_("`nicobatch init VIDEO` writes a first one"),
    ),
    "yaml-tab": (N_("this line is indented with a tab"), N_("indent with spaces")),
    "yaml-unclosed-quote": (
        N_("the quote that opens here is never closed"),
        N_('close it; inside \'…\' an apostrophe is written twice, inside "…" a quote is \\"'),
    ),
    "yaml-unclosed-bracket": (
        N_("the bracket that opens here is never closed, or a comma is missing"),
        N_("check the commas up to the closing bracket"),
    ),
    "yaml-unexpected": (
        N_("{character} is unexpected here"),
        N_("put quotes around text that begins so, and check the commas and brackets"),
    ),
    "yaml-colon-in-text": (
        N_("a second colon with a blank behind it can't stand in plain text"),
        N_("put the text in quotes, for example: title: 'foo: bar'"),
    ),
    "yaml-no-colon": (
        N_("this line is not of the form `key: value`"),
        N_(
            "write a colon and a blank behind the key; indent text that goes on from the line above"
        ),
    ),
    "yaml-dash-glued": (
        N_("a dash begins an item of a list only with a blank behind it"),
        N_("write a blank behind the -"),
    ),
    "yaml-merge-conflict": (
        N_("git has put both sides of a merge here, one above the other"),
        N_("keep what is right of the two, and delete the lines with <<<<<<<, ======= and >>>>>>>"),
    ),
    "yaml-indentation": (
        N_("this line does not fit in with the lines above it"),
        N_("begin all keys of one block in the same column"),
    ),
    "yaml-trailing-text": (
        N_("nothing more can stand behind the value on this line"),
        N_("put the whole value in quotes"),
    ),
    "yaml-dash": (
        N_("a list with dashes can't begin behind its key"),
        N_("begin it on the next line, or write [one, two]"),
    ),
    "yaml-special-character": (
        N_("plain text can't begin with {character}"),
        N_("put the text in quotes"),
    ),
    "yaml-escape": (
        N_('the backslash begins an escape that is unknown between "double" quotes'),
        N_("use 'single' quotes, where a backslash is a backslash"),
    ),
    "yaml-block-text": (
        N_("nothing can stand behind the | or > on its line"),
        N_("begin the text on the next line, indented"),
    ),
    "yaml-syntax": (
        N_("from here on this is not YAML"),
        N_("compare with the examples; text in quotes is always safe"),
    ),
    "yaml-unknown-alias": (
        N_("*{name} refers to an anchor &{name} that is not above it"),
        N_("write &{name} where the value stands first, or put the text in quotes"),
    ),
    "yaml-recursive-alias": (
        N_("*{name} refers to the very value that it stands in"),
        N_("write the value out"),
    ),
    "yaml-alias-bomb": (
        N_("the aliases unfold into more than {limit} values"),
        N_("write the values out, or use `defaults:`"),
    ),
    "yaml-tag": (
        N_("the tag {tag} can't be used here"),
        N_("leave it out; put text that begins with ! in quotes"),
    ),
    "yaml-several-documents": (
        N_("a second document begins here"),
        N_("keep one manifest to a file; several videos go under `videos:`"),
    ),
    "yaml-merge-key": (
        N_("<< takes keys from elsewhere, and {value} has none"),
        N_("name an anchor that stands above, as in `<<: *name`, or several, as in `<<: [*a, *b]`"),
    ),
    "yaml-too-deep": (
        N_("the values are nested deeper than {limit} levels"),
        N_("a manifest needs no more than five"),
    ),
    "repeated-key": (
        N_("the key {key} is given twice"),
        N_("it stands in line {first} already; delete one of the two"),
    ),
    "key-not-text": (
        N_("the key {key} is not text"),
        N_("if this really is the key, put it in quotes"),
    ),
    # how much there may be
    "defaults-too-many": (
        N_("`defaults` stands for {count} values in {videos} videos, and {limit} are allowed"),
        N_("shorten `defaults`, or split the manifest"),
    ),
    "too-many-videos": (N_("the manifest stands for more than {limit} videos"), N_("split it")),
    "more-problems": (
        N_("and {count} more, of kinds that are told {limit} times each"),
        N_("put right what is told first, and check again"),
        NOTE,
    ),
    # characters that look like those of YAML
    "look-alike": (
        N_("{character} only looks like what YAML needs here"),
        N_("type {typed} in its place"),
    ),
    "look-alike-in-text": (
        N_("{character} only looks like what YAML knows, and is taken for text"),
        N_("type {typed} in its place, or put the text in quotes if it is meant so"),
        WARNING,
    ),
    # text that YAML takes for something else
    "text-as-comment": (
        N_("the rest of the line is taken for a comment, and is lost: {rest}"),
        N_("put the text in quotes: {quoted}"),
        WARNING,
    ),
    "text-as-anchor": (
        N_("{word} is taken for an anchor, and is no part of the text"),
        N_("put the text in quotes: {quoted}"),
        WARNING,
    ),
    "text-as-tag": (
        N_("{word} is taken for a tag of YAML, and is no part of the text"),
        N_("put the text in quotes: {quoted}"),
        WARNING,
    ),
    "text-folded": (
        N_("{field} stands in several lines, and YAML joins them into one"),
        N_("write `{field}: |`, and the lines below it, indented"),
        WARNING,
    ),
}
