"""An address as a QR code in a terminal."""

from __future__ import annotations

from itertools import zip_longest
from typing import Final

_BORDER: Final = 4
"""Light modules around the code, without which no phone finds it. ISO/IEC 18004, 5.3.8."""
_BLOCKS: Final = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
"""By what is dark, above and below, half a line each."""
_ON, _OFF = "\x1b[38;5;16;48;5;231m", "\x1b[0m"
"""Black on white, whatever colors the terminal itself has, and whatever it calls white."""


def drawn(address: str, encoding: str, columns: int) -> str:
    """Return the lines that draw the code, nothing where the terminal can't show them.

    Raise ImportError where the extra `login` is missing.
    """
    import segno

    code = segno.make(address, error="l", micro=False)
    rows = [bytes(row) for row in code.matrix_iter(border=_BORDER)]
    try:
        "".join(_BLOCKS.values()).encode(encoding)
    except UnicodeEncodeError:
        return ""
    if len(rows[0]) > columns:
        return ""
    light = bytes(len(rows[0]))
    pairs = zip_longest(rows[::2], rows[1::2], fillvalue=light)
    lines = ("".join(_BLOCKS[pair] for pair in zip(*each, strict=True)) for each in pairs)
    return "\n".join(f"{_ON}{line}{_OFF}" for line in lines)
