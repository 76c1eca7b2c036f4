"""Genres: by label, case and width, and those that the site has refused once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from nicobatch.sandbox import Sandbox
from nicobatch.sites.niconico.limits import GENRES
from tests.unit.cli.conftest import Cli, Shelf

Audit = Callable[[], list[dict[str, Any]]]
TEXT: Final = "version: 1\nfile: a.mp4\ntitle: 第1回\ngenre: {genre}\n"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("ゲーム", "game"),
        ("ｹﾞｰﾑ", "game"),
        ("Game", "game"),
        ("ＧＡＭＥ", "game"),
        ("音楽・サウンド", "music_sound"),
        ("音楽･サウンド", "music_sound"),
        ("music-sound", "music_sound"),
        ("Music Sound", "music_sound"),
        ("r-18", "r18"),
        ("Ｒ－１８", "r18"),
        ("未設定", "none"),
        ("NONE", "none"),
    ],
)
def test_a_genre_in_other_words_is_the_same(
    cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit, written: str, key: str
) -> None:
    shelf.add("a.mp4")
    shelf.write(TEXT.format(genre=written))
    assert cli("check", ".", "--strict").code == 0
    assert cli("publish", ".", "--no-wait").code == 0
    assert [entry["metadata"]["genreKey"] for entry in audit()] == [key]
    shelf.write(TEXT.format(genre=key))
    assert "unchanged" in cli("plan", ".", "--no-wait").out


@pytest.mark.parametrize("genre", ["gaem", "実況プレイ", "4eet3ca4", "すべて", "音楽"])
def test_a_genre_that_was_refused_costs_no_second_upload(
    cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit, genre: str
) -> None:
    shelf.add("a.mp4")
    shelf.write(TEXT.format(genre=genre))
    assert cli("check", ".").code == 0
    refused = cli("publish", ".")
    assert refused.code == 1
    assert "write a genre that niconico has at m.yaml:4:8, and run it again" in refused.err
    assert ", ".join(GENRES) in refused.err
    assert refused.err.count("r18") == 2  # the site's own words are not cut either

    shelf.series("b", name="n.yaml", more=f"defaults: {{genre: {genre}}}\n")
    before = len(site.audit()["requests"])
    for command in ("check", "plan", "publish"):
        again = cli(command, "n.yaml")
        assert again.code == 1
        assert (
            f"n.yaml:2:19: error: the genre {genre} is unknown, and was refused before" in again.out
        )
        assert f"known: {', '.join(GENRES)}; if there are more by now, delete /" in again.out
    assert len(site.audit()["requests"]) == before

    shelf.series("b", name="n.yaml")
    blocked = cli("publish", "n.yaml")
    assert blocked.code == 5
    assert "the unfinished upload of m.yaml#a is in the way" in blocked.err
    shelf.write(TEXT.format(genre="game"))
    sent = len(site.audit()["requests"])
    assert cli("publish", "m.yaml", "n.yaml").code == 0
    paths = [each["path"] for each in site.audit()["requests"][sent:]]
    assert sum(path.endswith("/v2/videos") for path in paths) == 1
    assert [entry["metadata"]["genreKey"] for entry in audit()] == ["game", "none"]


def test_another_site_may_take_it(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.add("a.mp4")
    shelf.write(TEXT.format(genre="gaem"))
    assert cli("publish", ".").code == 1
    monkeypatch.setenv("NICOBATCH_API_ORIGIN", "http://127.0.0.1:9")
    assert cli("check", ".").code == 0


def test_warnings_about_a_file_end_with_its_upload(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    from examples.make_samples import make_video

    make_video(shelf.folder / "a.avi", width=64, height=36)
    shelf.write("version: 1\nfile: a.avi\ntitle: 第1回\n")
    assert "[container-unusual]" in cli("publish", ".").out
    for command in ("check", "plan", "publish"):
        said = cli(command, ".", "--strict")
        assert (said.code, "container-unusual" in said.out) == (0, False)


def test_whose_account_is_refused_by_whom(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    assert cli("publish", ".").code == 0
    said = cli("plan", ".", "--account", "second").out
    assert "its receipt says account main, and --account says second" in said
    assert "leave --account second out" in said
