"""Every message is translated, none is left over, and what is installed is what is written."""

from __future__ import annotations

import re
from collections import Counter
from string import Formatter

import pytest
from babel.messages.catalog import Catalog

from nicobatch.language import CLICK, DOMAIN
from tests.support.language import catalogue
from tests.support.language.catalogue import Id

_PERCENT = re.compile(r"%\(\w+\)[sd]")
_LETTERS = {"ja": re.compile(r"[ぁ-んァ-ヶ一-龠]"), "zh": re.compile(r"[一-龠]")}
_SAME = re.compile(r"[\W\d]*(\{\w+[^}]*\}[\W\d]*)*(nicobatch [a-z]+ )?")
"""What reads the same in every language: placeholders and signs."""


every_language = pytest.mark.parametrize("language", catalogue.TRANSLATED)


@pytest.fixture(scope="module")
def marked() -> Catalog:
    return catalogue.extracted(DOMAIN)


def fields(message: str) -> Counter[str]:
    """Return the placeholders, each with its conversion and its format."""
    parsed = Formatter().parse(message)
    braced = (f"{name}!{kind}:{spec}" for _text, name, spec, kind in parsed if name is not None)
    return Counter([*braced, *_PERCENT.findall(message)])


def last(text: Id) -> str:
    """Return the only form that Japanese and Chinese have, or English's for many."""
    return text if isinstance(text, str) else text[-1]


@every_language
def test_the_catalogue_has_just_the_marked_messages(marked: Catalog, language: str) -> None:
    written = catalogue.strings(catalogue.written(DOMAIN, language))
    assert set(catalogue.strings(marked)) == set(written), (
        "run `make messages`, and translate what it names"
    )


@every_language
@pytest.mark.parametrize("domain", catalogue.SOURCES)
def test_every_message_is_translated(domain: str, language: str) -> None:
    written = catalogue.written(domain, language)
    strings = catalogue.strings(written)
    assert [each for each, string in strings.items() if catalogue.is_missing(string)] == []
    assert [each.id for each in written if each.id and each.fuzzy] == []
    assert not written.obsolete


@every_language
@pytest.mark.parametrize("domain", catalogue.SOURCES)
def test_translations_fill_the_same_placeholders(domain: str, language: str) -> None:
    strings = catalogue.strings(catalogue.written(domain, language)).items()
    wrong = {each: string for each, string in strings if _differ(last(each), last(string))}
    assert wrong == {}


def _differ(message: str, translation: str) -> bool:
    """A translation may say a thing once that the message says twice, and nothing else."""
    return set(fields(message)) != set(fields(translation))


def test_every_placeholder_has_a_name(marked: Catalog) -> None:
    for each in catalogue.strings(marked):
        names = [name.partition("!")[0] for name in fields(last(each))]
        assert all(name.isidentifier() or name.startswith("%(") for name in names), each


@every_language
def test_translations_are_in_their_language(language: str) -> None:
    strings = catalogue.strings(catalogue.written(DOMAIN, language)).items()
    foreign = [
        each
        for each, string in strings
        if not _LETTERS[language].search(last(string)) and not _SAME.fullmatch(last(string))
    ]
    assert foreign == []


@every_language
def test_translations_end_as_the_messages_do(language: str) -> None:
    """A full stop stands where English has one, and a line's end where it has one."""
    for each, string in catalogue.strings(catalogue.written(DOMAIN, language)).items():
        message, translation = last(each), last(string)
        assert message.endswith("\n") == translation.endswith("\n"), message
        assert not translation.rstrip().endswith("。") or message.rstrip().endswith((".", "]")), (
            message
        )


@every_language
@pytest.mark.parametrize("domain", catalogue.SOURCES)
def test_the_compiled_catalogue_is_the_written_one(domain: str, language: str) -> None:
    written = catalogue.strings(catalogue.written(domain, language))
    assert catalogue.strings(catalogue.compiled(domain, language)) == written, "run `make messages`"


@every_language
def test_the_parsers_everyday_words_are_there(language: str) -> None:
    words = {"Usage:", "Options", "Commands", "Missing argument", "No such command {name!r}."}
    assert words <= set(catalogue.strings(catalogue.written(CLICK, language)))
