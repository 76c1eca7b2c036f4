"""Receipts that were not written here: of another machine, of CI, or of somebody who means harm."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from examples.make_samples import make_video
from nicobatch.journal import codec
from nicobatch.sandbox import Sandbox
from tests.support.faults import Faults, refused
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.sites.niconico.sandbox.client import Client

Audit = Callable[[], list[dict[str, Any]]]
OURS = "sm39130867"
LIST = "/v2/users/me/videos"


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def sandbox(tmp_path: Path, faults: Faults) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "site", encode_seconds=0, wrap=faults.wrap) as server:
        yield server
    assert server.audit()["crashes"] == []


@pytest.fixture
def published(cli: Cli, shelf: Shelf, site: Sandbox) -> Path:
    """The manifest of a published video."""
    manifest = shelf.series("a")
    assert cli("publish", ".").code == 0
    return manifest


def on_another_machine(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Go on where nothing is known of what was written before."""
    for name in ("XDG_STATE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(folder / "elsewhere"))


def retitled(manifest: Path, title: str = "朗読") -> None:
    manifest.write_text(manifest.read_text("utf-8").replace("実況", title), "utf-8")


def listings(site: Sandbox) -> int:
    return sum(each["path"] == LIST for each in site.audit()["requests"])


def titles(audit: Audit) -> list[str]:
    return [each["metadata"]["title"] for each in audit()]


def test_an_edit_by_a_committed_receipt_is_looked_into_once(
    cli: Cli,
    site: Sandbox,
    published: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    audit: Audit,
) -> None:
    on_another_machine(monkeypatch, tmp_path)
    before = listings(site)
    for title in ("朗読", "解説"):
        manifest = published.read_text("utf-8")
        published.write_text(re.sub("【..】", f"【{title}】", manifest), "utf-8")
        assert cli("publish", ".").code == 0
    assert titles(audit) == ["【解説】a はじめての冒険"]
    assert listings(site) == before + 1


def test_an_edit_whose_file_is_away_is_known_by_its_title(
    cli: Cli,
    shelf: Shelf,
    published: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    audit: Audit,
) -> None:
    (shelf.folder / "a.mp4").unlink()
    on_another_machine(monkeypatch, tmp_path)
    retitled(published)
    assert cli("publish", ".").code == 0
    assert titles(audit) == ["【朗読】a はじめての冒険"]


def test_where_it_was_written_nothing_is_asked(
    cli: Cli, site: Sandbox, published: Path, audit: Audit
) -> None:
    before = listings(site)
    retitled(published)
    assert cli("publish", ".").code == 0
    assert titles(audit) == ["【朗読】a はじめての冒険"]
    assert listings(site) == before


def test_what_is_unchanged_is_not_asked_for(
    cli: Cli, site: Sandbox, published: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    on_another_machine(monkeypatch, tmp_path)
    before = len(site.audit()["requests"])
    assert cli("publish", ".").code == 0
    assert len(site.audit()["requests"]) == before


@pytest.mark.parametrize("same_length", [True, False])
def test_a_receipt_that_names_another_video_changes_nothing(
    cli: Cli, shelf: Shelf, site: Sandbox, published: Path, audit: Audit, same_length: bool
) -> None:
    """A pull request's: its file and its receipt fit each other, and its id is another video's."""
    shelf.series("x", name="pr/n.yaml")
    if not same_length:
        make_video(shelf.folder / "pr/x.mp4", width=64, height=36, seconds=6)
    with Client(site.url) as client:
        entry = client.upload((shelf.folder / "pr/x.mp4").read_bytes())
        assert client.publish(entry, title="【実況】x はじめての冒険", detail="").ok
    assert cli("adopt", str(entry), "pr/n.yaml").code == 0
    forged = shelf.folder / "pr/.nicobatch/n.yaml/x.json"
    receipt = codec.decode(forged.read_text("utf-8"))
    ours = codec.decode((shelf.folder / ".nicobatch/m.yaml/a.json").read_text("utf-8"))
    title = "【実況】a はじめての冒険" if not same_length else "【実況】x はじめての冒険"
    metadata = receipt.steps["metadata"]
    inputs = {**metadata.inputs, "title": title}
    steps = {**receipt.steps, "metadata": replace(metadata, inputs=inputs, digest="0" * 64)}
    forged.write_text(codec.encode(replace(receipt, remote=ours.remote, steps=steps)), "utf-8")

    manifest = shelf.folder / "pr/n.yaml"
    retitled(manifest, "占領")
    assert f"    {OURS}  {site.url}/watch/{OURS}" in cli("plan", "pr").out.splitlines()
    before = titles(audit)
    result = cli("publish", "pr")
    assert result.code == 1
    assert "its receipt, which was not written here, may be another video's" in result.err
    said = f"{OURS} is called 【実況】a" if same_length else f"{OURS} is 2 s long, and x.mp4 is 6 s"
    assert said in result.err
    assert titles(audit) == before

    both = cli("publish", "m.yaml", "pr/n.yaml")
    assert both.code == 1
    assert f"its receipt names {OURS}, and so does the receipt of" in both.err
    assert titles(audit) == before


def test_what_was_retitled_at_niconico_goes_on_once_a_person_says_so(
    cli: Cli,
    shelf: Shelf,
    site: Sandbox,
    published: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    audit: Audit,
) -> None:
    with Client(site.url) as owner:
        assert owner.edit(39130867, title="手で変えた題", detail="").ok
    retitled(published)
    on_another_machine(monkeypatch, tmp_path)
    result = cli("publish", ".")
    assert result.code == 1
    assert f"{OURS} is called 手で変えた題, and the receipt says 【実況】a" in result.err
    [command] = re.findall("`(nicobatch [^`]*)`", result.err)
    said = cli(*shlex.split(command)[1:])
    assert said.out == f"{OURS} is adopted as m.yaml#a; publish will change: title\n"
    on_another_machine(monkeypatch, tmp_path / "ci")  # which has the receipt alone
    assert cli("publish", ".").code == 0
    assert titles(audit) == ["【朗読】a はじめての冒険"]


def test_an_edit_whose_answer_was_lost_is_no_mismatch(
    cli: Cli,
    shelf: Shelf,
    published: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    audit: Audit,
) -> None:
    shutil.copytree(".nicobatch", "before")
    retitled(published)
    assert cli("publish", ".").code == 0
    shutil.rmtree(".nicobatch")
    shutil.move("before", ".nicobatch")
    on_another_machine(monkeypatch, tmp_path)
    assert cli("publish", ".").code == 0
    assert titles(audit) == ["【朗読】a はじめての冒険"]


def test_an_upload_that_another_machine_began_goes_on(
    cli: Cli,
    shelf: Shelf,
    site: Sandbox,
    faults: Faults,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    audit: Audit,
) -> None:
    shelf.series("a")
    faults.at("POST .*/file/chunks.*", refused("400 Bad Request"))
    assert cli("publish", ".").code == 1
    on_another_machine(monkeypatch, tmp_path)
    before = listings(site)
    assert cli("publish", ".").code == 0
    assert [each["visibility"] for each in audit()] == ["public"]
    assert listings(site) == before


def test_a_receipt_that_hides_that_its_video_is_published(
    cli: Cli,
    shelf: Shelf,
    published: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    audit: Audit,
) -> None:
    path = shelf.folder / ".nicobatch/m.yaml/a.json"
    receipt = codec.decode(path.read_text("utf-8"))
    begun = {name: each for name, each in receipt.steps.items() if name in {"create", "stream"}}
    path.write_text(codec.encode(replace(receipt, steps=begun)), "utf-8")
    on_another_machine(monkeypatch, tmp_path)
    result = cli("publish", ".")
    assert result.code == 1
    assert f"{OURS} is published already, and the receipt knows nothing of that" in result.err
    assert audit()[0]["received"].get("stream") == 1


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found"])
def test_without_the_list_a_person_has_to_say_so(
    cli: Cli,
    published: Path,
    faults: Faults,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    audit: Audit,
    status: str,
) -> None:
    retitled(published)
    on_another_machine(monkeypatch, tmp_path)
    faults.at(f"GET {LIST}.*", refused(status))
    result = cli("publish", ".")
    assert result.code == 4
    assert "--without-list changes it all the same" in result.err
    assert titles(audit) == ["【実況】a はじめての冒険"]
    faults.at(f"GET {LIST}.*", refused(status))
    assert cli("publish", ".", "--without-list").code == 0
    assert titles(audit) == ["【朗読】a はじめての冒険"]
