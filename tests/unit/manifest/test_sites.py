"""Manifests for several sites, the second of which is as small as one can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest

from nicobatch.manifest import Loaded, load, schema
from nicobatch.model import Page, Problem, Severity, Video
from nicobatch.sites.description import Site
from nicobatch.sites.fields import Choices, Limits, maker, option, rows
from nicobatch.sites.niconico.fields import SITE, Options
from tests.support.schema import generated
from tests.unit.manifest.reading import NOW, ONE

MOODS: Final = Choices(labels={"calm": "平静"}, key={"calm": "calm", "平静": "calm"}.get)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    level: int = option(label="Level", note="how loud", schema={"minimum": 1})
    name: str = option(default="", label="Name", note="its name", schema={"maxLength": 5})


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    mood: str = option(default="calm", label="Mood", note="its mood", choices=MOODS)
    kind: str = option(
        default="own", label="Kind", note="whose it is", schema={"enum": ["own", "repost"]}
    )
    source: str = option(
        default="", label="Source", note="where from", schema={"pattern": "[a-z]+"}
    )
    mix: Mix | None = option(default=None, note="the mix", schema={"examples": [{"level": 1}]})


def check(video: Video, now: datetime) -> Iterable[Problem]:
    own, at = video.options, video.place("kind")
    if own.kind == "repost" and not own.source:
        yield Problem(
            rule="source-missing",
            message="no source",
            hint="give source",
            path=video.manifest,
            line=at.line,
            column=at.column,
        )


SECOND: Final = Site(
    name="second",
    limits=Limits(
        site="Second",
        title=6,
        description=10,
        tags=2,
        tag_width=4,
        tag_blanks=True,
        containers=frozenset({"mp4"}),
        formats="MP4",
        file_size=1000,
        duration=60,
    ),
    fields=rows(Second, {"description": "plain text", "publish": "who sees it"}),
    make=maker(Second),
    profiles=("first",),
    session=SITE.session,
    html=str,
    several=True,
    check=check,
)
BOTH: Final = {SITE.name: SITE, SECOND.name: SECOND}
GO_BOTH: Final = "version: 1\nsites: [niconico, second]\n"


@pytest.fixture(autouse=True)
def _schema_of_both(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    cached = (schema.definitions, schema.words, schema.validator)
    text = generated(BOTH)
    monkeypatch.setattr(schema, "schema_text", lambda: text)
    for each in cached:
        each.cache_clear()
    yield
    for each in cached:
        each.cache_clear()


def read(folder: Path, text: str) -> Loaded:
    path = folder / "m.yaml"
    path.write_text(text, encoding="utf-8")
    return load([str(path)], sites=BOTH, now=NOW)


def told(loaded: Loaded) -> list[tuple[str, int, int]]:
    return [(each.rule, each.line, each.column) for each in loaded.problems]


def only(loaded: Loaded, site: str) -> Video:
    (found,) = [each for each in loaded.videos if each.site == site]
    return found


def test_a_manifest_that_names_no_site_goes_where_it_always_went(tmp_path: Path) -> None:
    loaded = read(tmp_path, ONE)
    assert loaded.problems == ()
    assert [each.site for each in loaded.videos] == ["niconico"]
    assert loaded.videos[0].key == f"{tmp_path / 'm.yaml'}#a"


def test_each_site_has_a_video_of_its_own(tmp_path: Path) -> None:
    text = (
        f"{GO_BOTH}account: {{niconico: main, second: studio}}\n"
        "file: a.mp4\ntitle: 冒険\ntags: [a]\ngenre: game\n"
        "second:\n  title: 二\n  tags: [b c]\n  mood: 平静\n  mix: {level: 2}\n"
    )
    loaded = read(tmp_path, text)
    assert loaded.problems == ()
    first, second = only(loaded, "niconico"), only(loaded, "second")
    assert (first.title, first.tags, first.account) == ("冒険", ("a",), "main")
    assert first.options == Options(genre="game")
    assert (second.title, second.tags, second.account) == ("二", ("b c",), "studio")
    assert second.options == Second(mood="calm", mix=Mix(level=2))
    assert second.key == f"{tmp_path / 'm.yaml'}#a@second"
    assert (second.place("title").line, second.place("file").line) == (9, 4)


@pytest.mark.parametrize(
    ("where", "sites"),
    [
        ("sites: [second]\nvideos:\n  - {file: a.mp4, title: t}\n", ["second"]),
        ("defaults: {sites: [second]}\nvideos:\n  - {file: a.mp4, title: t}\n", ["second"]),
        ("sites: [second]\nvideos:\n  - {file: a.mp4, title: t, sites: [niconico]}\n", None),
        (
            "defaults: {sites: [second, niconico]}\nvideos: [{file: a.mp4, title: t}]\n",
            ["second", "niconico"],
        ),
    ],
)
def test_the_nearest_word_on_sites_counts(
    where: str, sites: list[str] | None, tmp_path: Path
) -> None:
    loaded = read(tmp_path, f"version: 1\n{where}")
    assert loaded.problems == ()
    assert [each.site for each in loaded.videos] == (sites or ["niconico"])


def test_what_is_nearer_and_more_of_a_site_wins(tmp_path: Path) -> None:
    text = (
        f"{GO_BOTH}defaults:\n"
        "  description: common\n"
        "  thumbnail: {timing: 1, position: 2}\n"
        "  permissions: {gift: false}\n"
        "  niconico: {thumbnail: {position: 3}}\n"
        "  second: {description: theirs, mood: calm, mix: {level: 1, name: low}}\n"
        "videos:\n"
        "  - file: a.mp4\n    title: t\n    description: video\n"
        "    niconico: {permissions: {uad: false}}\n"
        "    second: {mix: {level: 4}}\n"
    )
    loaded = read(tmp_path, text)
    assert loaded.problems == ()
    first, second = only(loaded, "niconico"), only(loaded, "second")
    assert (first.description, second.description) == ("video", "theirs")
    assert (first.thumbnail.timing, first.options.cropping.position) == (1000, 3)
    assert second.thumbnail.timing == 1000
    assert (first.options.permissions.gift, first.options.permissions.uad) == (False, False)
    assert second.options.mix == Mix(level=4, name="low")


def test_niconicos_keys_stand_at_the_top_or_in_its_block(tmp_path: Path) -> None:
    at_top = read(tmp_path, f"{ONE}genre: game\n").videos
    in_block = read(tmp_path, f"{ONE}niconico: {{genre: game}}\n")
    assert in_block.problems == ()
    assert in_block.videos == at_top
    twice = read(tmp_path, f"{ONE}genre: game\nniconico:\n  genre: dance\n")
    assert told(twice) == [("repeated-key", 6, 3)]
    assert twice.videos == ()


@pytest.mark.parametrize(
    ("text", "rule", "place", "hint"),
    [
        (f"{ONE}sites: [secnd]\n", "unknown-value", (4, 9), "did you mean second?"),
        (f"{ONE}sites: []\n", "empty-value", (4, 8), "write a value behind it, or delete the key"),
        (f"{ONE}sites: second\n", "not-list", (4, 8), 'for example: sites: ["second"]'),
        (f"{ONE}sites: 3\n", "not-list", (4, 8), 'for example: sites: ["niconico"]'),
        (
            f"{ONE}sites: [niconico, second]\nmood: calm\n",
            "misplaced-key",
            (5, 1),
            "it is of second alone: put mood under `second:`",
        ),
        (
            f"{ONE}sites: [second]\nsecond: {{genre: game}}\n",
            "misplaced-key",
            (5, 10),
            "it is of niconico alone: put genre under `niconico:`",
        ),
        (
            f"{ONE}sites: [second]\nsecond: {{sites: [second]}}\n",
            "misplaced-key",
            (5, 10),
            "put sites at the top of the manifest, beside version",
        ),
        (
            f"{ONE}sites: [second]\nsecond: {{moood: calm}}\n",
            "unknown-key",
            (5, 10),
            "did you mean mood?",
        ),
        (
            f"{ONE}second: {{mood: calm}}\n",
            "site-idle",
            (4, 1),
            "write `sites: [niconico, second]`, or delete them",
        ),
        (
            f"{ONE}account: {{niconico: 'a b'}}\n",
            "account-name",
            (4, 21),
            "use letters, digits, - and _ (it is the name that you signed in under, not a mail)",
        ),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(
    text: str, rule: str, place: tuple[int, int], hint: str, tmp_path: Path
) -> None:
    (problem,) = read(tmp_path, text).problems
    assert (problem.rule, (problem.line, problem.column)) == (rule, place)
    assert problem.hint == hint


@pytest.mark.parametrize(
    ("key", "rule", "place"),
    [
        ("mood: angry", "unknown-choice", (6, 9)),
        ("kind: stolen", "unknown-value", (6, 9)),
        ("kind: repost", "source-missing", (6, 9)),
        ("source: ABC", "unfit-value", (6, 11)),
        ("mix: {level: 0}", "too-small", (6, 16)),
        ("mix: {name: x}", "missing-key", (6, 8)),
        ("mix: {level: 1, name: longer}", "text-too-long", (6, 25)),
        ("title: 七文字の題名だ", "title-too-long", (6, 10)),
        ("tags: [a, b, c]", "too-many-tags", (6, 16)),
        ("tags: [abcde]", "tag-too-long", (6, 10)),
        ("description: abcdefghijk", "description-too-long", (6, 16)),
        ("publish: maybe", "publish-unknown", (6, 12)),
    ],
)
def test_one_sites_problem_is_not_the_others(
    key: str, rule: str, place: tuple[int, int], tmp_path: Path
) -> None:
    loaded = read(tmp_path, f"{GO_BOTH}file: a.mp4\ntitle: t\nsecond:\n  {key}\n")
    assert told(loaded) == [(rule, *place)]
    stays = loaded.problems[0].severity is Severity.WARNING
    assert [each.site for each in loaded.videos] == ["niconico", *(["second"] if stays else [])]
    assert [each.site for each in loaded.flawed] == ([] if stays else ["second"])


def test_what_one_site_can_not_take_is_told_with_the_key_to_give(tmp_path: Path) -> None:
    loaded = read(tmp_path, f"{GO_BOTH}file: a.mp4\ntitle: 七文字の題名だ\n")
    assert [each.site for each in loaded.videos] == ["niconico"]
    (problem,) = loaded.problems
    assert problem.message == "second: the title has 7 characters, and 6 are allowed"
    assert problem.hint == "shorten it by 1; or give second.title"


def test_a_default_that_one_site_can_not_take_is_told_once(tmp_path: Path) -> None:
    text = f"{GO_BOTH}defaults: {{tags: [a, b, c]}}\nvideos: [{{file: a.mp4, title: t}}]\n"
    loaded = read(tmp_path, text)
    assert [each.site for each in loaded.videos] == ["niconico"]
    assert told(loaded) == [("too-many-tags", 3, 25)]


def test_several_files_are_the_pages_of_one_video(tmp_path: Path) -> None:
    text = (
        "version: 1\nsites: [second]\ntitle: t\nsecond:\n  pages:\n"
        "    - {file: a.mp4, title: 前篇}\n    - {file: b.mp4, description: 'd\n\n'}\n"
    )
    loaded = read(tmp_path, text.replace("'d\n\n'", "d"))
    assert loaded.problems == ()
    (video,) = loaded.videos
    a, b = tmp_path / "a.mp4", tmp_path / "b.mp4"
    assert video.pages == (Page(file=a, title="前篇"), Page(file=b, description="d"))
    assert (video.id, video.file) == ("a", a)
    assert video.files == (a, b)
    assert replace(video, pages=()).files == (a,)


def test_a_pattern_of_pages_is_one_video(tmp_path: Path) -> None:
    for number in (10, 2):
        (tmp_path / f"p{number}.mp4").touch()
    loaded = read(tmp_path, "version: 1\nsites: [second]\ntitle: t\nsecond: {pages: p*.mp4}\n")
    (video,) = loaded.videos
    assert [each.file.name for each in video.pages] == ["p2.mp4", "p10.mp4"]
    lost = read(tmp_path, "version: 1\nsites: [second]\ntitle: t\nsecond: {pages: q*.mp4}\n")
    assert told(lost) == [("pattern-unmatched", 4, 17)]


@pytest.mark.parametrize(
    ("pages", "rule"),
    [("[]", "empty-value"), ("[{title: x}]", "missing-key"), ("3", "not-list")],
)
def test_pages_without_a_file_are_wrong(pages: str, rule: str, tmp_path: Path) -> None:
    text = f"version: 1\nsites: [second]\ntitle: t\nsecond: {{pages: {pages}}}\n"
    loaded = read(tmp_path, text)
    assert rule in [each.rule for each in loaded.problems]
    assert loaded.videos == ()


def test_one_id_and_one_file_on_two_sites_are_no_repetition(tmp_path: Path) -> None:
    video = "{file: a.mp4, title: t, id: x}"
    loaded = read(tmp_path, f"{GO_BOTH}videos: [{video}]\n")
    assert loaded.problems == ()
    twice = read(tmp_path, f"{GO_BOTH}videos: [{video}, {video}]\n")
    assert {each.rule for each in twice.problems} == {"file-repeated", "id-repeated"}


def test_a_pattern_is_as_many_videos_on_each_site(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.mp4").touch()
    loaded = read(
        tmp_path, f"{GO_BOTH}file: '*.mp4'\ntitle: '{{stem}}'\nsecond: {{id: 's-{{stem}}'}}\n"
    )
    assert loaded.problems == ()
    found = [(each.id, each.site) for each in loaded.videos]
    assert found == [("a", "niconico"), ("b", "niconico"), ("s-a", "second"), ("s-b", "second")]
    assert loaded.patterns == ("*.mp4", "*.mp4")


@pytest.mark.parametrize(
    ("texts", "rule", "hint"),
    [
        ("description: '{secnd.url}'", "address-unknown", "did you mean {second.url}?"),
        ("tags: ['{nowhere.url}']", "address-unknown", "there are: niconico, second"),
        (
            "niconico: {description: '{niconico.url}'}",
            "address-own",
            "leave it out there, or give niconico a text of its own",
        ),
        (
            "sites: [niconico]\ndescription: '{second.url}'",
            "address-elsewhere",
            "add second to `sites:`, or leave it out",
        ),
    ],
)
def test_an_address_that_can_not_be_had_is_told(
    texts: str, rule: str, hint: str, tmp_path: Path
) -> None:
    text = f"{GO_BOTH}file: a.mp4\ntitle: t\n{texts}\n"
    if "sites" in texts:
        text = text.replace("sites: [niconico, second]\n", "", 1)
    found = read(tmp_path, text).problems
    assert (rule, hint) in {(each.rule, each.hint) for each in found}


def test_an_address_on_another_site_is_no_placeholder(tmp_path: Path) -> None:
    text = f"{GO_BOTH}file: a.mp4\ntitle: t\nsecond: {{tags: ['{{niconico.url}}']}}\n"
    loaded = read(tmp_path, text)
    assert [each.rule for each in loaded.problems] == ["tag-too-long"]
    fine = read(tmp_path, text.replace("tags: ['{niconico.url}']", "description: '{niconico.url}'"))
    assert [each.rule for each in fine.problems] == ["description-too-long"]
    assert only(fine, "second").named_addresses == ("niconico",)


def test_addresses_that_wait_for_each_other_are_wrong(tmp_path: Path) -> None:
    text = (
        f"{GO_BOTH}file: a.mp4\ntitle: t\n"
        "niconico: {description: '{second.url}'}\nsecond: {title: '{niconico.url}'}\n"
    )
    rules = {each.rule for each in read(tmp_path, text).problems}
    assert "address-circle" in rules
