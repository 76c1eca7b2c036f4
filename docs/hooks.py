"""What pages need beside MkDocs: links to the repository's other files, and lines of Japanese."""

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
BREAK: Final = re.compile(
    r"(?<=[、。，；：！？（「“])\n|\n(?=[、。，；：！？）」”])|(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u3000-\u9fff\uff00-\uffef])"
)
"""An end of a line where Japanese and Chinese have no blank."""
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


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return the page without the blanks that browsers make of such ends of lines."""
    parts = re.split(r"(<pre.*?</pre>)", html, flags=re.DOTALL)
    return "".join(each if each.startswith("<pre") else BREAK.sub("", each) for each in parts)
