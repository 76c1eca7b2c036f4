"""Links of pages to the repository's other files, written as its own viewers take them."""

from __future__ import annotations

import logging
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).parents[1]
LINK: Final = re.compile(r"(?<=\]\()(?:\.\./)+([^)#\s]+)")
"""A link that leads out of `docs`: `](../examples/ci)`."""
log: Final = logging.getLogger("mkdocs.plugins.nicobatch")


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return the page with links to what lies in the repository, or warn that it doesn't."""

    def absolute(match: re.Match[str]) -> str:
        path = PurePosixPath(match[1])
        if not (ROOT / path).exists():
            log.warning("%s links to %s, which is not there", page.file.src_uri, path)
        return f"{config.repo_url}/blob/main/{path}"

    return LINK.sub(absolute, markdown) if page.file.src_uri.count("/") == 0 else markdown
