"""The options of commands that publish: how patient and how thorough a run is."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from nicobatch.cli.options import Common, members_of, with_options
from nicobatch.language import _
from nicobatch.settings import Settings

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
        taken = members_of(Settings, given)
        if taken["poll_interval"] is None:
            taken["poll_interval"] = options.poll_interval
        settings = Settings(wait=not given.pop("no_wait"), strict=options.strict, **taken)
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
