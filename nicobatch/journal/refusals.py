"""Genres that a site has refused: remembered here, so that none costs a second upload."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

from nicobatch import disk

_LARGEST: Final = 100_000
"""Bytes of the file."""
_MOST: Final = 100
"""Genres of one site; the oldest go."""
_LONGEST: Final = 100
"""Characters of a genre that is worth remembering."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """What one site has refused; losing it costs an upload at most."""

    origin: str

    @property
    def file(self) -> Path:
        """Return where it is kept, beside what is known of other sites."""
        return platformdirs.user_state_path("nicobatch") / "refused-genres.json"

    def __contains__(self, genre: object) -> bool:
        return genre in self._all().get(self.origin, ())

    def add(self, genre: str) -> None:
        """Remember the genre; never raises."""
        known = self._all()
        here = [each for each in known.get(self.origin, []) if each != genre]
        if len(genre) <= _LONGEST:
            content = {**known, self.origin: [*here, genre][-_MOST:]}
            with contextlib.suppress(OSError):
                disk.make_folder(self.file.parent)
                disk.replace(self.file, json.dumps(content, ensure_ascii=False).encode())

    def _all(self) -> Mapping[str, list[str]]:
        """Return what the file tells; nothing where it is missing or damaged."""
        try:
            content = json.loads(disk.read(self.file, _LARGEST))
            return {origin: list(map(str, genres)) for origin, genres in content.items()}
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            return {}
