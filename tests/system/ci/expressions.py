"""The expressions of workflow files, as far as ours use them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

HOLE: Final = re.compile(r"\$\{\{(.*?)\}\}")
_TOKEN: Final = re.compile(r"\s*(?:'((?:[^']|'')*)'|([A-Za-z_][\w.-]*(?:\(\))?)|(\|\||&&|==|!=|!))")


class Unsupported(Exception):
    """What this imitation of a runner does not know; a runner might."""


def filled(text: str, context: Mapping[str, Any]) -> str:
    """Return the text with every expression replaced by its value."""
    return HOLE.sub(lambda hole: _text(value_of(hole[1], context)), text)


def value_of(expression: str, context: Mapping[str, Any]) -> Any:
    """Evaluate an expression of names, strings, functions, `!`, `==`, `!=`, `&&` and `||`."""
    tokens = _tokens(expression)
    value = _either(tokens, context)
    if tokens:
        raise Unsupported(expression)
    return value


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens, end = [], 0
    while expression[end:].strip():
        match = _TOKEN.match(expression, end)
        if match is None:
            raise Unsupported(expression)
        kinds = (("text", match[1]), ("name", match[2]), ("sign", match[3]))
        tokens.append(next((kind, found) for kind, found in kinds if found is not None))
        end = match.end()
    return tokens


def _either(tokens: list[tuple[str, str]], context: Mapping[str, Any]) -> Any:
    value = _both(tokens, context)
    while tokens[:1] == [("sign", "||")]:
        tokens.pop(0)
        other = _both(tokens, context)
        value = value or other
    return value


def _both(tokens: list[tuple[str, str]], context: Mapping[str, Any]) -> Any:
    value = _compared(tokens, context)
    while tokens[:1] == [("sign", "&&")]:
        tokens.pop(0)
        other = _compared(tokens, context)
        value = value and other
    return value


def _compared(tokens: list[tuple[str, str]], context: Mapping[str, Any]) -> Any:
    value = _single(tokens, context)
    if tokens[:1] in ([("sign", "==")], [("sign", "!=")]):
        _, sign = tokens.pop(0)
        alike = _text(value) == _text(_single(tokens, context))
        return alike if sign == "==" else not alike
    return value


def _single(tokens: list[tuple[str, str]], context: Mapping[str, Any]) -> Any:
    if not tokens:
        raise Unsupported("nothing")
    kind, word = tokens.pop(0)
    if (kind, word) == ("sign", "!"):
        return not _single(tokens, context)
    if kind == "text":
        return word.replace("''", "'")
    if kind == "sign":
        raise Unsupported(word)
    return context[word] if word.endswith("()") else _member(word, context)


def _member(name: str, context: Mapping[str, Any]) -> Any:
    """Return the member of the dotted name; what is not there is empty, as a runner has it."""
    first, *rest = name.split(".")
    value: Any = context[first]
    for each in rest:
        value = value.get(each, "") if isinstance(value, Mapping) else ""
    return value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
