"""What programs import of nicobatch: which objects the page of the library shows."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Final

from nicobatch import installation, language
from nicobatch.actions.importing import Imported
from nicobatch.actions.publishing import Plans, Publication
from nicobatch.actions.watching import FolderWatch
from nicobatch.model import Problem
from nicobatch.pipeline import Checked
from nicobatch.pipeline.outcome import Outcome
from nicobatch.plan import Plan
from nicobatch.receipt import Receipt
from tests.support.docs.markdown import page, said

_GIVEN: Final = (
    Checked,
    Problem,
    Plans,
    Plan,
    Publication,
    Outcome,
    FolderWatch,
    Imported,
    Receipt,
)
"""What the workspace's methods return, and what is in it."""
_MODULES: Final = ("nicobatch", "nicobatch.sites.bilibili", "nicobatch.livetube")


def library_page() -> str:
    """Return the page, which the site's builder fills with what the objects' docstrings say."""
    head = (f"# {said('library', 'title')}", said("library", "lead"))
    if language.chosen() != language.ENGLISH:
        address = f"{installation.DOCS}/reference/library/"
        return page(*head, said("library", "english").format(page=address))
    front, *others = _MODULES
    return page(
        *head,
        *_shown(front),
        "## What it returns {#returned}",
        *(f"::: {each.__module__}.{each.__qualname__}" for each in _GIVEN),
        "## nicobatch.events {#events}",
        "What happens on the way; the [events](events.md) of `--format json` are these.",
        "::: nicobatch.events",
        "## nicobatch.errors {#errors}",
        "::: nicobatch.errors",
        *(
            block
            for module in others
            for block in (f"## {module} {{#{module.rpartition('.')[2]}}}", *_shown(module))
        ),
    )


def public(module: str) -> Iterator[str]:
    """Yield where each object is at home that the module offers."""
    offers = importlib.import_module(module)
    for name in offers.__all__:
        home = getattr(getattr(offers, name), "__module__", "")
        if home.startswith("nicobatch"):
            yield f"{home}.{name}"


def _shown(module: str) -> Iterator[str]:
    yield from (f"::: {name}" for name in public(module))
