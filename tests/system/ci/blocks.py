"""The files of the page on CI, as they are printed there."""

from __future__ import annotations

from typing import Any, Final

import yaml

from tests.support.pages import Page

GITHUB: Final = "# .github/workflows/publish.yml\n"
GITLAB: Final = "# .gitlab-ci.yml\n"
PRE_COMMIT: Final = "# .pre-commit-config.yaml\n"


def block(first_line: str) -> str:
    """Return the one block that begins so."""
    blocks = Page("ci", "en").blocks
    (found,) = (each.text for each in blocks if each.text.startswith(first_line))
    return found


def document(text: str) -> Any:
    """Return what GitHub and GitLab read: their YAML takes `on` for a word."""
    loaded = yaml.safe_load(text)
    return {"on" if name is True else name: value for name, value in loaded.items()}
