"""Rules about bytes and YAML: what keeps a manifest from being read at all.

Every message is a whole sentence with named placeholders, ready for translation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nicobatch.language import N_
from nicobatch.manifest.rules_files import FILES
from nicobatch.model import Severity

ERROR: Final = Severity.ERROR
WARNING: Final = Severity.WARNING
NOTE: Final = Severity.NOTE

BYTES: Mapping[str, tuple[Severity, str, str]] = {
    "wrong-encoding": (
        ERROR,
        N_("the file is saved as {encoding}, not as UTF-8"),
        N_("save the file again as UTF-8 (in Notepad: Save as, Encoding: UTF-8)"),
    ),
    "not-utf-8": (
        ERROR,
        N_("the byte {byte} is not UTF-8"),
        N_("save the file again as UTF-8 (in Notepad: Save as, Encoding: UTF-8)"),
    ),
    "control-character": (
        ERROR,
        N_("the invisible character {character} can't stand in a manifest"),
        N_("delete it"),
    ),
}

LIMITS: Mapping[str, tuple[Severity, str, str]] = {
    "defaults-too-many": (
        ERROR,
        N_("`defaults` stands for {count} values in {videos} videos, and {limit} are allowed"),
        N_("shorten `defaults`, or split the manifest"),
    ),
    "too-many-videos": (
        ERROR,
        N_("the manifest stands for more than {limit} videos"),
        N_("split it"),
    ),
    "more-problems": (
        NOTE,
        N_("and {count} more, of kinds that are told {limit} times each"),
        N_("put right what is told first, and check again"),
    ),
}

YAML: Mapping[str, tuple[Severity, str, str]] = {
    "empty-manifest": (
        ERROR,
        N_("the manifest is empty"),
        N_("`nicobatch init VIDEO` writes a first one"),
    ),
    "yaml-tab": (ERROR, N_("this line is indented with a tab"), N_("indent with spaces")),
    "yaml-unclosed-quote": (
        ERROR,
        N_("the quote that opens here is never closed"),
        N_('close it; inside \'…\' an apostrophe is written twice, inside "…" a quote is \\"'),
    ),
    "yaml-unclosed-bracket": (
        ERROR,
        N_("the bracket that opens here is never closed, or a comma is missing"),
        N_("check the commas up to the closing bracket"),
    ),
    "yaml-unexpected": (
        ERROR,
        N_("{character} is unexpected here"),
        N_("put quotes around text that begins so, and check the commas and brackets"),
    ),
    "yaml-colon-in-text": (
        ERROR,
        N_("a second colon with a blank behind it can't stand in plain text"),
        N_("put the text in quotes, for example: title: 'foo: bar'"),
    ),
    "yaml-no-colon": (
        ERROR,
        N_("this line is not of the form `key: value`"),
        N_(
            "write a colon and a blank behind the key; indent text that goes on from the line above"
        ),
    ),
    "yaml-indentation": (
        ERROR,
        N_("this line does not fit in with the lines above it"),
        N_("begin all keys of one block in the same column"),
    ),
    "yaml-trailing-text": (
        ERROR,
        N_("nothing more can stand behind the value on this line"),
        N_("put the whole value in quotes"),
    ),
    "yaml-dash": (
        ERROR,
        N_("a list with dashes can't begin behind its key"),
        N_("begin it on the next line, or write [one, two]"),
    ),
    "yaml-special-character": (
        ERROR,
        N_("plain text can't begin with {character}"),
        N_("put the text in quotes"),
    ),
    "yaml-escape": (
        ERROR,
        N_('the backslash begins an escape that is unknown between "double" quotes'),
        N_("use 'single' quotes, where a backslash is a backslash"),
    ),
    "yaml-block-text": (
        ERROR,
        N_("nothing can stand behind the | or > on its line"),
        N_("begin the text on the next line, indented"),
    ),
    "yaml-syntax": (
        ERROR,
        N_("from here on this is not YAML"),
        N_("compare with the examples; text in quotes is always safe"),
    ),
    "yaml-unknown-alias": (
        ERROR,
        N_("*{name} refers to an anchor &{name} that is not above it"),
        N_("write &{name} where the value stands first, or put the text in quotes"),
    ),
    "yaml-recursive-alias": (
        ERROR,
        N_("*{name} refers to the very value that it stands in"),
        N_("write the value out"),
    ),
    "yaml-alias-bomb": (
        ERROR,
        N_("the aliases unfold into more than {limit} values"),
        N_("write the values out, or use `defaults:`"),
    ),
    "yaml-tag": (
        ERROR,
        N_("the tag {tag} can't be used here"),
        N_("leave it out; put text that begins with ! in quotes"),
    ),
    "yaml-several-documents": (
        ERROR,
        N_("a second document begins here"),
        N_("keep one manifest to a file; several videos go under `videos:`"),
    ),
    "yaml-merge-key": (
        ERROR,
        N_("<< takes keys from elsewhere, and {value} has none"),
        N_("name an anchor that stands above, as in `<<: *name`, or several, as in `<<: [*a, *b]`"),
    ),
    "yaml-too-deep": (
        ERROR,
        N_("the values are nested deeper than {limit} levels"),
        N_("a manifest needs no more than five"),
    ),
    "repeated-key": (
        ERROR,
        N_("the key {key} is given twice"),
        N_("it stands in line {first} already; delete one of the two"),
    ),
    "key-not-text": (
        ERROR,
        N_("the key {key} is not text"),
        N_("if this really is the key, put it in quotes"),
    ),
}

LOOKALIKES: Mapping[str, tuple[Severity, str, str]] = {
    "look-alike": (
        ERROR,
        N_("{character} only looks like what YAML needs here"),
        N_("type {typed} in its place"),
    ),
    "look-alike-in-text": (
        WARNING,
        N_("{character} only looks like what YAML knows, and is taken for text"),
        N_("type {typed} in its place, or put the text in quotes if it is meant so"),
    ),
}

LOST: Mapping[str, tuple[Severity, str, str]] = {
    "text-as-comment": (
        WARNING,
        N_("the rest of the line is taken for a comment, and is lost: {rest}"),
        N_("put the text in quotes: {quoted}"),
    ),
    "text-as-anchor": (
        WARNING,
        N_("{word} is taken for an anchor, and is no part of the text"),
        N_("put the text in quotes: {quoted}"),
    ),
    "text-as-tag": (
        WARNING,
        N_("{word} is taken for a tag of YAML, and is no part of the text"),
        N_("put the text in quotes: {quoted}"),
    ),
    "text-folded": (
        WARNING,
        N_("{field} stands in several lines, and YAML joins them into one"),
        N_("write `{field}: |`, and the lines below it, indented"),
    ),
}

TEXT: Mapping[str, tuple[Severity, str, str]] = {
    **FILES,
    **BYTES,
    **YAML,
    **LIMITS,
    **LOOKALIKES,
    **LOST,
}
