"""What visitors see otherwise than it was asked for: a pure comparison, field by field.

What people and the site change unawares (widths, blanks, links in a description) is no difference.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import Final

from nicobatch.language import N_, _
from nicobatch.model import Inputs
from nicobatch.sites.abilities import Difference, folded, printable, read_moment
from nicobatch.sites.niconico.looking import Sight, Standing, moment

SAME_MINUTE: Final = 60.0
"""Seconds by which a timer may be off: niconico's are set to the minute."""
_TAG: Final = re.compile(r"</?[a-z][^>]*>", re.IGNORECASE)
_HINT: Final = N_(
    "it was changed at niconico, or niconico shows it in another way:"
    " look at the video, and run `nicobatch publish` again after a change of the manifest"
)


def differences(wanted: Inputs, sight: Sight) -> list[Difference]:
    """Compare what was asked for, as the metadata's inputs have it, with what is seen."""
    comparisons: tuple[Callable[[Inputs, Sight], Iterator[Difference]], ...] = (
        _title,
        _description,
        _tags,
        _genre,
        _time,
    )
    return [found for compare in comparisons for found in compare(wanted, sight)]


def _title(wanted: Inputs, sight: Sight) -> Iterator[Difference]:
    title = wanted.get("title")
    if sight.title is not None and title and folded(sight.title) != folded(str(title)):
        message = _("visitors see the title “{title}”").format(title=printable(sight.title))
        yield _difference("title", "visible-title-differs", message)


def _description(wanted: Inputs, sight: Sight) -> Iterator[Difference]:
    """Compare the words alone: niconico links ids and addresses, and may add a signature."""
    if sight.description is None or wanted.get("signature"):
        return
    if _words(sight.description) != _words(str(wanted.get("description", ""))):
        message = _("visitors see another description")
        yield _difference("description", "visible-description-differs", message)


def _words(description: str) -> str:
    """Return the text without its HTML and its blanks."""
    return "".join(folded(html.unescape(_TAG.sub("", description))).split())


def _tags(wanted: Inputs, sight: Sight) -> Iterator[Difference]:
    """Look for the manifest's own tags: every viewer may add others."""
    asked_for = wanted.get("tags")
    if sight.tags is None or not isinstance(asked_for, list | tuple):
        return
    seen = {_tag(each) for each in sight.tags}
    for number, tag in enumerate(asked_for):
        if _tag(str(tag)) not in seen:
            message = _("visitors don't see the tag “{tag}”").format(tag=tag)
            yield _difference(f"tags.{number}", "visible-tag-missing", message)


def _tag(text: str) -> str:
    return folded(text.replace("_", " ")).casefold()


def _genre(wanted: Inputs, sight: Sight) -> Iterator[Difference]:
    genre = wanted.get("genre")
    if sight.genre is not None and genre and sight.genre != genre:
        message = _("visitors see the genre {genre}, not {wanted}").format(
            genre=printable(sight.genre), wanted=printable(genre)
        )
        yield _difference("genre", "visible-genre-differs", message)


def _time(wanted: Inputs, sight: Sight) -> Iterator[Difference]:
    """Compare the timers; when a video without one came before the public is nobody's wish."""
    meant = read_moment(wanted.get("publish.at"))
    if sight.at is None or (meant is None and sight.standing is not Standing.SCHEDULED):
        return
    if meant is None:
        message = _("visitors will see it from {moment} on, and the manifest gives no time").format(
            moment=moment(sight.at)
        )
        yield _difference("publish", "visible-time-differs", message)
    elif abs((sight.at - meant).total_seconds()) >= SAME_MINUTE:
        message = _("visitors see it from {moment} on, not from {wanted} on").format(
            moment=moment(sight.at), wanted=moment(meant)
        )
        yield _difference("publish.at", "visible-time-differs", message)


def _difference(field: str, rule: str, message: str) -> Difference:
    return Difference(field=field, rule=rule, message=message, hint=_(_HINT))
