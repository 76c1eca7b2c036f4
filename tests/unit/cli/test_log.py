"""`--log-file`: what happened, for whoever has to find out why, and nothing that is secret."""

from __future__ import annotations

import json
import logging
import re
import stat
import sys
from pathlib import Path

import pytest

from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import MAIN

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d (DEBUG|INFO|ERROR) \S.*")


def lines(file: str = "n.log") -> list[str]:
    return Path(file).read_text("utf-8").splitlines()


def test_requests_and_events_without_a_secret(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.add("a.mp4")
    shelf.write(f"version: 1\nfile: a.mp4\ntitle: x\ndescription: '{MAIN.user_session}'\n")
    before = cli("plan", "m.yaml").out
    result = cli("publish", "m.yaml", "--log-file", "n.log", "-v")
    assert result.code == 0
    assert result.out.startswith("m.yaml#a") or "published" in result.out
    found = lines()
    assert all(LINE.fullmatch(line) for line in found)
    assert found[0].endswith(": nicobatch publish")
    assert "nicobatch " in found[0]
    text = "\n".join(found)
    assert "POST /api/v2/videos 201" in text
    kinds = [json.loads(line[line.index("{") :])["event"] for line in found if "{" in line]
    assert {"signed_in", "step_done", "video_done", "batch_done"} <= {*kinds}
    assert MAIN.user_session not in text
    assert "POST /api/v2/videos 201" in result.err  # -v goes on as ever
    assert "step_done" not in result.err
    assert before


def test_a_secret_in_a_message_is_left_out(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    name = f"{MAIN.user_session}.yaml"
    assert cli("publish", name, "--log-file", "n.log").code == 1
    text = "\n".join(lines())
    assert "***.yaml does not exist" in text
    assert MAIN.user_session not in text


def test_it_is_appended_to_and_is_the_user_s_alone(cli: Cli, shelf: Shelf) -> None:
    Path("n.log").write_text("before\n", encoding="utf-8")
    Path("n.log").chmod(0o644)
    for _again in range(2):
        assert cli("status", "--log-file", "n.log").code == 0
    assert lines()[0] == "before"
    assert sum(line.endswith("nicobatch status") for line in lines()) == 2
    if sys.platform != "win32":
        assert stat.S_IMODE(Path("n.log").stat().st_mode) == 0o600
    assert logging.getLogger("nicobatch").handlers == []


def test_what_ends_a_command_is_in_it(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NICOBATCH_USER_SESSION", "user_session_1_worn-out")
        assert cli("session", "check", "--log-file", "n.log").code == 3
    assert "sign-in-needed: niconico does not accept the sign-in" in lines()[-1]
    assert "worn-out" not in "\n".join(lines())


def test_a_bug_is_in_it_by_its_places(
    cli: Cli, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object) -> None:
        raise RuntimeError("geheim")

    monkeypatch.setattr("nicobatch.actions.receipts.of", broken)
    assert cli("status", "--log-file", "n.log").code == 70
    assert re.search(r"ERROR \S+ RuntimeError at test_log\.py:\d+ < status\.py:\d+", lines()[-1])
    assert "geheim" not in lines()[-1]


@pytest.mark.parametrize("file", [".", "none/n.log", "link"])
def test_a_file_that_can_not_be_written_is_told(cli: Cli, shelf: Shelf, file: str) -> None:
    if file == "link":
        Path("link").symlink_to("elsewhere")
    result = cli("status", "--log-file", file)
    assert result.code == 2
    assert result.out == ""
    assert not Path("elsewhere").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk is always full here")
def test_a_full_disk_ends_the_log_and_not_the_work(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    result = cli("publish", "m.yaml", "--log-file", "/dev/full")
    assert result.code == 0
    assert result.err.count("the log can't be written to /dev/full: No space left on device") == 1
