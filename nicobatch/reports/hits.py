"""What a search found: as a table for people, as a YAML list, and how much more there is."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final, TypeAlias

from rich.text import Text

from nicobatch.language import N_, _
from nicobatch.model import Json
from nicobatch.reports import HitsFound
from nicobatch.reports.terminal import GAP, Heading, shown, width_of

if TYPE_CHECKING:
    import yaml

_JAPAN: Final = timezone(timedelta(hours=9))
_TITLE: Final = "title"
_TITLE_WIDTH: Final = 24
_SPARED: Final = ("lengthSeconds", "startTime", "viewCounter")
"""What a narrow terminal is not shown, in this order."""
_BREAKS: Final = re.compile("[\x85\u2028\u2029]")
"""Line breaks to YAML 1.1, which PyYAML folds into blanks unless they are escaped."""
_COMMAND: Final = re.compile(r"##\[|^\s*::", re.MULTILINE)
"""What a runner of GitHub's takes for a command, where it begins a line or stands in it."""
_UNFOLDED: Final = sys.maxsize
"""Columns of a line: where one is folded, what follows would begin a line."""
_NONE: Final = N_("nothing found for {query}")
_ALL: Final = N_("{hits:,} found")
_SOME: Final = N_("{hits:,} of {total:,} found")
_NO_MORE: Final = N_("niconico shows no more hits than these; narrow the search to find others")
_AS_OF: Final = N_("the search knows what was public at {moment}, and is renewed every morning")


def found_lines(found: HitsFound) -> list[str]:
    """Say how many are shown of how many there are."""
    hits, total = len(found.hits), found.total
    template = _NONE if not total else _ALL if hits == total else _SOME
    lines = [_(template).format(query=found.query or '""', hits=hits, total=total)]
    if found.truncated:
        lines.append(_(_NO_MORE))
    if found.as_of:
        lines.append(_(_AS_OF).format(moment=_moment(found.as_of.isoformat())))
    return lines


def yaml_list(hits: Sequence[Mapping[str, Json]]) -> str:
    """Return the hits as YAML that any reader takes back unchanged.

    Odd texts stand between double quotes, where they, and the bracket of `##[`, can be escaped.
    """
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    Dumper.add_representer(str, _scalar)
    listed = [dict(hit) for hit in hits]
    text: str = yaml.dump(
        listed, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=_UNFOLDED
    )
    return text.replace("##[", r"##\x5B")


def _scalar(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _BREAKS.search(text) or _COMMAND.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Table: TypeAlias = tuple[list[Heading], list[list[Text]]]


def hit_table(hits: Sequence[Mapping[str, Json]], width: int) -> _Table:
    """Return headings and rows of what the hits know of themselves, as much as fits in the width.

    Titles fold where they must, and are content with a few columns; addresses never fold.
    """
    columns = [column for column in _COLUMNS if column.field in hits[0]]
    for spared in _SPARED:
        fixed = [column for column in columns if column.field != _TITLE]
        if _TITLE_WIDTH + GAP + width_of(*_table(fixed, hits)) > width:
            columns = [column for column in columns if column.field != spared]
    return _table(columns, hits)


def _table(columns: Sequence[_Column], hits: Sequence[Mapping[str, Json]]) -> _Table:
    headings = [
        Heading(_(column.name), folds=column.field == _TITLE, numeric=column.numeric)
        for column in columns
    ]
    rows = [[shown(column.write(hit[column.field])) for column in columns] for hit in hits]
    return headings, rows


def _text(value: Json) -> str:
    return "" if value is None else str(value)


def _count(value: Json) -> str:
    return f"{value:,}" if isinstance(value, int) else ""


def _length(value: Json) -> str:
    """Write seconds as players do."""
    if not isinstance(value, int):
        return ""
    minutes, seconds = divmod(value, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _moment(value: Json) -> str:
    """Write a moment in Japan's time; what is none stays as the site has it."""
    text = _text(value)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.astimezone(_JAPAN).strftime("%Y-%m-%d %H:%M")


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    field: str
    write: Callable[[Json], str] = _text
    numeric: bool = False


_COLUMNS: Final = (
    _Column(N_("title"), _TITLE),
    _Column(N_("views"), "viewCounter", _count, numeric=True),
    _Column(N_("length"), "lengthSeconds", _length, numeric=True),
    _Column(N_("status"), "liveStatus"),
    _Column(N_("date"), "startTime", _moment),
    _Column("URL", "url"),
)
