"""What a tag releases: the tag, the package's version and the changelog's newest are one.

`python -m tests.support.release TAG` prints the release's notes, or says what doesn't agree.
"""

from __future__ import annotations

import re
import sys
from typing import Final

from nicobatch import __version__
from tests.support.locked import ROOT

CHANGELOG: Final = ROOT / "CHANGELOG.md"
HEADING: Final = re.compile(r"^## \[(?P<version>[^\]\n]+)\] - (?P<day>.+)$", re.MULTILINE)
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def newest(changelog: str) -> tuple[str, str, str]:
    """Return the changelog's newest version, its day, and what is told of it."""
    found = HEADING.search(changelog)
    if found is None:
        raise ValueError("the changelog has no heading such as `## [1.0.0] - 2027-01-31`")
    after = HEADING.search(changelog, found.end())
    told = changelog[found.end() : after.start() if after else len(changelog)]
    return found["version"], found["day"], told.strip()


def notes(tag: str, version: str, changelog: str) -> str:
    """Return what is told of the release; raise ValueError where the three don't agree."""
    told_of, day, told = newest(changelog)
    if tag != f"v{version}":
        raise ValueError(f"the tag is {tag}, and the package is {version}: it would be v{version}")
    if told_of != version:
        raise ValueError(f"the changelog's newest is {told_of}, and the package is {version}")
    if not DAY.fullmatch(day):
        raise ValueError(f"the changelog has {version} as {day}: write the day of the release")
    if not told:
        raise ValueError(f"the changelog tells nothing of {version}")
    return f"{told}\n"


def main(tag: str) -> str | None:
    """Print the notes; return what is wrong."""
    try:
        sys.stdout.write(notes(tag, __version__, CHANGELOG.read_text("utf-8")))
    except ValueError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
