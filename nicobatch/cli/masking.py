"""Secrets that a runner of GitHub's must never show: named to it before anything is printed.

They go to standard error, which the runner reads first, and which is seldom kept in a file. Where
it is one, nobody would read the commands, and the secrets would lie there: none is written then.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from typing import Final, TextIO

from nicobatch.errors import UsageError
from nicobatch.model import Secret
from nicobatch.reports.github.commands import is_runner, masks
from nicobatch.reports.github.stream import write_command

_NAMES: Final = re.compile(r"NICOBATCH_(?:\w+_)?(?:USER_SESSION|PASSWORD|OTP|MAIL)")


def mask_environment() -> None:
    """Name every secret that the environment holds, whichever account it is of."""
    if is_runner(os.environ):
        for secret in _secrets(os.environ):
            mask(secret)


def mask(secret: Secret) -> None:
    """Name a secret to the runner, if there is one."""
    if is_runner(os.environ) and not _is_file(sys.stderr):
        for line in masks(secret.reveal()):
            write_command(line)


def _secrets(environment: Mapping[str, str]) -> Iterator[Secret]:
    """Yield the values as they are, and a session's also as it is sent."""
    for name, value in environment.items():
        if not _NAMES.fullmatch(name):
            continue
        yield Secret(value)
        if name.endswith("USER_SESSION"):
            yield from _sent(value, name)


def _sent(value: str, name: str) -> Iterator[Secret]:
    from nicobatch import credentials

    with contextlib.suppress(UsageError):  # what is no session is told of when it is needed
        yield credentials.session(value, name)


def _is_file(stream: TextIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except OSError:  # none that the system knows
        return False
