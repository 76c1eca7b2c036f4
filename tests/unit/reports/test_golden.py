"""Every format of the reports, byte for byte, made of the same ordinary and hostile happenings.

    RENEW_GOLDEN=1 .venv/bin/python -m pytest tests/unit/reports/test_golden.py

writes tests/unit/reports/golden/ anew; what git then shows as changed is to be looked at.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TextIO

import jsonschema
import pytest
from lxml import etree  # type: ignore[import-untyped]

from nicobatch.reports import Several, sarif
from nicobatch.reports.github import GithubReport, Groups
from nicobatch.reports.jsonl import JsonReport
from nicobatch.reports.junit import JunitReport
from nicobatch.reports.progress import Lines
from nicobatch.reports.record import Root
from nicobatch.reports.sarif import SarifReport
from nicobatch.reports.text import TextReport
from nicobatch.reports.workflow_commands import Guarded, write_command
from tests.unit.reports import hostile
from tests.unit.reports.github.runner import commands_in

GOLDEN: Final = Path(__file__).parent / "golden"
SPECS: Final = Path(__file__).parent / "specs"
RENEWS: Final = bool(os.environ.get("RENEW_GOLDEN"))
FEW: Final = frozenset({"no-manifest", "unknown-genre", "file-not-found"})
"""Rules of the golden SARIF: it stays the same when another one is worded anew."""


def golden(name: str, content: bytes) -> None:
    path = GOLDEN / name
    if RENEWS:
        path.write_bytes(content)
    assert content == path.read_bytes(), f"{name} has changed: see this module's docstring"


class Console:
    """Standard output and standard error: UTF-8, and one of them or both as a runner reads them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self._bytes: list[io.BytesIO] = []

    def separate(self) -> None:
        self._patch.setattr(sys, "stdout", self._stream())
        self._patch.setattr(sys, "stderr", self._stream())

    def as_runner(self) -> None:
        """Have both lead to one log, in the order in which they were written to."""
        log = Guarded(self._stream())
        self._patch.setattr(sys, "stdout", log)
        self._patch.setattr(sys, "stderr", log)

    def said(self) -> bytes:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        return b"---\n".join(each.getvalue() for each in self._bytes)

    def _stream(self) -> TextIO:
        raw = io.BytesIO()
        self._bytes.append(raw)
        return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", newline="\n")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / hostile.MANIFEST).write_text(hostile.TEXT, encoding="utf-8", newline="\n")
    return tmp_path


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Console:
    return Console(monkeypatch)


@pytest.fixture
def actions(folder: Path) -> dict[str, str]:
    """What a runner sets."""
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(folder),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "GITHUB_OUTPUT": str(folder / "output.txt"),
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "someone/videos",
        "GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567",
    }


def test_text(console: Console) -> None:
    console.separate()
    hostile.tell(TextReport())
    golden("text.txt", console.said())


def test_json(console: Console) -> None:
    console.separate()
    hostile.tell(JsonReport(sys.stdout, sys.stderr))
    content = console.said()
    golden("events.jsonl", content)
    lines = content.decode("utf-8").partition("---\n")[0].splitlines()
    validator = _validator("events.schema.json")
    for line in lines:
        validator.validate(json.loads(line))
    assert {"problem", "plan", "receipt", "video_failed", "batch_done"} <= {
        json.loads(line)["event"] for line in lines
    }


def test_yaml(console: Console) -> None:
    console.separate()
    TextReport(yaml=True).tell(hostile.FOUND)
    golden("hits.yaml", console.said())


def test_github(console: Console, actions: dict[str, str]) -> None:
    console.as_runner()
    text = TextReport(progress=lambda err: Groups(Lines(err, lambda: 0.0), write_command))
    hostile.tell(Several(text, GithubReport(write_command, actions, "publish")))
    log = console.said()
    golden("github.txt", log)
    golden("summary.md", Path(actions["GITHUB_STEP_SUMMARY"]).read_bytes())
    golden("output.txt", Path(actions["GITHUB_OUTPUT"]).read_bytes())
    names = {each.name for each in commands_in(log.decode("utf-8"))}
    assert names == {"error", "warning", "notice", "group", "endgroup"}


def test_junit(folder: Path) -> None:
    file = folder / "deep" / "junit.xml"
    hostile.tell(JunitReport(file, Root(folder), "publish", only_checks=False, strict=False))
    golden("junit.xml", file.read_bytes())
    tree = etree.parse(file)
    _schema("junit-10.xsd").assertValid(tree)
    for case in tree.iter("testcase"):
        for name in ("file", "line"):
            case.attrib.pop(name, None)
    _schema("junit-10-strict.xsd").assertValid(tree)


def test_sarif(console: Console, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = sarif.rules()
    monkeypatch.setattr(sarif, "rules", lambda _sites: [each for each in known if each.id in FEW])
    monkeypatch.setattr(sarif, "__version__", "1.2.3")
    console.separate()
    hostile.tell(SarifReport(sys.stdout, Root(folder)))
    content = console.said()
    golden("check.sarif", content)
    document: dict[str, Any] = json.loads(content.decode("utf-8").partition("---\n")[0])
    _validator("sarif-2.1.0-rtm.5.json").validate(document)


def _validator(name: str) -> Any:
    schema = json.loads((SPECS / name).read_text(encoding="utf-8"))
    kind: Callable[[Any], Any] = jsonschema.validators.validator_for(schema)
    return kind(schema)


def _schema(name: str) -> Any:
    return etree.XMLSchema(etree.parse(SPECS / name))
