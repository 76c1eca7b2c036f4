"""One manifest of the watched folder, between two looks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nicobatch.media import Stamp
from nicobatch.watch.judging import Notice, Signature, State
from nicobatch.watch.matching import NOTHING, Meaning


@dataclass(slots=True)
class Entry:
    """What is known of a manifest; times are monotonic."""

    manifest: Path
    arrived: float
    stamp: Stamp | None = None
    state: State = State.SETTLING
    meaning: Meaning = NOTHING
    """What it named when it was last read."""
    is_read: bool = False
    """Whether it is still the same since."""
    judged: Signature | None = None
    """What the state rests on; None as long as it rests on nothing."""
    due: float | None = None
    """When another look is worth it though nothing changes."""
    failures: int = 0
    told: Notice | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """Return what the state has to rest on, as far as is known."""
        return self.meaning.files if self.is_read else (self.manifest,)

    def edited(self, stamp: Stamp) -> None:
        """Forget what was said of it: the manifest is another one now."""
        self.stamp, self.told = stamp, None
        self.reopen()

    def reopen(self) -> None:
        """Take back what was read: the same words may mean something else now."""
        self.is_read = False
        self.unsettle(None)

    def read(self, meaning: Meaning) -> None:
        """Note what the manifest names."""
        self.meaning, self.is_read = meaning, True

    def unsettle(self, due: float | None) -> None:
        """Take back what was judged."""
        self.state, self.judged, self.due, self.failures = State.SETTLING, None, due, 0

    def is_up_to_date(self, signature: Signature, now: float) -> bool:
        """Tell whether the state stands, for nothing changed and no pause is over."""
        return self.judged == signature and (self.due is None or now < self.due)
