"""Names in a watched folder that lead to where nobody may look: each is a matter of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from nicobatch.disk import leads_out
from nicobatch.media import Stamp
from nicobatch.watch.destination import Destination
from nicobatch.watch.folder import Folder
from nicobatch.watch.judging import ManifestState, WatchJob
from tests.support.rights import nobody
from tests.unit.watch.looking import Place, rules

FORBIDDEN = Path("/proc/1/exe")
"""Even where it leads to may not be read."""

pytestmark = pytest.mark.skipif(not Path("/proc/1").exists(), reason="needs Linux's /proc")


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder that everybody may write into; pytest's own are their owner's alone."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o777)
        yield folder


@pytest.fixture
def place(root: Path, small_video: Path) -> Place:
    return Place(root, small_video)


@pytest.mark.parametrize("name", ["a.mp4", "m.yaml", "x"])
def test_a_link_that_may_not_be_followed_hides_no_other_name(root: Path, name: str) -> None:
    (root / name).symlink_to(FORBIDDEN)
    (root / "b.mp4").write_bytes(b"b")
    (root / "loop.mp4").symlink_to("loop.mp4")
    (root / "dangling.mp4").symlink_to("nothing")
    with nobody():
        found = Folder(root).look()
    assert set(found.files) == {"b.mp4"}
    assert name in found.links_out


def test_a_link_that_flips_hides_no_other_name(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look sees one thing, and finds another a moment later."""
    for name in ("a.mp4", "b.mp4"):
        (root / name).write_bytes(b"x")
    stat = os.stat

    def flipping(path: str, *, follow_symlinks: bool = True) -> os.stat_result:
        found = stat(path, follow_symlinks=follow_symlinks)
        if str(path).endswith("a.mp4"):
            (root / "a.mp4").unlink()
            if os.path.lexists(root / "flipped"):
                (root / "flipped").rename(root / "a.mp4")
            else:
                (root / "a.mp4").symlink_to(FORBIDDEN)
        return found

    monkeypatch.setattr(os, "stat", flipping)
    with nobody():
        names = [set(Folder(root).look().files) for _ in range(3)]
    assert all("b.mp4" in each for each in names)


@pytest.mark.parametrize(
    "file", ["/proc/1/exe", "/proc/1/root/etc/passwd", "link.mp4", "a\\0b.mp4"]
)
def test_such_a_file_is_the_problem_of_its_manifest(place: Place, file: str) -> None:
    (place.root / "link.mp4").symlink_to(FORBIDDEN)
    place.put("bad.yaml", f'version: 1\nfile: "{file}"\ntitle: t\n'.encode())
    place.film("good.mp4")
    good = place.manifest("good.yaml", "good.mp4")
    for each in (good, place.manifest("gone.yaml", "gone.mp4")):
        place.read(each)(True)
    (place.root / "gone.yaml").unlink()
    with nobody():
        looked = place.settle()
    assert [job.manifest.name for job in looked.jobs] == ["good.yaml"]
    (notice,) = [each for each in looked.notices if each.path.name == "bad.yaml"]
    assert notice.state is ManifestState.INVALID
    assert rules(notice) != []


def test_leading_nowhere_is_leading_out(root: Path) -> None:
    (root / "link").symlink_to(FORBIDDEN)
    with nobody():
        assert leads_out(root / "link", root)
        assert leads_out(root / "link" / "x", root)
    assert not leads_out(root / "a\0b", root)


def test_a_file_that_became_one_stays_where_it_is(root: Path) -> None:
    inbox, done = root / "inbox", root / "done"
    inbox.mkdir(mode=0o777)
    inbox.chmod(0o777)
    (inbox / "m.yaml").write_text("version: 1\n")
    (inbox / "a.mp4").symlink_to(FORBIDDEN)
    stamps = {each: Stamp.read(each.lstat()) for each in (inbox / "m.yaml", inbox / "a.mp4")}
    with nobody():
        place = Destination(done, inbox).put(
            WatchJob(inbox / "m.yaml", (), stamps), {"state": "done"}
        )
    assert [each.name for each in sorted(place.iterdir())] == ["m.yaml", "result.json"]
