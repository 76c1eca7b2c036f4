"""No sentence leaves the package that a catalogue can't have."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Final

import pytest

from tests.support.language.catalogue import SOURCES
from tests.support.language.marks import constants, is_prose, unmarked, untranslated

PACKAGE: Final = SOURCES["nicobatch"]
FOREIGN: Final = {
    "manifest/yaml_errors.py": "what PyYAML says, to be recognised",
    "sites/niconico/profiles.py": "the evidence of a profile, which no command prints",
    "sites/bilibili/profiles.py": "the same",
    "fleet/metrics.py": "what Prometheus reads",
    "sites/niconico/search/services.py": "niconico's tables of fields",
}
"""Modules with prose that is not for users."""
PLAIN: Final = {
    "cli/app.py": {"  {}:{} in {}", "{} at"},  # a bug, told to us
    "installation.py": {"{} {}, Python {}, {}"},  # likewise
    "pipeline/retry.py": {"tenacity asks only about what it is to repeat"},  # an assertion
    "fleet/receipts.py": {"only a turn writes"},  # likewise
    "sites/bilibili/signin.py": {"Mozilla/5.0 (compatible; {})"},  # a header
    "livetube/client.py": {"Mozilla/5.0 (compatible; {})"},
    "reports/text.py": {"bold red"},
    "reports/findings.py": {"bold red"},
    "reports/plans.py": {"bold red"},
    "reports/comments.py": {"bold green"},
    "actions/commenting.py": {"nicobatch livetube login"},
    "actions/fleet_turns.py": {"`nicobatch session"},
    "cli/importing.py": {"nicobatch plan {}{}"},
    "credentials.py": {"nicobatch session set"},
    "manifest/template.py": {"# nicobatch watch --template {}\n{}\n"},
}
"""Texts that read like prose and are names, styles, or commands to type."""
_OURS: Final = re.compile(r"nicobatch[ a-z]*\{\}\n?")
"""The program's name before a version or an argument, which reads the same in every language."""
_IMITATION: Final = re.compile(r"(sites/[a-z]+/|livetube/)?sandbox/")
_YAML: Final = re.compile(r"(\{\}|[#\s])*[a-z_]+: \S+")
"""A manifest's line."""
_SQL: Final = re.compile(
    r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH \w+ AS|CREATE TABLE|SET) "
)
_WRITERS: Final = {f"manifest/{name}.py" for name in ("skeleton", "writing", "renaming")}
"""Modules that write some."""


@functools.cache
def modules() -> dict[str, Path]:
    """Return all but the sandboxes, which share no code and whose pages are their own."""
    found = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}
    return {name: path for name, path in sorted(found.items()) if not _IMITATION.match(name)}


@pytest.mark.parametrize("name", sorted(modules().keys() - FOREIGN.keys()))
def test_every_message_is_marked(name: str) -> None:
    found = unmarked(modules()[name].read_text(encoding="utf-8"))
    assert [each for each in found if not is_plain(each.text, name)] == []


def is_plain(text: str, name: str) -> bool:
    """Tell whether the module's text is none for people, or the same for all of them."""
    is_yaml = name in _WRITERS and _YAML.fullmatch(text)
    is_sql = name.startswith("fleet/") and _SQL.match(text)
    return bool(is_yaml or is_sql or _OURS.fullmatch(text)) or text in PLAIN.get(name, set())


@pytest.mark.parametrize("name", modules())
def test_marked_names_are_translated_where_they_are_used(name: str) -> None:
    source = modules()[name].read_text(encoding="utf-8")
    assert [*untranslated(source, constants(source))] == []


def test_the_exceptions_are_needed() -> None:
    for name in FOREIGN:
        assert [*unmarked(modules()[name].read_text(encoding="utf-8"))], name
    for name, texts in PLAIN.items():
        found = {each.text for each in unmarked(modules()[name].read_text(encoding="utf-8"))}
        assert texts <= found, name


UNMARKED: Final = [
    'AUDIENCE = {1: "{state}, private"}',
    'raise VideoFailed("it is not there")',
    'raise VideoFailed(f"{path} is gone")',
    'message = "it is not there"',
    'click.option("--x", help="Say it.")',
    'click.echo(f"kept in {where}")',
    'Problem(message="no title")',
    'TABLE = {"rule": ("the title is blank", "give it one")}',
    'word = f"error: {error}"',
    'report.answer(f"{account} is signed in", {})',
    '_(f"{path} is gone")',
    '_("it is " + what)',
    'class A:\n    X = "still encoding"',
    'def f(message="not there"): pass',
]
MARKED: Final = [
    'style = "{place}: {path}"',
    'raise VideoFailed(_("{path} is gone").format(path=path))',
    'TABLE = {"rule": (N_("the title is blank"), "")}',
    'ngettext("{count} video is there", "{count} videos are there", count)',
    '_log.debug("sent %s to it")',
    'def f():\n    """Say it is there."""',
    'X = 1\n"""What it stands for."""',
    'url = f"{base}/v2/videos/{entry}"',
    'line = f"{place}: {severity}: {message} [{rule}]"',
    'style = "bold"',
    'raise ValueError("nested too deeply")',
    'options = f" --journal {folder}"',
    'if "login" in text or "is not there" == text: pass',
]


@pytest.mark.parametrize("source", UNMARKED)
def test_what_is_not_marked_is_found(source: str) -> None:
    assert len([*unmarked(source)]) >= 1


@pytest.mark.parametrize("source", MARKED)
def test_what_is_marked_or_no_message_is_left_alone(source: str) -> None:
    assert [*unmarked(source)] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the title", True),
        ("title", False),
        ("{field} must be text", True),
        ("%Y-%m-%d %H:%M", False),
        ("a/b c_d", False),
        ("GET /v1/users", False),
        ("動画 が ある", False),
    ],
)
def test_prose_is_two_words_side_by_side(text: str, expected: bool) -> None:
    assert is_prose(text) is expected


def test_a_marked_name_that_is_not_translated_is_found() -> None:
    source = """
HINT = N_("look at {it}")
HINT.format(it=1)
_(HINT).format(it=1)
raise VideoFailed(_("gone"), HINT)
raise VideoFailed(_("gone"), _(HINT))
"""
    assert {found.line for found in untranslated(source, constants(source))} == {3, 5}
