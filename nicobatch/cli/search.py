"""`nicobatch search`: niconico's content search, as a visitor asks it."""

from __future__ import annotations

import functools
import operator
import threading
from datetime import date, datetime, time, timedelta, timezone
from typing import Final

import click

from nicobatch.actions.patience import asked
from nicobatch.cli.options import Common, common
from nicobatch.errors import Exit, UsageError
from nicobatch.http import Http
from nicobatch.language import _
from nicobatch.model import Json
from nicobatch.reports import HitsFound
from nicobatch.sites.niconico.profiles import Profile
from nicobatch.sites.niconico.search.client import Question, Search
from nicobatch.sites.niconico.search.filters import Filter
from nicobatch.sites.niconico.search.services import (
    ENDPOINTS,
    EXACT_TARGET,
    KEYWORD_TARGETS,
    SNAPSHOT,
    Hit,
    Service,
)

_JAPAN: Final = timezone(timedelta(hours=9))
_FIELDS: Final = ("contentId", "title", "viewCounter", "lengthSeconds", "liveStatus", "startTime")
"""What the report tells, where the service knows it."""


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
    "--service", type=click.Choice(list(ENDPOINTS)), default="video", show_default=True,
    help=_("Videos, or live programmes."),
)  # fmt: skip
@click.option(
    "--endpoint", type=click.Choice(["snapshot", "contents"]),
    help=_("Videos: the index that is rebuilt every morning (snapshot, the default), or the older"
    " search. Live programmes: contents."),
)  # fmt: skip
@functools.partial(common, formats=("text", "json", "yaml"))
def search_command(  # noqa: PLR0913 - a search has these parts
    *,
    query: str,
    tag: bool,
    title: bool,
    user: int | None,
    since: datetime | None,
    until: datetime | None,
    min_views: int | None,
    sort: str,
    limit: int,
    service: str,
    endpoint: str | None,
    options: Common,
) -> int:
    """Search niconico for what everybody can see, without signing in."""
    asked_of = _service(service, endpoint)
    question = Question(
        q=query,
        targets=_targets(tag=tag, title=title),
        fields=tuple(name for name in _FIELDS if name in asked_of.fields),
        filter=_filter(user, since, until, min_views),
        sort=sort,
        limit=limit,
    )
    question.check(asked_of)
    with options.online() as site:
        http = Http(proxy=site.proxy)
        try:
            found = _found(site.profile, http, question, asked_of)
        finally:
            http.close()
    options.report().tell(found)
    return Exit.FINE


def _service(service: str, endpoint: str | None) -> Service:
    known = ENDPOINTS[service]
    name = endpoint or next(iter(known))
    if name not in known:
        raise UsageError(
            _("the {name} search does not cover --service {service}").format(
                name=name, service=service
            ),
            _("use --endpoint {names}").format(names=_(" or ").join(known)),
        )
    return known[name]


def _targets(*, tag: bool, title: bool) -> tuple[str, ...]:
    if tag and title:
        raise UsageError(_("--tag and --title can't be used together"), _("name one of them"))
    if tag:
        return (EXACT_TARGET,)
    return ("title",) if title else KEYWORD_TARGETS


def _filter(
    user: int | None, since: datetime | None, until: datetime | None, min_views: int | None
) -> Filter | None:
    """Return the conditions that were given, all of them to be met."""
    given = []
    if user is not None:
        given.append(Filter.equal("userId", user))
    if since or until:
        given.append(Filter.range("startTime", gte=since, lt=until))
    if min_views is not None:
        given.append(Filter.range("viewCounter", gte=min_views))
    return functools.reduce(operator.and_, given) if given else None


def _found(profile: Profile, http: Http, question: Question, service: Service) -> HitsFound:
    """Ask for all that is wanted; where there is nothing, also of when the index is."""
    stop, search = threading.Event(), Search(profile, http)
    results = search.results(question, service)
    hits = iter(lambda: asked(lambda: next(results, None), stop), None)
    told = [_told(each, profile, service) for each in hits]
    empty = not results.total and service is SNAPSHOT
    return HitsFound(
        hits=told,
        query=question.q,
        total=results.total or 0,
        truncated=results.truncated,
        as_of=asked(search.last_modified, stop) if empty else None,
    )


def _told(hit: Hit, profile: Profile, service: Service) -> dict[str, Json]:
    link = service.link(profile)
    url = link.format(video_id=hit.content_id) if hit.content_id else None
    return {**hit.fields, "url": url}
