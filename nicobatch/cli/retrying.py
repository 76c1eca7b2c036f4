"""The options that say how videos are published: tries, pauses, rates and limits, as `Settings`."""

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
UNITS: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
"""Of bytes, by their letter."""
_LETTERS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def _rate(context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:  # noqa: ARG001
    """Read bytes a second, with `k`, `M` or `G` for thousands and so on, as curl has it."""
    if value is None:
        return None
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([kmg]?)", value.lower())
    rate = float(match[1]) * UNITS[match[2]] if match else 0.0
    if not rate:
        raise click.BadParameter(
            _("{value} is no rate: write it like 500k or 5M").format(value=value)
        )
    return rate


def _seconds(context: click.Context, parameter: click.Parameter, value: str | None) -> float:  # noqa: ARG001
    """Read a duration: seconds, or minutes, hours or days by their letter."""
    match = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([smhd]?)", (value or "0").lower())
    if match is None:
        raise click.BadParameter(
            _("{value} is no duration: write it like 90s, 30m, 2h or 1d").format(value=value)
        )
    return float(match[1]) * _LETTERS[match[2]]


def retry_options(command: _F, *, ends: bool = True, whose: bool = True) -> _F:
    """Take the options of `publish` and `watch`, and hand them over as `settings`.

    To be written below `common`, whose `options` it needs. `ends` says whether it is a command that
    comes to its end, and may come to it early; `whose`, whether it can be told who publishes.
    """

    @functools.wraps(command)
    def collected(*, options: Common, **given: Any) -> Any:
        taken = members_of(Settings, given)
        if taken["poll_interval"] is None:
            taken["poll_interval"] = options.poll_interval
        settings = Settings(wait=not given.pop("no_wait"), strict=options.strict, **taken)
        return command(options=options, settings=settings, **given)

    table = (*(_WHOSE if whose else ()), *_RETRY, *(_ENDING if ends else ()))
    return with_options(collected, table)  # type: ignore[return-value]


def _setting(name: str, kind: Any, words: str, metavar: str = "S") -> Any:
    """Return the option of a member of `Settings`, whose default it has, and shows if it is one."""
    default = getattr(_DEFAULT, name.replace("-", "_"))
    return click.option(
        f"--{name}", metavar=metavar, type=kind, default=default, show_default=True, help=words
    )


LIMIT: Final = click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(1),
    help=_("Leave all but the first N videos for later that there is something to do for."),
)
SPACE: Final = click.option(
    "--space",
    metavar="TIME",
    callback=_seconds,
    help=_("Let so much time pass between two videos of an account, such as 30m."),
)
_SECONDS: Final = click.FloatRange(0)
_WHOSE: Final = (
    click.option(
        "--account", metavar="NAME", help=_("Sign in as this account, whatever manifests say.")
    ),
)
_RETRY: Final = (
    _setting(
        "retry-attempts",
        click.IntRange(1),
        _("How often a request is tried, the first time included."),
        "N",
    ),
    _setting("retry-max-wait", _SECONDS, _("Longest pause between two tries, in seconds.")),
    click.option(
        "--poll-interval",
        metavar="S",
        type=click.FloatRange(0, min_open=True),
        help=_(
            "First pause while a site is at work, in seconds.  [default: 5; 0.5 with --sandbox]"
        ),
    ),
    _setting(
        "busy-timeout",
        _SECONDS,
        _("How long to wait for another upload or an encode, in seconds."),
    ),
    _setting(
        "visible-timeout", _SECONDS, _("How long to look until visitors see a video, in seconds.")
    ),
    _setting(
        "parallel-chunks",
        click.IntRange(1, 16),
        _("How many parts of a file to send at once.  [default: the profile's]"),
        "N",
    ),
    click.option(
        "--limit-rate",
        metavar="RATE",
        callback=_rate,
        help=_("Bytes a second for all uploads together, such as 500k or 5M."),
    ),
    SPACE,
    click.option(
        "--no-wait",
        is_flag=True,
        help=_("End as soon as the site has everything; wait for no encoding or review."),
    ),
    click.option(
        "--without-list",
        is_flag=True,
        help=_("Create videos even if the account's list, which shows doubles, can't be read."),
    ),
)
_ENDING: Final = (
    LIMIT,
    click.option("--fail-fast", is_flag=True, help=_("Stop after the first video that fails.")),
)
