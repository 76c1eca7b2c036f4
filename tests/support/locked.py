"""What the lock files say, for installing the wheel with just these versions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import platformdirs

ROOT: Final = Path(__file__).parents[2]
DEV: Final = ROOT / "requirements" / "dev.txt"
RUN: Final = ROOT / "requirements" / "run.txt"
LOWEST: Final = ROOT / "requirements" / "lowest.txt"
USED_ONCE: Final = {
    "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", platformdirs.user_cache_dir("pip", False)),
    "PIP_NO_COMPILE": "1",
}
"""What spares an environment that is soon gone: downloads, and compiling what nobody imports."""


def pins(lock: Path) -> list[str]:
    """Return the lock's requirements, each with its version and marker, without the hashes."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return [line.removesuffix(" \\") for line in lines if line[:1].isalnum()]


def constraints(lock: Path, folder: Path) -> Path:
    """Write the pins where pip takes them beside a wheel, which no lock knows the hash of."""
    file = folder / f"constraints-{lock.name}"
    file.write_text("\n".join([*pins(lock), ""]), encoding="utf-8")
    return file
