"""`nicobatch search`: niconico's content search, as a visitor asks it."""

from __future__ import annotations

import functools
import threading
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Final

import click

from nicobatch.actions.patience import asked
from nicobatch.cli.options import Common, common
from nicobatch.errors import Exit
from nicobatch.language import _
from nicobatch.reports import HitsFound
from nicobatch.sites.service import Query

_JAPAN: Final = timezone(timedelta(hours=9))


def _moment(
    context: click.Context,  # noqa: ARG001 - click's
    parameter: click.Parameter,  # noqa: ARG001
    value: str | None,
) -> datetime | None:
    """Read a day, which begins at Japan's midnight, or a time, Japan's where it has no zone."""
    try:
        return _read(value) if value is not None else None
    except ValueError:
        raise click.BadParameter(
            _("{value} is no date or time: write 2026-12-31 or 2026-12-31T18:00:00+09:00").format(
                value=value
            )
        ) from None


def _read(text: str) -> datetime:
    try:
        moment = datetime.combine(date.fromisoformat(text), time())
    except ValueError:
        moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=_JAPAN)


_HELP: Final = _("""Search niconico for what everybody can see, without signing in.

In QUERY a blank is AND, `a OR b` stands first, quotes make a "phrase", and -word leaves out;
put QUERY behind -- where it begins with a dash. New videos are found from the next morning on.

niconico offers its search for non-commercial use only, and limits how often an address may
ask, without saying how often: search sparingly.
""")


@click.command("search", help=_HELP)
@click.argument("query")
@click.option("--tag", is_flag=True, help=_("Take QUERY for whole tags, not for words."))
@click.option("--title", is_flag=True, help=_("Look into titles only."))
@click.option(
    "--user", type=click.IntRange(min=1), metavar="ID", help=_("Only what this user posted.")
)
@click.option(
    "--since",
    metavar="DAY",
    callback=_moment,
    help=_("Not older than this: a day, which begins at Japan's midnight, or a time."),
)
@click.option(
    "--until",
    metavar="DAY",
    callback=_moment,
    help=_("Older than this: a day, which begins at Japan's midnight, or a time."),
)
@click.option(
    "--min-views",
    type=click.IntRange(min=0),
    metavar="N",
    help=_("Only what was viewed N times or more."),
)
@click.option(
    "--sort",
    metavar="FIELD",
    default="-startTime",
    show_default=True,
    help=_("A field of niconico's; + before it puts small values first."),
)
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", default=10, show_default=True,
    help=_("How many hits at most."),
)  # fmt: skip
@click.option(
    "--service", type=click.Choice(["video", "live"]), default="video", show_default=True,
    help=_("Videos, or live programmes."),
)  # fmt: skip
@click.option(
    "--endpoint", type=click.Choice(["snapshot", "contents"]),
    help=_("Videos: the index that is rebuilt every morning (snapshot, the default), or the older"
    " search. Live programmes: contents."),
)  # fmt: skip
@functools.partial(common, formats=("text", "json", "yaml"))
def search_command(options: Common, **given: Any) -> int:
    """Search niconico for what everybody can see, without signing in."""
    wanted = Query(**given)
    with options.online() as site:
        found = site.service.search(site.reach, wanted, lambda call: asked(call, threading.Event()))
    options.report().tell(
        HitsFound(
            hits=found.hits,
            query=wanted.query,
            total=found.total,
            truncated=found.truncated,
            as_of=found.as_of,
        )
    )
    return Exit.FINE
