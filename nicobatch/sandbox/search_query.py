"""The search's `q`: blanks are AND, OR stands first, quotes make phrases, a dash is NOT."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from nicobatch.sandbox import answers

_TOKEN: Final = re.compile(r'(?P<minus>-?)"(?P<phrase>[^"]+)"(?= |$)|(?P<word>[^ "]+)(?= |$)')


@dataclass(frozen=True, slots=True)
class Query:
    """Each group needs one of its words; none of the excluded words may be there."""

    groups: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[str, ...] = ()

    def matches(self, contains: Callable[[str], bool]) -> bool:
        """Say whether a text that `contains` tells of is a hit."""
        wanted = all(any(map(contains, group)) for group in self.groups)
        return wanted and not any(map(contains, self.excluded))


@dataclass(frozen=True, slots=True)
class _Term:
    text: str
    negative: bool = False
    is_or: bool = False


def fold(text: str) -> str:
    """Return the text without its differences of width and case."""
    return unicodedata.normalize("NFKC", text).casefold()


def parse_query(text: str) -> Query:
    """Return what `q` asks for; the empty query matches everything."""
    terms = list(_terms(text))
    alternatives, rest = _leading_or(terms)
    if any(term.is_or for term in rest):
        raise answers.search(detail="q: OR stands between two words, before what is ANDed")
    wanted = [(term.text,) for term in rest if not term.negative]
    groups = ([alternatives] if alternatives else []) + wanted
    excluded = tuple(term.text for term in rest if term.negative)
    if excluded and not groups:
        raise answers.search(detail="q: NOT can't stand alone")
    return Query(tuple(groups), excluded)


def _leading_or(terms: list[_Term]) -> tuple[tuple[str, ...], list[_Term]]:
    """Split off `a OR b OR c` from the front."""
    end = 1
    while len(terms) > end + 1 and terms[end].is_or:
        end += 2
    chain = terms[:end:2]
    if end == 1:
        return (), terms
    if any(term.negative or term.is_or for term in chain):
        raise answers.search(detail="q: OR takes plain words and phrases")
    return tuple(term.text for term in chain), terms[end:]


def _terms(text: str) -> Iterable[_Term]:
    position = 0
    while position < len(text):
        if text[position] == " ":
            position += 1
            continue
        match = _TOKEN.match(text, position)
        if not match:
            raise answers.search(detail="q: a quotation mark has no partner")
        position = match.end()
        yield _term(match)


def _term(match: re.Match[str]) -> _Term:
    word = match["word"]
    if word is None:
        return _Term(fold(match["phrase"]), negative=bool(match["minus"]))
    if word == "OR":
        return _Term("", is_or=True)
    negative = len(word) > 1 and word.startswith("-")
    return _Term(fold(word[1:] if negative else word), negative=negative)
