"""`delete`: which videos are meant, the question, and what is refused."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from nicobatch.locks import Locks
from nicobatch.model import DEFAULT_SITE
from nicobatch.pipeline import Owner
from nicobatch.pipeline.locking import on_machine
from nicobatch.sandbox import Sandbox
from tests.support.faults import (
    Faults,
    refused,
)
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.delete.looking import (
    FIRST,
    SECOND_ID,
    Sit,
    after,
    deletions,
    left,
    receipt,
)
from tests.unit.cli.running import SECOND, environment_with
from tests.unit.sites.niconico.sandbox.client import Client

# What is deleted


@pytest.mark.parametrize(
    "name", [FIRST, "39130867", "{url}/watch/sm39130867", "{url}/v/39130867/edit", "m.yaml#a"]
)
def test_a_video_by_each_of_its_names(cli: Cli, published: Shelf, site: Sandbox, name: str) -> None:
    before = receipt(published)
    result = cli("delete", name.format(url=site.url), "--yes")
    assert (result.code, result.err) == (0, "")
    assert result.out == f"{FIRST} is deleted; {after()}\n"
    assert left(site) == [SECOND_ID]
    tombstone = receipt(published)
    assert tombstone.is_deleted
    assert tombstone.remote == before.remote
    assert tombstone.attempt == before.attempt + 1
    assert receipt(published, "b").is_deleted is False


def test_all_videos_of_a_manifest(cli: Cli, published: Shelf, site: Sandbox) -> None:
    published.series("c", name="n.yaml")
    assert cli("publish", "n.yaml").code == 0
    result = cli("delete", "m.yaml", FIRST, "m.yaml#b", "--yes", "--format", "json")
    assert result.code == 0
    assert result.events == [
        {
            "event": "result",
            "id": id_,
            "title": f"【実況】{name} はじめての冒険",
            "url": f"{site.url}/watch/{id_}",
            "account": "main",
            "state": "deleted",
            "video": f"m.yaml#{name}",
            "receipt": str(Path(f".nicobatch/m.yaml/{name}.json")),
        }
        for name, id_ in (("a", FIRST), ("b", SECOND_ID))
    ]
    assert left(site) == ["sm39130869"]


def test_a_video_without_a_receipt(cli: Cli, published: Shelf, site: Sandbox) -> None:
    (published.folder / ".nicobatch/m.yaml/a.json").unlink()
    result = cli("delete", FIRST, "--yes")
    assert (result.code, result.out) == (0, f"{FIRST} is deleted; no receipt here names it\n")
    assert left(site) == [SECOND_ID]
    result = cli("delete", FIRST, "--yes", "--format", "json")
    assert result.code == 1
    assert f"{FIRST} is not among the videos of" in result.err


def test_neither_manifest_nor_file_is_needed(cli: Cli, published: Shelf, site: Sandbox) -> None:
    (published.folder / "a.mp4").unlink()
    published.write("version: 1\nvideos: nonsense\n")
    assert cli("delete", "m.yaml#a", "--yes").code == 0
    (published.folder / "m.yaml").unlink()
    assert cli("delete", SECOND_ID, "--yes").code == 0
    assert left(site) == []


def test_receipts_kept_elsewhere(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", "b", name="deep/m.yaml")
    assert cli("publish", ".", "--journal", "kept").code == 0
    assert cli("delete", FIRST, "--yes", "--journal", "kept").code == 0
    assert cli("delete", "deep/m.yaml#b", "--yes", "--journal", "kept").code == 0
    states = [
        each["steps"]["delete"]
        for each in cli("status", "--journal", "kept", "--format", "json").events
    ]
    assert states == ["done", "done"]


def test_what_no_list_has_is_deleted_by_its_receipt_alone(
    cli: Cli, shelf: Shelf, site: Sandbox
) -> None:
    shelf.series("a", more="defaults: {publish: draft}\n")
    assert cli("publish", ".").code == 0
    hidden = Path(".nicobatch").rename("hidden")
    blind = cli("delete", FIRST, "--yes")
    assert blind.code == 1
    assert "name it by MANIFEST#VIDEO, where its receipt is" in blind.err
    assert deletions(site) == 0
    hidden.rename(".nicobatch")
    assert cli("delete", FIRST, "--yes").code == 0
    assert left(site) == []
    assert receipt(shelf).is_deleted
    assert cli("status", "--remote").out.splitlines()[1].split()[1:6] == [
        "deleted",
        *["not", "there", "any", "more"],
    ]


@pytest.mark.parametrize("keeps_receipt", [True, False])
def test_what_was_only_just_begun_is_deleted_by_its_id(
    cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults, *, keeps_receipt: bool
) -> None:
    shelf.series("a")
    faults.at("POST .*/file/chunks.*", refused("400 Bad Request"))
    assert cli("publish", ".").code == 1
    if not keeps_receipt:
        Path(".nicobatch").rename("hidden")
    result = cli("delete", FIRST, "--yes")
    assert result.code == 0
    assert result.out.startswith(f"{FIRST} is deleted; ")
    assert left(site) == []
    assert not keeps_receipt or receipt(shelf).is_deleted


def test_another_account(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NICOBATCH_SECOND_USER_SESSION", SECOND.user_session)
    shelf.series("a")
    shelf.series("b", name="n.yaml", more="account: second\n")
    assert cli("publish", ".").code == 0
    wrong = cli("delete", "n.yaml", "--yes", "--account", "main")
    assert wrong.code == 1
    assert "the receipt of n.yaml#b says account second, and --account says main" in wrong.err
    assert cli("delete", "m.yaml", "n.yaml#b", "--yes").code == 0
    assert left(site) == []


def test_a_stray_of_another_account(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NICOBATCH_SECOND_USER_SESSION", SECOND.user_session)
    with Client(site.url, SECOND) as other:
        entry = other.upload(shelf.video.read_bytes())
        other.publish(entry)
    refused_ = cli("delete", str(entry), "--yes")
    assert refused_.code == 1
    assert deletions(site) == 0
    assert cli("delete", str(entry), "--yes", "--account", "second").code == 0


# The question


def test_it_asks_once_and_says_what_is_at_stake(
    cli: Cli, published: Shelf, site: Sandbox, sit: Sit
) -> None:
    questions = sit(yes=True)
    result = cli("delete", "m.yaml", "--format", "json")
    assert questions == [
        "Delete for ever? niconico can't bring them back, nor their comments and views"
    ]
    assert result.err.splitlines() == [
        "to be deleted from niconico, where サンドボックス (user 10000001, premium) posted them:",
        f"    {FIRST}  【実況】a はじめての冒険  0 views  {site.url}/watch/{FIRST}",
        f"    {SECOND_ID}  【実況】b はじめての冒険  0 views  {site.url}/watch/{SECOND_ID}",
    ]
    assert [each["state"] for each in result.of("result")] == ["deleted"] * 2


def test_each_account_has_its_own_list_in_the_question(
    cli: Cli,
    shelf: Shelf,
    site: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    sit: Sit,
) -> None:
    monkeypatch.setenv("NICOBATCH_SECOND_USER_SESSION", SECOND.user_session)
    shelf.series("a", more="defaults: {publish: draft}\n")
    shelf.series("b", name="n.yaml", more="account: second\n")
    assert cli("publish", ".").code == 0
    sit(yes=False)
    lines = cli("delete", "m.yaml", "n.yaml").err.splitlines()
    assert [line.startswith("to be deleted") for line in lines] == [True, False, True, False]
    assert "  not listed: a draft, or unfinished  " in lines[1]


def test_no_is_no(cli: Cli, published: Shelf, site: Sandbox, sit: Sit) -> None:
    sit(yes=False)
    before = (published.folder / ".nicobatch/m.yaml/a.json").read_bytes()
    result = cli("delete", FIRST)
    assert (result.code, result.out) == (0, f"{FIRST} stays as it is\n")
    assert cli("delete", FIRST, "--format", "json").of("result")[0]["state"] == "kept"
    assert (published.folder / ".nicobatch/m.yaml/a.json").read_bytes() == before
    assert deletions(site) == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
@pytest.mark.parametrize(
    ("typed", "code", "there"), [("y\n", 0, 1), ("\n", 0, 2), ("\x03", 130, 2)]
)
def test_in_a_real_terminal(
    published: Shelf, site: Sandbox, typed: str, code: int, there: int
) -> None:
    import pty

    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, "-m", "nicobatch", "delete", FIRST],
        env=environment_with({"TERM": "xterm-256color"}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        preexec_fn=_own_terminal,  # noqa: PLW1509 - no other thread is at work here
    )
    os.close(theirs)
    said = ""
    while not said.endswith("[y/N]: "):
        said += os.read(ours, 4096).decode("utf-8", "replace")
    for _ in range(4):
        os.write(ours, typed.encode())  # a Ctrl+C on the eve of a read goes unheard until the next
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(5)
            break
    run.kill()
    assert run.wait() == code
    os.close(ours)
    assert len(left(site)) == there


def _own_terminal() -> None:
    """Make the terminal the process's own, so that Ctrl+C reaches it."""
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_nobody_to_ask_is_wrong_usage(cli: Cli, published: Shelf, site: Sandbox) -> None:
    before = len(site.audit()["requests"])
    result = cli("delete", FIRST)
    assert result.code == 2
    assert result.err == (
        "error: nobody can be asked whether to delete them\n"
        "    run it in a terminal, or say --yes\n"
    )
    assert len(site.audit()["requests"]) == before


# What is refused


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("later", "2 later names neither a video on niconico nor a manifest"),
        ("gone.yaml#a", "2 gone.yaml#a names neither a video on niconico nor a manifest"),
        ("m.yaml#c", "1 m.yaml#c has no receipt, so nothing is known to be on niconico"),
        ("sm9", "1 sm9 is not among the videos of サンドボックス (user 10000001, premium)"),
    ],
)
def test_one_that_can_not_be_keeps_all_from_being_deleted(
    cli: Cli, published: Shelf, site: Sandbox, name: str, message: str
) -> None:
    result = cli("delete", FIRST, name, "--yes")
    assert f"{result.code} {result.err}".startswith(message.replace(" ", " error: ", 1))
    assert deletions(site) == 0
    assert not receipt(published).steps.get("delete")


def test_a_receipt_of_another_site(
    cli: Cli, published: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    monkeypatch.setenv("NICOBATCH_API_ORIGIN", elsewhere)
    result = cli("delete", "m.yaml#a", "--yes")
    assert result.code == 1
    assert f"the receipt of m.yaml#a belongs to {site.url}, not to {elsewhere}" in result.err
    assert "no receipt here names it" in cli("delete", FIRST, "--yes").out
    assert not receipt(published).is_deleted


def test_a_receipt_of_nothing(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    with Client(site.url) as someone:
        someone.created()
    shelf.series("a")
    assert cli("publish", ".", "--busy-timeout", "0").code == 5
    result = cli("delete", "m.yaml#a", "--yes")
    assert result.code == 1
    assert "m.yaml#a has no receipt" in result.err


@pytest.mark.parametrize("seen", ["public", "private"])
def test_somebody_else_signed_in(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch, seen: str
) -> None:
    """What the account doesn't have is no deleted video as long as visitors meet it."""
    shelf.series("a", more="defaults: {publish: false}\n" if seen == "private" else "")
    assert cli("publish", ".").code == 0
    monkeypatch.setenv("NICOBATCH_USER_SESSION", SECOND.user_session)
    result = cli("delete", "m.yaml", "--yes")
    assert result.code == 1
    assert f"{FIRST} is not among the videos of" in result.err
    assert "check whether that account posted it" in result.err
    assert not receipt(shelf).is_deleted
    assert deletions(site) == 0


def test_nobody_signed_in(
    cli: Cli, published: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NICOBATCH_USER_SESSION")
    assert cli("delete", FIRST, "--yes").code == 3


def test_a_run_that_is_at_work_on_it(cli: Cli, published: Shelf, site: Sandbox) -> None:
    folder = published.folder / ".nicobatch"
    with Locks("publish").acquire(folder / "m.yaml" / ".a.json.lock", "video"):
        result = cli("delete", FIRST, "--yes")
    assert result.code == 5
    assert "the video a is in use by publish" in result.err
    assert deletions(site) == 0


@pytest.mark.parametrize("known", [True, False], ids=["receipt", "none"])
def test_a_run_that_is_at_work_for_the_account(
    cli: Cli, published: Shelf, site: Sandbox, known: bool
) -> None:
    if not known:
        (published.folder / ".nicobatch/m.yaml/a.json").unlink()
    folder = platformdirs.user_state_path("nicobatch") / "locks"
    with Locks("publish").acquire(
        on_machine(folder, site.url, Owner(DEFAULT_SITE, "main")).path, "account"
    ):
        result = cli("delete", FIRST, "--yes")
    assert result.code == 5
    assert "the account main is in use by publish" in result.err
    assert deletions(site) == 0


def test_a_damaged_receipt_may_be_its(cli: Cli, published: Shelf, site: Sandbox) -> None:
    (published.folder / ".nicobatch/m.yaml/b.json").write_text("{}", "utf-8")
    assert "is damaged" in cli("delete", FIRST, "--yes").err
    assert deletions(site) == 0


@pytest.mark.parametrize("change", ["gone", "another"])
def test_a_receipt_that_changes_while_the_question_is_open(
    cli: Cli, published: Shelf, site: Sandbox, sit: Sit, change: str
) -> None:
    path = published.folder / ".nicobatch/m.yaml/a.json"
    other = (published.folder / ".nicobatch/m.yaml/b.json").read_bytes()
    sit(yes=True, meanwhile=path.unlink if change == "gone" else lambda: path.write_bytes(other))
    result = cli("delete", "m.yaml#a")
    assert result.code == 5
    assert f"became another one meanwhile: {FIRST} was not deleted" in result.err
    assert deletions(site) == 0
