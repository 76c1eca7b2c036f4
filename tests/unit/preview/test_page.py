"""What the page says, without a browser."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from nicobatch import language, preview
from nicobatch.model import Json, Publish, PublishMode, Thumbnail
from nicobatch.plan import FieldChange, Note, Plan, Verdict
from nicobatch.preview import PreviewedVideo
from nicobatch.preview.cards import VERDICTS, Card, card
from nicobatch.sites.niconico.cropping import Aspect, Cropping
from nicobatch.sites.niconico.fields import SITE, Community, Permissions, Series
from nicobatch.sites.niconico.steps import TABLE
from tests.unit.preview.conftest import Film
from tests.unit.preview.making import NOW, SIGNS, entry, page, problem, video, warning

PERMISSIONS = [each.name for each in fields(Permissions)]
GUARD = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'"


def text_of(html: str) -> str:
    """Return what is to be read, without the markup."""
    body = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def card_of(film: Film, **given: Any) -> Card:
    return card(1, entry(video(film.path, **given), film.info), (), None)


@pytest.fixture
def film(films: dict[str, Film]) -> Film:
    return films["standard"]


def test_it_is_guarded_and_known_again(film: Film) -> None:
    html = preview.render(page([entry(video(film.path), film.info)]))
    assert GUARD in html
    assert preview.is_page(html)
    assert not preview.is_page("<!doctype html><title>x</title>" + "x" * 2000 + preview.MARK)
    assert "http://" not in html.replace('"http://"', "")
    assert re.findall(r'(?:src|href)="(?!data:|#)', html) == []
    assert "<script" not in html


def test_nothing_to_show() -> None:
    html = preview.render(page([], summary="no videos"))
    assert "There is no video to show." in html
    assert "<title>Preview: no videos</title>" in html
    assert "Contents" not in html


def test_every_verdict_has_its_sign_and_its_group(film: Film) -> None:
    entries = [entry(video(film.path, id=word), film.info, Verdict(word)) for word in SIGNS]
    entries.append(entry(video(film.path, id="", title=""), None, None))
    html = preview.render(page(entries))
    groups = re.findall(r'id="group-(\w+)"><span[^>]*>(.)</span> ([^<]+)<', unescape(html))
    assert groups == [
        ("flawed", "×", "With errors"),
        ("refuse", "!", "Refused"),
        ("update", "~", "To update"),
        ("resume", ">", "To resume"),
        ("create", "+", "To create"),
        ("unchanged", "=", "Unchanged"),
        ("leave", ".", "Left alone"),
    ]
    assert len(groups) == len(VERDICTS)


def test_problems_are_told_at_the_top_and_on_their_card(film: Film) -> None:
    everywhere = preview.render(
        page([entry(video(film.path), film.info)], [problem(), warning(line=40, column=1)])
    )
    words = text_of(everywhere)
    assert words.count("error it is wrong some-rule make it right m.yaml :3:5") == 2
    assert words.count("warning it is wrong some-rule make it right m.yaml :40:1") == 1
    assert "Nothing is published while there are problems" in words
    fine = text_of(preview.render(page([], [warning()], is_fine=True)))
    assert "Nothing is published" not in fine


def test_a_problem_of_many_names_a_few(film: Film) -> None:
    made = [entry(video(film.path, id=str(n), title=f"第{n}回"), None) for n in range(12)]
    html = preview.render(page(made, [problem()]))
    line = re.search(r'<p class="cards">(.*?)</p>', html, re.DOTALL)
    assert line
    assert line[1].count("<a ") == 9
    assert "… 12" in line[1]


def test_a_long_table_of_contents_is_folded(film: Film) -> None:
    def made(number: int) -> str:
        entries = [entry(video(Path("x"), id=str(each)), None) for each in range(number)]
        return preview.render(page(entries))

    assert "<details open>" in made(30)
    assert "<details open>" not in made(31)
    assert "Contents" not in made(1)


def test_two_hundred_pictures_are_bounded(film: Film) -> None:
    html = preview.render(page([entry(video(film.path), film.info)] * 200))
    assert html.count("data:image/jpeg") == 200
    assert len(html) < 200 * 90_000


@pytest.mark.parametrize(
    ("publish", "words"),
    [
        (Publish(), "Everybody, as soon as it is published"),
        (Publish(PublishMode.PRIVATE), "Nobody but you"),
        (Publish(PublishMode.DRAFT), "Nobody: it is kept as a draft"),
    ],
)
def test_who_can_see_it(film: Film, publish: Publish, words: str) -> None:
    assert card_of(film, publish=publish).audience == words


def test_a_timer_by_the_local_clock(film: Film) -> None:
    timed = video(film.path, publish=Publish(PublishMode.SCHEDULED, NOW))
    words = text_of(preview.render(page([entry(timed, film.info)])))
    assert "Everybody, from 2026-11-21 (Sat) 12:04:05 JST (UTC+09:00)" in words


def test_a_community_of_its_own(film: Film) -> None:
    made = card_of(film, community=Community(id=10, only=True))
    assert made.audience.endswith(", among the members of community 10")
    assert [each.value for each in made.unusual] == ["10"]
    assert "community" not in card_of(film, community=Community(id=10)).audience


def test_defaults_are_no_news(film: Film) -> None:
    made = card_of(film)
    assert made.unusual == ()
    assert {each.name for each in made.choices} >= {f"permissions.{name}" for name in PERMISSIONS}


@pytest.mark.parametrize("name", PERMISSIONS)
def test_every_permission_that_differs_shows(film: Film, name: str) -> None:
    permissions = Permissions(**{name: False})
    [choice] = card_of(film, permissions=permissions).unusual
    assert (choice.name, choice.value) == (f"permissions.{name}", "not allowed")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("account", "second", "second"),
        ("series", Series(id=7), "7, at its end"),
        ("series", Series(id=7, add_to_head=True), "7, at its beginning"),
        ("thanks_message", "ありがとう", "ありがとう"),
        ("signature", True, "yes"),
        ("notify_by_email", True, "yes"),
        ("exclude_from_upload_list", True, "yes"),
        ("allow_duplicate", True, "yes"),
    ],
)
def test_every_choice_that_differs_shows(film: Film, name: str, value: Any, words: str) -> None:
    [choice] = card_of(film, **{name: value}).unusual
    assert (choice.name, choice.value) == (name, words)


def test_genres_by_their_labels(film: Film) -> None:
    assert [each.value for each in card_of(film, genre="game").kinds] == ["ゲーム (game)"]
    assert [each.value for each in card_of(film, genre="gmae").kinds] == ["gmae"]


def test_facts_of_the_file(film: Film) -> None:
    facts = dict(card_of(film).facts)
    assert facts["File"] == str(film.path)
    assert facts["Resolution"] == "256×144"
    assert facts["Length"] == "0:01"
    assert facts["Format"] == "MP4: h264, aac"
    info = replace(film.info, audio_codec=None, duration=0, rotation=90)
    facts = dict(card(1, entry(video(film.path), info), (), None).facts)
    assert facts["Format"] == "MP4: h264, no sound"
    assert facts["Length"] == "not known"
    assert facts["Rotation"].startswith("turned by 90°")


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("title", "旧", "新", ("旧", "新")),
        ("description", "", None, ("(none)", "(none)")),
        ("tags", [], ["a", "b"], ("(none)", "a, b")),
        ("signature", False, True, ("no", "yes")),
        ("thumbnail.position", 0, 3, ("0", "3")),
        ("thumbnail.timing", None, 20_263, ("(none)", "0:20.263")),
        ("series", {"id": 1, "add_to_head": False}, None, ("id: 1, add_to_head: no", "(none)")),
    ],
)
def test_changes_in_words(name: str, old: Json, new: Json, words: tuple[str, str]) -> None:
    change = FieldChange(name=name, old=old, new=new)
    plan = Plan(
        video="m.yaml#a",
        verdict=Verdict.UPDATE,
        reasons=("changed",),
        changes=(change,),
        hint="look twice",
        notes=(Note(name=name, message="for the owner only"),),
    )
    made = PreviewedVideo(
        video=video(Path("x")), site=SITE, plan=plan, sign="~", url="https://example.jp/sm9"
    )
    [shown] = card(1, made, (), None).changes
    assert (shown.old, shown.new) == words
    html = preview.render(page([made]))
    assert '<a class="url" href="https://example.jp/sm9" rel="noopener noreferrer">' in html
    text = text_of(html)
    assert f"look twice {name} for the owner only" in text


def test_the_thumbnail_s_frame(films: dict[str, Film]) -> None:
    chosen = card_of(films["tall"], thumbnail=Thumbnail(timing=300)).figure
    assert chosen.caption == "Thumbnail: the frame at 0:00.300"
    assert chosen.boxes
    assert chosen.notes == ("The bright part is what niconico cuts it to, as far as is known.",)
    assert (chosen.width, chosen.height) == (144, 256)


def test_without_a_timing_niconico_chooses(film: Film) -> None:
    figure = card_of(film).figure
    assert figure.caption == (
        "niconico chooses the thumbnail; this frame, at 0:00.500, is only an example"
    )
    assert figure.source.startswith("data:image/jpeg;base64,")
    assert not figure.boxes
    assert figure.notes == ()


def test_what_is_unsure_is_said(film: Film) -> None:
    given = {
        "thumbnail": Thumbnail(timing=0),
        "cropping": Cropping(aspect=Aspect.TALL, position=-4),
    }
    assert card_of(film, **given).figure.notes == (
        "The manifest says aspect: tall.",
        "position: -4 moves the cut; which way and how far is not known.",
    )


def test_without_a_picture_there_is_a_calm_word(film: Film, tmp_path: Path) -> None:
    gone = card(1, entry(video(tmp_path / "gone.mp4"), None, None), (), None)
    assert gone.figure.caption == "No picture: the file could not be read"
    junk = tmp_path / "junk.mp4"
    junk.write_bytes(b"junk" * 99)
    made = card(1, entry(video(junk), film.info), (), None)
    assert made.figure.caption == "No picture: none could be decoded there"
    assert made.figure.notes == (f"{junk} can't be played: its pictures can't be decoded",)
    assert not made.figure.source


def test_a_flawed_entry_shows_its_file_alone() -> None:
    flawed = entry(video(Path("gone.mp4"), id="", title=""), None, None)
    text = text_of(preview.render(page([flawed], [problem()])))
    assert "With errors" in text
    assert "m.yaml:3" in text
    assert "gone.mp4" in text
    assert "so only its file is shown" in text
    assert "Who can see it" not in text


def test_the_page_speaks_the_chosen_language() -> None:
    language.choose("ja")
    try:
        assert preview.render(page([])).startswith('<!doctype html>\n<html lang="ja">')
    finally:
        language.choose("en")


def test_steps_are_told_in_words(film: Film) -> None:
    steps = Plan(video="m.yaml#a", verdict=Verdict.RESUME, steps=("thumbnail", "metadata"))
    made = card(1, replace(entry(video(film.path), film.info), plan=steps, table=TABLE), (), None)
    assert made.steps == "setting the thumbnail, sending the metadata"
