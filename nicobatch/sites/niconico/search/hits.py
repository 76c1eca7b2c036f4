"""What was found: fields that may all be null, read by their types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from nicobatch.model import Json


@dataclass(frozen=True, slots=True)
class Hit:
    """A video or a live programme, as far as it was asked about.

    `fields` holds the site's own words. The readers return None for what is null, was not asked
    for, or is nothing of the type: the guide's own sample has a 31st of April.
    """

    fields: Mapping[str, Json]

    @property
    def content_id(self) -> str | None:
        """Return the id, as links have it."""
        return self.text("contentId")

    @property
    def title(self) -> str | None:
        """Return the title."""
        return self.text("title")

    def text(self, name: str) -> str | None:
        """Return a field of text."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> int | None:
        """Return a field that is a whole number."""
        value = self.fields.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def flag(self, name: str) -> bool | None:
        """Return a field that is true or false."""
        value = self.fields.get(name)
        return value if isinstance(value, bool) else None

    def moment(self, name: str) -> datetime | None:
        """Return a field that is a moment."""
        try:
            return datetime.fromisoformat(self.text(name) or "")
        except ValueError:
            return None
