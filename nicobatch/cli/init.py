"""`nicobatch init`: a first manifest for video files, to look through and to publish."""

from __future__ import annotations

import contextlib
import glob
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import click

from nicobatch import disk, media, sites
from nicobatch.cli.options import Common, LocalPath
from nicobatch.errors import Exit, NicobatchError, UsageError, unwritable
from nicobatch.language import N_, _
from nicobatch.manifest import kinds, patterns
from nicobatch.manifest.patterns import natural
from nicobatch.manifest.rules import typed
from nicobatch.manifest.skeleton import URL, Clip, is_nameable, skeleton
from nicobatch.media.choosing import clear_moment
from nicobatch.media.rules import NOT_FOUND, SOUND
from nicobatch.model import DEFAULT_SITE, MediaInfo, Severity, Video
from nicobatch.reports import Answered, CommandEnded, ManifestsChecked, Report
from nicobatch.reports.findings import problem_lines
from nicobatch.reports.terminal import console

SEVERAL: Final = "videos.yaml"
"""The manifest of several videos, in the current folder."""
STDOUT: Final = Path("-")
SCHEMAS: Final = ("manifest.schema.json", "schemas/manifest.schema.json")
"""Where a project may keep the schema, from one of the folders around the manifest."""
NAME_VIDEOS: Final = N_("name videos, or a folder that holds some")
_LEFT_OUT: Final = N_("{file} is left out: it has no picture")
_Found: TypeAlias = tuple[Path, MediaInfo | None, NicobatchError | None]
HERE: Final = N_("check the spelling, and the folder that you are in")
"""What to do about a video that is not there, as no manifest names it yet."""


@click.command("init", help=_("Write a first manifest for video files; sends nothing."))
@click.argument("videos", metavar="VIDEO...", nargs=-1, type=LocalPath())
@click.option(
    "--from",
    "table",
    metavar="TABLE",
    type=LocalPath(path_type=Path),
    help=_("Write the manifest of the rows of a CSV or TSV table, not of videos."),
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=LocalPath(path_type=Path),
    help=_(
        "Write the manifest to this file; - prints it.  [default: the video's name with .yaml,"
        " or videos.yaml for several]"
    ),
)
@click.option(
    "--site",
    type=click.Choice(tuple(sites.SITES)),
    default=DEFAULT_SITE,
    show_default=True,
    help=_("Offer the keys of this site."),
)
def init_command(
    videos: tuple[str, ...], table: Path | None, output: Path | None, site: str
) -> int:
    """Write a first manifest for video files; nothing is ever overwritten."""
    report = Common(color=not os.environ.get("NO_COLOR")).report()
    if table:
        return _of_table(table, videos, output, report)
    if not videos:
        context = click.get_current_context()
        raise click.MissingParameter(ctx=context, param=context.command.params[0])
    paths = list(_named(videos))
    if not paths:
        raise UsageError(
            _("there is no video in {folder}").format(folder=", ".join(videos)), _(NAME_VIDEOS)
        )
    _demand_free(output or STDOUT)
    found = _pictured([(path, *_looked_into(path)) for path in _told(paths)])
    target = output or _manifest_of([path for path, _info, _error in found])
    _demand_free(target)
    errors = [error for _path, _info, error in found if error]
    for error in errors:
        report.tell(CommandEnded(error))
    if errors:
        return Exit.FAILED
    folder = Path() if target == STDOUT else target.parent
    clips = [_clip(path, info, folder) for path, info, _error in found if info]
    text = skeleton(clips, sites.site(site), schema=_schema(folder))
    return _written(target, text, report)


def _of_table(table: Path, videos: Sequence[str], output: Path | None, report: Report) -> int:
    """Write the manifest of a table's rows; what is wrong with them is told at their cells."""
    from nicobatch.actions.spreadsheets import read

    if videos:
        raise UsageError(_("name videos, or a table with --from: not both"))
    target = output or table.with_suffix(".yaml")
    _demand_free(target)
    text, found = read(table, Path() if target == STDOUT else target.parent)
    if found.encoding != "UTF-8":
        told = _("{file} is read as {encoding}").format(file=table, encoding=found.encoding)
        click.echo(told, err=True)
    if found.problems and target == STDOUT:
        lines = (line for each in found.problems for line in problem_lines(each))
        click.echo("\n".join(lines), err=True)
    elif found.problems:
        report.tell(ManifestsChecked(found.problems, (table,)))
    return _written(target, text, report) if text else Exit.FAILED


def _written(target: Path, text: str, report: Report) -> int:
    if target == STDOUT:
        click.echo(text.encode(), nl=False)  # UTF-8 whatever the console speaks
        return Exit.FINE
    _write(target, text)
    words = _("wrote {file}: look through it, then check it with `{command}`")
    told = words.format(file=target, command=f"nicobatch check {typed(target)}")
    report.tell(Answered(told, {"manifest": str(target)}))
    return Exit.FINE


def _manifest_of(videos: Sequence[Path]) -> Path:
    return videos[0].with_suffix(".yaml") if len(videos) == 1 else Path(SEVERAL)


def _demand_free(target: Path) -> None:
    if target != STDOUT and os.path.lexists(target):
        raise _taken(target)


def _opened(path: Path) -> list[Path]:
    """Return the videos in a folder, or else the path itself."""
    if not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises for what may not be looked at
        return [path]
    with contextlib.suppress(OSError):
        found = [each for each in path.iterdir() if not patterns.PASSED_OVER.fullmatch(each.name)]
        return [each for each in found if kinds.of_name(each.name) == kinds.VIDEO]
    return [path]


def _named(videos: Sequence[str]) -> Iterator[Path]:
    """Yield each video once, in the order of numbers; shells of Windows leave patterns to us."""
    paths: dict[object, Path] = {}
    for video in videos:
        # Path.glob takes no absolute pattern.
        matches = [] if os.path.lexists(video) else glob.glob(video)  # noqa: PTH207
        for match in matches or [video]:
            for each in _opened(Path(match)):
                paths.setdefault(disk.identity(each) or str(each), each)
    silent = [each for each in paths.values() if kinds.of_name(each.name) == kinds.AUDIO]
    if len(silent) < len(paths):
        for each in silent:
            click.echo(_(_LEFT_OUT).format(file=each), err=True)
            del paths[disk.identity(each) or str(each)]
    yield from sorted(paths.values(), key=natural)


def _told(paths: Sequence[Path]) -> Iterable[Path]:
    """Yield the paths, and show on a terminal how far it has come: a look takes its time."""
    from rich.progress import track

    err = console(color=not os.environ.get("NO_COLOR"), stderr=True)
    silent = len(paths) == 1 or not err.is_interactive
    words = _("looking into the videos")
    return track(paths, words, console=err, transient=True, disable=silent)


def _pictured(found: Sequence[_Found]) -> list[_Found]:
    """Leave out, with a word, what holds no moving picture, as long as something does."""
    if not any(info for _path, info, _error in found):
        return list(found)
    for path, _info, error in found:
        if isinstance(error, _NoPicture):
            click.echo(_(_LEFT_OUT).format(file=path), err=True)
    return [each for each in found if not isinstance(each[2], _NoPicture)]


class _NoPicture(NicobatchError):
    """A file that was named, or found, holds no moving picture."""


def _looked_into(path: Path) -> tuple[MediaInfo | None, NicobatchError | None]:
    """Return what is in the video, or what keeps it from being published."""
    if not is_nameable(str(path)):
        words = _("the name of {file} has a character that can't stand in a manifest")
        return None, NicobatchError(words.format(file=path), _("rename the file"))
    video = Video(manifest=path, id="", file=path, title="")
    info, problems = media.check(video, limits=sites.site().limits)
    for problem in problems:
        if problem.severity is Severity.ERROR:
            seen_from_manifest = problem.hint == _(NOT_FOUND.hint)
            kind = _NoPicture if problem.hint == _(SOUND.hint) else NicobatchError
            return None, kind(problem.message, _(HERE) if seen_from_manifest else problem.hint)
    return info, None


def _clip(path: Path, info: MediaInfo, folder: Path) -> Clip:
    return Clip(
        file=_seen_from(folder, path),
        media=info,
        timing=clear_moment(path, info.duration),
    )


def _seen_from(folder: Path, path: Path) -> str:
    whole = path.parent.resolve() / path.name  # a link to a folder leads `..` elsewhere
    try:
        return Path(os.path.relpath(whole, folder.resolve())).as_posix()
    except ValueError:  # on another drive of Windows
        return whole.as_posix()


def _schema(folder: Path) -> str:
    """Return where editors find the schema: online, or in the project, which needs no network."""
    here = folder.resolve()
    for each in _project(here):
        for name in SCHEMAS:
            if _is_schema(each / name):
                return _seen_from(here, each / name)
    return URL


def _project(folder: Path) -> Sequence[Path]:
    """Return the folder, and those above it as far as its repository goes, if it is in one."""
    above = (folder, *folder.parents)
    roots = [number for number, each in enumerate(above) if os.path.lexists(each / ".git")]
    return above[: roots[0] + 1] if roots else above[:1]


def _is_schema(path: Path) -> bool:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("$id") == URL


def _write(path: Path, text: str) -> None:
    """Write a new file, which has to be new also when another program is faster."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise unwritable(path, error) from None


def _taken(path: Path) -> UsageError:
    return UsageError(
        _("{file} is there already, and is left as it is").format(file=path),
        _("name another file with -o, or - to have the manifest printed"),
    )
