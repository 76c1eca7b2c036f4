"""What shows people how far a command has come that takes its time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from nicobatch.cli.options import Common
from nicobatch.reports.counting import Counting

if TYPE_CHECKING:
    from rich.console import Console


@contextlib.contextmanager
def counting(options: Common) -> Iterator[Callable[[str, int, int], None]]:
    """Give what is told how far it has come; programs, and who wants it quiet, are not."""
    if options.quiet or options.format != "text":
        yield lambda doing, done, total: None  # noqa: ARG005 - nobody looks on
        return

    def shown() -> Console:
        from nicobatch.reports.terminal import console

        return console(color=options.color, stderr=True)

    with Counting(shown) as told:
        yield told
