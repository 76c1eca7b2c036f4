"""The README as PyPI shows it: links into the repository lead there from another site, too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK: Final = re.compile(r"(?<=\]\()(?![a-z]+:|#|/)(?=[^\s)]+\))")
"""Where the address of a link begins that leads into the repository."""


class ReadmeHook(MetadataHookInterface):
    """Called by hatchling wherever it asks what the package is."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the readme; raise OSError where there is none."""
        text = Path(self.root, "README.md").read_text("utf-8")
        home = metadata["urls"]["Repository"]
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": LINK.sub(f"{home}/blob/main/", text),
        }
