"""Write the reference's pages into docs/reference: `make docs` does, a process a language."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from nicobatch import language, sites

FOLDER: Final = Path(__file__).parents[3] / "docs" / "reference"


def pages() -> Mapping[str, Callable[[], str]]:
    """Return by name what makes each page, in the chosen language."""
    # Help is worded when modules are imported, and so once the language is chosen.
    from tests.support.docs.commands import commands_page
    from tests.support.docs.library import library_page
    from tests.support.docs.manifest import Reference
    from tests.support.docs.outcomes import events_page, exits_page
    from tests.support.docs.rules import rules_page

    made = {
        "manifest": Reference(sites.Described()).page,
        "rules": rules_page,
        "commands": commands_page,
        "exits": exits_page,
        "library": library_page,
    }
    return made | ({"events": events_page} if language.chosen() == language.ENGLISH else {})


def write() -> None:
    """Write the pages in the chosen language."""
    ending = "" if language.chosen() == language.ENGLISH else f".{language.chosen()}"
    FOLDER.mkdir(exist_ok=True)
    for name, make in pages().items():
        (FOLDER / f"{name}{ending}.md").write_text(make(), "utf-8")


if __name__ == "__main__":
    if sys.argv[1:]:
        language.choose(sys.argv[1])
        write()
    else:
        command = [sys.executable, "-m", "tests.support.docs"]
        runs = [subprocess.Popen([*command, each]) for each in language.LANGUAGES]
        ends = [each.wait() for each in runs]
        sys.exit(max(ends))
