"""SARIF 2.1.0 on stdout: what a check found, as code scanning and editors take it."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

from nicobatch import __version__
from nicobatch.errors import NicobatchError
from nicobatch.events import Event
from nicobatch.installation import HOME, rule_page
from nicobatch.language import _
from nicobatch.manifest.rules import RULES
from nicobatch.media.rules import ALL, Rule
from nicobatch.model import Json, Problem
from nicobatch.reports import CommandEnded, ManifestsChecked, words
from nicobatch.reports.jsonl import write_json
from nicobatch.reports.record import Root
from nicobatch.sites.description import Site

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_BASE: Final = "SRCROOT"
_BREAK: Final = re.compile(rb"\r\n?|\n")


def rules(sites: Iterable[Site] = ()) -> list[Rule]:
    """Return every rule that a check knows, in the order of their tables; those of sites last."""
    manifest, *others = (
        [
            Rule(id=name, message=message, hint=hint, severity=severity)
            for name, (severity, message, hint) in table.items()
        ]
        for table in (RULES, *(each.rules for each in sites))
    )
    return [*manifest, *ALL, *itertools.chain.from_iterable(others)]


def worded(template: str) -> str:
    """Return a rule's message or hint in the chosen language; placeholders stay as they are."""
    return _(template).format_map(_Placeholders())


def _described(rule: Rule) -> dict[str, Json]:
    """Return the rule as the tool's description lists it."""
    message, hint = worded(rule.message), worded(rule.hint)
    return {
        "id": rule.id,
        "shortDescription": {"text": message},
        "fullDescription": {"text": message},
        **({"help": {"text": hint}} if hint else {}),
        "helpUri": rule_page(rule.id),
        "defaultConfiguration": {"level": rule.severity.value},
    }


class SarifReport:
    """Writes one document to `out`, and nothing else; what ends the command goes to stderr."""

    def __init__(self, out: TextIO, root: Root, sites: Iterable[Site] = ()) -> None:
        self._out = out
        self._root = root
        self._sites = sites

    def tell(self, event: Event) -> None:
        """Write the document, or what ended the command before there was anything to write."""
        if isinstance(event, ManifestsChecked):
            write_json(
                _document(event.problems, self._root, rules(self._sites)), self._out, indent=2
            )
        elif isinstance(event, CommandEnded):
            self._end(event.error)

    def close(self) -> None:
        """Have nothing to put back."""

    def _end(self, error: NicobatchError) -> None:
        from nicobatch.reports.terminal import console, shown

        stderr = console(color=False, stderr=True)
        for line in words.error_lines(error):
            stderr.print(shown(line), soft_wrap=True)


def _document(problems: Sequence[Problem], root: Root, known: Sequence[Rule]) -> dict[str, Json]:
    driver: dict[str, Json] = {
        "name": "nicobatch",
        "version": __version__,
        "informationUri": HOME,
        "rules": [_described(rule) for rule in known],
    }
    base = {"description": {"text": _("the root of the repository, or the folder it ran in")}}
    results = _Results(root, {rule.id: number for number, rule in enumerate(known)})
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: base},
        "results": list(results.of(problems)),
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


@dataclass(slots=True)
class _Results:
    """Puts findings into SARIF's words, each with a fingerprint that stays when lines move."""

    root: Root
    numbers: Mapping[str, int]
    """Of the rules, by id."""
    _lines: dict[Path, list[bytes]] = field(default_factory=dict)
    _seen: Counter[tuple[object, ...]] = field(default_factory=Counter)

    def of(self, problems: Sequence[Problem]) -> Iterator[dict[str, Json]]:
        for problem in problems:
            number = self.numbers.get(problem.rule)
            yield {
                "ruleId": problem.rule,
                **({} if number is None else {"ruleIndex": number}),
                "level": problem.severity.value,
                "message": {"text": "\n".join(filter(None, (problem.message, problem.hint)))},
                "locations": [{"physicalLocation": self._place(problem)}],
                "partialFingerprints": {"nicobatch/v1": self._fingerprint(problem)},
            }

    def _place(self, problem: Problem) -> dict[str, Json]:
        uri, inside = self.root.uri(problem.path)
        return {
            "artifactLocation": {"uri": uri, **({"uriBaseId": _BASE} if inside else {})},
            "region": {"startLine": problem.line, "startColumn": problem.column},
        }

    def _fingerprint(self, problem: Problem) -> str:
        """Hash the rule, the file and the line's text; of several alike, tell which one it is."""
        if problem.path not in self._lines:
            self._lines[problem.path] = _lines(problem.path)
        lines = self._lines[problem.path]
        text = lines[problem.line - 1] if problem.line <= len(lines) else b""
        key = (problem.rule, self.root.path(problem.path), b"".join(text.split()))
        self._seen[key] += 1
        return hashlib.sha256(repr((*key, self._seen[key])).encode("utf-8", "replace")).hexdigest()


def _lines(file: Path) -> list[bytes]:
    try:
        return _BREAK.split(file.read_bytes())
    except OSError:
        return []


class _Placeholders(dict[str, str]):
    """Fills each placeholder with itself, and leaves of doubled braces one."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"
