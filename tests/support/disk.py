"""A disk that nothing waits for."""

from __future__ import annotations


def unsynced(handle: int) -> None:
    """Stand in for `os.fsync`: only a power cut takes what the system has not yet written."""
