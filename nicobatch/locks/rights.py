"""What publishing asks of locks, be they files or rows of a database."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, Self


class Right(Protocol):
    """A hold on something; as a context manager it lets go at the end."""

    def __enter__(self) -> Self:
        """Return itself."""
        ...

    def __exit__(self, *exc: object) -> None:
        """Let go."""
        ...

    def check(self) -> None:
        """Return while it is this run's; raise Later once another one may have it."""
        ...

    def held(self) -> AbstractContextManager[None]:
        """Keep others from taking it over until the context's end; raise as `check` does."""
        ...


class Rights(Protocol):
    """Gives holds."""

    def acquire(self, path: Path, name: str) -> Right:
        """Take the lock at `path`, which messages call `name`; raise Locked while it is another's.

        Raise JournalError where it can't be written.
        """
        ...
