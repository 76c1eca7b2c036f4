"""Asking the site outside of a batch: a few tries, then the error."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, TypeVar

from nicobatch.errors import Again
from nicobatch.pipeline.retry import Retry
from nicobatch.settings import Settings

_T = TypeVar("_T")
_BRIEFLY: Final = Settings(retry_attempts=4, retry_max_wait=4, busy_timeout=30)
"""Somebody sits and waits for the answer."""


def asked(call: Callable[[], _T], stop: threading.Event) -> _T:
    """Return what the call returns; raise the last of its errors, as the one retry loop has it."""
    return Retry(settings=_BRIEFLY, stop=stop)(call, _in_silence)


def _in_silence(error: Again, seconds: float) -> None:
    """Say nothing: the pauses are short."""
