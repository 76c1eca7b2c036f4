"""Every rule that a finding can name: its words, what would be right, and an example."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from nicobatch import sites
from nicobatch.language import _
from nicobatch.manifest import load, spreadsheet
from nicobatch.manifest.rules_content import CONTENT
from nicobatch.manifest.rules_filled import FILLED
from nicobatch.manifest.rules_text import TEXT
from nicobatch.media.rules import ALL, Rule
from nicobatch.model import Problem
from nicobatch.reports.findings import problem_lines
from nicobatch.reports.sarif import rules, worded
from tests.support.docs.elsewhere import ELSEWHERE
from tests.support.docs.markdown import code, fence, page, said

EXAMPLES: Final = Path(__file__).parents[3] / "examples" / "bad"
LONGEST: Final = 30
"""Lines of an example that is shown."""
_NOW: Final = datetime.fromisoformat("2026-11-20T12:00:00+09:00")
_EXPECT: Final = re.compile(r"# expect: (?P<rule>\S+) (?P<line>\d+)(?::\d+)?\n")


@dataclass(frozen=True, slots=True)
class Example:
    """A manifest that breaks a rule."""

    path: Path
    text: str
    """Without the lines at its head that say so."""
    head: int
    """How many these are."""
    broken: Mapping[str, Sequence[int]]
    """By rule, the lines of the text that break it."""

    @classmethod
    def read(cls, path: Path) -> Example | None:
        """Return the example, None where nobody could read it on a page."""
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError:
            return None
        heads = [*_EXPECT.finditer(text)]
        broken: dict[str, list[int]] = {}
        for each in heads:
            broken.setdefault(each["rule"], []).append(int(each["line"]) - len(heads))
        lines = text.removesuffix("\n").split("\n")[len(heads) :]
        is_shown = len(lines) <= LONGEST and all(map(str.isprintable, lines))
        return cls(path, "\n".join(lines), len(heads), broken) if is_shown and heads else None

    def shown(self, rule: str) -> Iterator[str]:
        """Yield the manifest, and what a check says of the rule."""
        lines = " ".join(map(str, self.broken[rule]))
        name = self.path.name
        head = f'yaml title="{name}" linenums="{self.head + 1}" hl_lines="{lines}"'
        yield fence(head, self.text)
        found = (each for each in self._problems() if each.rule == rule)
        told = (problem_lines(replace(each, path=Path(name))) for each in found)
        if said := "\n".join(line for lines in told for line in lines):
            yield fence("text", said)

    def _problems(self) -> Sequence[Problem]:
        return load([str(self.path)], sites=sites.Described(), now=_NOW).problems


def every() -> dict[str, dict[str, list[Rule]]]:
    """Return all rules, by where they are found and by name: what is said of one may differ."""
    known: dict[str, list[Rule]] = {}
    for each in rules(sites.Described().values()):
        known.setdefault(each.id, []).append(each)
    tables = {
        "text": TEXT,
        "content": CONTENT,
        "filled": FILLED,
        "media": [each.id for each in ALL],
        "sites": [rule for each in sites.Described().values() for rule in each.rules],
    }
    found = {
        name: {rule: known.pop(rule) for rule in table if rule in known}
        for name, table in tables.items()
    }
    found["tables"] = {
        rule: [Rule(id=rule, message=message, hint=hint)]
        for rule, (message, hint) in spreadsheet.RULES.items()
    }
    return found | {name: {each.id: [each] for each in table} for name, table in ELSEWHERE.items()}


def rules_page() -> str:
    """Return the page of all rules."""
    found = filter(None, map(Example.read, sorted(EXAMPLES.glob("*.yaml"))))
    examples: dict[str, Example] = {}
    for example in sorted(found, key=lambda each: (len(each.broken), len(each.text))):
        for rule in example.broken:
            examples.setdefault(rule, example)
    return page(
        f"# {said('rules', 'title')}",
        said("rules", "lead"),
        said("rules", "levels"),
        *(
            block
            for name, found in every().items()
            for block in (f"## {said('rules', name)} {{#{name}}}", *_sections(found, examples))
        ),
    )


def _sections(
    found: Mapping[str, Sequence[Rule]], examples: Mapping[str, Example]
) -> Iterator[str]:
    for name, said_of in found.items():
        yield f"### {code(name)} {{#{name}}}"
        for rule in said_of:
            lines = [f"{_(rule.severity.value)}: {worded(rule.message)} [{name}]"]
            lines += [f"    {worded(rule.hint)}"] if rule.hint else []
            yield fence("text", "\n".join(lines))
        if name in examples:
            yield from examples[name].shown(name)
