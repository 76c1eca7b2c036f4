"""`--notify` and `notify` in a config: who is told, by a real receiver and a real program."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import apprise
import keyring
import pytest

from nicobatch.sandbox import Sandbox
from tests.support.servers import Reply, Site, closed_port, serving
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import SECOND
from tests.unit.test_credentials_store import Memory

TOKEN = "s3cret-t0ken"
PROGRAM = """\
import pathlib, sys
text = sys.stdin.buffer.read().decode('utf-8')
with open({told!r}, 'a', encoding='utf-8') as file:
    file.write(text + '--\\n')
print('##[error]not for a runner', {token!r})
"""
FAILING = "import sys; sys.stderr.write('first\\nthe line is\\tbusy\\n'); sys.exit(3)"


@dataclass
class World:
    """A config that names a receiver and a program, and what they were told."""

    config: Path
    receiver: Site
    told: Path

    def write(self, **recipients: Mapping[str, object]) -> None:
        self.config.write_text(json.dumps({"notify": recipients}), encoding="utf-8")

    @property
    def messages(self) -> list[str]:
        """What the receiver has."""
        return [json.loads(each.body)["message"] for each in self.receiver.seen]

    @property
    def texts(self) -> list[str]:
        """What the program has read."""
        text = self.told.read_text("utf-8") if self.told.exists() else ""
        return [each.rstrip("\n") for each in text.split("--\n") if each]


@pytest.fixture(scope="session", autouse=True)
def _threads() -> None:
    """Have apprise begin the threads that it keeps."""
    apprise.Apprise(f"json://{closed_port()}").notify("text")


@pytest.fixture
def world(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    config, told = home / ".config" / "nicobatch" / "config.yaml", tmp_path / "told.txt"
    config.parent.mkdir(parents=True)
    program = tmp_path / "tell.py"
    program.write_text(PROGRAM.format(told=str(told), token=TOKEN), encoding="utf-8")
    with serving() as receiver:
        host = receiver.url.removeprefix("http://")
        monkeypatch.setenv("OTHER_URL", f"json://user:{TOKEN}@{host}/\n")
        world = World(config, receiver, told)
        own = {"command": [sys.executable, str(program)]}
        world.write(own=own, other={"url_env": "OTHER_URL"})
        yield world


def test_the_end_of_a_batch_is_told_in_one_message(
    cli: Cli, shelf: Shelf, site: Sandbox, world: World
) -> None:
    shelf.series("a", "b")
    first = cli("publish", "m.yaml", "--format", "json", "--log-file", "log.txt")
    assert first.code == 0
    assert world.messages == world.texts == ["nicobatch publish: 2 published"]
    sent = [(each["name"], each["state"], each["message"]) for each in first.of("notified")]
    assert sent == [(name, "sent", world.messages[0]) for name in ("own", "other")]
    assert TOKEN not in first.out + first.err + Path("log.txt").read_text("utf-8")
    shelf.series("a", "b", "c")
    result = cli("publish", "m.yaml", "--notify", "own")
    assert "told" not in result.out + result.err
    assert world.texts[1:] == ["nicobatch publish: 1 published, 2 unchanged"]
    assert len(world.messages) == 1
    cli("publish", "m.yaml", "--no-notify")
    assert (len(world.messages), len(world.texts)) == (1, 2)


def test_what_fails_and_what_is_faulty_is_told_in_words(
    cli: Cli, shelf: Shelf, site: Sandbox, world: World
) -> None:
    shelf.series("a")
    cli("publish", "m.yaml", "--no-notify")
    shelf.series("b", "copy", name="n.yaml")
    (shelf.folder / "copy.mp4").write_bytes((shelf.folder / "a.mp4").read_bytes())
    shelf.add("x.mp4")
    shelf.write("version: 1\nfile: x.mp4\ntitle: x\ntitel: x\n", "faulty.yaml")
    assert cli("publish", "n.yaml", "faulty.yaml").code == 1
    assert cli("publish", "faulty.yaml").code == 1
    batch, faulty = world.texts
    lines = batch.split("\n")
    assert lines[0] == "nicobatch publish: 1 published, 1 refused, 1 manifest has errors"
    assert lines[1].startswith("copy: refused: ")
    wrong = "faulty.yaml:4:1: error: the key titel is unknown [unknown-key]"
    assert lines[2:] == [wrong]
    assert faulty == f"nicobatch publish: 1 manifest has errors\n{wrong}"


def test_a_person_is_called_at_once_and_once(
    cli: Cli, shelf: Shelf, site: Sandbox, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.series("a", "b")
    monkeypatch.setenv("NICOBATCH_USER_SESSION", "user_session_1_gone")
    assert cli("publish", "m.yaml").code == 3
    called, batch = world.texts
    assert called.startswith("nicobatch publish: a: failed: ")
    assert "session set" in called.split("\n")[1]
    assert batch.split("\n")[0] == "nicobatch publish: 1 failed, 1 skipped"
    world.told.unlink()
    assert cli("import", "--account", "main").code == 3
    [called] = world.texts
    assert called.startswith("nicobatch import: ")


def test_an_import_tells_what_it_answers(
    cli: Cli, shelf: Shelf, site: Sandbox, world: World
) -> None:
    assert cli("import").out == "nothing new\n"
    assert world.texts == ["nicobatch import: nothing new"]


def test_a_failing_notification_is_told_once_and_changes_nothing(
    cli: Cli, shelf: Shelf, site: Sandbox, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.series("a")
    monkeypatch.setenv("NICOBATCH_USER_SESSION", "user_session_1_gone")
    world.receiver.replies["/"] = Reply(status=500)
    monkeypatch.setenv("NONSENSE", f"nonsense:{TOKEN}")
    world.write(
        other={"url_env": "OTHER_URL"},
        nonsense={"url_env": "NONSENSE"},
        unset={"url_env": "UNSET_URL"},
        failing={"command": [sys.executable, "-c", FAILING]},
        absent={"command": ["no-such-program", TOKEN]},
        mail={"keyring": "mail"},
    )
    told = cli("publish", "m.yaml")
    plain = cli("publish", "m.yaml", "--no-notify")
    assert (told.code, told.out) == (plain.code, plain.out) == (3, told.out)
    extra = [line for line in told.err.splitlines() if "was not told" in line]
    assert extra == [
        "unset was not told: the environment variable UNSET_URL is not set",
        "absent was not told: no-such-program can't be run: there is no such program",
        "mail was not told: the system's keyring can't be used",
        "other was not told: OTHER_URL did not confirm that it has the message",
        "nonsense was not told: NONSENSE holds no address that apprise knows",
        f"failing was not told: {sys.executable} ended with exit code 3: the line is␉busy",
    ]
    assert TOKEN not in told.err


def test_a_rehearsal_tells_nobody_but_what_they_would_hear(
    cli: Cli, shelf: Shelf, world: World
) -> None:
    shelf.series("a", "b")
    whom = "a rehearsal sends nothing to own, other, which would be told"
    ours = f"{whom}: nicobatch {{}}: 2 published"
    for command in (["plan"], ["publish", "--dry-run"], ["publish", "--sandbox"]):
        result = cli(*command, "m.yaml")
        assert result.code == 0
        assert ours.format(command[0]) in result.err.splitlines()
    [told] = cli("plan", "m.yaml", "--notify", "UNSET_URL", "--format", "json").of("notified")[1:]
    assert (told["state"], told["name"]) == ("rehearsed", "UNSET_URL")
    assert (world.messages, world.texts) == ([], [])


@pytest.mark.parametrize(
    ("name", "error", "hint"),
    [
        ("othr", "config.yaml has no othr in notify", "did you mean other?"),
        ("somebody", "config.yaml has no somebody in notify", "it has: own, other"),
        (f"discord://1/{TOKEN}", "an address would be seen by others", "name that"),
    ],
)
def test_who_is_not_known_is_wrong_usage(
    cli: Cli, shelf: Shelf, world: World, name: str, error: str, hint: str
) -> None:
    shelf.series("a")
    result = cli("publish", "m.yaml", "--notify", name)
    assert result.code == 2
    assert error in result.err
    assert hint in result.err
    assert TOKEN not in result.err


def test_an_address_may_lie_in_the_keyring(
    cli: Cli, shelf: Shelf, site: Sandbox, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.series("a")
    memory = Memory()
    monkeypatch.setattr("keyring.core._keyring_backend", memory)
    assert keyring.get_keyring() is memory
    world.write(other={"keyring": "mine"})
    warned = cli("doctor").out
    assert "warning: other can't be told how runs went: the system's keyring has no" in warned
    assert f"{sys.executable} -m keyring set nicobatch-notify mine" in warned
    host = world.receiver.url.removeprefix("http://")
    keyring.set_password("nicobatch-notify", "mine", f"json://user:{TOKEN}@{host}/")
    assert "ok: other is told how runs went" in cli("doctor").out
    assert cli("publish", "m.yaml").code == 0
    assert world.messages == ["nicobatch publish: 1 published"]


@pytest.mark.skipif(sys.platform != "linux", reason="libnotify's program")
def test_a_desktop_is_told_by_libnotify(
    cli: Cli, shelf: Shelf, site: Sandbox, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write(desk={"desktop": True})
    shelf.series("R&B")
    monkeypatch.setenv("NICOBATCH_USER_SESSION", "user_session_1_gone")
    monkeypatch.setenv("PATH", "")
    said = "apprise can't reach this desktop\n    install notify-send, or name a program"
    assert said in cli("publish", "m.yaml").err
    program = shelf.folder / "bin" / "notify-send"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {world.told}\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    cli("publish", "m.yaml")
    told = world.told.read_text("utf-8").split("\n")
    assert told[:4] == ["--app-name=nicobatch", "--", "nicobatch", "nicobatch publish: 1 failed"]
    assert told[4].startswith("R&amp;B: failed: ")
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert "ok: desk is told how runs went" in cli("doctor").out


def test_who_is_reached_by_apprise_alone_needs_it(
    cli: Cli, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    out = cli("doctor").out
    assert "ok: own is told how runs went" in out
    assert "warning: other can't be told how runs went: apprise is not installed\n    ins" in out


def test_a_watch_tells_of_what_it_has_published(
    cli: Cli, shelf: Shelf, site: Sandbox, world: World
) -> None:
    shelf.series("a", "b", name="in/m.yaml")
    shelf.series("c", name="in/n.yaml")
    shelf.write("version: 1\ntitel: x\nfile: a.mp4\n", "in/faulty.yaml")
    watch = ("watch", "in", "--once", "--settle", "0.1", "--rescan", "0.2")
    assert cli(*watch, "--poll-interval", "0.05").code == 1
    said = "\n".join(world.texts)
    assert "nicobatch watch: 3 published" in said or "nicobatch watch: 2 published" in said
    assert "in/faulty.yaml:2:1: error: the key titel is unknown [unknown-key]" in said
    assert "in/faulty.yaml has 2 problems" in said
    before = len(world.texts)
    cli(*watch)
    assert len(world.texts) == before + 1  # what is wrong still is


def test_doctor_says_who_can_be_told(cli: Cli, world: World) -> None:
    out = cli("doctor").out
    assert 'ok: ~/.config/nicobatch/config.yaml:1: notify.other: {"url_env": "OTHER_URL"}' in out
    assert "ok: own is told how runs went" in out
    assert "ok: other is told how runs went" in out
    world.write(other={"url_env": "UNSET_URL"})
    result = cli("doctor")
    assert result.code == 0
    words = "other can't be told how runs went: the environment variable UNSET_URL is not set"
    assert f"warning: {words}\n    set it to the address, as apprise has it" in result.out
    assert TOKEN not in out + result.out
    assert SECOND.nickname not in out
