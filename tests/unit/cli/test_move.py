"""Another name for a manifest or a video: its receipts go along, whatever cuts that short."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nicobatch import disk
from nicobatch.actions.moving import BEGUN
from nicobatch.journal import Journal
from nicobatch.model import FileIdentity, Video
from nicobatch.receipt import Receipt
from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Cli, Shelf

MORE = "defaults: {allow_duplicate: true}  # nothing but receipts keeps them apart\n"


@pytest.fixture
def published(cli: Cli, shelf: Shelf, site: Sandbox) -> Shelf:
    """Two videos that are published, one of which is rehearsed, too."""
    shelf.series("a", "z", more=MORE)
    assert cli("publish", "m.yaml").code == 0
    rehearsed = shelf.folder / ".nicobatch/sandbox/m.yaml"
    rehearsed.mkdir(parents=True)
    shutil.copy(shelf.folder / ".nicobatch/m.yaml/a.json", rehearsed / "a.json")
    return shelf


def receipts(shelf: Shelf) -> set[str]:
    found = (shelf.folder / ".nicobatch").rglob("*.json")
    return {path.relative_to(shelf.folder / ".nicobatch").as_posix() for path in found}


def contents(shelf: Shelf) -> dict[Path, bytes]:
    files = (path for path in shelf.folder.rglob("[!.]*") if path.is_file())
    return {path: path.read_bytes() for path in files}


def verdicts(cli: Cli, name: str) -> list[str]:
    return [each["verdict"] for each in cli("plan", name, "--format", "json").of("plan")]


def test_an_id_takes_its_receipts_along(cli: Cli, published: Shelf, site: Sandbox) -> None:
    moved = cli("move", "m.yaml#a", "m.yaml#第1回", "--format", "json")
    assert moved.code == 0
    assert (published.folder / "m.yaml").read_text(encoding="utf-8").count(
        "- id: 第1回\n    fi"
    ) == 1
    assert receipts(published) == {
        *("m.yaml/第1回.json", "m.yaml/z.json", "sandbox/m.yaml/第1回.json")
    }
    (told,) = moved.of("result")
    assert (told["from"], told["to"], len(told["receipts"])) == ("m.yaml#a", "m.yaml#第1回", 2)
    receipt = json.loads((published.folder / ".nicobatch/m.yaml/第1回.json").read_text())
    assert (receipt["manifest"], receipt["video"]) == ("m.yaml", "第1回")
    assert verdicts(cli, "m.yaml") == ["unchanged"] * 2
    assert cli("publish", "m.yaml").code == 0
    assert len(site.audit()["entries"]) == 2


def test_a_manifest_takes_its_receipts_along(cli: Cli, published: Shelf, site: Sandbox) -> None:
    (published.folder / ".git").mkdir()
    moved = cli("move", "./m.yaml", "第1期.yaml")
    assert moved.out.splitlines() == [
        "m.yaml is 第1期.yaml now; receipts: 3",
        "    commit together: m.yaml, 第1期.yaml, .nicobatch",
    ]
    folder = ".nicobatch/m.yaml"
    assert not (published.folder / folder).exists()
    assert not (published.folder / "m.yaml").exists()
    assert receipts(published) == {
        *("第1期.yaml/a.json", "第1期.yaml/z.json", "sandbox/第1期.yaml/a.json")
    }
    assert verdicts(cli, "第1期.yaml") == ["unchanged"] * 2
    assert cli("watch", ".", "--once", "--settle", "0").code == 0
    assert len(site.audit()["entries"]) == 2


def test_an_id_of_a_pattern_is_refused_before_anything_is_copied(
    cli: Cli, published: Shelf
) -> None:
    published.write(f"version: 1\n{MORE}videos: [{{file: '*.mp4', title: x}}]\n")
    before, there = contents(published), receipts(published)
    result = cli("move", "m.yaml#a", "m.yaml#b")
    assert result.code == 2
    assert "the id a can't be made another one here" in result.err
    assert (contents(published), receipts(published)) == (before, there)
    (published.folder / "a.mp4").rename(published.folder / "b.mp4")  # as the hint has it
    assert cli("move", "m.yaml#a", "m.yaml#b").code == 0
    assert receipts(published) == {"m.yaml/b.json", "m.yaml/z.json", "sandbox/m.yaml/b.json"}


@pytest.mark.parametrize("is_own", [True, False])
def test_a_strangers_receipt_stays_a_strangers(
    cli: Cli, published: Shelf, home: Path, is_own: bool
) -> None:
    if not is_own:
        (home / ".local/state/nicobatch/written").unlink()
    assert cli("move", "m.yaml#a", "m.yaml#b").code == 0
    moved = Video(manifest=Path("m.yaml"), id="b", file=Path("a.mp4"), title="x")
    receipt = Journal().read(moved)
    assert receipt
    assert Journal().is_own(moved, receipt) is is_own


def test_what_was_renamed_by_hand_has_its_receipts_moved(
    cli: Cli, published: Shelf, site: Sandbox
) -> None:
    (published.folder / "m.yaml").rename(published.folder / "n.yaml")
    assert cli("move", "m.yaml", "n.yaml").code == 0
    assert verdicts(cli, "n.yaml") == ["unchanged"] * 2
    text = (published.folder / "n.yaml").read_text(encoding="utf-8")
    (published.folder / "a.mp4").rename(published.folder / "b.mp4")
    (published.folder / "n.yaml").write_text(text.replace("a.mp4", "b.mp4"), encoding="utf-8")
    refused = cli("move", "n.yaml#a", "n.yaml#z")
    assert (refused.code, "there is a receipt of n.yaml#z already" in refused.err) == (2, True)
    assert cli("move", "n.yaml#a", "n.yaml#b").code == 0
    assert verdicts(cli, "n.yaml") == ["unchanged"] * 2
    again = cli("move", "n.yaml#a", "n.yaml#b")
    assert (again.code, "did you mean b?" in again.err) == (2, False)


def leave(manifest: Path, video: str) -> None:
    """Leave the receipt of a video that nobody has in a manifest any more."""
    kept = Receipt(
        video=video,
        manifest=manifest.name,
        origin="https://garage.nicovideo.jp",
        profile="garage-2026",
        account="main",
        files=(FileIdentity("gone.mp4", 5, "0" * 64),),
    )
    Journal().write(Video(manifest=manifest, id=video, file=manifest, title="x"), kept)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("m.yaml", "other.yaml", "other.yaml is there already, and nothing is overwritten"),
        ("m.yaml#a", "m.yaml#z", "m.yaml#z is there already, and nothing is overwritten"),
        ("m.yaml#a", "m.yaml#Z", "m.yaml#Z is there already, and nothing is overwritten"),
        ("m.yaml#a", "m.yaml#A", "m.yaml#a and m.yaml#A are one name on some systems"),
        ("m.yaml", "M.yaml", "m.yaml and M.yaml are one name on some systems"),
        ("m.yaml", "m.yaml", "m.yaml and m.yaml are one name on some systems"),
        ("m.yaml#a", "m.yaml#left", "there is a receipt of m.yaml#left already"),
        ("m.yaml", "left.yaml", "there is a receipt of left.yaml already"),
        ("m.yaml", "m.yaml#b", "are neither two manifests nor two videos of one manifest"),
        ("m.yaml#a", "other.yaml#a", "are neither two manifests nor two videos of one manifest"),
        ("m.yaml", "sub/m.yaml", "sub/m.yaml is not in the folder of m.yaml"),
        ("m.yaml", "m.txt", "m.txt is no name of a manifest"),
        ("m.yaml", ".m.yaml", ".m.yaml is no name of a manifest"),
        ("m.yaml#a", "m.yaml#a:b", "m.yaml#a:b: the id a:b holds :"),
        ("m.yaml#a", "m.yaml#", "m.yaml#: the id is empty"),
        ("m.yaml#a@bilibili", "m.yaml#b", "the id of a@bilibili is one on all of its sites"),
        ("m.yaml#b", "m.yaml#c", "m.yaml has no video b; it has a, z"),
        ("gone.yaml", "new.yaml", "gone.yaml does not exist, and no receipt is left of it"),
        ("gone.yaml#a", "gone.yaml#b", "gone.yaml can't be read: "),
    ],
)
def test_what_can_not_be_moved_stays_as_it_is(
    cli: Cli, shelf: Shelf, old: str, new: str, words: str
) -> None:
    shelf.series("a", "z")
    shelf.write("version: 1\n", "other.yaml")
    (shelf.folder / "sub").mkdir()
    for manifest, video in (("m.yaml", "left"), ("left.yaml", "a")):
        leave(shelf.folder / manifest, video)
    before = contents(shelf)
    refused = cli("move", old, new)
    assert (refused.code, words in refused.err) == (2, True), refused.err
    assert contents(shelf) == before


# Cut short


class Cut(BaseException):
    """The power went."""


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Have the n-th change of the disk be the last."""
    left = [0]

    def counted(kind: Any, name: str) -> None:
        act = getattr(kind, name)

        def watched(*arguments: Any, **given: Any) -> Any:
            path = str(arguments[0])
            if "lock" in path or "pace" in path:
                return act(*arguments, **given)
            if left[0] == 1:
                raise Cut
            left[0] -= 1
            return act(*arguments, **given)

        monkeypatch.setattr(kind, name, watched)

    for kind, name in ((disk, "replace"), (Path, "rename"), (Path, "unlink"), (Path, "rmdir")):
        counted(kind, name)
    yield lambda at: left.__setitem__(0, at)
    left[0] = 0


@pytest.mark.parametrize(
    ("old", "new", "after"),
    [
        ("m.yaml", "n.yaml", {"n.yaml/a.json", "n.yaml/z.json", "sandbox/n.yaml/a.json"}),
        ("m.yaml#a", "m.yaml#b", {"m.yaml/b.json", "m.yaml/z.json", "sandbox/m.yaml/b.json"}),
    ],
)
def test_a_move_that_is_cut_short_is_brought_to_its_end(
    cli: Cli, published: Shelf, cut: Callable[[int], None], old: str, new: str, after: set[str]
) -> None:
    folder, begun = published.folder, published.folder / ".nicobatch" / BEGUN
    start = folder.with_name("start")
    shutil.copytree(folder, start)
    cuts = 0
    for at in range(1, 40):
        shutil.rmtree(folder / ".nicobatch")
        (folder / "n.yaml").unlink(missing_ok=True)
        shutil.copytree(start, folder, dirs_exist_ok=True)
        cut(at)
        try:
            cli("move", old, new)
        except Cut:
            cuts += 1
        else:
            break
        finally:
            cut(0)
        for name in (each for each in ("m.yaml", "n.yaml") if (folder / each).exists()):
            assert not {"create", "resume"} & set(verdicts(cli, name)), (at, name)
        if begun.exists() and cuts == 2:
            other = cli("move", "m.yaml#z", "m.yaml#y")
            assert (other.code, "another move was begun" in other.err) == (2, True)
        is_open = at == 1 or begun.exists()
        assert cli("move", old, new).code == (0 if is_open else 2), at
        assert set(verdicts(cli, new.partition("#")[0])) == {"unchanged"}, at
        assert (receipts(published), begun.exists()) == (after, False), at
    assert cuts > 6
