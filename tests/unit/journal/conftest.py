from __future__ import annotations

from pathlib import Path

import pytest

from nicobatch.model import Video
from tests.unit.journal.receipts import video


@pytest.fixture
def here(tmp_path: Path) -> Video:
    """A video whose manifest lies in a folder of its own."""
    return video(tmp_path / "冒険.yaml")
