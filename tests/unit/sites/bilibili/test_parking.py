"""Accounts that bilibili wants to wait, or whose owner it wants to see: the command, to its end."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Cli, cli
from tests.unit.sites.bilibili.sandbox.client import MAIN, SECOND, Client

__all__ = ["cli"]

MANIFEST = """\
version: 1
account: {account}
tags: [游戏]
description: 出村
file: {file}.mp4
id: {file}
title: 第{file}集
sites: {sites}
"""
BOTH = "[niconico, bilibili]"
PUBLISH = ("publish", ".", "--no-wait", "--format", "json")
OF_MAIN = {"user": MAIN.user_id}
GRACE = timedelta(minutes=10)
"""What the clock may be off; messages leave out the seconds."""


@pytest.fixture
def folder(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sandbox: Sandbox,
    video: bytes,
    other_video: bytes,
) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NICOBATCH_API_ORIGIN", sandbox.url)
    for person, name in ((MAIN, ""), (SECOND, "SECOND_")):
        monkeypatch.setenv(f"NICOBATCH_{name}USER_SESSION", person.user_session)
        for cookie in ("SESSDATA", "BILI_JCT"):
            value = person.cookie("bili_jct" if cookie == "BILI_JCT" else cookie)
            monkeypatch.setenv(f"NICOBATCH_{name}BILIBILI_{cookie}", value)
    box = (16).to_bytes(4, "big") + b"free" + bytes(8)
    for name, content in {"a": video, "b": other_video, "c": video + box}.items():
        (tmp_path / f"{name}.mp4").write_bytes(content)
    write(tmp_path, "a", "main", BOTH)
    write(tmp_path, "b", "second", "[bilibili]")
    return tmp_path


def write(folder: Path, file: str, account: str, sites: str) -> None:
    text = MANIFEST.format(file=file, account=account, sites=sites)
    (folder / f"{file}.yaml").write_text(text, "utf-8")


def ends(result: Any) -> dict[str, Any]:
    """Return by video how it ended: its event."""
    return {each["video"].rpartition("#")[2]: each for each in result.events if "state" in each}


def asked(sandbox: Sandbox) -> list[str]:
    lines = [f"{each['method']} {each['path']}" for each in sandbox.audit()["requests"]]
    return [line for line in lines if " /bilibili/" in line and "/sandbox/" not in line]


@pytest.mark.parametrize(
    ("call", "code", "hours", "whole_address"),
    [
        ("preupload", 601, 1, False),
        ("preupload", 406, 1, False),
        ("submit", 137022, 6, False),
        ("submit", 21564, 24, False),
        ("list", -412, 1, True),
    ],
)
def test_who_is_to_wait_is_asked_nothing_and_all_others_go_on(
    folder: Path,
    sandbox: Sandbox,
    site: Client,
    cli: Cli,
    call: str,
    code: int,
    hours: int,
    whole_address: bool,
) -> None:
    site.fault(call, code=code, where=OF_MAIN, times=None)
    begun = datetime.now(UTC)
    first = cli(*PUBLISH)
    assert first.code == 5
    told = ends(first)
    assert {name: each["state"] for name, each in told.items()} == {
        "a": "published",
        "a@bilibili": "unfinished",
        "b@bilibili": "published",
    }
    before = asked(sandbox)

    write(folder, "c", "second", BOTH)
    again = cli(*PUBLISH)
    assert again.code == 5
    states = {name: each["state"] for name, each in ends(again).items()}
    assert (states["a@bilibili"], states["c"]) == ("unfinished", "published")
    assert states["c@bilibili"] == ("unfinished" if whole_address else "published")
    late = moment(ends(again)["a@bilibili"]["message"])
    assert timedelta(hours=hours) - GRACE < late - begun < timedelta(hours=hours) + GRACE
    assert late.isoformat(" ", "minutes") in cli("plan", "a.yaml").out
    of_main = [each for each in site.state()["uploads"] if each["user_id"] == MAIN.user_id]
    assert len(of_main) == (call == "submit")
    if whole_address:
        assert asked(sandbox) == before


@pytest.mark.parametrize("code", [601, 21566])
def test_who_is_to_show_up_is_called_and_the_next_run_submits_only(
    folder: Path, sandbox: Sandbox, site: Client, cli: Cli, code: int
) -> None:
    site.fault("submit", code=code, where=OF_MAIN)
    first = cli(*PUBLISH)
    assert first.code == 3
    told = ends(first)
    assert (told["a"]["state"], told["b@bilibili"]["state"]) == ("published", "published")
    assert (told["a@bilibili"]["state"], "by hand" in told["a@bilibili"]["hint"]) == (
        "failed",
        True,
    )
    before = asked(sandbox)
    assert cli(*PUBLISH).code == 0
    changing = [each for each in asked(sandbox)[len(before) :] if not each.startswith("GET")]
    assert changing == ["POST /bilibili/x/vu/web/add/v3"]


def test_deletion_says_where_to_do_it_by_hand(
    folder: Path, sandbox: Sandbox, site: Client, cli: Cli
) -> None:
    assert cli(*PUBLISH).code == 0
    before = asked(sandbox)
    told = cli("delete", "b.yaml", "--yes")
    assert told.code == 3
    assert "https://member.bilibili.com/platform/upload-manager/article" in told.err
    assert {each.partition(" ")[0] for each in asked(sandbox)[len(before) :]} == {"GET"}
    assert ends(cli(*PUBLISH))["b@bilibili"]["state"] == "unchanged"  # no tombstone is left


def moment(message: str) -> datetime:
    """Return the time that a message tells."""
    (found,) = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d[+-]\d\d:\d\d", message)
    return datetime.fromisoformat(found)
