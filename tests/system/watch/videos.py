"""Videos that are small, whole, and all different."""

from __future__ import annotations

import struct


def different(video: bytes, name: str, at_least: int = 0) -> bytes:
    """Return the video with boxes behind it that players skip."""
    data = video + _skipped(name.encode())
    return data + _skipped(bytes(at_least - len(data) - 8)) if at_least > len(data) + 8 else data


def _skipped(data: bytes) -> bytes:
    return struct.pack(">I4s", len(data) + 8, b"free") + data
