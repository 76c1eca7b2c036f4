"""The site's reference leaves nothing out, and what leads to it finds its place there."""

from __future__ import annotations

import ast
import io
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
import pytest
from rich.console import Console
from rich.text import Text

from nicobatch import events, installation, language, reports, sites
from nicobatch.cli.app import COMMANDS, command_of
from nicobatch.errors import Exit
from nicobatch.manifest import schema_text
from nicobatch.reports.sarif import rules
from nicobatch.reports.terminal import linked
from tests.support.docs import commands, library, manifest, outcomes
from tests.support.docs.elsewhere import ELSEWHERE
from tests.support.docs.markdown import WORDS
from tests.support.docs.rules import rules_page
from tests.support.language.catalogue import TRANSLATED, strings, written

ROOT: Final = Path(__file__).parents[3]
PACKAGE: Final = ROOT / "nicobatch"
ANCHOR: Final = re.compile(r"\{ ?#([\w-]+) ?\}")
RULE: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
FINDS: Final = re.compile(r"rule=|problem\(|_difference\(|fault\(|tell\(")
EXAMPLE: Final = re.compile(r"^```(?:yaml|text).*?^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def catalogue() -> str:
    return rules_page()


def anchors(page: str) -> list[str]:
    return ANCHOR.findall(EXAMPLE.sub("", page))


def told_by(file: Path) -> Iterator[str]:
    """Yield the rules that a module names where it makes a finding."""
    text = file.read_text("utf-8")
    if not FINDS.search(text):  # what parsing would take long to tell
        return
    tree = ast.parse(text)
    named = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            given = [each.value for each in node.keywords if each.arg == "rule"]
            given += node.args[:1] if called in {"fault", "tell"} else []
            given += node.args[1:2] if called in {"problem", "_difference"} else []
            for each in given:
                value = each.value if isinstance(each, ast.Constant) else None
                value = named.get(each.id) if isinstance(each, ast.Name) else value
                if isinstance(value, str) and RULE.fullmatch(value):
                    yield value


def test_every_rule_has_one_place_in_the_catalogue(catalogue: str) -> None:
    files = [each for each in PACKAGE.rglob("*.py") if "sandbox" not in each.parts]
    reported = {rule for file in files for rule in told_by(file)}
    tables = {each.id for each in rules(sites.Described().values())}
    assert {"same-title", "visible-tag-missing", "site-limit", "bad-option"} <= reported - tables
    counted = Counter(anchors(catalogue))
    assert reported | tables <= counted.keys()
    assert set(counted.values()) == {1}


def test_rules_that_stand_in_no_table_are_worded_as_the_package_words_them() -> None:
    known = {each.id for each in rules(sites.Described().values())}
    for language_ in TRANSLATED:
        messages = strings(written(language.DOMAIN, language_))
        for rule in (each for found in ELSEWHERE.values() for each in found):
            assert rule.id not in known
            texts = {rule.message, rule.hint} - {"", "{field}: {message}"}
            assert texts <= messages.keys(), rule.id


def test_a_rule_that_a_small_manifest_can_break_is_shown_broken(catalogue: str) -> None:
    shown = catalogue.partition("{#tag-empty}")[2].partition("\n### ")[0]
    assert "tags: ['', " in shown
    assert re.search(r"^tags\.yaml:8:8: error: .* \[tag-empty\]$", shown, re.MULTILINE)


def test_every_command_and_every_option_has_a_place() -> None:
    found = Counter(anchors(commands.commands_page()))
    assert set(found.values()) == {1}
    for name in COMMANDS:
        for path, command in within(name, command_of(name)):
            assert path in found
            for each in command.params:
                if isinstance(each, click.Option) and not each.hidden:
                    names = [*each.opts, *each.secondary_opts]
                    assert f"{path}{max(names, key=len)}" in found, (path, names)


def within(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for key, each in command.commands.items():
            yield from within(f"{name}-{key}", each)


def test_every_key_of_a_manifest_has_a_place() -> None:
    found = Counter(anchors(manifest.Reference(sites.Described()).page()))
    assert set(found.values()) == {1}
    schema = json.loads(schema_text())["definitions"]
    keys = {"version", "account", "sites", "defaults", "videos", *schema["video"]["properties"]}
    for site in sites.Described().values():
        home = site.name == "niconico"
        inner = (each.name for each in site.fields if each.kind)
        keys |= {each if home else f"{site.name}.{each}" for each in inner}
    assert {manifest.anchor(each) for each in keys} <= found.keys()


def test_what_the_schema_says_is_there_in_chinese() -> None:
    missing = {
        english
        for text in texts(json.loads(schema_text())["definitions"]["single"], schema_parts())
        for english, _japanese in [manifest.halves(text)]
        if manifest.chinese(english) == english and english not in WORDS["schema"]
    }
    assert missing <= {each.label for each in sites.Described().values()}


def schema_parts() -> dict[str, Any]:
    parts: dict[str, Any] = json.loads(schema_text())["definitions"]
    return parts


def texts(part: Any, parts: dict[str, Any]) -> Iterator[str]:
    """Yield what the keys within the part are called, and what is said of them."""
    if isinstance(part, list):
        for each in part:
            yield from texts(each, parts)
    elif isinstance(part, dict):
        if reference := part.get("$ref"):
            yield from texts(parts[reference.rpartition("/")[2]], parts)
        for value in part.get("properties", {}).values():
            known = parts[value["$ref"].rpartition("/")[2]] if "$ref" in value else value
            yield from (known[name] for name in ("title", "description") if name in known)
            yield from texts(value, parts)
        for inner in ("items", "anyOf"):
            yield from texts(part.get(inner, []), parts)


def test_every_exit_code_and_every_error_is_told() -> None:
    found = set(anchors(outcomes.exits_page()))
    assert {f"exit-{int(each)}" for each in Exit} | {"exit-143"} <= found
    assert outcomes.kinds().keys() <= found
    assert {each.__name__ for each in outcomes.kinds().values()} == WORDS["errors"].keys()


def test_every_kind_of_event_is_told() -> None:
    told = {each.kind for module in (events, reports) for each in outcomes.told(module)}
    assert {"batch_started", "problem", "video_failed", "moved", "planned", "comment"} <= told


def test_the_library_s_page_has_what_its_modules_offer() -> None:
    shown = set(re.findall(r"^::: (.+)$", library.library_page(), re.MULTILINE))
    assert {
        "nicobatch.actions.workspace.Workspace",
        "nicobatch.settings.Settings",
        "nicobatch.events",
        "nicobatch.sites.bilibili.uploader.VideoUploader",
        "nicobatch.livetube.client.Livetube",
    } <= shown


def test_words_are_there_in_every_language() -> None:
    for page, words in WORDS.items():
        if page not in {"schema", "errors"}:
            assert {len(each) for each in words.values()} == {len(language.LANGUAGES)}, page


def test_addresses_are_the_same_wherever_they_stand() -> None:
    site = (ROOT / "mkdocs.yml").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"site_url: {installation.DOCS}/\n" in site
    assert f"repo_url: {installation.HOME}\n" in site
    assert all(
        each.startswith((installation.HOME, installation.DOCS)) for each in project["urls"].values()
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("out", "term", "colors", "leads"),
    [
        (Terminal(), "xterm-256color", "256", True),
        (Terminal(), "xterm-256color", None, False),
        (Terminal(), "linux", "standard", False),
        (io.StringIO(), "xterm-256color", "256", False),
    ],
    ids=["terminal", "NO_COLOR", "console of Linux", "painted log"],
)
def test_a_rule_leads_to_its_place_where_it_can_be_clicked(
    out: io.StringIO, term: str, colors: Any, leads: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    console = Console(file=out, color_system=colors, force_terminal=True, width=200)
    console.print(linked(Text("m.yaml:8:8: error: empty [tag-empty]"), "tag-empty", console))
    address = f"{installation.DOCS}/reference/rules/#tag-empty"
    said = out.getvalue()
    assert (f";{address}\x1b\\tag-empty\x1b]8;;\x1b\\]" in said) is leads
    assert ("\x1b]8" in said) is leads
    assert "tag-empty" in said


def test_the_page_is_in_the_language_of_the_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "chosen", lambda: "ja")
    assert installation.rule_page("tag-empty") == (
        f"{installation.DOCS}/ja/reference/rules/#tag-empty"
    )
