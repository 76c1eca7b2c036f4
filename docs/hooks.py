"""Links of pages to the repository's other files, written as its own viewers take them."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).parents[1]
LINK: Final = re.compile(r"(?<=\]\()((?:\.\./)+[^)#\s]+)")
"""A link to what lies above a page: `](../examples/ci)`."""
log: Final = logging.getLogger("mkdocs.plugins.nicobatch")


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return the page with links to what lies in the repository, or warn that it doesn't."""

    def absolute(match: re.Match[str]) -> str:
        path = Path(config.docs_dir, page.file.src_uri).parent / match[1]
        there = path.resolve()
        if there.is_relative_to(config.docs_dir):
            return match[1]
        if not there.exists():
            log.warning("%s links to %s, which is not there", page.file.src_uri, match[1])
        return f"{config.repo_url}/blob/main/{there.relative_to(ROOT).as_posix()}"

    return LINK.sub(absolute, markdown)
