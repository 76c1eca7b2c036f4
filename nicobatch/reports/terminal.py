"""Consoles that show text as it is: no markup, no guesses, no control characters."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.text import Text

UNLIMITED: Final = 10_000
"""Columns of an output that is no terminal: nothing is folded or cut."""
_CONTROLS: Final = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) != "\n"},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
}
"""Each control character's picture: a file's name can't move the cursor or change colors."""


class _Console(Console):
    """Goes silent, and lets the work go on, when the reader of a pipe has gone."""

    def on_broken_pipe(self) -> None:
        self.quiet = True


def console(*, color: bool, stderr: bool = False) -> Console:
    """Return a console for one of the standard streams."""
    made = _Console(stderr=stderr, no_color=not color, highlight=False, markup=False, emoji=False)
    if not made.is_terminal:
        made.width = UNLIMITED
    return made


def shown(text: str, style: str = "") -> Text:
    """Return the text as a terminal can be shown it."""
    return Text(text.translate(_CONTROLS), style)
