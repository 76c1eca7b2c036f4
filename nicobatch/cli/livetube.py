"""`nicobatch livetube`: comments of Livetube's broadcasts."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, Final, TypeVar

import click

from nicobatch.actions import commenting
from nicobatch.actions.patience import asked
from nicobatch.cli import i18n, runner
from nicobatch.cli.options import Common, common, plain_address, with_options
from nicobatch.cli.session import Discreet
from nicobatch.errors import Again, Ended, Exit
from nicobatch.language import _
from nicobatch.livetube import ORIGIN, BanChanged, Broadcast, Comment, follow
from nicobatch.livetube.client import check_text
from nicobatch.model import Secret
from nicobatch.origin import check_private
from nicobatch.reports import (
    Answered,
    BanTold,
    BroadcastsFound,
    CommandEnded,
    CommentRead,
    ReadingInterrupted,
    Report,
)

_F = TypeVar("_F", bound=Callable[..., int])
_AT_ONCE: Final = 5.0
"""Seconds after which an answer must be held back."""
_HELP: Final = _("""Read, follow and write comments of Livetube's broadcasts.

Nobody knows whether the service still runs: what is known of it is of 2017, and tried against an
imitation alone (--sandbox). STREAM is a stream's id, or the address of a broadcast's page.
""")
_REACH: Final = (
    click.option(
        "--origin",
        metavar="URL",
        envvar="NICOBATCH_LIVETUBE_ORIGIN",
        default=ORIGIN,
        show_default=True,
        callback=plain_address,
        help=_("Where Livetube is."),
    ),
)


def _at_livetube(command: _F) -> _F:
    """Take where Livetube is, and what every command can be told."""
    return common(with_options(command, _REACH))


@click.group("livetube", cls=i18n.Group, help=_HELP)
def livetube_command() -> None:
    """Read, follow and write comments of Livetube's broadcasts."""


@livetube_command.command("id", help=_("Print the id of the stream that a page shows."))
@click.argument("page", metavar="URL")
@_at_livetube
def id_(page: str, origin: str, options: Common) -> int:
    """Print the id of the stream that a page shows."""
    with commenting.reached(options, origin) as livetube:
        stream = asked(lambda: livetube.stream(page), livetube.stop)
    options.report().tell(Answered(stream, {"id": stream}))
    return Exit.FINE


@livetube_command.command("live", help=_("Show what is on now."))
@click.option("--tag", metavar="TAG", help=_("Only what has this tag."))
@click.option("--author", metavar="NAME", help=_("Only what this user broadcasts."))
@_at_livetube
def live(tag: str | None, author: str | None, origin: str, options: Common) -> int:
    """Show what is on now."""
    with commenting.reached(options, origin) as livetube:
        found = asked(livetube.live, livetube.stop)
    rows = [_row(each) for each in found if _fits(each, tag, author)]
    options.report().tell(BroadcastsFound(broadcasts=rows))
    return Exit.FINE


def _fits(broadcast: Broadcast, tag: str | None, author: str | None) -> bool:
    tags = {each.casefold() for each in broadcast.tags}
    has_tag = tag is None or tag.casefold() in tags
    return has_tag and (author is None or author.casefold() == broadcast.author.casefold())


def _row(broadcast: Broadcast) -> dict[str, Any]:
    created = broadcast.created and broadcast.created.isoformat()
    return {**asdict(broadcast), "created": created}


@livetube_command.command("read", help=_("Print the comments that are there."))
@click.argument("stream")
@click.option(
    "--from", "first", type=click.IntRange(min=1), metavar="N", default=1, show_default=True,
    help=_("Begin with the comment of this number."),
)  # fmt: skip
@_at_livetube
def read(stream: str, first: int, origin: str, options: Common) -> int:
    """Print the comments that are there."""
    report = options.report()
    with commenting.reached(options, origin) as livetube:
        known = asked(lambda: livetube.stream(stream), livetube.stop)
        with _wait_told(quiet=options.quiet):
            reading = asked(lambda: livetube.read(known, first - 1), livetube.stop)
    for comment in reading.comments:
        report.tell(_told(comment))
    return Exit.FINE


@contextlib.contextmanager
def _wait_told(*, quiet: bool) -> Iterator[None]:
    """Say what is waited for, where an answer does not come at once."""
    words = _("no comment yet: Livetube holds its answer back for up to 3 minutes")
    timer = threading.Timer(_AT_ONCE, click.echo, (words,), {"err": True})
    if not quiet:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _told(comment: Comment) -> CommentRead:
    return CommentRead(
        number=comment.number,
        name=comment.name,
        green=comment.green,
        id=comment.id,
        time=comment.at,
        text=comment.text,
        live=comment.live,
        banned=comment.banned,
        icon=asdict(comment.icon) if comment.icon else None,
    )


@livetube_command.command(
    "follow",
    help=_("Print the comments that are there, and each that is written, until Ctrl-C."),
)
@click.argument("stream")
@_at_livetube
def follow_(stream: str, origin: str, options: Common) -> int:
    """Print the comments that are there, and each that is written, until a signal comes."""
    stop, report = threading.Event(), options.report()
    work = runner.Work[bool](stop)

    def until_stopped() -> bool:
        with commenting.reached(options, origin, stop) as livetube:
            known = asked(lambda: livetube.stream(stream), stop)
            teller = _Teller(report)
            for each in follow(livetube, known, waiting=teller.waiting):
                teller.tell(each)
        return True

    if not work.run(until_stopped):
        report.tell(CommandEnded(Ended(signal=work.signal or signal.SIGTERM)))
        runner.leave(128 + (work.signal or signal.SIGTERM))
    raise Ended(signal=work.signal or signal.SIGINT)


class _Teller:
    """Tells of comments as they come, and of each hindrance once."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._reason = ""

    def tell(self, news: Comment | BanChanged) -> None:
        """Tell it; raise BrokenPipeError where nobody reads any more."""
        self._reason = ""
        if isinstance(news, BanChanged):
            self._report.tell(BanTold(number=news.number, banned=news.banned))
        else:
            self._report.tell(_told(news))
        if not runner.has_reader():
            raise BrokenPipeError

    def waiting(self, error: Again, seconds: float) -> None:
        """Tell what keeps from reading, unless that was told."""
        if error.message != self._reason:
            self._reason = error.message
            told = ReadingInterrupted(reason=error.message, seconds=round(seconds, 1))
            self._report.tell(told)


@livetube_command.command("write", help=_("Write a comment: TEXT, or what comes on stdin."))
@click.argument("stream")
@click.argument("text", required=False)
@click.option(
    "--name", metavar="NAME", default="",
    help=_("Write under this name; it is green where `login` signed its user in."),
)  # fmt: skip
@_at_livetube
def write(stream: str, text: str | None, name: str, origin: str, options: Common) -> int:
    """Write a comment."""
    said = sys.stdin.read().strip() if text is None else text
    check_text(said, name)
    with commenting.reached(options, origin) as livetube:
        known = asked(lambda: livetube.stream(stream), livetube.stop)
        if name:
            commenting.sign_in_as(name, livetube, options)
        number = commenting.write(livetube, known, said, name)
    words = _("written to {stream}")
    if number is not None:
        words = _("the answer was lost, but the comment is there, as number {number}")
    told = words.format(stream=known, number=number)
    options.report().tell(Answered(told, {"stream": known, "number": number}))
    return Exit.FINE


@livetube_command.command(
    "login",
    cls=Discreet,
    help=_("Sign in, so that names can be green; the password is asked for, and not kept."),
)
@_at_livetube
def login(origin: str, options: Common) -> int:
    """Sign in, and keep the session."""
    if not options.sandbox:
        check_private(origin)  # before anybody types a password
    user, password = _asked_for(options)
    with commenting.reached(options, origin) as livetube:
        session = livetube.sign_in(user, password)
        options.gained(session)
        if options.sandbox:
            words = _("{user} was signed in; that is not kept, as it is not Livetube itself")
            where = ""
        else:
            words = _("{user} is signed in; the session is kept in {where}")
            where = commenting.store().set(livetube.origin, session)
    told = words.format(user=user, where=where)
    options.report().tell(Answered(told, {"user": user}))
    return Exit.FINE


def _asked_for(options: Common) -> tuple[str, Secret]:
    """Return user name and password; ask for what nobody has given."""
    user, password = commenting.given(options)
    if not (user and password) and not sys.stdin.isatty():
        raise commenting.nobody_to_ask()
    user = user or click.prompt(_("user name at Livetube"), err=True)
    password = password or click.prompt(_("password (not shown)"), hide_input=True, err=True)
    return user, Secret(password)


@livetube_command.command(
    "logout", cls=Discreet, help=_("End the session, and remove it from this machine.")
)
@_at_livetube
def logout(origin: str, options: Common) -> int:
    """End the session, and remove it from this machine."""
    words = _("no session of {origin} is kept here")
    with commenting.reached(options, origin) as livetube:
        if not options.sandbox and commenting.sign_out(livetube):
            words = _("the session of {origin} is forgotten here")
        told = words.format(origin=livetube.origin)
    options.report().tell(Answered(told, {}))
    return Exit.FINE
