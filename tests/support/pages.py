"""The pages that people read, READMEs and docs, with the code that they show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
LANGUAGES: Final = ("en", "ja", "zh")
UNTRANSLATED: Final = {"architecture"}
"""Pages for whoever works on nicobatch, in English alone."""
CONSOLE: Final = "console"
_BLOCK: Final = re.compile(
    r'^(<!-- run -->\n)?```(\w*)(?: title="([^"\n]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL
)
_COMMENT: Final = re.compile(r"(^|\s+)#\s.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of code that a page shows."""

    kind: str
    """The word behind its fence: yaml, console, python."""
    text: str
    file: str = ""
    """The file that it is, by its title."""
    run: bool = False
    """Whether it stands below `<!-- run -->`: what it shows is tried, in the page's order."""

    @property
    def code(self) -> str:
        """Return it without comments and, of a console, without what is answered."""
        text = self.text
        if self.kind == CONSOLE:
            text = "\n".join(re.findall(r"^\$ .*", text, re.MULTILINE))
        return _COMMENT.sub("", text)

    @property
    def commands(self) -> list[str]:
        return [line.removeprefix("$ ") for line in self.code.splitlines()]


@dataclass(frozen=True)
class Page:
    """One page in one language."""

    name: str
    language: str

    @property
    def path(self) -> Path:
        suffix = ".md" if self.language == "en" else f".{self.language}.md"
        return (ROOT if self.name == "README" else ROOT / "docs") / f"{self.name}{suffix}"

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def blocks(self) -> list[Block]:
        """Return what stands between fences, in its order."""
        return [
            Block(kind, text, file or "", run=bool(run))
            for run, kind, file, text in _BLOCK.findall(self.text)
        ]

    @cached_property
    def prose(self) -> str:
        return _BLOCK.sub("", self.text)

    def block(self, kind: str) -> Block:
        """Return the first block of that kind."""
        return next(each for each in self.blocks if each.kind == kind)

    def translations(self) -> list[Page]:
        return [Page(self.name, each) for each in LANGUAGES[1:]]


def pages() -> list[Page]:
    """Return every page that is there in each language, in English."""
    docs = {path.name.partition(".")[0] for path in (ROOT / "docs").glob("*.md")}
    return [Page(name, "en") for name in ("README", *sorted(docs - UNTRANSLATED))]
