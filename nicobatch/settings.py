"""How patient and how thorough a run is: one frozen value, made where the command line is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `publish` can be told; durations are seconds."""

    retry_attempts: int = 8
    """Tries of one request, the first included."""
    retry_max_wait: float = 60.0
    """The longest pause between two tries; a `Retry-After` may ask for more."""
    poll_interval: float = 5.0
    """The first pause between two looks at work the site does in its own time."""
    busy_timeout: float = 7200.0
    """How long another upload, or an encode, may be waited for."""
    visible_timeout: float = 600.0
    """How long a video that was just published may take to come before visitors."""
    parallel_chunks: int | None = None
    """Parts on their way at once; None leaves it to the target."""
    space: float = 0.0
    """Between the end of an account's video and the beginning of its next one."""
    limit_rate: float | None = None
    """Bytes a second that all uploads together may take."""
    fail_fast: bool = False
    """Whether one failed video ends its account's batch."""
    wait: bool = True
    """Whether the site's own work (encoding) is waited for."""
    strict: bool = False
    """Whether what an account's list warns of refuses the batch."""
    without_list: bool = False
    """Whether videos are created even where the account's list, which may have them, can't be read.
    """
