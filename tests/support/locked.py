"""What the lock files say, for installing the wheel with just these versions."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
DEV: Final = ROOT / "requirements" / "dev.txt"
RUN: Final = ROOT / "requirements" / "run.txt"
LOWEST: Final = ROOT / "requirements" / "lowest.txt"


def pins(lock: Path) -> list[str]:
    """Return the lock's requirements, each with its version and marker, without the hashes."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return [line.removesuffix(" \\") for line in lines if line[:1].isalnum()]


def constraints(lock: Path, folder: Path) -> Path:
    """Write the pins where pip takes them beside a wheel, which no lock knows the hash of."""
    file = folder / f"constraints-{lock.name}"
    file.write_text("\n".join([*pins(lock), ""]), encoding="utf-8")
    return file
