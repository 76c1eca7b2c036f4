"""Plain scalars as YAML 1.2's core schema reads them (yaml.org/spec/1.2.2, chapter 10.3.2)."""

from __future__ import annotations

import re
from typing import TypeAlias

Scalar: TypeAlias = bool | int | float | str | None

CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
DECIMAL = re.compile(r"[-+]?[0-9]+")
BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
NUMERIC = frozenset("-+.0123456789")
LONGEST_NUMBER = 1000
"""Characters; Python refuses to write out numbers of more than 4,300 digits."""


def resolve(text: str) -> Scalar:
    """Return what a plain scalar stands for; a number of absurd length stays text."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if text[0] not in NUMERIC or len(text) > LONGEST_NUMBER:
        return text
    if DECIMAL.fullmatch(text):
        return int(text)
    if BASED.fullmatch(text):
        return int(text, 0)
    return float(text) if FLOAT.fullmatch(text) else text
