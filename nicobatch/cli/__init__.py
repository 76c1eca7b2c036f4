"""The command line: where everything meets, and where errors become exit codes."""

from __future__ import annotations

import os
from collections.abc import Sequence

from nicobatch import config, language
from nicobatch.cli import i18n

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; never raises."""
    language.choose(told := i18n.told(arguments))
    path = config.place(os.environ)
    given = config.read(path, named=config.VARIABLE in os.environ)
    if given.language and not told:  # said of nicobatch, which a locale is not
        language.choose(given.language)
    from nicobatch.cli import app  # its help texts, and its commands', are in the language by now

    return app.run(arguments, given)
