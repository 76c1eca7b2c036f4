"""The options of a fleet's commands: the key to its sign-ins, and where files are fetched into."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from nicobatch.cli.options import Common, LocalPath, with_options
from nicobatch.language import _

if TYPE_CHECKING:
    from nicobatch.fleet.scratch import Scratch

_F = TypeVar("_F", bound=Callable[..., Any])
KEY_VARIABLE: Final = "NICOBATCH_FLEET_KEY_FILE"
_UNITS: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
key_file = click.option(
    "--key-file",
    metavar="FILE",
    envvar=KEY_VARIABLE,
    type=LocalPath(dir_okay=False, path_type=Path),
    help=_("Where the key to the kept sign-ins lies (also: NICOBATCH_FLEET_KEY_FILE)."),
)


def _size(context: click.Context, parameter: click.Parameter, value: str) -> int:  # noqa: ARG001
    """Read bytes, with `k`, `M`, `G` or `T` for thousands and so on."""
    match = re.fullmatch(r"([0-9]{1,12})([kmgt]?)", value.lower())
    size = int(match[1]) * _UNITS[match[2]] if match else 0
    if not size:
        raise click.BadParameter(
            _("{value} is no size: write it like 500M or 50G").format(value=value)
        )
    return size


_SCRATCH: Final = (
    click.option(
        "--scratch",
        metavar="DIR",
        type=LocalPath(file_okay=False, path_type=Path),
        help=_("Fetch files that lie in a store (s3://) into this folder; it is this program's."),
    ),
    click.option(
        "--scratch-size",
        metavar="SIZE",
        default="50G",
        show_default=True,
        callback=_size,
        help=_("How many bytes of such files lie there at once, like 500M or 50G."),
    ),
)


def with_scratch(command: _F) -> _F:
    """Take where files are fetched into, and hand it over as `scratch`; None where nowhere."""

    @functools.wraps(command)
    def opened(*, options: Common, scratch: Path | None, scratch_size: int, **given: Any) -> int:
        with _scratch(scratch, scratch_size) as folder:
            return int(command(options=options, scratch=folder, **given))

    return with_options(opened, _SCRATCH)  # type: ignore[return-value]


@contextlib.contextmanager
def _scratch(folder: Path | None, limit: int) -> Iterator[Scratch | None]:
    if folder is None:
        yield None
        return
    from nicobatch.fleet.scratch import Scratch

    with Scratch(folder, limit) as scratch:
        yield scratch
