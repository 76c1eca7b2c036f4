"""Rules about paths, bytes and YAML: what keeps a manifest from being read at all.

Every message is a whole sentence with named placeholders, ready for translation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nicobatch.model import Severity

ERROR: Final = Severity.ERROR

PATHS: Mapping[str, tuple[Severity, str, str]] = {
    "path-not-found": (
        ERROR,
        "{path} does not exist",
        "check the spelling, and the folder that you are in",
    ),
    "no-manifest": (
        ERROR,
        "there is no manifest in {path}",
        "a manifest is a file that ends in .yaml or .yml",
    ),
    "not-a-file": (ERROR, "{path} is neither a file nor a folder", "name a manifest"),
    "unreadable": (
        ERROR,
        "{path} can't be read: {reason}",
        "check that the file may be read, and that no other program holds it",
    ),
    "manifest-too-large": (
        ERROR,
        "the manifest is larger than {limit} bytes",
        "is it a video? If it is a manifest, split it",
    ),
}

BYTES: Mapping[str, tuple[Severity, str, str]] = {
    "wrong-encoding": (
        ERROR,
        "the file is saved as {encoding}, not as UTF-8",
        "save it again as UTF-8 (in Notepad: Save as, Encoding: UTF-8)",
    ),
    "not-utf-8": (
        ERROR,
        "the byte {byte} is not UTF-8",
        "save the file again as UTF-8 (in Notepad: Save as, Encoding: UTF-8)",
    ),
    "control-character": (
        ERROR,
        "the invisible character {character} can't stand in a manifest",
        "delete it",
    ),
}

YAML: Mapping[str, tuple[Severity, str, str]] = {
    "empty-manifest": (ERROR, "the manifest is empty", "`nicobatch init VIDEO` writes a first one"),
    "yaml-tab": (ERROR, "this line is indented with a tab", "indent with spaces"),
    "yaml-unclosed-quote": (
        ERROR,
        "the quote that opens here is never closed",
        'close it; inside \'…\' an apostrophe is written twice, inside "…" a quote is \\"',
    ),
    "yaml-unclosed-bracket": (
        ERROR,
        "the bracket that opens here is never closed, or a comma is missing",
        "check the commas up to the closing bracket",
    ),
    "yaml-unexpected": (
        ERROR,
        "{character} is unexpected here",
        "put quotes around text that begins so, and check the commas and brackets",
    ),
    "yaml-colon-in-text": (
        ERROR,
        "a second colon with a blank behind it can't stand in plain text",
        "put the text in quotes, for example: title: 'foo: bar'",
    ),
    "yaml-no-colon": (
        ERROR,
        "this line is not of the form `key: value`",
        "write a colon and a blank behind the key; indent text that goes on from the line above",
    ),
    "yaml-indentation": (
        ERROR,
        "this line does not fit in with the lines above it",
        "begin all keys of one block in the same column",
    ),
    "yaml-trailing-text": (
        ERROR,
        "nothing more can stand behind the value on this line",
        "put the whole value in quotes",
    ),
    "yaml-dash": (
        ERROR,
        "a list with dashes can't begin behind its key",
        "begin it on the next line, or write [one, two]",
    ),
    "yaml-special-character": (
        ERROR,
        "plain text can't begin with {character}",
        "put the text in quotes",
    ),
    "yaml-escape": (
        ERROR,
        'the backslash begins an escape that is unknown between "double" quotes',
        "use 'single' quotes, where a backslash is a backslash",
    ),
    "yaml-block-text": (
        ERROR,
        "nothing can stand behind the | or > on its line",
        "begin the text on the next line, indented",
    ),
    "yaml-syntax": (
        ERROR,
        "from here on this is not YAML",
        "compare with the examples; text in quotes is always safe",
    ),
    "yaml-unknown-alias": (
        ERROR,
        "*{name} refers to an anchor &{name} that is not above it",
        "write &{name} where the value stands first, or put the text in quotes",
    ),
    "yaml-recursive-alias": (
        ERROR,
        "*{name} refers to the very value that it stands in",
        "write the value out",
    ),
    "yaml-alias-bomb": (
        ERROR,
        "the aliases unfold into more than {limit} values",
        "write the values out, or use `defaults:`",
    ),
    "yaml-tag": (
        ERROR,
        "the tag {tag} can't be used here",
        "leave it out; put text that begins with ! in quotes",
    ),
    "yaml-several-documents": (
        ERROR,
        "a second document begins here",
        "keep one manifest to a file; several videos go under `videos:`",
    ),
    "yaml-merge-key": (
        ERROR,
        "<< is not part of YAML 1.2",
        "put what the videos share under `defaults:`",
    ),
    "yaml-too-deep": (
        ERROR,
        "the values are nested deeper than {limit} levels",
        "a manifest needs no more than five",
    ),
    "repeated-key": (
        ERROR,
        "the key {key} is given twice",
        "it stands in line {first} already; delete one of the two",
    ),
    "key-not-text": (ERROR, "the key {key} is not text", "put it in quotes if it is meant"),
}

TEXT: Mapping[str, tuple[Severity, str, str]] = {**PATHS, **BYTES, **YAML}
