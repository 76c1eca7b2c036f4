"""Our own bugs, as a report that can be pasted into an issue without giving a secret away."""

from __future__ import annotations

import platform
import traceback
from pathlib import Path
from typing import Final

from nicobatch import __version__
from nicobatch.language import N_

MESSAGE: Final = N_("this is a bug in nicobatch; what was published stays recorded")
HINT: Final = N_("please report it with the lines on stderr, which hold no secret")


def report(error: BaseException) -> str:
    """Return what to paste: versions and the places passed, without values or arguments."""
    root = Path(__file__).parents[1]
    machine = f"{platform.system()} {platform.machine()}"
    places = (
        f"  {_relative(frame.filename, root)}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    )
    return "\n".join(
        (
            "",
            f"nicobatch {__version__}, Python {platform.python_version()}, {machine}",
            f"{type(error).__name__} at",
            *places,
        )
    )


def _relative(filename: str, root: Path) -> str:
    path = Path(filename)
    return str(path.relative_to(root.parent)) if path.is_relative_to(root) else path.name
