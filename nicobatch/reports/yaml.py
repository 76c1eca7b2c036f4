"""A search's hits as a YAML list on stdout; all that is said beside it goes to stderr."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import yaml

from nicobatch.model import Json
from nicobatch.reports.hits import found_lines
from nicobatch.reports.report import Summary
from nicobatch.reports.terminal import shown
from nicobatch.reports.text import TextReport

_BREAKS: Final = re.compile("[\x85\u2028\u2029]")
"""Line breaks to YAML 1.1, which PyYAML folds into blanks unless they are escaped."""


class YamlReport(TextReport):
    """Writes for people, and what was found as YAML that any reader takes back unchanged."""

    def hits(self, hits: Sequence[Mapping[str, Json]], summary: Summary) -> None:
        """Write the list, then say on stderr how many there are."""
        listed = [dict(hit) for hit in hits]
        sys.stdout.write(yaml.dump(listed, Dumper=_Dumper, allow_unicode=True, sort_keys=False))
        for line in found_lines(len(hits), summary):
            self._err.print(shown(line), soft_wrap=True)


class _Dumper(yaml.SafeDumper):
    """Writes odd texts between double quotes, where they can be escaped."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _BREAKS.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _text)
