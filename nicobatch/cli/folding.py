"""Help texts in a language without blanks, folded to the width of the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import click
from rich.cells import cell_len

_AS_IT_IS: Final = "\b\n"
"""What click leaves the lines of a paragraph alone for."""
_PIECES: Final = re.compile(
    r"\s+|[（「『【([]*(?:[!-~]+|[ァ-ヶー]+|\S)[、。，．：；！？）」』】…・ーぁぃぅぇぉゃゅょっ々:;,.)\]]*"
)
"""What no line ends within: a word in Latin letters or in katakana, or another letter, with the
signs that can't begin a line."""


class Formatter(click.HelpFormatter):
    """Counts columns, where click counts letters, and breaks lines where there are no blanks."""

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        width = self.width - self.current_indent
        folded = ("\n".join(lines(each, width)) for each in text.strip().split("\n\n"))
        super().write_text("\n\n".join(_AS_IT_IS + each for each in folded))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write terms and what they mean, side by side."""
        given = [*rows]
        column = min(max(cell_len(term) for term, _meaning in given), col_max) + col_spacing
        for term, meaning in given:
            fits = cell_len(term) <= column - col_spacing
            beside = term + " " * (column - cell_len(term)) if fits else term
            folded = lines(meaning, self.width - self.current_indent - column)
            below = [" " * column + line for line in folded]
            shown = [beside + folded[0], *below[1:]] if fits else [beside, *below]
            for line in shown:
                self.write(f"{'':{self.current_indent}}{line.rstrip()}\n")


def lines(paragraph: str, width: int) -> list[str]:
    """Fold the paragraph into lines of at most `width` columns, as far as its words allow."""
    folded = [""]
    for piece in _PIECES.findall(paragraph.strip()):
        part = " " if "\n" in piece else piece
        if cell_len(folded[-1] + part.rstrip()) > width:
            folded.append("")
        folded[-1] = (folded[-1] + part).lstrip()
    return [line.rstrip() for line in folded]
