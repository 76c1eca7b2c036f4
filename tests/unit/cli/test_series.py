"""A series from the command line to the site: its times, its shared texts, and its links."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Cli, Shelf

LINKED = """\
version: 1
defaults: {description: {file: footer.txt}}
videos:
  - file: '*.mp4'
    title: '第{index}回'
    description:
      before: |
        前回: {previous.url}
        次回: {next.title} {next.url}
"""


def sent(site: Sandbox, key: str) -> dict[str, object]:
    """Return a key of each video's metadata as the site has it, by its title."""
    every = (entry["metadata"] for entry in site.audit()["entries"])
    return {each["title"]: each[key] for each in every}


def test_links_to_neighbours_are_filled_in_as_they_come_to_be(
    cli: Cli, shelf: Shelf, site: Sandbox
) -> None:
    shelf.write("また来週", "footer.txt")
    shelf.write(LINKED)
    for name in "123":
        shelf.add(f"{name}.mp4")
    planned = cli("plan", "m.yaml").out
    assert "it waits for the address of m.yaml#1" in planned  # and of the same video what follows:
    assert "the line with {next.url} is left out until m.yaml#3 can be seen" in planned
    (shelf.folder / "3.mp4").unlink()
    planned = cli("plan", "m.yaml").out
    assert "the line with {next.url} is left out until m.yaml#2 can be seen" in planned
    assert cli("publish", "m.yaml").code == 0
    texts = sent(site, "detail")
    assert texts["第1回"] == "また来週"
    assert str(texts["第2回"]).startswith("前回: http://127.0.0.1")
    planned = cli("plan", "m.yaml").out
    assert "m.yaml#1: update, changed: description" in planned
    assert "+ 次回: 第2回 http://127.0.0.1" in planned
    assert cli("publish", "m.yaml").code == 0
    assert "2 unchanged" in cli("plan", "m.yaml").out
    # a shared text is changed in both: an edit, and no second upload
    shelf.write("また再来週", "footer.txt")
    assert "2 to update" in cli("plan", "m.yaml").out
    assert cli("publish", "m.yaml").code == 0
    assert len(site.audit()["entries"]) == 2
    assert all("また再来週" in str(each) for each in sent(site, "detail").values())


def test_what_was_sent_keeps_its_time_whatever_files_come_and_go(
    cli: Cli, shelf: Shelf, site: Sandbox
) -> None:
    start = (datetime.now(UTC) + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    text = "version: 1\nfile: '*.mp4'\ntitle: '{stem}'\npublish: {at: %s, every: 7d}\n"
    shelf.write(text % start.isoformat())
    for name in "13":
        shelf.add(f"{name}.mp4")
    assert cli("publish", "m.yaml").code == 0
    before = sent(site, "publishTimer")
    shelf.add("2.mp4")
    (shelf.folder / "1.mp4").unlink()
    planned = cli("plan", "m.yaml").out
    third = (start + timedelta(days=14)).isoformat(" ", "minutes")
    assert "m.yaml#3: unchanged" in planned
    assert f"    publish.at: {third}\n" in planned
    plans = cli("plan", "m.yaml", "--format", "json").of("plan")
    assert [each["publish_at"] for each in plans] == [
        (start + timedelta(days=days)).isoformat() for days in (14, 7)
    ]
    assert cli("publish", "m.yaml").code == 0
    after = sent(site, "publishTimer")
    assert {name: after[name] for name in before} == before
    assert len({str(each) for each in after.values()}) == 3


def test_a_plan_tells_when_videos_that_are_apart_have_their_turn(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a", "b")
    planned = cli("plan", "m.yaml", "--space", "30m").out
    first, second = planned.split("m.yaml#b")
    assert "at the earliest: videos are to be apart" in second
    assert "its turn comes at" not in first
    refused = cli("plan", "m.yaml", "--space", "soon")
    assert refused.code == 2
    assert "write it like 90s, 30m, 2h or 1d" in refused.err


EXPLAINED = """\
version: 1
account: main
defaults:
  genre: game
  description: {file: footer.txt}
  permissions: {clip_tweet: false}
  publish: {at: 2026-12-04T20:00:00+09:00, every: 7d}
videos:
  - file: '*.mp4'
    title: '第{index}回'
    tags: [ゲーム, 実況]
    niconico: {title: '{stem}'}
"""


def test_a_plan_explains_where_each_value_comes_from(cli: Cli, shelf: Shelf) -> None:
    shelf.write("また来週", "footer.txt")
    shelf.write(EXPLAINED.replace("2026-12-04", f"{datetime.now(UTC) + timedelta(9):%Y-%m-%d}"))
    shelf.add("1.mp4")
    planned = cli("plan", "m.yaml", "--explain").out
    for line in (
        "account: m.yaml:2:10 manifest",
        "genre: m.yaml:4:10 defaults",
        "description.file: m.yaml:5:23 defaults, text of footer.txt",
        "permissions.clip_tweet: m.yaml:6:29 defaults",
        "publish.at: m.yaml:7:17 defaults, filled in",
        "file: m.yaml:9:11 video, filled in",
        "id: m.yaml:9:11 video, filled in",
        "tags: m.yaml:11:11 video",
        "title: m.yaml:12:23 video.niconico, filled in",
    ):
        assert f"    {line}\n" in planned
    [plan] = cli("plan", "m.yaml", "--explain", "--format", "json").of("plan")
    assert {
        "name": "genre",
        "line": 4,
        "column": 10,
        "layer": "defaults",
        "made": False,
        "file": "",
    } in plan["sources"]
    [plain] = cli("plan", "m.yaml", "--format", "json").of("plan")
    assert "sources" not in plain


def test_a_preview_shows_texts_as_they_would_be_sent_now(
    cli: Cli, shelf: Shelf, site: Sandbox
) -> None:
    shelf.write("また来週", "footer.txt")
    shelf.write(LINKED)
    for name in "12":
        shelf.add(f"{name}.mp4")
    assert cli("publish", "m.yaml").code == 0
    assert cli("preview", "m.yaml").code == 0
    page = (shelf.folder / "preview.html").read_text("utf-8")
    assert "{next.url}" not in page
    assert "/watch/sm" in page
