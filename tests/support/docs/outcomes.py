"""What a command ends with, and what it tells programs on the way: exit codes and events."""

from __future__ import annotations

import ast
import inspect
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from nicobatch import errors, events, language, reports
from nicobatch.errors import Exit, NicobatchError
from nicobatch.events import Event
from tests.support.docs.markdown import WORDS, code, fence, page, plain, said, table

ROOT: Final = Path(__file__).parents[3]
_MANIFEST: Final = """\
version: 1
file: episode-01.mp4
title: 第1回 はじめての冒険
tags: [ゲーム, 実況プレイ動画]
genre: game
"""
_COMMANDS: Final = (
    ("check", "wrong.yaml"),
    ("plan", "episode-01.yaml", "--sandbox"),
    ("publish", "episode-01.yaml", "--sandbox"),
    ("status", ".", "--sandbox"),
)
"""What is run for examples of events."""
_EACH: Final = {"planned": "plan"}
"""By what counts them all, the kind of the line of each."""


def exits_page() -> str:
    """Return the page of exit codes, and of the errors behind them."""
    rows = ([f"`{each}`{{ #exit-{each} }}", said("exits", f"exit-{each}")] for each in exit_codes())
    return page(
        f"# {said('exits', 'title')}",
        said("exits", "lead"),
        table([said("exits", "code"), said("exits", "meaning")], rows),
        f"## {said('exits', 'errors')} {{#errors}}",
        said("exits", "errors-lead"),
        table(
            [said("exits", "type"), said("exits", "meaning"), said("exits", "code")],
            (
                [f"`{word}`{{ #{word} }}", plain(_told(kind)), _exit_of(kind)]
                for word, kind in kinds().items()
            ),
        ),
    )


def exit_codes() -> Iterator[int]:
    """Yield every code that a command ends with."""
    yield from map(int, Exit)
    yield 143


def kinds() -> dict[str, type[NicobatchError]]:
    """Return each class of errors by its word, in the order of their module."""
    found = [each for each in vars(errors).values() if inspect.isclass(each)]
    ours = (each for each in found if issubclass(each, NicobatchError))
    return {each("").word: each for each in ours if each.__module__ == errors.__name__}


def _told(kind: type[NicobatchError]) -> str:
    if language.chosen() == language.ENGLISH:
        return inspect.getdoc(kind) or ""
    return str(WORDS["errors"][kind.__name__][language.LANGUAGES.index(language.chosen()) - 1])


def _exit_of(kind: type[NicobatchError]) -> str:
    if issubclass(kind, errors.Stopped):
        return "[130, 143](#exit-130)"
    number = int(kind.exit_code)
    return f"[{number}](#exit-{number})"


def events_page() -> str:
    """Return the page of events, in English: each kind, its members, and a line of a real run."""
    lines = {each["event"]: each for each in _lines()}
    return page(
        "# Events",
        "With `--format json` a command writes one JSON object a line to stdout, each with its"
        " `event`. New kinds and members may be added; none is renamed or removed. Names and values"
        " are the same in every language: only `message`, `hint`, `reason` and `reasons` are"
        " translated.",
        "The library tells the same by classes: [`nicobatch.events`](library.md).",
        "## What happens on the way {#happenings}",
        "Each has `at`, when it was (ISO 8601), and, where it is about a video, `video`, its key:"
        " `MANIFEST#VIDEO`.",
        *(part for kind in told(events) for part in _section(kind, lines)),
        "## What a command comes to {#results}",
        *(part for kind in told(reports) for part in _section(kind, lines)),
    )


def told(module: Any) -> list[type[Event]]:
    """Return the module's kinds of events, those of one name together."""
    found = [each for each in vars(module).values() if inspect.isclass(each)]
    return [
        each
        for each in found
        if issubclass(each, Event) and each.__module__ == module.__name__ and hasattr(each, "kind")
    ]


def _section(kind: type[Event], lines: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {code(kind.kind)} {{#{kind.__name__.lower()}}}"
    yield plain(inspect.getdoc(kind) or "")
    if rows := [*_rows(kind)]:
        yield table(["member", "type", "meaning"], rows)
    if kind is not reports.ReadingInterrupted:
        shown = filter(lines.get, (_EACH.get(kind.kind, ""), kind.kind))
        yield from (fence("json", json.dumps(lines[each], ensure_ascii=False)) for each in shown)


def _rows(kind: type[Event]) -> Iterator[list[str]]:
    """Yield name, type and meaning of each member that JSON has."""
    notes = _notes(kind)
    for each in fields(kind)[2:]:
        if "untold" not in each.metadata:
            yield [code(each.name), code(str(each.type)), plain(notes.get(each.name, ""))]


def _notes(kind: type) -> dict[str, str]:
    """Return what stands below each member in the class's source."""
    (body,) = ast.parse(inspect.cleandoc(inspect.getsource(kind))).body
    assert isinstance(body, ast.ClassDef)
    found = dict[str, str]()
    for one, following in zip(body.body, body.body[1:], strict=False):
        if isinstance(one, ast.AnnAssign) and isinstance(following, ast.Expr):
            value = following.value
            if isinstance(one.target, ast.Name) and isinstance(value, ast.Constant):
                found[one.target.id] = str(value.value)
    return found


def _lines() -> Iterator[Mapping[str, Any]]:
    """Yield what real runs tell programs, the first line of each kind last."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        shutil.copy(ROOT / "examples/bad/files/one-second.mp4", here / "episode-01.mp4")
        (here / "episode-01.yaml").write_text(_MANIFEST, "utf-8")
        (here / "wrong.yaml").write_text(_MANIFEST.replace("genre", "gerne"), "utf-8")
        variables = {**os.environ, "HOME": folder, "XDG_CONFIG_HOME": folder}
        told = [
            json.loads(line)
            for command in _COMMANDS
            for line in subprocess.run(
                [sys.executable, "-m", "nicobatch", *command, "--format", "json"],
                cwd=here,
                env={**variables, "XDG_DATA_HOME": folder, "LANGUAGE": language.ENGLISH},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                check=False,
            ).stdout.splitlines()
        ]
    yield from reversed(told)
