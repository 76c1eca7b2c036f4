"""The examples hold what they promise: add a file, and it is tested.

A bad one begins with `# expect: RULE LINE[:COLUMN]`, one line for each problem.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from nicobatch import sites
from nicobatch.manifest import load, schema_text
from nicobatch.manifest.encoding import decode
from nicobatch.manifest.rules import RULES
from nicobatch.manifest.yaml12 import parse
from nicobatch.sites.niconico.fields import SITE

EXAMPLES = Path(__file__).parents[2] / "examples"
NOW = datetime.fromisoformat("2026-11-20T12:00:00+09:00")
EXPECT = re.compile(rb"# expect: (?P<rule>\S+) (?P<line>\d+)(:(?P<column>\d+))?\r?\n")

EVERY = sites.Described()
GOOD = sorted((EXAMPLES / "good").glob("*.yaml"))
# What is wrong with the videos themselves is tested where videos are made.
BAD = [each for each in sorted((EXAMPLES / "bad").glob("*.yaml")) if "media-" not in each.name]

# What a small file can't show: a path without one, a manifest of a megabyte, a locked folder.
NOT_SHOWN = {
    "path-not-found",
    "no-manifest",
    "not-a-file",
    "unreadable",
    "manifest-too-large",
    "path-ambiguous",
    "only-other-files",
    "leads-out",
    "video-of-folder",
    "video-unnamed",
    "video-unknown",
    "video-elsewhere",
    "other-yaml",
    "is-video",
    "other-file",
    "refused-genre",
    "file-misnamed",  # on Windows alone
    "lfs-pointer",
    "conflict-copy",
    "conflict-copy-named",
    "pattern-conflict-copy",
    "pattern-unreadable",
    "pattern-too-wide",
    "defaults-too-many",
    "too-many-videos",
    "more-problems",
    "unfit-value",
    "text-too-long",
    "text-file-too-large",
    "publish-at-kept",
    "publish-every-end",
    "template-several",
    "template-pages",
    "template-file",
    "template-others",
}
"""Rules about what no file in git shows: places, files that are none, and rows of other sites."""


def expected(path: Path) -> list[tuple[str, int, int | None]]:
    data, end = path.read_bytes(), 0
    wanted: list[tuple[str, int, int | None]] = []
    while match := EXPECT.match(data, end):
        column = match["column"]
        wanted.append((match["rule"].decode(), int(match["line"]), int(column) if column else None))
        end = match.end()
    return sorted(wanted, key=str)


def name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", BAD, ids=name)
def test_a_bad_example_has_the_problems_that_it_expects_and_no_others(path: Path) -> None:
    wanted = expected(path)
    problems = load([str(path)], sites=EVERY, now=NOW).problems
    with_column = any(column for _, _, column in wanted)
    found = [(each.rule, each.line, each.column if with_column else None) for each in problems]
    assert wanted
    assert sorted(found, key=str) == wanted


@pytest.mark.parametrize("path", BAD, ids=name)
def test_a_problem_is_a_sentence_without_jargon(path: Path) -> None:
    for problem in load([str(path)], sites=EVERY, now=NOW).problems:
        said = f"{problem.message} {problem.hint}"
        assert problem.message
        assert problem.hint
        jargon = re.search(
            r"anyOf|oneOf|\$ref|None|dict|is not of type|\[0-9\]"
            r"|[{](?!stem|index|name|nmae|count|number|date|title|url)\w+[}]",
            said,
        )
        assert not jargon, said


def test_every_rule_has_an_example() -> None:
    shown = {rule for path in BAD for rule, _, _ in expected(path)}
    assert set(RULES) - shown == NOT_SHOWN


@pytest.mark.parametrize("path", GOOD, ids=name)
def test_a_good_example_has_no_problem(path: Path) -> None:
    community = path.read_bytes().startswith(b"# profile: article-2021")
    site = SITE.still("community") if community else SITE
    loaded = load([str(path)], sites={SITE.name: site}, now=NOW)
    assert loaded.problems == ()
    assert loaded.videos


@pytest.mark.parametrize("path", GOOD, ids=name)
def test_the_schema_alone_accepts_a_good_example(path: Path) -> None:
    text = decode(path.read_bytes())
    assert isinstance(text, str)
    document, _ = parse(text)
    assert document is not None
    Draft7Validator(json.loads(schema_text())).validate(document.data)
