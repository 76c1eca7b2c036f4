"""The table in docs/architecture.md: imports go down, and rooms of one row never meet."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "nicobatch"
PLAN: Final = (ROOT / "docs" / "architecture.md").read_text("utf-8")
ROOMS: Final = tuple(
    tuple(re.findall(r"`([a-z0-9.]+)`", row.split("|")[1]))
    for row in reversed(re.findall(r"^\| `.*$", PLAN, re.MULTILINE))
)
"""The table's rows from the lowest layer up."""
SANDBOX: Final = "sandbox"
IMITATION: Final = re.compile(r"((?:sites\.[a-z]+|livetube)\.sandbox)\b")
"""One imitation within the sandbox, which may use what serves any, and nothing else of ours."""
TABLE: Final = "nicobatch.sites.SITES"
"""The names of the sites, which the sandbox has to know as well."""
LAYER: Final = {room: layer for layer, rooms in enumerate(ROOMS) for room in rooms}
OUTSIDE: Final = frozenset({"__init__", "__main__"})
"""What any room may ask for, the version for one; they are wiring, and part of no layer."""
PURE: Final = frozenset({"__future__", "collections", "dataclasses", "enum", "typing"})
"""What the pure rooms need of the standard library: nothing that reads or waits."""
STDLIB: Final = {
    **{room: frozenset(sys.stdlib_module_names) for room in ROOMS[0]},
    "plan": PURE | {"hashlib", "json", "pathlib"},  # the latter for its type
    "sites.base": PURE | {"datetime"},
    "sites.description": PURE | {"datetime"},
    "sites.session": PURE,
    "sites.fields": PURE | {"types"},
}
"""The rooms that import nothing but of the standard library, and what of it."""
LONGEST: Final = 300
"""Lines of a module."""


def imported(source: str, module: str) -> Iterator[tuple[int, str]]:
    """Yield line and full name of all that the module imports, wherever in it that happens."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, module)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def absolute(node: ast.ImportFrom, module: str) -> str:
    """Return the full name that a `from` names, seen from the module (`nicobatch.x.__init__`)."""
    if not node.level:
        return node.module or ""
    package = module.split(".")[: -node.level]
    return ".".join([*package, *filter(None, [node.module])])


def room_of(name: str) -> str:
    """Return the room that a module, or something in it, is in: the innermost that is named."""
    parts = name.split(".")[1:]
    if imitation := IMITATION.match(".".join(parts)):
        return imitation[1]
    inside = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((each for each in inside if each in LAYER), parts[0] if parts else "")


def violations(source: str, module: str) -> list[str]:
    """Return what the module imports against the table."""
    room = room_of(module)
    found = []
    for line, name in imported(source, module):
        top = name.partition(".")[0]
        if room == SANDBOX and name == TABLE:
            continue
        allowed = may_enter(room, room_of(name)) if top == "nicobatch" else may_use(room, top)
        if not allowed:
            found.append(f"{module}:{line} imports {name}")
    return found


def may_enter(room: str, other: str) -> bool:
    """Tell whether a room may import another one, or itself."""
    if other == room:
        return True
    if room == SANDBOX or IMITATION.match(room):
        return other == SANDBOX  # else client and imitation share one mistake
    if other == SANDBOX:
        return room in {"cli", "actions"}
    if not other or other.startswith("__"):
        return True
    if other == "language" or (room == "origin" and other == "errors"):
        return True
    return other in LAYER and LAYER[other] < LAYER[room]


def may_use(room: str, library: str) -> bool:
    """Tell whether a room may import a library from elsewhere."""
    return room not in STDLIB or library in STDLIB[room]


def modules() -> dict[str, Path]:
    """Return the package's modules that are part of the table."""
    found = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    return {name: path for name, path in found.items() if name.split(".")[1] not in OUTSIDE}


IMITATIONS: Final = sorted(filter(IMITATION.match, {room_of(name) for name in modules()}))


def test_every_room_has_a_layer() -> None:
    assert {room_of(name) for name in modules()} <= {*LAYER, SANDBOX, *IMITATIONS}


def test_the_table_is_read_whole() -> None:
    told = [LAYER[each] for each in ("model", "receipt", "sites.fields", "sites.base")]
    assert (told, max(LAYER, key=LAYER.__getitem__)) == ([0, 1, 2, 3], "cli")


@pytest.mark.parametrize("room", [*sorted(LAYER), SANDBOX, *IMITATIONS])
def test_imports_go_down(room: str) -> None:
    texts = {
        name: path.read_text(encoding="utf-8")
        for name, path in modules().items()
        if room_of(name) == room
    }
    assert texts
    assert [each for name, text in texts.items() for each in violations(text, name)] == []


def test_the_walk_reaches_the_package() -> None:
    names = {name for module, path in modules().items() for _, name in imported_by(module, path)}
    assert {"nicobatch.model.Video", "nicobatch.journal.codec", "requests"} <= names


def test_no_module_needs_itself_to_be_imported() -> None:
    """What functions import when they are called needs nothing before."""
    found = modules()
    names = {name.removesuffix(".__init__") for name in found}
    graph = {
        name.removesuffix(".__init__"): {
            longest
            for each in imported_first(path.read_text(encoding="utf-8"), name)
            if (longest := max((known for known in names if is_in(each, known)), default=""))
        }
        for name, path in found.items()
    }
    TopologicalSorter({name: used - {name} for name, used in graph.items()}).prepare()
    assert graph["nicobatch.watch.inbox"] > {"nicobatch.watch.judging"}


def test_a_module_is_read_in_one_sitting() -> None:
    lines = {
        path.relative_to(PACKAGE): len(path.read_text(encoding="utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    assert {path: count for path, count in lines.items() if count > LONGEST} == {}


def is_in(name: str, module: str) -> bool:
    """Tell whether the name is the module's, or of something in it."""
    return name == module or name.startswith(f"{module}.")


def imported_first(source: str, module: str) -> Iterator[str]:
    """Yield what has to be imported before the module is, functions and type checks aside."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (name for _, name in imported(ast.unparse(node), module))


def imported_by(module: str, path: Path) -> Iterator[tuple[int, str]]:
    return imported(path.read_text(encoding="utf-8"), module)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("nicobatch.model", "from nicobatch import plan"),
        ("nicobatch.model", "from nicobatch.errors import UsageError"),
        ("nicobatch.errors", "import nicobatch.model"),
        ("nicobatch.settings", "import yaml"),
        ("nicobatch.origin", "from requests import Session"),
        ("nicobatch.origin", "from nicobatch.model import Video"),
        ("nicobatch.language", "from nicobatch.errors import UsageError"),
        ("nicobatch.language", "from babel import Locale"),
        ("nicobatch.sandbox.app", "from nicobatch.language import _"),
        ("nicobatch.sites.base", "from nicobatch.plan import Plan"),
        ("nicobatch.plan", "from nicobatch import journal"),
        ("nicobatch.plan", "import time"),
        ("nicobatch.plan", "import requests"),
        ("nicobatch.sites.base", "from pathlib import Path"),
        ("nicobatch.http", "from nicobatch.credentials import Store"),
        ("nicobatch.journal.files", "from nicobatch.media import identify"),
        ("nicobatch.journal.files", "from ..media import identify"),
        ("nicobatch.journal.__init__", "from .. import media"),
        ("nicobatch.pipeline.batch", "from nicobatch.sites.niconico.target import Niconico"),
        ("nicobatch.reports.text", "import json, nicobatch.preview.page as page"),
        ("nicobatch.reports.text", "def f():\n    from nicobatch.sandbox import Sandbox"),
        ("nicobatch.sites.niconico.steps", "if TYPE_CHECKING:\n    from nicobatch.cli import app"),
        ("nicobatch.sandbox.app", "from nicobatch.errors import UsageError"),
        ("nicobatch.sandbox.app", "from nicobatch import __version__"),
        ("nicobatch.sandbox.app", "import nicobatch"),
        ("nicobatch.sandbox.world", "from nicobatch.sites.niconico.sandbox import Imitation"),
        ("nicobatch.sandbox.world", "from nicobatch.sites import site"),
        ("nicobatch.sites.niconico.sandbox.site", "from nicobatch.sites.niconico import answers"),
        ("nicobatch.sites.niconico.sandbox.site", "from nicobatch.model import Video"),
        ("nicobatch.sites.niconico.steps", "from nicobatch.sites.niconico.sandbox import site"),
        ("nicobatch.actions.access", "from nicobatch.sites.niconico.sandbox import site"),
        ("nicobatch.pipeline.batch", "from nicobatch.attic import old"),
    ],
)
def test_an_import_against_the_table_is_found(module: str, source: str) -> None:
    assert len(violations(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("nicobatch.model", "from collections.abc import Mapping\nfrom pathlib import Path"),
        ("nicobatch.origin", "from nicobatch.errors import UsageError"),
        ("nicobatch.errors", "from nicobatch.language import _"),
        ("nicobatch.plan", "from nicobatch.language import _\nfrom nicobatch.model import Video"),
        ("nicobatch.http", "import requests\nfrom nicobatch import __version__, errors"),
        ("nicobatch.journal.files", "from nicobatch.journal import codec"),
        ("nicobatch.journal.files", "from . import codec\nfrom .codec import decode"),
        ("nicobatch.journal.__init__", "from .files import Journal"),
        ("nicobatch.sandbox.app", "import flask\nfrom nicobatch.sandbox.world import Store"),
        ("nicobatch.sandbox.world", "from nicobatch.sites import SITES"),
        ("nicobatch.sites.niconico.sandbox.site", "from nicobatch.sandbox.world import Store"),
        ("nicobatch.sites.niconico.sandbox.site", "from nicobatch.sites.niconico.sandbox import x"),
        ("nicobatch.cli.app", "from nicobatch import pipeline\nfrom nicobatch.sandbox import x"),
    ],
)
def test_an_import_within_the_table_is_none(module: str, source: str) -> None:
    assert violations(source, module) == []
