"""What publishing asks of a journal, be its receipts files or rows of a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from nicobatch.model import Video
    from nicobatch.receipt import Receipt


class Receipts(Protocol):
    """A journal; all of its methods raise JournalError."""

    @property
    def root(self) -> Path | None:
        """The folder of all receipts, where the user has named one."""
        ...

    @property
    def rehearsal(self) -> bool:
        """Whether they are a rehearsal's."""
        ...

    def path(self, video: Video) -> Path:
        """Return where the video's receipt lies or would lie, or by what it is known to people."""
        ...

    def read(self, video: Video) -> Receipt | None:
        """Return the video's receipt, None where there is none."""
        ...

    def find(self, manifest: Path, video_id: str, site: str) -> Receipt | None:
        """Return the receipt by the video's names alone."""
        ...

    def write(self, video: Video, receipt: Receipt, *, durable: bool = True) -> None:
        """Replace the video's receipt; raise Later where another run has gone on.

        What need not be `durable` everybody sees at once, and it is on the disk within a second.
        """
        ...

    def is_own(self, video: Video, receipt: Receipt) -> bool:
        """Tell whether the video's receipt came to name here what it names."""
        ...

    def vouch(self, video: Video, receipt: Receipt) -> None:
        """Have the video's receipt count as own from now on."""
        ...

    def prepare(self, video: Video) -> None:
        """Make room for the video's locks."""
        ...

    def lock(self, video: Video) -> Path:
        """Return where the receipt's lock lies."""
        ...

    def account_lock(self, video: Video) -> Path:
        """Return where the account's lock lies, for all who share the receipts."""
        ...
