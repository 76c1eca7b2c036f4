"""`nicobatch preview`: a page to look at before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from nicobatch import announcing, disk, media, sites
from nicobatch.actions import checking, publishing
from nicobatch.cli.options import Common, LocalPath, common, paths
from nicobatch.errors import Exit, UsageError, unwritable
from nicobatch.journal import Journal
from nicobatch.language import _
from nicobatch.model import DEFAULT_SITE, Video
from nicobatch.pipeline import Checked
from nicobatch.plan import Plan, Verdict
from nicobatch.preview import Preview, PreviewedVideo, is_page, render
from nicobatch.reports import Answered, ManifestsChecked, words
from nicobatch.sites.base import StepTable

_HEAD: Final = 4000
"""Bytes at a page's beginning that tell what it is."""


@click.command(
    "preview",
    help=_("Write a page that shows what publish would do, problems included; sends nothing."),
)
@paths()
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=LocalPath(path_type=Path),
    default="preview.html",
    show_default=True,
    help=_("Where to write the page; an older page is replaced, and no other file."),
)
@common
def preview_command(paths: tuple[str, ...], options: Common, *, output: Path) -> int:
    """Write a page that shows what publish would do, problems included; sends nothing."""
    _check_replaceable(output)
    report = options.report()
    found = checking.read(paths, options, exclude=options.exclude)
    if found.problems:
        report.tell(ManifestsChecked(found.problems, found.manifests))
    planned = publishing.planned(found, options)
    plans = {plan.video: plan for plan in planned}
    page = _page(_as_sent(found, planned), plans, options)
    text = render(page)
    _check_replaceable(output)  # once more: a frame of each video takes its time
    _write(output, text)
    told = _("{summary}; written to {file}").format(summary=page.summary, file=output)
    report.tell(Answered(told, {"file": str(output), "videos": len(page.entries)}))
    refused = any(plan.verdict is Verdict.REFUSE for plan in plans.values())
    return Exit.FAILED if refused or not page.is_fine else Exit.FINE


def _as_sent(found: Checked, planned: publishing.Plans) -> Checked:
    """Return what was found with texts as they would be sent now, as far as that is known."""
    sent = {key: each.ready.video for key, each in planned.videos.items()}
    return replace(found, videos=tuple(sent.get(each.key, each) for each in found.videos))


def _page(found: Checked, plans: Mapping[str, Plan], options: Common) -> Preview:
    order = {path: number for number, path in enumerate(found.manifests)}

    def place(entry: PreviewedVideo) -> tuple[int, int, int]:
        at = entry.video.place()
        return order[entry.video.manifest], at.line, at.column

    entries = sorted(_entries(found, plans, options), key=place)
    flawed = sum(each.plan is None for each in entries)
    return Preview(
        entries=entries,
        problems=found.problems,
        summary=words.plan_summary(list(plans.values()), flawed=flawed),
        site=_sites(found, options),
        is_fine=found.is_fine(strict=options.strict),
        now=datetime.now(UTC).astimezone(),
    )


def _sites(found: Checked, options: Common) -> str:
    if options.sandbox:
        return _("the sandbox: a rehearsal, of which nothing goes to a real site")
    names = dict.fromkeys(video.site for video in found.videos) or [DEFAULT_SITE]
    return ", ".join(options.site(name).origin for name in names)


def _entries(
    found: Checked, plans: Mapping[str, Plan], options: Common
) -> Iterator[PreviewedVideo]:
    """Yield every video that names a file; those that can't be published have no plan."""
    journal = options.receipts
    ready = {each.video.key: each for each in found.ready}
    for video in found.videos:
        one, site = ready.get(video.key), sites.site(video.site)
        plan = plans.get(video.key) if one else None
        yield PreviewedVideo(
            video=video,
            site=site,
            media=one.medias[0]
            if one and not one.is_away
            else media.check(video, limits=site.limits)[0],
            detail=site.html(video.description),
            plan=plan,
            sign=words.SIGNS[plan.verdict] if plan else "",
            url=_url(journal, video),
            table=StepTable((*sites.table(video.site), *announcing.specs(video))),
        )


def _url(journal: Journal, video: Video) -> str:
    receipt = journal.read(video) if video.id else None
    return receipt.remote.url if receipt and receipt.remote else ""


def _check_replaceable(path: Path) -> None:
    """Raise UsageError unless there is nothing to lose at the path but an older page."""
    if str(path) == "-":
        raise UsageError(
            _("the page can't go to standard output, where the report goes"),
            _("name a file, such as -o preview.html"),
        )
    try:
        path.parent.stat()
        if not path.exists() or (path.is_file() and _holds_page(path)):
            return
    except OSError as error:
        raise _unwritable(path, error) from None
    raise UsageError(
        _("{file} is there already, and is no page that preview wrote").format(file=path),
        _("name another file with -o"),
    )


def _holds_page(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return not head or is_page(head.decode("utf-8", "replace"))


def _write(path: Path, text: str) -> None:
    """Put the page in its place when it is whole; names that are no UTF-8 are spelled out."""
    try:
        disk.replace(path, text.encode("utf-8", "backslashreplace"), durable=False)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> UsageError:
    return unwritable(path, error, _("name another file with -o"))
