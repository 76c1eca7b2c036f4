"""Where files lie as seen from the repository, or the folder, that a service shows them from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Root:
    """The folder that paths are told from."""

    folder: Path

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Return GitHub's workspace if the current folder is in it, else the current folder."""
        here = Path(os.path.realpath(Path.cwd()))
        workspace = environment.get("GITHUB_WORKSPACE")
        folder = Path(os.path.realpath(workspace)) if workspace else here
        return cls(folder if here.is_relative_to(folder) else here)

    def path(self, path: Path) -> str:
        """Return the path from the folder on, with `/`; one that lies outside stays absolute."""
        found = self._absolute(path)
        inside = found.is_relative_to(self.folder)
        return (found.relative_to(self.folder) if inside else found).as_posix()

    def uri(self, path: Path) -> tuple[str, bool]:
        """Return the path as a URI reference, and whether it is one from the folder on."""
        found = self._absolute(path)
        if found.is_relative_to(self.folder):
            return quote(os.fsencode(found.relative_to(self.folder).as_posix())), True
        return found.as_uri(), False

    def _absolute(self, path: Path) -> Path:
        """Follow the links of its folder, not one that the file itself is: people see that one."""
        named = path.name not in {"", ".."}
        return Path(os.path.realpath(path.parent if named else path), path.name if named else "")
