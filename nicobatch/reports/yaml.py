"""A search's hits as a YAML list on stdout; all that is said beside it goes to stderr."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import yaml

from nicobatch.model import Json
from nicobatch.reports import HitsFound
from nicobatch.reports.hits import found_lines
from nicobatch.reports.terminal import shown
from nicobatch.reports.text import TextReport

_BREAKS: Final = re.compile("[\x85\u2028\u2029]")
"""Line breaks to YAML 1.1, which PyYAML folds into blanks unless they are escaped."""
_COMMAND: Final = re.compile(r"##\[|^\s*::", re.MULTILINE)
"""What a runner of GitHub's takes for a command, where it begins a line or stands in it."""
_UNFOLDED: Final = sys.maxsize
"""Columns of a line: where one is folded, what follows would begin a line."""


class YamlReport(TextReport):
    """Writes for people, and what was found as YAML that any reader takes back unchanged."""

    def _hits(self, found: HitsFound) -> None:
        """Write the list, then say on stderr how many there are."""
        sys.stdout.write(_dumped([dict(hit) for hit in found.hits]))
        for line in found_lines(found):
            self._err.print(shown(line), soft_wrap=True)


def _dumped(listed: Sequence[Mapping[str, Json]]) -> str:
    """Return the list; where a text holds `##[`, it is quoted, and the bracket escaped."""
    text: str = yaml.dump(
        listed, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_UNFOLDED
    )
    return text.replace("##[", r"##\x5B")


class _Dumper(yaml.SafeDumper):
    """Writes odd texts between double quotes, where they can be escaped."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _BREAKS.search(text) or _COMMAND.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _text)
