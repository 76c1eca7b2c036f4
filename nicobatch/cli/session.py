"""`nicobatch session`: the sign-in, without ever showing it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeVar

import click

from nicobatch import browser, installation, sites
from nicobatch.cli import i18n, qr
from nicobatch.cli.options import Common, common, with_options
from nicobatch.credentials import KEYRING, Kept, Store
from nicobatch.errors import Exit
from nicobatch.language import _
from nicobatch.model import DEFAULT_ACCOUNT, DEFAULT_SITE, Json, Secret
from nicobatch.reports import Answered, Listed
from nicobatch.reports.colors import is_terminal
from nicobatch.sites.session import Session

_F = TypeVar("_F", bound=Callable[..., int])
_DAY: Final = 86_400
_WHOSE: Final = (
    click.option(
        "--account",
        metavar="NAME",
        default=DEFAULT_ACCOUNT,
        show_default=True,
        help=_("Whose sign-in, as manifests name it."),
    ),
    click.option(
        "--site",
        type=click.Choice(list(sites.SITES)),
        default=DEFAULT_SITE,
        show_default=True,
        help=_("At which site."),
    ),
)


class Discreet(click.Command):
    """A command whose errors repeat nothing that was given: it may well be a secret."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; raise UsageError in words that hold none of them."""
        try:
            return super().parse_args(ctx, args)
        except click.MissingParameter:
            raise
        except click.UsageError as error:
            raise click.UsageError(_discreet(error), ctx) from None


class Group(Discreet, i18n.Group):
    """A group of such commands."""

    command_class = Discreet

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Return the command; raise UsageError where there is none."""
        found = super().get_command(ctx, cmd_name)
        if found is None:
            words = _("there is no such command; the commands are {commands}")
            raise click.UsageError(words.format(commands=", ".join(self.list_commands(ctx))), ctx)
        return found


def _discreet(error: click.UsageError) -> str:
    if isinstance(error, click.BadParameter) and error.param:
        words, kind = _("{option} can't take what it was given"), error.param.type
        choices = kind.choices if isinstance(kind, click.Choice) else ()
        if choices:
            words = _("{option} can't take what it was given; it can be {choices}")
        return words.format(option=error.param.opts[0], choices=", ".join(map(str, choices)))
    if isinstance(error, click.NoSuchOption):
        return _("there is no such option")
    return _("it takes no session or password as an argument, where others could see it")


def whose(command: _F) -> _F:
    """Take whose sign-in it is, and where."""
    return with_options(command, _WHOSE)


@click.group("session", cls=Group, help=_("Look after the sign-ins to the sites."))
def session_command() -> None:
    """Look after the sign-in to a site."""


@session_command.command(
    "check", help=_("Ask the site whose the sign-in is, and whether it is still good.")
)
@whose
@common
def check(account: str, site: str, options: Common) -> int:
    """Ask the site whose the sign-in is, and whether it is still good."""
    with options.online(site) as there:
        target = there.target(account, threading.Event())
        with contextlib.closing(target):
            person = target.who()
    words = _("{account} is signed in as {person}").format(account=account, person=person)
    options.report().tell(Answered(words, {"account": account, **person.data}))
    return Exit.FINE


@session_command.command(
    "login", help=_("Sign in by an address that a phone scans, where the site offers that.")
)
@whose
@common
def login(account: str, site: str, options: Common) -> int:
    """Sign in by an address that a phone scans, and keep the session."""
    with options.online(site) as there:
        session = there.service.scan(there.reach, show_code, threading.Event())
    options.gained(session)
    if options.sandbox or options.api_origin:  # what another host gave is none of the site's own
        words = _("{account} was signed in; that is not kept, as it is not {site} itself")
        told = words.format(account=account, site=sites.site(site).label)
        options.report().tell(Answered(told, {"account": account}))
        return Exit.FINE
    return _keep(session, account, site)


@session_command.command(
    "refresh",
    help=_("Have the site give a new session for the kept one, before that ends."),
)
@whose
@common
def refresh(account: str, site: str, options: Common) -> int:
    """Have the site give a new session for the kept one."""
    from nicobatch.actions import sessions
    from nicobatch.actions.patience import telling

    report = options.report()
    name = _("the session of {account}").format(account=account)
    person = sessions.renew(options.site(site), account, telling(report.tell, name))
    words = _("the session is renewed: {account} is signed in as {person}")
    told = {"account": account, **person.data}
    report.tell(Answered(words.format(account=account, person=person), told))
    return Exit.FINE


@session_command.command(
    "list", help=_("Show which sessions are kept, where, and for how long; asks no site.")
)
@click.option(
    "--site",
    "name",
    type=click.Choice(list(sites.SITES)),
    help=_("Only those of this site.  [default: every site's]"),
)
@common
def list_(name: str | None, options: Common) -> int:
    """Show which sessions are kept, where, and for how long."""
    from nicobatch.actions import sessions

    kept = [*sessions.kept([name] if name else sites.SITES)]
    until = [sessions.parked(options.site(site), each.account) for site, each in kept]
    rows = [_row(sites.site(site).label, each) for site, each in kept]
    members = [_member(site, each) for site, each in kept]
    if not name:
        others = [*sessions.kept_at_livetube()]
        rows += [_row("Livetube", each) for each in others]
        members += [_member("livetube", each) for each in others]
    headings = [_("site"), _("account"), _("kept in"), _("days left")]
    words = [] if rows else [_("no session is kept on this machine")]
    for error, row, member in zip(until, rows, members, strict=False):
        if error and error.retry_at:
            told = {"site": row[0], "account": row[1], "error": error}
            words.append(_("{site}: {account}: {error}").format(**told))
            member["parked_until"] = error.retry_at.isoformat()
    options.report().tell(
        Listed(
            member="session",
            members=members,
            headings=headings,
            rows=rows,
            words="\n".join(words),
        )
    )
    return Exit.FINE


def _row(label: str, kept: Kept) -> list[str]:
    days = _days(kept)
    left = _("unknown") if days is None else str(days)
    return [label, kept.account, str(kept.file or _(KEYRING)), left]


def _member(site: str, kept: Kept) -> dict[str, Json]:
    ends = kept.ends and datetime.fromtimestamp(kept.ends, UTC).isoformat()
    where = str(kept.file or "keyring")
    told = {"site": site, "account": kept.account, "where": where}
    return {**told, "expires": ends, "days_left": _days(kept)}


def _days(kept: Kept) -> int | None:
    """Return for how many whole days the session lasts, None where it does not tell."""
    return None if kept.ends is None else max(0, int(kept.ends - time.time()) // _DAY)


@session_command.command(
    "set", help=_("Keep a browser's user_session cookie, read hidden or from stdin.")
)
@whose
def set_(account: str, site: str) -> int:
    """Keep a browser's session, read hidden or from stdin."""
    return _keep(given_session(sites.site(site).session), account, site)


@session_command.command(
    "import",
    help=_("Keep the user_session cookie that your browser has; `check` tells whether it is good."),
)
@click.option(
    "--browser",
    "name",
    type=click.Choice(list(browser.BROWSERS)),
    required=True,
    help=_("Which browser is signed in to the site."),
)
@whose
def import_(name: str, account: str, site: str) -> int:
    """Keep the session that a browser has."""
    session = browser.session_of(name, sites.site(site))
    words = _("the session of {account}, of {browser}, is kept in {where}")
    return _keep(session, account, site, words, browser=browser.BROWSERS[name])


@session_command.command(
    "forget", help=_("Remove the kept session of the account from this machine.")
)
@whose
def forget(account: str, site: str) -> int:
    """Remove the kept session of the account from this machine."""
    words = _("no session of {account} is kept here")
    if Store.of_user(sites.site(site)).forget(account):
        words = _("the session of {account} is forgotten here; it stays valid at {site}")
    click.echo(words.format(account=account, site=site))
    return Exit.FINE


def given_session(session: Session) -> Secret:
    """Return the session that is typed hidden, or comes from stdin; raise UsageError."""
    if sys.stdin.isatty():
        shown = _("{cookies} (not shown)").format(cookies=", ".join(session.cookies))
        text = click.prompt(shown, hide_input=True, err=True)
    else:
        text = sys.stdin.readline() if session.is_single else sys.stdin.read()
    return session.read(text, _("the input"))


def _keep(session: Secret, account: str, site: str, words: str = "", **more: str) -> int:
    """Keep the session on this machine, and say where."""
    where = Store.of_user(sites.site(site)).set(account, session)
    words = words or _("the session of {account} is kept in {where}")
    click.echo(words.format(account=account, where=where, **more))
    return Exit.FINE


def show_code(address: str) -> None:
    """Show the address, and in a terminal, with the extra `login`, as a code to be scanned."""
    click.echo(_("scan this with the site's app, or open it on the phone:"), err=True)
    if is_terminal(sys.stderr, os.environ):
        try:
            drawn = qr.drawn(address, sys.stderr.encoding, shutil.get_terminal_size().columns)
        except ImportError:
            hint = installation.missing("login")
            drawn = _("(to have it as a QR code here, {hint})").format(hint=hint)
        if drawn:
            click.echo(drawn, err=True, color=True)
    click.echo(address, err=True)
