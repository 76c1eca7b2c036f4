"""What pages need beside MkDocs: links to the repository, lines of Japanese, a search each."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mkdocs.plugins import event_priority

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).parents[1]
HOME: Final = "en"
"""The language whose pages lie at the top; others have folders."""
LINK: Final = re.compile(r"(?<=\]\()((?:\.\./)+[^)#\s]+)")
"""A link to what lies above a page: `](../examples/ci)`."""
BREAK: Final = re.compile(
    r"(?<=[、。，；：！？（「“])\n|\n(?=[、。，；：！？）」”])|(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u3000-\u9fff\uff00-\uffef])"
)
"""An end of a line where Japanese and Chinese have no blank."""
BASE: Final = re.compile(r'("base": ")([^"]*)"')
"""Where a page's scripts look for the search's index."""
SEARCHES: Final[dict[str, dict[str, Any]]] = {
    HOME: {"lang": [HOME], "separator": r"[\s\-_.]+", "pipeline": ["stopWordFilter"]},
    "ja": {
        "lang": ["ja"],
        "separator": "[\\s\\-_.\u3000、。，．（）「」]+",
        "pipeline": ["stemmer"],
    },
    "zh": {
        "lang": ["zh"],
        "separator": "[\\s\\-_.\u200b\u3000、。，．？！；：（）]+",
        "pipeline": ["stemmer"],
    },
}
"""How words are told apart: Chinese ones by the blanks of no width that the builder puts there."""
log: Final = logging.getLogger("mkdocs.plugins.nicobatch")


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return the page with links to what lies in the repository, or warn that it doesn't."""

    def absolute(match: re.Match[str]) -> str:
        there = Path(config.docs_dir, page.file.src_uri).parent.joinpath(match[1]).resolve()
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


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Return the page, whose search is that of its language."""
    language = config.theme["language"]
    return output if language == HOME else BASE.sub(rf'\1\2/{language}/"', output, count=1)


@event_priority(-200)  # behind the plugin that builds the other languages
def on_post_build(config: MkDocsConfig) -> None:
    """Give each language a search of its own, out of the one that the builder makes of all."""
    top = Path(config.site_dir)
    index = json.loads((top / "search/search_index.json").read_text("utf-8"))
    parts: dict[str, list[dict[str, str]]] = {language: [] for language in SEARCHES}
    for each in index["docs"]:
        folder, _slash, rest = each["location"].partition("/")
        inside = folder in parts
        parts[folder if inside else HOME].append({**each, "location": rest} if inside else each)
    if not all(parts.values()):
        return  # some languages are yet to be built
    for language, docs in parts.items():
        place = top / ("" if language == HOME else language) / "search/search_index.json"
        place.parent.mkdir(exist_ok=True)
        told = {"config": {**index["config"], **SEARCHES[language]}, "docs": docs}
        text = json.dumps(told, ensure_ascii=False)
        place.write_text(text if language == "zh" else text.replace("\u200b", ""), "utf-8")
