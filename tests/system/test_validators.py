"""The schema alone, in the hands of another validator: a real check-jsonschema."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

from nicobatch.manifest import schema_path
from tests.system.test_examples import BAD, EXAMPLES, GOOD

BEYOND_A_SCHEMA: Final = {
    "anchor-in-title": "a warning",
    "exclamation-mark": "YAML's own means",
    "file-in-home": "it may be a folder's name",
    "file-of-windows": "a warning",
    "file-is-address": "it may be a folder's name",
    "folded-description": "a warning",
    "hash-in-title": "a warning",
    "thumbnail-picture": "a warning",
    "look-alike-comma": "a warning",
    "pattern-too-long": "its parts are counted",
    "placeholders-elsewhere": "a warning",
    "texts-tricks": "braces may stand in any text",
    # It is a warning: an honest manifest may look like this.
    "description-too-long": "older texts name other limits",
    "genre-typo": "niconico's list may have grown",
    "unknown-genre": "niconico's list may have grown",
    "mojibake": "only its sense is lost",
    "publish-far": "it may be meant",
    # It takes more than one value, or a look at the folder or the clock.
    "publish-past": "there is no clock",
    "file-twice": "two entries are compared by one of their keys",
    "id-twice": "two entries are compared by one of their keys",
    "id-of-file-name": "the id is made of another key",
    "tag-twice": "letters are folded",
    "pattern-case": "the folder counts",
    "pattern-file-again": "the folder counts",
    "pattern-index-as-id": "a warning",
    "pattern-one-id": "the folder counts",
    "pattern-same-stem": "the folder counts",
    "pattern-unmatched": "the folder counts",
    "placeholder-without-pattern": "a warning",
    "addresses": "the texts of several sites are compared",
    "site-idle": "the sites are compared with the texts",
    # It is about the profile, or about YAML's own means.
    "community": "the profile article-2021 knows it",
}
"""Bad examples that a schema lets pass, and why it has to."""
TOO_MUCH: Final = {"recursive-alias"}
"""What the other validator itself comes to grief over."""


engines = pytest.mark.parametrize("engine", ["default", "nonunicode", "python"])
"""Those of regular expressions: editors are written in JavaScript, others in Python."""


def refused(paths: Iterable[Path], engine: str) -> set[str]:
    """Return the names of the manifests that are no good by the schema."""
    command = [sys.executable, "-m", "check_jsonschema", "--output-format", "JSON"]
    options = ["--regex-variant", engine, "--schemafile", str(schema_path())]
    run = subprocess.run(
        [*command, *options, *map(str, paths)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode in {0, 1}, run.stderr
    said = json.loads(run.stdout)
    found = [*said.get("errors", ()), *said.get("parse_errors", ())]
    assert bool(found) == bool(run.returncode)
    return {Path(each["filename"]).stem for each in found}


@engines
def test_every_good_example_is_accepted(engine: str) -> None:
    samples = [*EXAMPLES.glob("*.yaml"), *EXAMPLES.glob("bad/media-*.yaml")]
    assert samples
    assert refused([*GOOD, *samples], engine) == set()


@engines
def test_every_bad_example_that_a_schema_can_refuse_is_refused(engine: str) -> None:
    names = {path.stem for path in BAD}
    assert names >= {*BEYOND_A_SCHEMA, *TOO_MUCH}
    readable = [path for path in BAD if path.stem not in TOO_MUCH]
    assert refused(readable, engine) == names - {*BEYOND_A_SCHEMA} - TOO_MUCH
