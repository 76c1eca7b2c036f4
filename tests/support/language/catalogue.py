"""The catalogues: extracted from the sources, brought up to date and compiled, all with Babel."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

import click
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from nicobatch import __version__
from nicobatch.language import CLICK, DOMAIN, ENGLISH, FOLDER, LANGUAGES

SOURCES: Final[Mapping[str, Path]] = {
    DOMAIN: FOLDER.parent,
    CLICK: Path(click.__file__).parent,
}
"""By domain, where its messages are taken from."""
TRANSLATED: Final = tuple(each for each in LANGUAGES if each != ENGLISH)
"""The languages that have catalogues."""
Id: TypeAlias = str | tuple[str, ...]
_METHODS: Final = [("**.py", "python"), ("**.html", "jinja2"), ("**.html.j2", "jinja2")]
_KEYWORDS: Final = {"_": None, "N_": None, "ngettext": (1, 2)}
_DAY: Final = datetime(2026, 11, 21, tzinfo=UTC)
"""Of every catalogue's making, as far as its header tells: a new day is no new message."""
_WIDTH: Final = 96


def po(domain: str, language: str) -> Path:
    """Return where the domain's translations are written."""
    return FOLDER / language / "LC_MESSAGES" / f"{domain}.po"


def mo(domain: str, language: str) -> Path:
    """Return where gettext reads them."""
    return po(domain, language).with_suffix(".mo")


def extracted(domain: str) -> Catalog:
    """Return what the domain's sources mark, without a translation."""
    found = Catalog(domain=domain, creation_date=_DAY)
    root = SOURCES[domain]
    for name, _line, message, comments, context in extract_from_dir(
        root, _METHODS, keywords=_KEYWORDS
    ):
        found.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return found


def written(domain: str, language: str) -> Catalog:
    """Return the translations as people write them."""
    with po(domain, language).open("rb") as file:
        return read_po(file, locale=language, domain=domain)


def compiled(domain: str, language: str) -> Catalog:
    """Return the translations as gettext reads them."""
    with mo(domain, language).open("rb") as file:
        return read_mo(file)


def compilation(domain: str, language: str) -> bytes:
    """Return what the translations compile to."""
    content = io.BytesIO()
    write_mo(content, written(domain, language))
    return content.getvalue()


def strings(catalogue: Catalog) -> dict[Id, Id]:
    """Return each message with its translation; several forms are one tuple."""
    return {_forms(each.id): _forms(each.string) for each in catalogue if each.id}


def _forms(text: object) -> Id:
    return tuple(map(str, text)) if isinstance(text, list | tuple) else str(text or "")


def update(domain: str) -> Iterator[tuple[str, Id]]:
    """Bring the domain's catalogues up to date, and yield what is yet to be translated to what."""
    messages = extracted(domain)
    for language in TRANSLATED:
        yield from ((language, each) for each in _updated(domain, language, messages))


def _updated(domain: str, language: str, messages: Catalog) -> Iterator[Id]:
    catalogue = _begun(domain, language)
    catalogue.update(messages, no_fuzzy_matching=True)
    if domain == CLICK:  # of which users may have another version, with other messages
        for each in catalogue.obsolete.values():
            each.locations = [(name, 0) for name, _line in each.locations]
            catalogue[each.id] = each
    catalogue.obsolete.clear()
    with po(domain, language).open("wb") as file:
        write_po(file, catalogue, width=_WIDTH, sort_by_file=True, include_lineno=False)
    mo(domain, language).write_bytes(compilation(domain, language))
    yield from (each for each, string in strings(catalogue).items() if is_missing(string))


def is_missing(string: Id) -> bool:
    """Tell whether a translation, or one of its forms, is yet to be written."""
    return not string or not all(string)


def _begun(domain: str, language: str) -> Catalog:
    if po(domain, language).exists():
        return written(domain, language)
    po(domain, language).parent.mkdir(parents=True, exist_ok=True)
    name = Locale.parse(language).english_name
    return Catalog(
        locale=language,
        domain=domain,
        header_comment=f"# {name} messages of {domain}, for nicobatch.",
        project="nicobatch",
        copyright_holder="the nicobatch contributors",
        creation_date=_DAY,
        revision_date=_DAY,
        version=__version__,
        msgid_bugs_address="https://github.com/nicobatch/nicobatch/issues",
        last_translator="the nicobatch contributors",
        language_team=name,
        fuzzy=False,
    )
