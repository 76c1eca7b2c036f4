"""What is published needs its file no more: archived, on another disk, or not fetched from LFS."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from examples.make_samples import make_video
from nicobatch.sandbox import Sandbox
from tests.support.faults import Faults, refused
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import MAIN

Audit = Callable[[], list[dict[str, Any]]]
ONCE: Final = ("watch", ".", "--once", "--settle", "0.1", "--rescan", "0.2")
POINTER: Final = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


def removed(file: Path) -> None:
    file.unlink()


def pointed(file: Path) -> None:
    file.write_text(POINTER)


def linked(file: Path) -> None:
    """Leave what git-annex leaves: a link to what was not fetched."""
    file.unlink()
    file.symlink_to("../.git/annex/objects/x.mp4")


def unmounted(file: Path) -> None:
    shutil.rmtree(file.parent)


def kept_from_us(file: Path) -> None:
    """Put into its place what can't be read as a file, as a disk that went away does."""
    file.unlink()
    file.symlink_to(file.name)


WAYS: Final = pytest.mark.parametrize("away", [removed, pointed, linked, unmounted, kept_from_us])


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def site(faults: Faults, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "site", encode_seconds=0, wrap=faults.wrap) as server:
        monkeypatch.setenv("NICOBATCH_API_ORIGIN", server.url)
        monkeypatch.setenv("NICOBATCH_USER_SESSION", MAIN.user_session)
        yield server
    assert server.audit()["crashes"] == []


@pytest.fixture
def manifest(shelf: Shelf) -> Path:
    shelf.add("clips/a.mp4")
    return shelf.write("version: 1\nfile: clips/a.mp4\ntitle: 第1回\n")


def requests(site: Sandbox) -> list[tuple[str, str]]:
    return [(each["method"], each["path"]) for each in site.audit()["requests"]]


@WAYS
def test_metadata_is_changed_without_the_file(
    cli: Cli,
    shelf: Shelf,
    site: Sandbox,
    audit: Audit,
    manifest: Path,
    away: Callable[[Path], None],
) -> None:
    assert cli("publish", ".").code == 0
    away(shelf.folder / "clips" / "a.mp4")
    before = requests(site)
    checked = cli("check", ".", "--strict")
    assert checked.code == 0
    assert checked.out.splitlines() == [
        "m.yaml:2:7: note: not here, and needed no more: clips/a.mp4 [file-away]",
        "    the site has them: only a new upload would need the files",
        "1 manifest checked, no problems",
    ]
    for command in ("plan", "publish"):
        same = cli(command, ".")
        assert same.code == 0
        assert "unchanged" in same.out
        assert "note:" not in same.out
    assert requests(site) == before

    manifest.write_text("version: 1\nfile: clips/a.mp4\ntitle: 第2回\n", "utf-8")
    planned = cli("plan", ".", "--format", "json").of("plan")[0]
    assert (planned["verdict"], planned["steps"]) == ("update", ["metadata", "visible"])
    assert [change["name"] for change in planned["changes"]] == ["title"]
    assert cli("publish", ".").code == 0
    assert [entry["metadata"]["title"] for entry in audit()] == ["第2回"]
    sent = requests(site)[len(before) :]
    assert not any("chunk" in path or path.endswith("/v2/videos") for _method, path in sent)
    assert "unchanged" in cli("publish", ".").out


def test_the_shape_of_a_file_that_is_away_is_what_was_sent(
    cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit, tmp_path: Path
) -> None:
    make_video(shelf.folder / "tall.mp4", width=36, height=64)
    text = "version: 1\nfile: tall.mp4\ntitle: 縦\npublish: draft\n"
    manifest = shelf.write(text)
    assert cli("publish", ".").code == 0
    (shelf.folder / "tall.mp4").unlink()
    assert "unchanged" in cli("publish", ".").out
    manifest.write_text(text.replace("draft", "true"), "utf-8")
    assert cli("publish", ".").code == 0
    assert [entry["metadata"]["thumbnail"]["aspectBias"] for entry in audit()] == ["TALL"]


def test_many_files_that_are_away_are_one_note(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series(*"abcde")
    assert cli("publish", ".").code == 0
    for name in "bcde":
        (shelf.folder / f"{name}.mp4").unlink()
    result = cli("check", ".", "--format", "json")
    assert result.code == 0
    assert [(each["severity"], each["line"], each["message"]) for each in result.of("problem")] == [
        ("note", 5, "not here, and needed no more: b.mp4, c.mp4, d.mp4 and 1 more")
    ]
    assert result.of("checked") == [
        {"event": "checked", "manifests": 1, "errors": 0, "warnings": 0}
    ]


def test_another_mistake_is_told_alone(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    manifest = shelf.series("a", "b")
    assert cli("publish", ".").code == 0
    for name in "ab":
        (shelf.folder / f"{name}.mp4").unlink()
    manifest.write_text(manifest.read_text("utf-8") + "    tgas: [x]\n", "utf-8")
    found = cli("check", ".", "--format", "json").of("problem")
    assert [each["rule"] for each in found if each["severity"] == "error"] == ["unknown-key"]


def test_a_new_upload_needs_the_file(cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults) -> None:
    shelf.series("a", "b")
    faults.at(r"POST .*\?done", refused("400 Bad Request"))
    assert cli("publish", ".").code == 1
    for name in "ab":
        (shelf.folder / f"{name}.mp4").unlink()
    for command in ("check", "plan", "publish"):
        result = cli(command, ".")
        assert result.code == 1
        assert "there is no file a.mp4" in result.out


def test_a_file_that_is_another_one_is_refused_as_ever(
    cli: Cli, shelf: Shelf, site: Sandbox, manifest: Path
) -> None:
    assert cli("publish", ".").code == 0
    shelf.add("clips/a.mp4", at_least=50_000)
    assert cli("publish", ".").code == 1
    (shelf.folder / "clips" / "a.mp4").write_bytes(b"")
    assert "clips/a.mp4 is empty" in cli("publish", ".").out


@WAYS
def test_a_watcher_and_a_preview_go_on(
    cli: Cli,
    shelf: Shelf,
    site: Sandbox,
    audit: Audit,
    manifest: Path,
    away: Callable[[Path], None],
) -> None:
    assert cli("publish", ".").code == 0
    away(shelf.folder / "clips" / "a.mp4")
    manifest.write_text("version: 1\nfile: clips/a.mp4\ntitle: 第2回\n", "utf-8")
    page = cli("preview", ".")
    assert (page.code, page.out) == (0, "1 to update; written to preview.html\n")
    assert "第2回" in Path("preview.html").read_text("utf-8")
    for _again in range(2):
        watched = cli(*ONCE, "--poll-interval", "0.05")
        assert (watched.code, watched.out) == (0, "1 done\n"), watched.err
    assert [entry["metadata"]["title"] for entry in audit()] == ["第2回"]
    assert cli("status").code == 0


def test_a_watcher_waits_for_what_is_new_beside_it(
    cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit
) -> None:
    shelf.series("a")
    assert cli("publish", ".").code == 0
    shelf.series("a", "b")
    for name in "ab":
        (shelf.folder / f"{name}.mp4").unlink()
    watched = cli(*ONCE)
    assert watched.code == 5
    assert "m.yaml waits for b.mp4\n" in watched.err
    shelf.add("b.mp4")
    assert cli(*ONCE, "--poll-interval", "0.05").code == 0
    assert len(audit()) == 2


def test_an_entry_that_the_site_forgot_needs_the_file_again(
    cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults, manifest: Path
) -> None:
    manifest.write_text(manifest.read_text("utf-8") + "publish: draft\n", "utf-8")
    assert cli("publish", ".").code == 0
    (shelf.folder / "clips" / "a.mp4").rename("elsewhere.mp4")
    faults.at(r"POST .*/videos/\d+\?", refused("410 Gone"))
    manifest.write_text("version: 1\nfile: clips/a.mp4\ntitle: 第2回\n", "utf-8")
    result = cli("publish", ".")
    assert result.code == 1
    assert "it has to be uploaded again: put clips/a.mp4 back" in result.err
