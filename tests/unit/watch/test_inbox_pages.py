"""Videos of several files, on a site where they may have such: every one of them counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nicobatch.media import rules
from nicobatch.model import Page, Position, Problem, Thumbnail, Video
from nicobatch.pipeline import Checked, CheckedVideo
from nicobatch.watch.folder import Folder
from nicobatch.watch.judging import OUTSIDE, ManifestState, Notice
from nicobatch.watch.memory import Memory
from nicobatch.watch.scanning import Looked, Scanner
from nicobatch.watch.worker import Pauses
from tests.unit.watch.jobs import MEDIA


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "m.yaml").write_text("version: 1\n")
    (folder / "1.mp4").write_bytes(b"one")
    return folder


def looks(root: Path, *names: str, picture: str = "") -> list[Looked]:
    """Look at the folder until all has settled; the manifest names one video of those files."""
    files = [root / name for name in names]
    thumbnail = Thumbnail(file=root / picture if picture else None)

    def read(manifest: Path) -> Callable[[bool], Checked]:
        pages = tuple(Page(file=file) for file in files)
        places = {f"pages.{page}.file": Position(page + 2, 7) for page in range(len(pages))}
        video = Video(
            manifest=manifest,
            id="v",
            file=files[0],
            title="t",
            pages=pages,
            thumbnail=thumbnail,
            places={**places, "thumbnail.file": Position(9, 7)},
        )
        ready = CheckedVideo(video, (MEDIA,) * len(files))
        problems = tuple(
            Problem(
                rule=rules.NOT_FOUND.id, message="no file", path=manifest, line=page + 2, column=7
            )
            for page, file in enumerate(files)
            if not file.exists()
        )
        return lambda probe: Checked((manifest,), (ready,), problems, (video,))

    pauses = Pauses(60.0, 60.0)
    memory, folder = Memory(root), Folder(root)
    scanner = Scanner(root, memory, read, settle=0.0, pauses=pauses)
    return [scanner.look(folder.look(), at) for at in (100.0, 200.0)]


def notices(found: list[Looked]) -> list[Notice]:
    return [notice for each in found for notice in each.notices]


def test_a_video_is_whole_with_the_last_of_its_files(root: Path) -> None:
    found = looks(root, "1.mp4", "2.mp4")
    assert [each.jobs for each in found] == [(), ()]
    (notice,) = notices(found)
    assert notice.state is ManifestState.WAITING
    assert notice.message == f"{root / 'm.yaml'} waits for {root / '2.mp4'}"
    (root / "2.mp4").write_bytes(b"two")
    found = looks(root, "1.mp4", "2.mp4")
    (job,) = [job for each in found for job in each.jobs]
    assert list(job.signature) == [root / "m.yaml", root / "1.mp4", root / "2.mp4"]
    assert notices(found) == []  # each of them is somebody's


def test_any_of_its_files_may_lie_outside(root: Path) -> None:
    root.with_name("2.mp4").write_bytes(b"two")
    found = looks(root, "1.mp4", "../2.mp4")
    (notice,) = notices(found)
    (problem,) = notice.problems
    assert (notice.state, problem.rule, problem.line) == (ManifestState.INVALID, OUTSIDE, 3)


def test_its_picture_is_waited_for_and_goes_with_it(root: Path) -> None:
    found = looks(root, "1.mp4", picture="cover.png")
    (notice,) = notices(found)
    assert notice.state is ManifestState.WAITING
    assert notice.message == f"{root / 'm.yaml'} waits for {root / 'cover.png'}"
    (root / "cover.png").write_bytes(b"picture")
    found = looks(root, "1.mp4", picture="cover.png")
    (job,) = [job for each in found for job in each.jobs]
    assert list(job.signature) == [root / "m.yaml", root / "1.mp4", root / "cover.png"]


def test_its_picture_may_not_lie_outside(root: Path) -> None:
    root.with_name("cover.png").write_bytes(b"picture")
    (notice,) = notices(looks(root, "1.mp4", picture="../cover.png"))
    (problem,) = notice.problems
    assert (notice.state, problem.rule, problem.line) == (ManifestState.INVALID, OUTSIDE, 9)
