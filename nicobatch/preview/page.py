"""The page as a whole: cards, what is wrong, a table of contents, and the template for it all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nicobatch import language
from nicobatch.language import N_, _, pictured
from nicobatch.model import Problem, Severity, Video
from nicobatch.preview.cards import VERDICTS, Card, card
from nicobatch.preview.entries import Preview
from nicobatch.preview.wording import balanced, language_of, moment

if TYPE_CHECKING:
    from jinja2 import Environment

MARK: Final = '<meta name="generator" content="nicobatch preview">'
"""What tells a page of ours from other files."""
_HEAD: Final = 1000
"""Characters within which the mark stands."""
_FEW: Final = 30
"""Videos whose list may lie open at the top."""

_SEVERITIES: Final = {
    Severity.ERROR: N_("error"),
    Severity.WARNING: N_("warning"),
    Severity.NOTE: N_("note"),
}
_LABELS: Final = {
    "skip": N_("Skip to the videos"),
    "preview": N_("Preview"),
    "problems": N_("Problems"),
    "contents": N_("Contents"),
    "videos": N_("Videos"),
    "no_videos": N_("There is no video to show."),
    "stops": N_(
        "Nothing is published while there are problems in its manifest that count as errors."
    ),
    "site": N_("To be published to"),
    "made": N_("As of"),
    "who": N_("Who can see it"),
    "tags": N_("Tags"),
    "no_tags": N_("no tags"),
    "description": N_("Description"),
    "no_description": N_("no description"),
    "left_out": N_("Left out here, as the site may not show it:"),
    "unusual": N_("Other than the default"),
    "choices": N_("All settings"),
    "plan": N_("Plan"),
    "steps": N_("Steps"),
    "before": N_("before"),
    "after": N_("after"),
    "top": N_("Back to the top"),
    "illegible": N_("Its entry in the manifest has errors, so only its file is shown."),
    "incomplete": N_("Its entry in the manifest has errors; what could be read of it is shown."),
    "unverified": N_(
        "How sites cut thumbnails and show descriptions is drawn as far as it is publicly known;"
        " none of them was asked."
    ),
}


@dataclass(frozen=True, slots=True)
class VerdictGroup:
    """The videos that meet one verdict."""

    kind: str
    sign: str
    name: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class ShownProblem:
    """A problem and the cards that it is shown on."""

    problem: Problem
    cards: tuple[Card, ...]


def render(page: Preview) -> str:
    """Return the whole page as HTML; reads a frame of each video that has one."""
    found = placed([each.video for each in page.entries], page.problems)
    cards = [
        card(number, entry, problems, page.zone)
        for number, (entry, problems) in enumerate(zip(page.entries, found, strict=True), 1)
    ]
    return (
        _environment()
        .get_template("preview.html")
        .render(
            page=page,
            mark=MARK,
            lang=language.chosen(),
            say={name: _(words) for name, words in _LABELS.items()},
            severities={severity: _(words) for severity, words in _SEVERITIES.items()},
            cards=cards,
            groups=_groups(cards),
            findings=_findings(page.problems, cards),
            made=moment(page.now, page.zone),
            few=len(cards) <= _FEW,
        )
    )


def is_page(text: str) -> bool:
    """Tell whether a file that begins so is a page of ours."""
    return MARK in text[:_HEAD]


def _groups(cards: Sequence[Card]) -> list[VerdictGroup]:
    """Return the verdicts that there are, what needs a look first."""
    found = []
    for kind, name in VERDICTS.items():
        members = tuple(each for each in cards if each.kind == kind)
        if members:
            found.append(VerdictGroup(kind, members[0].sign, _(name), members))
    return found


def _findings(problems: Sequence[Problem], cards: Sequence[Card]) -> list[ShownProblem]:
    return [
        ShownProblem(problem, tuple(each for each in cards if problem in each.problems))
        for problem in problems
    ]


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("nicobatch.preview"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"lang": _lang, "balanced": _balanced, "pictured": pictured}
    return environment


def _lang(value: object) -> str | None:
    return language_of(str(value))


def _balanced(value: object) -> str:
    return balanced(str(value))


def placed(videos: Sequence[Video], problems: Sequence[Problem]) -> list[list[Problem]]:
    """Return the problems of each video; one of `defaults` belongs to all that take it over.

    What belongs to no video, such as a broken manifest, is in none of the lists.
    """
    found: list[list[Problem]] = [[] for each in videos]
    for problem in problems:
        for index in _owners(videos, problem):
            found[index].append(problem)
    return found


def _owners(videos: Sequence[Video], problem: Problem) -> list[int]:
    """Return the indices of those with the very place, else of those with its line."""
    here = [index for index, video in enumerate(videos) if video.manifest == problem.path]
    at = (problem.line, problem.column)
    exact = [
        index
        for index in here
        if any((each.line, each.column) == at for each in videos[index].places.values())
    ]
    return exact or [
        index
        for index in here
        if any(each.line == problem.line for each in videos[index].places.values())
    ]
