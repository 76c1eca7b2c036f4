from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import pytest

from nicobatch.media import Stamp
from nicobatch.watch.memory import Memory

GIT = ".nicobatch/.gitignore"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def signed(*paths: Path) -> dict[Path, Stamp]:
    found = {}
    for path in paths:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(path.name)
        stamp = Stamp.of(path)
        assert stamp
        found[path] = stamp
    return found


def remembered(root: Path, purpose: str = "here") -> Memory:
    memory = Memory(root, purpose=purpose)
    memory.refresh()
    return memory


def test_it_outlives_a_restart(root: Path, tmp_path: Path) -> None:
    manifest = root / "第1回.yaml"
    seen = signed(manifest, root / "clips" / "a.mp4", tmp_path / "outside.mp4")
    memory = remembered(root)
    assert memory.files(manifest) == ()
    assert not memory.is_done(manifest, seen)
    memory.done(manifest, seen)
    memory.save()
    again = remembered(root)
    assert again.files(manifest) == tuple(seen)
    assert again.is_done(manifest, seen)


def test_what_a_remount_or_a_backup_changes_does_not_count(root: Path) -> None:
    manifest, video = root / "m.yaml", root / "a.mp4"
    seen = signed(manifest, video)
    memory = remembered(root)
    memory.done(manifest, seen)
    other = {
        path: Stamp(99, 99, stamp.size, stamp.mtime_ns, stamp.ctime_ns + 1)
        for path, stamp in seen.items()
    }
    assert memory.is_done(manifest, other)
    assert memory.is_done(manifest, {**other, video: None})  # published, and tidied away
    stamp = seen[video]
    for changed in (
        Stamp(1, 1, stamp.size + 1, stamp.mtime_ns, 1),
        Stamp(1, 1, stamp.size, stamp.mtime_ns + 1, 1),
    ):
        assert not memory.is_done(manifest, {**other, video: changed})
    assert not memory.is_done(manifest, {**other, root / "b.mp4": stamp})


def test_names_that_are_no_text_are_kept(root: Path) -> None:
    manifest = root / "\udce3.yaml"
    seen = {manifest: Stamp(1, 1, 1, 1, 1)}
    memory = remembered(root)
    memory.done(manifest, seen)
    memory.save()
    assert remembered(root).is_done(manifest, seen)


def test_it_is_hidden_from_git_and_written_only_when_there_is_news(root: Path) -> None:
    memory = remembered(root)
    memory.save()
    assert (root / GIT).read_text() == ".*\n"
    assert memory.path == root / ".nicobatch" / ".watch.json"
    before = Stamp.of(memory.path)
    memory.refresh()
    memory.keep(["m.yaml"])
    memory.save()
    assert Stamp.of(memory.path) == before
    memory.done(root / "m.yaml", signed(root / "m.yaml"))
    memory.save()
    assert Stamp.of(memory.path) != before
    assert sorted(each.name for each in memory.path.parent.iterdir()) == [
        ".gitignore",
        ".watch.json",
    ]


def test_what_git_ignores_is_the_users_business(root: Path) -> None:
    (root / ".nicobatch").mkdir()
    (root / GIT).write_text("own\n")
    remembered(root).save()
    assert (root / GIT).read_text() == "own\n"


def test_a_rehearsal_has_its_own(root: Path) -> None:
    memory = Memory(root, rehearsal=True)
    memory.save()
    assert memory.path == root / ".nicobatch" / "sandbox" / ".watch.json"
    assert (memory.path.parent / ".gitignore").read_text() == "*\n"


def test_what_is_done_for_one_site_is_not_for_another(root: Path) -> None:
    manifest = root / "m.yaml"
    seen = signed(manifest)
    memory = remembered(root)
    memory.done(manifest, seen)
    memory.save()
    other = remembered(root, "elsewhere")
    assert not other.is_done(manifest, seen)
    other.save()
    assert not remembered(root).is_done(manifest, seen)


def content(files: str = '{"m.yaml": [6, 1]}', patterns: str = "[]", version: int = 1) -> str:
    """Write a memory whose traces or patterns may make no sense."""
    done = f'{{"m.yaml": {{"files": {files}, "patterns": {patterns}}}}}'
    return f'{{"version": {version}, "purpose": "here", "done": {done}}}'


DAMAGED = {
    "empty": "",
    "cut": content()[:-20],
    "no-text": b"\xff\xfe\x00",
    "list": "[]",
    "null": "null",
    "deep": "[" * 100_000,
    "newer": content(version=2),
    "no-version": '{"purpose": "here", "done": {}}',
    "no-purpose": '{"version": 1, "done": {}}',
    "done-is-a-list": '{"version": 1, "purpose": "here", "done": ["m.yaml"]}',
    "files-are-missing": '{"version": 1, "purpose": "here", "done": {"m.yaml": {}}}',
    "files-are-a-list": content('["m.yaml"]'),
    "trace-is-short": content('{"m.yaml": [6]}'),
    "trace-is-a-number": content('{"m.yaml": 6}'),
    "trace-is-text": content('{"m.yaml": "66"}'),
    "trace-is-true": content('{"m.yaml": [true, 1]}'),
    "patterns-are-a-number": content(patterns="1"),
    "pattern-is-a-number": content(patterns="[1]"),
}


def test_one_that_makes_sense(root: Path) -> None:
    path = Memory(root).path
    path.parent.mkdir()
    path.write_text(content(patterns='["*.mp4"]'), encoding="utf-8")
    memory = remembered(root)
    assert memory.files(root / "m.yaml") == (root / "m.yaml",)
    assert memory.patterns(root / "m.yaml") == ("*.mp4",)
    assert memory.is_done(root / "m.yaml", {root / "m.yaml": Stamp(9, 9, 6, 1, 9)})


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_a_memory_that_makes_no_sense_is_none(root: Path, text: str | bytes) -> None:
    manifest = root / "m.yaml"
    seen = signed(manifest)
    path = Memory(root).path
    path.parent.mkdir()
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    memory = remembered(root)
    assert memory.files(manifest) == ()
    memory.done(manifest, seen)
    memory.save()
    assert remembered(root).is_done(manifest, seen)


def test_one_that_can_not_be_read_is_none(root: Path) -> None:
    path = Memory(root).path
    path.mkdir(parents=True)
    memory = remembered(root)
    assert memory.files(root / "m.yaml") == ()
    with pytest.raises(OSError):  # noqa: PT011 - whichever
        memory.save()


def test_it_is_written_again_once_it_was_deleted(root: Path) -> None:
    memory = remembered(root)
    memory.save()
    memory.path.unlink()
    (root / GIT).unlink()
    memory.path.parent.rmdir()
    memory.refresh()
    memory.save()
    assert memory.path.exists()


def test_a_share_that_went_gets_no_sentinel_on_its_mount_point(root: Path) -> None:
    memory = remembered(root)
    memory.save()
    memory.refresh()
    root.rename(root.with_name("share"))
    root.mkdir()
    memory.done(root / "m.yaml", signed(root / "m.yaml"))
    memory.save()
    assert not (root / ".nicobatch").exists()


def test_a_memory_that_comes_with_its_share_is_taken_in(root: Path) -> None:
    old, new = root / "old.yaml", root / "new.yaml"
    first, second = signed(old), signed(new)
    memory = remembered(root)
    memory.done(old, first)
    memory.save()
    share = memory.path.parent.rename(root / "away")
    late = remembered(root)
    late.done(new, second)
    share.rename(memory.path.parent)
    late.refresh()
    assert late.is_done(old, first)
    assert late.is_done(new, second)
    late.save()
    assert set(json.loads(memory.path.read_text())["done"]) == {"old.yaml", "new.yaml"}


def test_manifests_that_left_are_forgotten(root: Path) -> None:
    memory = remembered(root)
    for name in ("a.yaml", "b.yaml"):
        memory.done(root / name, signed(root / name))
    memory.keep({"b.yaml"})
    memory.save()
    assert set(json.loads(memory.path.read_text())["done"]) == {"b.yaml"}


def test_a_folder_that_can_not_be_written_to(root: Path) -> None:
    memory = remembered(root)
    (root / ".nicobatch").write_text("a file")
    with pytest.raises(OSError):  # noqa: PT011 - whichever
        memory.save()


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
@pytest.mark.parametrize(
    "linked", [".nicobatch", ".nicobatch/.watch.json", ".nicobatch/.gitignore"]
)
def test_nothing_is_written_through_a_link(tmp_path: Path, linked: str) -> None:
    root, home = tmp_path / "in", tmp_path / "home"
    (root / linked).parent.mkdir(parents=True)
    home.mkdir()
    (home / "mine").write_text("mine")
    (root / linked).symlink_to(home if linked == ".nicobatch" else home / "mine")
    (root / "m.yaml").write_text("x")
    memory, stamp = Memory(root), Stamp.of(root / "m.yaml")
    assert stamp
    memory.refresh()
    memory.done(root / "m.yaml", {root / "m.yaml": stamp})
    with contextlib.suppress(OSError):
        memory.save()
    assert {each.name: each.read_text() for each in home.iterdir()} == {"mine": "mine"}
