"""The manual pages tell what the help tells, and roff shows each line of it as it is."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from nicobatch.cli.app import COMMANDS
from tests.support.docs.man import escaped, pages

ROOT: Final = Path(__file__).parents[3]
REQUEST: Final = re.compile(r"\.(TH \".*\"|SH [A-Z ]+|TP|PP)")


def test_every_command_has_a_page_that_the_first_one_names() -> None:
    found = dict(pages())
    front = found["nicobatch.1"].replace("\\-", "-")
    for name in COMMANDS:
        assert f"\\fBnicobatch-{name}\\fP(1)" in front
        assert f"nicobatch-{name}.1" in found
    assert "\\fB\\-\\-limit\\-rate" in found["nicobatch-publish.1"]
    assert "nicobatch-session-login.1" in found
    for text in found.values():
        requests = [line for line in text.splitlines() if line.startswith((".", "'"))]
        assert all(map(REQUEST.fullmatch, requests))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (".yaml and .yml", "\\&.yaml and .yml"),
        ("'all' of\nthem", "\\&'all' of them"),
        ("C:\\videos --site", "C:\\(rsvideos \\-\\-site"),
    ],
)
def test_text_is_none_of_roff_s_own(text: str, shown: str) -> None:
    assert escaped(text) == shown


@pytest.mark.skipif(not shutil.which("groff"), reason="needs groff")
def test_groff_has_nothing_against_them() -> None:
    text = "".join(text for _name, text in pages())
    command = ["groff", "-man", "-ww", "-z", "-Tutf8", "-Kutf8"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
    assert not done.stderr


def test_a_release_has_them() -> None:
    steps = subprocess.run(
        ["make", "--dry-run", "dist", "TAG=v1.2.0"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert -1 < steps.find("tests.support.docs.man") < steps.find("-m build ")
