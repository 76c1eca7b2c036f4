"""The options of commands that publish: how patient a run is, and how a folder is watched."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from nicobatch.cli.options import Common, LocalPath, with_options
from nicobatch.language import _
from nicobatch.settings import SANDBOX_POLL, Settings

_F = TypeVar("_F", bound=Callable[..., Any])
_DEFAULT: Final = Settings()
_UNITS: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


def _rate(context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:  # noqa: ARG001
    """Read bytes a second, with `k`, `M` or `G` for thousands and so on, as curl has it."""
    if value is None:
        return None
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([kmg]?)", value.lower())
    rate = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not rate:
        raise click.BadParameter(
            _("{value} is no rate: write it like 500k or 5M").format(value=value)
        )
    return rate


def retry_options(command: _F, *, ends: bool = True) -> _F:
    """Take the options of `publish` and `watch`, and hand them over as `settings`.

    To be written below `common`, whose `options` it needs. `ends` says whether it is a command that
    comes to its end, and may come to it early.
    """

    @functools.wraps(command)
    def collected(*, options: Common, **given: Any) -> Any:
        names = (
            "retry_attempts",
            "retry_max_wait",
            "busy_timeout",
            "visible_timeout",
            "parallel_chunks",
            "limit_rate",
            "without_list",
        )
        taken = {name: given.pop(name) for name in names}
        poll = given.pop("poll_interval")
        if poll is None:
            poll = SANDBOX_POLL if options.sandbox else _DEFAULT.poll_interval
        wait, strict = not given.pop("no_wait"), options.strict
        fail_fast = given.pop("fail_fast", False)
        settings = Settings(
            poll_interval=poll, wait=wait, strict=strict, fail_fast=fail_fast, **taken
        )
        return command(options=options, settings=settings, **given)

    return with_options(collected, (*_RETRY, *_ENDING) if ends else _RETRY)  # type: ignore[return-value]


_RETRY: Final = (
    click.option(
        "--account", metavar="NAME", help=_("Sign in as this account, whatever manifests say.")
    ),
    click.option(
        "--retry-attempts",
        metavar="N",
        type=click.IntRange(1),
        default=_DEFAULT.retry_attempts,
        show_default=True,
        help=_("How often a request is tried, the first time included."),
    ),
    click.option(
        "--retry-max-wait",
        metavar="S",
        type=click.FloatRange(0),
        default=_DEFAULT.retry_max_wait,
        show_default=True,
        help=_("Longest pause between two tries, in seconds."),
    ),
    click.option(
        "--poll-interval",
        metavar="S",
        type=click.FloatRange(0, min_open=True),
        help=_(
            "First pause while niconico is at work, in seconds.  [default: 5; 0.5 with --sandbox]"
        ),
    ),
    click.option(
        "--busy-timeout",
        metavar="S",
        type=click.FloatRange(0),
        default=_DEFAULT.busy_timeout,
        show_default=True,
        help=_("How long to wait for another upload or an encode, in seconds."),
    ),
    click.option(
        "--visible-timeout",
        metavar="S",
        type=click.FloatRange(0),
        default=_DEFAULT.visible_timeout,
        show_default=True,
        help=_("How long to look until visitors see a video, in seconds."),
    ),
    click.option(
        "--parallel-chunks",
        metavar="N",
        type=click.IntRange(1, 16),
        help=_("How many parts of a file to send at once.  [default: the profile's]"),
    ),
    click.option(
        "--limit-rate",
        metavar="RATE",
        callback=_rate,
        help=_("Bytes a second for all uploads together, such as 500k or 5M."),
    ),
    click.option(
        "--no-wait",
        is_flag=True,
        help=_("End as soon as niconico has everything; wait for no encoding."),
    ),
    click.option(
        "--without-list",
        is_flag=True,
        help=_("Create videos even if the account's list, which shows doubles, can't be read."),
    ),
)
_ENDING: Final = (
    click.option("--fail-fast", is_flag=True, help=_("Stop after the first video that fails.")),
)


_folder_to = LocalPath(file_okay=False, path_type=Path)
WATCH_OPTIONS: Final = (
    click.option(
        "--settle",
        metavar="S",
        type=click.FloatRange(0),
        help=_("How long a file must stay unchanged, in seconds.  [default: 10; 30 when polling]"),
    ),
    click.option(
        "--rescan",
        metavar="S",
        type=click.FloatRange(0, min_open=True),
        default=60.0,
        show_default=True,
        help=_("Look at the whole folder at least this often, in seconds."),
    ),
    click.option("--poll", is_flag=True, help=_("Don't rely on the system to tell of changes.")),
    click.option("--once", is_flag=True, help=_("Publish what is there, and end.")),
    click.option(
        "--done", metavar="DIR", type=_folder_to, help=_("Move what is published to this folder.")
    ),
    click.option(
        "--failed",
        metavar="DIR",
        type=_folder_to,
        help=_("Move what can't be published to this folder, with the reason."),
    ),
    click.option(
        "--heartbeat",
        metavar="FILE",
        type=LocalPath(dir_okay=False, path_type=Path),
        help=_("Write this file every few seconds, as a sign of life."),
    ),
    click.option(
        "--allow-outside",
        is_flag=True,
        help=_("Publish videos that lie outside the folder, too."),
    ),
)
