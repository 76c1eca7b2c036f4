"""`nicobatch doctor`: what works here, and what to do about the rest."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from nicobatch import config, language
from nicobatch.actions import diagnosing
from nicobatch.actions.diagnosing import Finding, Health, homeless
from nicobatch.cli import app, defaults
from nicobatch.cli.options import Common, LocalPath, common
from nicobatch.errors import Exit, worst_code
from nicobatch.language import _
from nicobatch.reports import Listed
from nicobatch.reports.findings import problem_lines

_FOLDER: Final = LocalPath(exists=True, file_okay=False, path_type=Path)
_HELP: Final = _("""Say what works here, and what to do about the rest.

DIR is the folder that videos are published from, or that is watched. Nothing is sent without
--online. The answer holds no secret: it is made to be pasted into an issue.
""")


@click.command("doctor", help=_HELP)
@click.argument("folder", metavar="[DIR]", default=".", type=_FOLDER)
@click.option(
    "--online", is_flag=True, help=_("Ask the sites, too, whether the sign-ins are still good.")
)
@common
def doctor_command(folder: Path, options: Common, *, online: bool) -> int:
    """Say what works here, and what to do about the rest."""
    found = [*_settings(), *diagnosing.findings(options, folder, online=online)]
    clean = [_clean(each) for each in found]
    words = "\n".join(line for each in clean for line in _lines(each))
    members = [diagnosing.as_data(each) for each in clean]
    options.report().tell(Listed(member="finding", members=members, words=words))
    return worst_code(each.exit_code for each in found)


def _settings() -> Iterator[Finding]:
    """Yield what is set, and by which line of which file."""
    yield Finding("language", Health.OK, _("the language is {code}").format(code=language.chosen()))
    given = config.read(config.place(os.environ), named=config.VARIABLE in os.environ)
    if given.path is None:
        where = config.place(os.environ)
        none = _("no config is read, as NICOBATCH_CONFIG is empty")
        words = _("there is no config ({file} would be read)") if where else none
        yield Finding("config", Health.OK, words.format(file=where))
        return
    _defaults, problems = defaults.read(given, tuple(app.COMMANDS), app.command_of)
    for each in problems:
        message, *hint = problem_lines(each)
        yield Finding("config", Health.ERROR, message, "".join(hint).strip(), Exit.USAGE)
    if problems:
        return
    for section, told in given.data.items():
        for name, value in told.items() if isinstance(told, dict) else [("", told)]:
            yield Finding("config", Health.OK, _in_force(given, section, name, value))


def _in_force(given: config.Given, section: str, name: str, value: object) -> str:
    """Say what a line of the file sets, and where it stands."""
    trail = (section, name) if name else (section,)
    line = given.document.key_place(*trail).line if given.document else 1
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"{given.path}:{line}: {'.'.join(trail)}: {said}"


def _clean(found: Finding) -> Finding:
    return Finding(
        found.topic, found.state, homeless(found.message), homeless(found.hint), found.exit_code
    )


def _lines(found: Finding) -> Iterator[str]:
    yield f"{_(found.state.value)}: {found.message}"
    if found.hint:
        yield f"    {found.hint}"
