"""Something between here and the site sends the creation twice, and hands on the second answer."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

import pytest

from nicobatch.sandbox import Sandbox
from tests.support.faults import Answered, Faults, Play, answered, refused, repeated
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import SECOND
from tests.unit.sites.niconico.sandbox.client import Client

Audit = Callable[[], list[dict[str, Any]]]
CREATION = r"POST .*/v2/videos\?"
OURS = "sm39130867"


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def sandbox(tmp_path: Path, faults: Faults) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "site", encode_seconds=0, wrap=faults.wrap) as server:
        yield server
    assert server.audit()["crashes"] == []


@pytest.fixture
def hint(cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults) -> str:
    """What is said at the end of a run whose creation was repeated."""
    shelf.series("第 1 回")
    faults.at(CREATION, repeated)
    result = cli("publish", ".", "--busy-timeout", "0")
    assert result.code == 5
    assert "another upload of this account is in the way (id 39130867)" in result.err
    return result.err


def commands(hint: str) -> list[list[str]]:
    """Return the commands that the hint names, without the program."""
    return [shlex.split(each)[1:] for each in re.findall("`(nicobatch [^`]*)`", hint)]


@pytest.mark.parametrize(("which", "entry"), [(0, OURS), (1, "sm39130868")])
def test_the_hint_works(cli: Cli, audit: Audit, hint: str, which: int, entry: str) -> None:
    command = commands(hint)[which]
    assert cli(*command, *(["--yes"] if command[0] == "delete" else [])).code == 0
    assert cli("publish", ".").code == 0
    left = [each for each in audit() if not each["deleted"]]
    assert [(each["videoId"], each["visibility"]) for each in left] == [(entry, "public")]
    assert cli("plan", ".").out.startswith("= ")


def test_adopting_it_again_changes_nothing(cli: Cli, shelf: Shelf, hint: str) -> None:
    adopt = commands(hint)[0]
    assert cli(*adopt).out == f"{OURS} is adopted as m.yaml#第 1 回: publish goes on with it\n"
    before = (shelf.folder / ".nicobatch/m.yaml/第 1 回.json").read_bytes()
    assert (
        cli(*adopt).out
        == f"m.yaml#第 1 回 has the receipt of {OURS} already; nothing was changed\n"
    )
    assert (shelf.folder / ".nicobatch/m.yaml/第 1 回.json").read_bytes() == before


def test_nothing_else_may_have_it(cli: Cli, shelf: Shelf, hint: str) -> None:
    assert cli(*commands(hint)[0]).code == 0
    shelf.series("b", name="n.yaml")
    result = cli("adopt", OURS, "n.yaml")
    assert result.code == 1
    assert f"{OURS} is the video of m.yaml#第 1 回 already" in result.err


def test_the_hint_finds_account_and_receipts(
    cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NICOBATCH_SECOND_USER_SESSION", SECOND.user_session)
    shelf.series("a", more="account: second\n")
    faults.at(CREATION, repeated)
    result = cli("publish", ".", "--busy-timeout", "0", "--journal", "kept here")
    options = ["--account", "second", "--journal", "kept here"]
    adopt, delete = commands(result.err)
    assert adopt == ["adopt", OURS, "m.yaml#a", *options]
    assert delete == ["delete", OURS, *options]
    assert cli(*adopt).code == 0
    assert cli("publish", ".", "--journal", "kept here").code == 0


def test_what_somebody_uploads_to_is_not_said_to_be_ours(
    cli: Cli, shelf: Shelf, site: Sandbox
) -> None:
    shelf.series("a")
    with Client(site.url) as someone:
        entry = someone.upload((shelf.folder / "a.mp4").read_bytes())
    result = cli("publish", ".", "--busy-timeout", "0")
    assert result.code == 5
    assert f"(id {entry})" in result.err
    assert not commands(result.err)
    refused = cli("adopt", str(entry), "m.yaml")
    assert refused.code == 1
    assert f"sm{entry} is not among the videos" in refused.err


def test_the_next_video_waits_for_its_turn(
    cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults, audit: Audit
) -> None:
    shelf.series("a", "b")
    faults.at(CREATION, repeated)
    first = cli("publish", ".", "--busy-timeout", "0")
    assert first.code == 5
    assert cli(*commands(first.err)[0]).code == 0
    assert cli("publish", ".").code == 0
    assert [each["visibility"] for each in audit()] == ["public", "public"]


def acted_on(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
    """Create it, and answer as a gateway that knows no better."""
    answered(app, environ)
    return Answered("409 Conflict", [("Content-Type", "text/html")], b"<html>Conflict</html>")


@pytest.mark.parametrize("play", [refused("409 Conflict"), acted_on], ids=["not sent", "created"])
def test_a_conflict_that_names_nothing_makes_no_second_video(
    cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults, audit: Audit, play: Play
) -> None:
    shelf.series("a")
    faults.at(CREATION, play)
    assert cli("publish", ".", "--retry-max-wait", "0").code == 0
    assert [(each["videoId"], each["visibility"]) for each in audit()] == [(OURS, "public")]
