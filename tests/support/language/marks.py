"""Finds what people are told and nobody can translate: prose that is not marked."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nicobatch import errors

MARKS: Final = frozenset({"_", "N_", "ngettext"})
_SILENT: Final = frozenset(
    {"debug", "basicConfig", "compile", "strftime", "strptime", "execute", "ValueError"}
    | {"RuntimeError", "AssertionError", "getLogger", "TypeVar", "cast"}
)
"""Calls whose texts go to no user: logs, patterns, and errors that this program itself catches."""
_WORD: Final = re.compile(r"[(“\"'`]*[A-Za-z][a-z']*[a-z][)”\"'`,.;:?!]*")
"""A word of a sentence: no name_with_marks, no CONSTANT, no --option, no key=value."""
_PLACEHOLDER: Final = re.compile(r"\{[a-z_]*(![rsa])?(:[^{}\s]*)?\}")
_ERRORS: Final = frozenset(name for name in vars(errors) if name[:1].isupper()) | {
    "BadParameter",
    "Problem",
}
"""What is given a message, and maybe a hint, for people."""


@dataclass(frozen=True, slots=True)
class Found:
    """A text at a line that should be marked, or a mark that can't do its work."""

    line: int
    text: str


def unmarked(source: str) -> Iterator[Found]:
    """Yield the literals that read like prose, and that no mark hands to the catalogue."""
    yield from _walk(ast.parse(source), frozenset())


def is_prose(text: str) -> bool:
    """Tell whether the text has two words side by side; in a template, one beside a blank."""
    parts = text.split()
    words = [bool(_WORD.fullmatch(part)) for part in parts]
    if _PLACEHOLDER.search(text):
        return len(parts) > 1 and any(words)
    return any(one and other for one, other in itertools.pairwise(words))


def _walk(node: ast.AST, left_out: frozenset[int]) -> Iterator[Found]:
    """Go through a module and leave out what is no message: docstrings, logs, patterns."""
    left_out |= _docstrings(node)
    if id(node) in left_out:
        return
    if isinstance(node, ast.Call) and _name(node.func) in MARKS | _SILENT:
        yield from _broken_marks(node)
    elif isinstance(node, ast.JoinedStr):
        text = "".join(map(_piece, node.values))
        if is_prose(text):
            yield Found(node.lineno, text)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        if is_prose(node.value):
            yield Found(node.lineno, node.value)
    elif not isinstance(node, ast.Compare):
        for each in _children(node):
            yield from _walk(each, left_out)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name not in {"annotation", "returns"}:
            members = value if isinstance(value, list) else [value]
            yield from (each for each in members if isinstance(each, ast.AST))


def _broken_marks(call: ast.Call) -> Iterator[Found]:
    """Yield marked texts that Babel can't take out: they are put together only at run time."""
    if _name(call.func) in MARKS:
        for each in call.args:
            if isinstance(each, ast.JoinedStr | ast.BinOp):
                yield Found(call.lineno, ast.unparse(call))


def _docstrings(node: ast.AST) -> frozenset[int]:
    body = getattr(node, "body", None)
    if not isinstance(body, list):
        return frozenset()
    texts = (each.value for each in body if isinstance(each, ast.Expr))
    return frozenset(id(each) for each in texts if isinstance(each, ast.Constant))


def _piece(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else "{}"


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def constants(source: str) -> set[str]:
    """Return the module's names for one marked text each."""
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if _name(node.value.func) == "N_":
                found |= {each.id for each in targets if isinstance(each, ast.Name)}
    return found


def untranslated(source: str, names: set[str]) -> Iterator[Found]:
    """Yield where a marked name is filled in, or is given to an error, and was not translated."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in {"format", "format_map"}:
            given = [node.value]
        elif isinstance(node, ast.Call) and _name(node.func) in _ERRORS:
            given = [*node.args, *(each.value for each in node.keywords)]
        else:
            continue
        texts = (each.id for each in given if isinstance(each, ast.Name))
        yield from (Found(node.lineno, text) for text in texts if text in names)
