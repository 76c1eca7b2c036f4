"""`nicobatch watch`: publish what is dropped into a folder, for ever."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any, Final

import click

from nicobatch import sites
from nicobatch.actions.watching import FolderWatch, exit_codes
from nicobatch.cli import runner
from nicobatch.cli.ci import ci
from nicobatch.cli.notifying import notify
from nicobatch.cli.options import Common, LocalPath, common, with_options
from nicobatch.cli.publish import GO_ON, tell_rehearsed
from nicobatch.cli.retrying import retry_options
from nicobatch.errors import Ended, Exit, Stopped, UsageError, worst_code
from nicobatch.language import N_, _
from nicobatch.model import Json
from nicobatch.reports import Answered, CommandEnded, ManifestsChecked, Report, VideosRead
from nicobatch.settings import Settings
from nicobatch.watch.backend import WatchOptions
from nicobatch.watch.judging import ManifestState
from nicobatch.watch.watcher import Watcher

_COUNTED: Final = {
    ManifestState.DONE: N_("{count} done"),
    ManifestState.FAILED: N_("{count} failed"),
    ManifestState.INVALID: N_("{count} invalid"),
    ManifestState.INCOMPLETE: N_("{count} incomplete"),
    ManifestState.WAITING: N_("{count} waiting for files"),
    ManifestState.OTHER: N_("{count} of other tools"),
    ManifestState.SETTLING: N_("{count} still being written"),
    ManifestState.READY: N_("{count} not begun"),
}


_FOLDER: Final = LocalPath(file_okay=False, path_type=Path)
_OPTIONS: Final = (
    click.option(
        "--settle",
        metavar="S",
        type=click.FloatRange(0),
        help=_("How long a file must stay unchanged, in seconds.  [default: 10; 30 when polling]"),
    ),
    click.option(
        "--rescan",
        metavar="S",
        type=click.FloatRange(0, min_open=True),
        default=WatchOptions().rescan,
        show_default=True,
        help=_("Look at the whole folder at least this often, in seconds."),
    ),
    click.option("--poll", is_flag=True, help=_("Don't rely on the system to tell of changes.")),
    click.option("--once", is_flag=True, help=_("Publish what is there, and end.")),
    click.option(
        "--done", metavar="DIR", type=_FOLDER, help=_("Move what is published to this folder.")
    ),
    click.option(
        "--failed",
        metavar="DIR",
        type=_FOLDER,
        help=_("Move what can't be published to this folder, with the reason."),
    ),
    click.option(
        "--heartbeat",
        metavar="FILE",
        type=LocalPath(dir_okay=False, path_type=Path),
        help=_("Write this file every few seconds, as a sign of life."),
    ),
    click.option(
        "--template",
        metavar="FILE",
        type=LocalPath(exists=True, dir_okay=False, path_type=Path),
        help=_("Publish videos that come without a manifest by this one."),
    ),
    click.option(
        "--allow-outside",
        is_flag=True,
        help=_("Publish videos that lie outside the folder, too."),
    ),
)


@click.command("watch", help=_("Publish what is dropped into a folder, each video exactly once."))
@click.argument("folder", metavar="DIR", type=LocalPath(path_type=Path))
@functools.partial(with_options, table=_OPTIONS)
@common
@ci
@notify
@functools.partial(retry_options, ends=False)
def watch_command(
    folder: Path, options: Common, settings: Settings, *, account: str | None, **given: Any
) -> int:
    """Publish what is dropped into a folder, each video exactly once."""
    # Path's own methods raise for what may not be looked at.
    if os.path.exists(folder) and not os.path.isdir(folder):  # noqa: PTH110, PTH112
        raise UsageError(
            _("{folder} is no folder").format(folder=folder),
            _("`nicobatch publish` takes a manifest"),
        )
    if click.get_current_context().params["junit_file"] and not given["once"]:
        raise UsageError(
            _("--junit needs --once: a watch without an end has no end to report"),
            _("`--format json` tells of every video as it goes"),
        )
    report = options.report()
    with contextlib.closing(report):
        watch = FolderWatch(
            folder=folder,
            access=options,
            options=WatchOptions(**given),
            settings=settings,
            account=account,
            strict=options.strict,
            found=lambda videos: report.tell(VideosRead(videos)),
        )
        if problems := watch.template_problems():
            report.tell(ManifestsChecked(problems, [problems[0].path]))
        if any(each.stops(strict=options.strict) for each in problems):
            return Exit.FAILED
        return _watch(watch, options, report)


def _watch(watch: FolderWatch, options: Common, report: Report) -> int:
    """Watch until a signal comes, or nothing is left to be done; return the exit code."""
    work = runner.Work[Watcher](watch.alarms.stop)
    try:
        watcher = work.run(lambda: watch.run(report.tell))
    except Stopped as error:
        raise Ended(_(GO_ON), signal=work.signal or error.signal) from None
    if watcher is None:
        report.tell(CommandEnded(Ended(_(GO_ON))))
        runner.leave(128 + (work.signal or signal.SIGTERM))
    tell_rehearsed(options, report, sites.SITES)
    if work.signal is not None:
        raise Ended(_(GO_ON), signal=work.signal)
    return _closing(watcher, report)


def _closing(watcher: Watcher, report: Report) -> int:
    """Tell, `--once`, what became of what was there."""
    moved = {state.value: count for state, count in watcher.results.moved.items()}
    counts = watcher.counts()
    found = Counter(counts) + Counter(moved)
    said = _(", ").join(
        _(words).format(count=found[state]) for state, words in _COUNTED.items() if found[state]
    )
    told: dict[str, Json] = {"manifests": counts, **({"moved": moved} if moved else {})}
    report.tell(Answered(said or _("nothing to do"), told))
    return worst_code(exit_codes(watcher))
