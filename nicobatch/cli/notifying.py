"""Who is told how a command went, beside whoever looks: `--notify`, and `notify` in a config."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from nicobatch.cli.ci import as_told
from nicobatch.cli.options import Common, with_options
from nicobatch.config.recipients import SECTION, VARIABLE, Recipient
from nicobatch.errors import UsageError
from nicobatch.events import Event
from nicobatch.language import N_, _
from nicobatch.manifest.schema import suggest
from nicobatch.reports import Report

if TYPE_CHECKING:
    from nicobatch.announcing.recipients import Send
    from nicobatch.reports.notices import Notices

_F = TypeVar("_F", bound=Callable[..., Any])
_UNKNOWN: Final = N_("config.yaml has no {name} in {section}, nor is there a variable of that name")
_NEAR: Final = N_("did you mean {suggestion}?")
_KNOWN: Final = N_("it has: {names}")
_NONE: Final = N_("name a variable that holds an address, or write {section} into config.yaml")
_SEEN: Final = N_("--notify takes a name: an address would be seen by others here")
_HIDE: Final = N_("put the address into a variable of the environment, and name that")


def notify(command: _F, *, sends: bool = True, answers: bool = False) -> _F:
    """Take the options by which others are told, and have `options` report to them.

    To be written below `ci`, whose reports it hands on to. `sends` says whether the command does
    what they would be told of, `answers` whether that is its answer, and not a batch's end.
    """

    @functools.wraps(command)
    def collected(
        *, options: Common, notify: tuple[str, ...], no_notify: bool, **given: Any
    ) -> Any:
        chosen = () if no_notify else tuple(_chosen(options.config.notify, notify))
        if not chosen:
            return command(options=options, **given)
        rehearses = options.sandbox or not sends or given.get("dry_run", False)
        notices = _notices(chosen, options, rehearses=rehearses, answers=answers)
        try:
            result = command(options=replace(options, made=notices), **given)
        except Exception as error:
            notices.end(as_told(error))
            raise
        notices.end()
        return result

    return with_options(collected, _OPTIONS)  # type: ignore[return-value]


def _chosen(configured: Mapping[str, Recipient], names: Sequence[str]) -> Iterator[Recipient]:
    """Yield who is told; a name that is not configured may be a variable with an address."""
    for name in dict.fromkeys(names or configured):
        if name in configured:
            yield configured[name]
        elif VARIABLE.fullmatch(name) and (name.isupper() or name in os.environ):
            yield Recipient(name=name, url_env=name)
        else:
            raise _unknown(name, configured)


def _unknown(name: str, configured: Mapping[str, Recipient]) -> UsageError:
    """Say that nobody has the name, which is not repeated where it is an address."""
    if ":" in name:
        return UsageError(_(_SEEN), _(_HIDE))
    suggestion = suggest(name, configured)
    hint = _(_NEAR if suggestion else _KNOWN if configured else _NONE)
    told = {"suggestion": suggestion, "names": ", ".join(configured), "section": SECTION}
    return UsageError(_(_UNKNOWN).format(name=name, section=SECTION), hint.format(**told))


def _notices(
    chosen: Sequence[Recipient], options: Common, *, rehearses: bool, answers: bool
) -> Notices:
    """Return what has them told; say at once who can't be."""
    from nicobatch.announcing.messenger import Messenger, rehearsed
    from nicobatch.reports.notices import Notices

    report = options.report()
    tell = functools.partial(_tell, report)
    sends = {} if options.sandbox else _reached(chosen, options, tell)
    names = ", ".join(each.name for each in chosen)
    messenger = Messenger(recipients=sends, tell=tell)
    return Notices(
        report=report,
        send=(lambda text: tell(rehearsed(names, text))) if rehearses else messenger.send,
        finish=messenger.finish,
        command=click.get_current_context().command_path,
        strict=options.strict,
        answers=answers,
    )


def _reached(
    chosen: Sequence[Recipient], options: Common, tell: Callable[[Event], None]
) -> Mapping[str, Send]:
    from nicobatch.announcing.messenger import failed
    from nicobatch.announcing.recipients import reached

    sends = {}
    for each in chosen:
        try:
            sends[each.name] = reached(each, os.environ, options.gained)
        except UsageError as error:
            tell(failed(each.name, error))
    return sends


def _tell(report: Report, event: Event) -> None:
    report.tell(replace(event, at=datetime.now(UTC)))


_OPTIONS: Final = (
    click.option(
        "--notify",
        metavar="NAME",
        multiple=True,
        help=_(
            "Tell how it went to NAME of config.yaml's notify, or to the address in the variable"
            " NAME (repeatable).  [default: all of notify]"
        ),
    ),
    click.option("--no-notify", is_flag=True, help=_("Tell nobody of notify how it went.")),
)
