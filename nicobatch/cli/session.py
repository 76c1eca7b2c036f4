"""`nicobatch session`: the sign-in, without ever showing it."""

from __future__ import annotations

import sys
import threading

import click

from nicobatch import browser, credentials
from nicobatch.cli import speaking, wiring
from nicobatch.cli.exits import Exit
from nicobatch.cli.options import Common, common
from nicobatch.language import _
from nicobatch.model import Json

_account = click.option(
    "--account",
    metavar="NAME",
    default="main",
    show_default=True,
    help=_("Whose sign-in, as manifests name it."),
)


@click.group("session", cls=speaking.Group, help=_("Look after the sign-in to niconico."))
def command() -> None:
    """Look after the sign-in to niconico."""


@command.command(
    "check", help=_("Ask niconico whose the sign-in is, and whether it is still good.")
)
@_account
@common
def check(account: str, options: Common) -> int:
    """Ask niconico whose the sign-in is, and whether it is still good."""
    with wiring.online(options) as site:
        person = site.target(account, threading.Event()).who()
    data: dict[str, Json] = {
        "account": account,
        "user_id": person.user_id,
        "nickname": person.nickname,
        "premium": person.premium,
    }
    options.report().answer(
        _("{account} is signed in as {person}").format(account=account, person=person), data
    )
    return Exit.FINE


@command.command("set", help=_("Keep a browser's user_session cookie, read hidden or from stdin."))
@_account
def set_(account: str) -> int:
    """Keep a browser's user_session cookie, read hidden or from stdin."""
    if sys.stdin.isatty():
        text = click.prompt(_("user_session (not shown)"), hide_input=True, err=True)
    else:
        text = sys.stdin.readline()
    where = credentials.Store.of_user().set(account, credentials.session(text, _("the input")))
    click.echo(
        _("the session of {account} is kept in {where}").format(account=account, where=where)
    )
    return Exit.FINE


@command.command(
    "import",
    help=_("Keep the user_session cookie that your browser has; `check` tells whether it is good."),
)
@click.option(
    "--browser",
    "name",
    type=click.Choice(list(browser.BROWSERS)),
    required=True,
    help=_("Which browser is signed in to niconico."),
)
@_account
def import_(name: str, account: str) -> int:
    """Keep the user_session cookie that your browser has; `check` tells whether it is good."""
    found = browser.user_session(name).reveal()
    value = credentials.session(
        found, _("what {browser} keeps").format(browser=browser.BROWSERS[name])
    )
    where = credentials.Store.of_user().set(account, value)
    click.echo(
        _("the session of {account}, of {browser}, is kept in {where}").format(
            account=account, browser=browser.BROWSERS[name], where=where
        )
    )
    return Exit.FINE


@command.command("forget", help=_("Remove the kept session of the account from this machine."))
@_account
def forget(account: str) -> int:
    """Remove the kept session of the account from this machine."""
    if credentials.Store.of_user().forget(account):
        click.echo(
            _("the session of {account} is forgotten here; it stays valid at niconico").format(
                account=account
            )
        )
        return Exit.FINE
    click.echo(_("no session of {account} is kept here").format(account=account))
    return Exit.FINE
