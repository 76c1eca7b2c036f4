"""No site is named in code outside its own folder, but in the table of sites."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from nicobatch.model import DEFAULT_SITE
from nicobatch.sites import SITES

PACKAGE: Final = Path(__file__).parents[2] / "nicobatch"
TABLE: Final = PACKAGE / "sites" / "__init__.py"
DEFAULT: Final = f'DEFAULT_SITE: Final = "{DEFAULT_SITE}"'
"""Where a manifest goes that names no site: the one line beside the table that has to say so."""
MESSAGES: Final = frozenset({"_", "N_"})
"""What marks texts for people."""


def words(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each name and string in the code but messages and docstrings."""
    todo: list[ast.AST] = [ast.parse(source)]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in MESSAGES:
                continue
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        for _, value in ast.iter_fields(node):
            if isinstance(value, str):
                yield getattr(node, "lineno", 0), value
        todo += ast.iter_child_nodes(node)


def named(source: str) -> list[str]:
    """Return where the code names a site."""
    found = [(line, word) for line, word in words(source) for name in SITES if name in word.lower()]
    return [f"{line}: {word}" for line, word in found]


def outside() -> Iterator[Path]:
    """Yield the modules that are in no site's folder."""
    inside = {PACKAGE / "sites" / name for name in SITES}
    yield from (each for each in PACKAGE.rglob("*.py") if inside.isdisjoint(each.parents))


def test_no_room_names_a_site() -> None:
    held = [each for each in outside() if each != TABLE]
    texts = {str(each): each.read_text("utf-8").replace(DEFAULT, "") for each in held}
    assert {path: found for path, text in texts.items() if (found := named(text))} == {}


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("from nicobatch.sites.niconico import fields", 1),
        ("import nicobatch.sites.niconico.steps as steps", 1),
        ("def f(niconico: object) -> None: ...", 1),
        ("x = 'nvapi.niconico.example'", 1),
        ("Niconico()", 1),
        ("x = f'{1} niconico'", 1),
        ("_('niconico takes none')", 0),
        ("X = N_('niconico takes none')", 0),
        ('"""niconico."""\nX = 1\n"""As niconico has it."""', 0),
        ("import nicobatch  # niconico", 0),
    ],
)
def test_a_name_is_found(source: str, count: int) -> None:
    assert len(named(source)) == count
