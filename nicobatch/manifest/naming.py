"""A file's name to a title, an id, and a scalar of YAML that every reader takes for that text."""

from __future__ import annotations

import json
import os
import re
import shlex
import unicodedata
from collections.abc import Collection
from itertools import count
from pathlib import Path, PurePosixPath

from nicobatch.language import _
from nicobatch.manifest import encoding, identity, semantics

FALLBACK = "video"
# What begins with a letter, is made of these and is none of the words is text to every YAML.
SAFE = r"[\w./【】「」『』（）・！？～〜ー-]"
PLAIN = re.compile(rf"(?=[^\W\d_]|[【「『（]){SAFE}+( {SAFE}+)*")
WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
"""What YAML 1.1 takes for something else than text, in any capitals."""
UNPRINTABLE = re.compile(f"{encoding.INVISIBLE.pattern}|[\n\r\ufeff]")


def is_nameable(file: str) -> bool:
    """Tell whether a manifest can name the file: no control characters, nothing but Unicode."""
    return not identity.FILE_FORBIDDEN.search(file)


def typed(path: Path) -> str:
    """Return the path as a shell takes it."""
    return f'"{path}"' if os.name == "nt" else shlex.quote(str(path))


def title(file: str, longest: int) -> tuple[str, bool]:
    """Return a title of so many characters for the file, and whether it had to be cut off."""
    stem = _stem(file).replace("_", " ")
    text = " ".join(semantics.INVISIBLE.sub(" ", stem).split())
    cut = text[:longest].rstrip()
    return cut or _("untitled"), len(text) > len(cut)


def video_id(file: str, taken: Collection[str]) -> str:
    """Return an id for the file that any system takes and that is none of `taken`, folded."""
    name = identity.ID_FORBIDDEN.sub("-", _stem(file))
    name = _cut(name, identity.ID_LENGTH - 5, identity.ID_BYTES - 5)  # room for a number
    if not name or identity.RESERVED.fullmatch(name):
        name = f"{FALLBACK}-{name}".rstrip("-")
    numbered = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(each for each in numbered if identity.fold(each) not in taken)


def _stem(file: str) -> str:
    return unicodedata.normalize("NFC", PurePosixPath(file).stem)


def _cut(name: str, characters: int, size: int) -> str:
    short = name[:characters].encode()[:size].decode(errors="ignore")
    return short.strip(" .")


def scalar(text: str) -> str:
    """Write a text in YAML: plain where no reader takes it for anything else, or in quotes."""
    if PLAIN.fullmatch(text) and text.casefold() not in WORDS:
        return text
    if UNPRINTABLE.search(text):
        quoted = json.dumps(text, ensure_ascii=False)
        return UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
    return "'" + text.replace("'", "''") + "'"
