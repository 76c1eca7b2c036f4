"""A watched folder, and a video beside it that is nobody's business."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.unit.watch.looking import Place


@pytest.fixture
def place(tmp_path: Path, small_video: Path) -> Place:
    root = tmp_path / "受信箱"
    root.mkdir()
    return Place(root, small_video)


@pytest.fixture
def secret(place: Place) -> Path:
    outside = place.root.with_name("secret.mp4")
    shutil.copy(place.video, outside)
    return outside
