"""Users' reports of other tools, as findings before a byte leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nicobatch.manifest import load
from nicobatch.model import Inputs, Page, Position, Publish, PublishMode, Severity, Video
from nicobatch.sites import Described
from nicobatch.sites.bilibili.checking import findings
from nicobatch.sites.bilibili.fields import Copyright, Options, Statement
from nicobatch.sites.bilibili.submission import Submission, plain

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
FINE = Submission(
    title="第1集 初次冒险",
    description="村を出るまで。",
    tags=("游戏", "实况"),
    pages=(Page(file=Path("a.mp4")),),
)


def rules(wish: Submission, now: datetime = NOW) -> set[str]:
    return {each.rule.removeprefix("bilibili-") for each in findings(wish, now)}


def with_options(**changes: Any) -> Submission:
    return replace(FINE, options=Options(**changes))


def pages(*names: str) -> Submission:
    made = tuple(Page(file=Path(name)) for name in names)
    return replace(FINE, pages=made)


def at(**ahead: float) -> Submission:
    return replace(FINE, publish=Publish(PublishMode.SCHEDULED, NOW + timedelta(**ahead)))


def test_a_plain_video_has_none() -> None:
    assert rules(FINE) == set()


@pytest.mark.parametrize(
    ("wish", "rule"),
    [
        (with_options(copyright=Copyright.REPOST), "source-missing"),
        (with_options(source="https://example.com"), "source-unused"),
        (with_options(copyright=Copyright.REPOST, source="x" * 201), "source-too-long"),
        (with_options(copyright=Copyright.OTHER), "statement-missing"),
        (
            with_options(copyright=Copyright.REPOST, source="x", no_reprint=True),
            "reprint-unused",
        ),
        (with_options(dynamic="x" * 234), "dynamic-too-long"),
        (with_options(tid=51), "tid-reposts"),
        (with_options(tid=999_999), "tid-unknown"),
        (with_options(line="a b"), "line"),
        (with_options(extra={"aid": 1}), "extra-reserved"),
        (with_options(mentions={"影": 1}), "mention-unused"),
        (replace(FINE, tags=()), "no-tags"),
        (replace(FINE, tags=("", " ")), "no-tags"),
        (replace(FINE, tags=("a,b",)), "tag-comma"),
        (replace(FINE, tags=("游戏 ",)), "tag-blank"),
        (replace(FINE, tags=("abcdefghijklmnopqrs",)), "tag-latin"),
        (replace(FINE, title="🎬" * 41), "title-may-be-too-long"),
        (replace(FINE, description=""), "description-empty"),
        (replace(FINE, description="<b>a</b>"), "description-html"),
        (replace(FINE, publish=Publish(PublishMode.DRAFT)), "draft"),
        (at(hours=1.9), "time-too-soon"),
        (at(days=-1), "time-too-soon"),
        (at(days=15, minutes=1), "time-too-late"),
        (pages("x" * 81 + ".mp4"), "page-title-too-long"),
        (pages("a\u200b.mp4"), "page-title-control"),
        (pages("a.exe"), "extension"),
        (pages("a.mp4", "a.mp4"), "page-twice"),
        (pages(*(f"{n}.mp4" for n in range(101))), "too-many-pages"),
        (pages(*(f"{n}.mp4" for n in range(51))), "many-pages"),
    ],
)
def test_it_is_found(wish: Submission, rule: str) -> None:
    assert rules(wish) == {rule}


@pytest.mark.parametrize(
    "wish",
    [
        at(hours=2),
        at(days=15),
        replace(FINE, title="字" * 80),
        replace(FINE, tags=("字" * 20,)),
        replace(FINE, tags=("two words",)),
        replace(FINE, description="a<br>b"),
        with_options(copyright=Copyright.REPOST, source="https://example.com"),
        with_options(copyright=Copyright.OTHER, statement=Statement.AI),
        with_options(tid=21),
    ],
)
def test_it_is_let_be(wish: Submission) -> None:
    assert rules(wish) == set()


def test_a_long_file_name_is_told_at_its_page() -> None:
    long = replace(pages("a.mp4", "x" * 95 + ".mp4"), title="短い")
    (found,) = findings(long, NOW)
    video = Video(
        manifest=Path("m.yaml"),
        id="v",
        file=Path("a.mp4"),
        title="短い",
        places={"": Position(1, 1), "pages.1": Position(9, 5)},
    )
    problem = found.problem(video)
    assert (problem.line, problem.column, problem.severity) == (9, 5, Severity.ERROR)
    assert "95" in problem.message


def test_a_rule_may_be_told_of_any_field() -> None:
    video = Video(manifest=Path("m.yaml"), id="v", file=Path("a.mp4"), title="x")
    for wish in (with_options(tid=51), pages("a\u200b.mp4"), replace(FINE, tags=("a,b",))):
        for found in findings(wish, NOW):
            assert found.problem(video).message


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a\nb\n", "a\nb"),
        ("a<br>b<br />c", "a\nb\nc"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a &amp; b &#x266a;", "a & b ♪"),
        ('<a href="https://example.com/">here</a>!', "https://example.com/!"),
        ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
        ("<font color=red>x</font>", "x"),
    ],
)
def test_a_description_becomes_plain(html: str, text: str) -> None:
    assert plain(html).text == text


@pytest.mark.parametrize(
    ("keys", "rule", "hint"),
    [
        ("season: -1", "too-small", "for example: season: 12345"),
        ('season: "-1"', "not-integer", "for example: season: 12345"),
        ('topic: "7"', "not-integer", "write it without quotes: 7"),
        ("topic: 0", "too-small", "for example: topic: 12345"),
        ("mentions: {a: x}", "not-integer", "for example: a: 12345"),
        ("mentions: {a: 0}", "too-small", "for example: a: 12345"),
        (
            "statement: true",
            "not-text",
            "it can be: none, ai, fiction, marketing, opinion",
        ),
    ],
)
def test_a_value_that_is_none_of_the_sites_is_told_with_one_that_is(
    tmp_path: Path, keys: str, rule: str, hint: str
) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(
        "version: 1\nsites: [bilibili]\nfile: a.mp4\ntitle: 第1集\ndescription: 出村 @a\n"
        f"tags: [游戏]\nbilibili: {{{keys}}}\n",
        encoding="utf-8",
    )
    (tmp_path / "a.mp4").write_bytes(b"x")
    [problem] = load([str(path)], sites=Described(), now=NOW).problems
    assert (problem.rule, problem.hint) == (rule, hint)


@pytest.mark.parametrize(
    ("published", "found"), [(False, {"bilibili-time-too-soon"}), (True, set())]
)
def test_a_timer_that_the_site_has_is_not_held_against_the_clock(
    tmp_path: Path, *, published: bool, found: set[str]
) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(
        "version: 1\nsites: [bilibili]\nfile: a.mp4\nid: a\ntitle: 第1集\ndescription: 出村\n"
        "tags: [游戏]\npublish: {at: 2026-11-27T13:00:00+00:00}\n",
        encoding="utf-8",
    )
    (tmp_path / "a.mp4").write_bytes(b"x")
    there: Inputs = {"publish.at": "2026-11-27T13:00:00+00:00"} if published else {}
    loaded = load([str(path)], sites=Described(), now=NOW, stands=lambda *_: there)
    assert {each.rule for each in loaded.problems} == found
    assert len(loaded.videos) == int(published)
