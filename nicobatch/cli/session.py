"""`nicobatch session`: the sign-in, without ever showing it."""

from __future__ import annotations

import sys
import threading

import click

from nicobatch import browser, credentials
from nicobatch.cli import i18n
from nicobatch.cli.options import Common, common
from nicobatch.errors import Exit
from nicobatch.language import _
from nicobatch.model import Json
from nicobatch.reports import Answered

_account = click.option(
    "--account",
    metavar="NAME",
    default="main",
    show_default=True,
    help=_("Whose sign-in, as manifests name it."),
)


class _Discreet(click.Command):
    """A command whose errors repeat nothing that was given: it may well be a secret."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; raise UsageError in words that hold none of them."""
        try:
            return super().parse_args(ctx, args)
        except click.MissingParameter:
            raise
        except click.UsageError as error:
            raise click.UsageError(_discreet(error), ctx) from None


class _Group(_Discreet, i18n.Group):
    """A group of such commands."""

    command_class = _Discreet

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


@click.group("session", cls=_Group, help=_("Look after the sign-in to niconico."))
def session_command() -> None:
    """Look after the sign-in to niconico."""


@session_command.command(
    "check", help=_("Ask niconico whose the sign-in is, and whether it is still good.")
)
@_account
@common
def check(account: str, options: Common) -> int:
    """Ask niconico whose the sign-in is, and whether it is still good."""
    with options.online() as site:
        person = site.target(account, threading.Event()).who()
    data: dict[str, Json] = {
        "account": account,
        "user_id": person.user_id,
        "nickname": person.nickname,
        "premium": person.premium,
    }
    words = _("{account} is signed in as {person}").format(account=account, person=person)
    options.report().tell(Answered(words, data))
    return Exit.FINE


@session_command.command(
    "set", help=_("Keep a browser's user_session cookie, read hidden or from stdin.")
)
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


@session_command.command(
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


@session_command.command(
    "forget", help=_("Remove the kept session of the account from this machine.")
)
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
