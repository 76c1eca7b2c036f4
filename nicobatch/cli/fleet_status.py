"""`nicobatch fleet status`: which accounts are due, parked or blocked, and how long videos wait."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

import click

from nicobatch.cli.fleet_options import with_database
from nicobatch.cli.options import Common
from nicobatch.errors import Exit
from nicobatch.language import _, ngettext
from nicobatch.reports import Answered, Listed

if TYPE_CHECKING:
    from nicobatch.fleet.database import Database
    from nicobatch.fleet.status import AccountStatus, FleetStatus

_SHOWN: Final = 50
"""Accounts that a person is shown; a program is told of all."""
_MINUTE: Final = 60


@click.command(
    "status", help=_("Show which accounts are due, parked or blocked, and how long videos wait.")
)
@functools.partial(with_database, formats=("text", "json", "metrics"))
def status(options: Common, database: Database) -> int:
    """Show how the fleet stands."""
    from nicobatch.fleet.status import read

    found = read(database)
    if options.format == "metrics":
        from nicobatch.fleet.metrics import exposition

        click.echo(exposition(found), nl=False)
        return Exit.FINE
    report = options.report()
    report.tell(_listed(found))
    report.tell(Answered(_words(found), found.data))
    return Exit.FINE


def _listed(found: FleetStatus) -> Listed:
    busy = [each for each in found.accounts if each.standing != "idle"]
    more = _("and {count} more: --format json shows all").format(count=len(busy) - _SHOWN)
    return Listed(
        member="account",
        members=[each.data for each in found.accounts],
        headings=[_("account"), _("state"), _("videos waiting"), _("minutes"), _("why")],
        rows=[_row(each) for each in busy[:_SHOWN]],
        words=more if len(busy) > _SHOWN else "",
    )


def _row(each: AccountStatus) -> list[str]:
    minutes = "" if each.oldest is None else str(int(each.oldest // _MINUTE))
    until = each.until.astimezone().isoformat(" ", "minutes") if each.until else ""
    why = " ".join(filter(None, [until, each.why]))
    return [each.name, _(each.standing.value), str(each.waiting), minutes, why]


def _words(found: FleetStatus) -> str:
    counts = {state: found.state(state) for state in ("due", "done", "failed", "refused")}
    words = _("videos: {due} due, {done} done, {failed} failed, {refused} refused")
    number = len(found.accounts)
    lines = [ngettext("{count} account", "{count} accounts", number).format(count=number)]
    if counts["due"]:
        waited = _("{accounts}; the oldest waiting video has waited {minutes} minutes")
        minutes = int(found.oldest // _MINUTE)
        lines = [waited.format(accounts=lines[0], minutes=minutes)]
    lines.append(words.format(**counts))
    blocked = [each for each in found.accounts if each.standing == "blocked"]
    lines += [f"{each.name}: {each.hint}" for each in blocked[:_SHOWN] if each.hint]
    if blocked:
        lines.append(_("once it is put right, `nicobatch fleet resume ACCOUNT` goes on at once"))
    return "\n".join(lines)
