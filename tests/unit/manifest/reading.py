"""What the tests of this folder share: a fixed clock, and manifests given as text."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from nicobatch.manifest import Loaded, load
from nicobatch.sites.niconico.fields import SITE

NOW = datetime.fromisoformat("2026-11-20T12:00:00+09:00")
MANIFEST = Path("m.yaml")
ONE = "version: 1\nfile: a.mp4\ntitle: 冒険\n"


def read(folder: Path, text: str | bytes, *, community: bool = False) -> Loaded:
    """Load one manifest of the given text."""
    path = folder / "m.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    site = SITE.still("community") if community else SITE
    return load([str(path)], sites={SITE.name: site}, now=NOW)


def found(loaded: Loaded) -> list[tuple[str, int, int]]:
    """Return the rule and place of every problem."""
    return [(each.rule, each.line, each.column) for each in loaded.problems]
