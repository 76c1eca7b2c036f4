from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nicobatch import media
from nicobatch.errors import VideoFailed
from nicobatch.model import FileIdentity
from nicobatch.sandbox import Sandbox
from nicobatch.sites.niconico.client import Client
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import SECOND, Result


def test_before_and_after(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", "b")
    before = shelf.listing()
    assert cli("plan", ".") == Result(
        0,
        "+ m.yaml#a: create, not published before\n"
        "+ m.yaml#b: create, not published before\n"
        "2 to create\n",
        "",
    )
    assert site.audit()["requests"] == []
    assert shelf.listing() == before

    assert cli("publish", ".").code == 0
    manifest = shelf.folder / "m.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("【実況】b", "【朗読】b"), "utf-8")
    assert cli("plan", ".").out.splitlines() == [
        "= m.yaml#a: unchanged, published as the manifest asks",
        "~ m.yaml#b: update, changed: title",
        f"    sm39130868  {site.url}/watch/sm39130868",
        "    title: 【実況】b はじめての冒険 -> 【朗読】b はじめての冒険",
        "1 to update, 1 unchanged",
    ]


def test_for_programs(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    event, summary = cli("plan", ".", "--format", "json").events
    assert (event["event"], event["video"], event["verdict"]) == ("plan", "m.yaml#a", "create")
    assert (event["sign"], event["steps"][0]) == ("+", "create")
    assert "id" not in event
    assert summary == {"event": "planned", "videos": 1, "verdicts": {"create": 1}}


def test_programs_are_told_what_would_be_changed(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    manifest = shelf.series("a")
    assert cli("publish", ".").code == 0
    manifest.write_text(manifest.read_text("utf-8").replace("実況", "朗読"), "utf-8")
    event = cli("plan", ".", "--format", "json").events[0]
    assert (event["verdict"], event["id"]) == ("update", "sm39130867")
    assert event["url"] == f"{site.url}/watch/sm39130867"


def test_a_changed_file_is_refused(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    cli("publish", ".")
    shelf.add("a.mp4", at_least=50_000)
    result = cli("plan", ".")
    assert result.code == 1
    assert result.out.startswith("! m.yaml#a: refuse, a.mp4 is not the file that was uploaded")
    assert "an id of its own" in result.out


def test_a_rehearsal_and_the_site_know_nothing_of_each_other(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.series("a")
    cli("publish", ".")
    assert "1 unchanged" in cli("plan", ".").out
    monkeypatch.delenv("NICOBATCH_API_ORIGIN")
    assert "1 to create" in cli("plan", ".", "--sandbox").out


def test_problems_come_first(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a", more="defaults: {genre: gmae}\n")
    warned = cli("plan", ".")
    assert warned.code == 0
    assert "[unknown-genre]" in warned.out
    assert "+ m.yaml#a: create" in warned.out
    strict = cli("plan", ".", "--strict")
    assert strict.code == 1
    assert "create" not in strict.out


# Exit codes


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--exit-code",), 6)])
def test_something_to_do(options: tuple[str, ...], code: int, cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    assert cli("plan", ".", *options).code == code


def test_nothing_to_do(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    cli("publish", ".")
    assert cli("plan", ".", "--exit-code").code == 0
    shelf.series("a", "b")
    assert cli("plan", ".", "--exit-code").code == 6
    shelf.add("a.mp4", at_least=50_000)
    assert cli("plan", ".", "--exit-code").code == 1


# What publish would do, by construction


def changed_title(shelf: Shelf) -> None:
    shelf.write((shelf.folder / "m.yaml").read_text("utf-8").replace("【実況】", "【朗読】"))


def changed_file(shelf: Shelf) -> None:
    shelf.add("a.mp4", at_least=50_000)


def another_video(shelf: Shelf) -> None:
    shelf.series("a", "b", "c")


def a_copy(shelf: Shelf) -> None:
    shelf.series("a", "b", "c")
    (shelf.folder / "c.mp4").write_bytes((shelf.folder / "b.mp4").read_bytes())


def nothing(shelf: Shelf) -> None:
    """Leave all as it is."""


@pytest.mark.parametrize(
    ("edit", "signs"),
    [
        (nothing, "=="),
        (changed_title, "~~"),
        (changed_file, "!="),
        (another_video, "==+"),
        (a_copy, "==!"),
    ],
)
@pytest.mark.parametrize("options", [(), ("--no-wait",), ("--account", "second")])
def test_publish_does_what_is_planned(
    edit: Callable[[Shelf], None],
    signs: str,
    options: tuple[str, ...],
    *,
    cli: Cli,
    shelf: Shelf,
    site: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NICOBATCH_SECOND_USER_SESSION", SECOND.user_session)
    shelf.series("a", "b")
    assert cli("publish", ".", *options).code == 0
    edit(shelf)
    plans = cli("plan", ".", *options, "--format", "json").of("plan")
    assert "".join(plan["sign"] for plan in plans) == signs
    published = cli("publish", ".", *options, "--format", "json")
    refused = {each["video"]: each["message"] for each in published.of("video_failed")}
    begun = {each["video"]: each for each in published.of("video_started")}
    for plan in plans:
        if plan["verdict"] == "refuse":
            assert plan["reasons"] == [refused.pop(plan["video"])]
        elif plan["verdict"] != "unchanged":
            event = begun.pop(plan["video"])
            assert {name: event[name] for name in ("verdict", "steps", "reasons")} == {
                name: plan[name] for name in ("verdict", "steps", "reasons")
            }
    assert (refused, begun) == ({}, {})


def test_what_was_begun_is_resumed(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.series("a")
    monkeypatch.setattr(Client, "done", lambda *_: (_ for _ in ()).throw(VideoFailed("no")))
    assert cli("publish", ".").code == 1
    monkeypatch.undo()
    monkeypatch.chdir(shelf.folder)
    monkeypatch.setenv("NICOBATCH_API_ORIGIN", site.url)
    (plan,) = cli("plan", ".", "--format", "json").of("plan")
    assert (plan["sign"], plan["steps"][0]) == (">", "done")
    assert plan["reasons"] == ["an earlier run stopped: publish goes on with completing the upload"]


def test_what_can_not_be_decided_is_refused_and_the_others_are_planned(
    cli: Cli, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.series("a", "b")

    read = media.identify

    def identify(path: Path) -> FileIdentity:
        if path.name == "a.mp4":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(media, "identify", identify)
    result = cli("plan", ".")
    assert result.code == 1
    first, second, summary = result.out.splitlines()
    assert first.startswith("! m.yaml#a: refuse, a.mp4 can't be read: ")
    assert second.startswith("+ m.yaml#b: create")
    assert summary == "1 to create, 1 refused"


# Nothing is written


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Return everything below the folder, with what a change of it would change."""
    found = (path for path in (folder, *folder.rglob("*")))
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_ino) for path in found}


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--sandbox",),
        ("--journal", "receipts"),
        ("--journal", "receipts", "--sandbox"),
        ("--format", "json", "--exit-code", "-v"),
    ],
)
@pytest.mark.parametrize("published", [False, True])
def test_a_plan_leaves_the_disk_as_it_is(
    options: tuple[str, ...],
    *,
    published: bool,
    cli: Cli,
    shelf: Shelf,
    site: Sandbox,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shelf.series("a", "b", "deep/c")
    if published:
        assert cli("publish", ".").code == 0
        changed_title(shelf)
    before = state_of(shelf.folder), state_of(home), len(site.audit()["requests"])
    if "--sandbox" in options:
        monkeypatch.delenv("NICOBATCH_API_ORIGIN")
    assert cli("plan", ".", *options).code in {0, 6}
    assert (state_of(shelf.folder), state_of(home), len(site.audit()["requests"])) == before


def test_quietly_what_is_unchanged_is_left_out(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    cli("publish", ".")
    shelf.series("a", "b")
    assert cli("plan", ".", "-q").out.splitlines() == [
        "+ m.yaml#b: create, not published before",
        "1 to create, 1 unchanged",
    ]
