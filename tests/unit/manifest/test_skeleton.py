"""Skeletons: sound as they are, and sound with every default written out."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nicobatch import language
from nicobatch.manifest import patterns, schema
from nicobatch.manifest.skeleton import URL, Clip, is_nameable, skeleton
from nicobatch.model import MediaInfo, Severity, Thumbnail, Video
from nicobatch.sites import SITES
from nicobatch.sites.niconico.cropping import Aspect
from nicobatch.sites.niconico.fields import SITE, Options, Series
from tests.unit.manifest.reading import read

MEDIA = MediaInfo(container="mp4", size=12_345_678, duration=83.5, width=1920, height=1080)
CLIP = Clip(file="第1回_冒険.mp4", media=MEDIA, timing=20_263)
OPTION = re.compile(r"^( *)# ( *[a-z_]+:)", re.MULTILINE)
ENDED = {"community"}


def written_out(text: str) -> str:
    return OPTION.sub(r"\1\2", text)


def test_one_video(tmp_path: Path) -> None:
    loaded = read(tmp_path, skeleton([CLIP], SITE))
    assert loaded.problems == ()
    assert loaded.videos == (
        Video(
            manifest=tmp_path / "m.yaml",
            id="第1回_冒険",
            file=tmp_path / "第1回_冒険.mp4",
            title="第1回 冒険",
            thumbnail=Thumbnail(timing=20_263),
            options=Options(),
        ),
    )


def test_several_videos_have_ids_of_their_own(tmp_path: Path) -> None:
    clips = [replace(CLIP, file=f"{name}/A.mp4", timing=None) for name in "xyz"]
    loaded = read(tmp_path, skeleton(clips, SITE))
    assert loaded.problems == ()
    assert [each.id for each in loaded.videos] == ["A", "A-2", "A-3"]
    assert {each.thumbnail for each in loaded.videos} == {Thumbnail()}


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("timing", [None, 1])
def test_every_option_stands_there_with_its_default(
    tmp_path: Path, count: int, timing: int | None
) -> None:
    clips = [replace(CLIP, file=f"{name}.mp4", timing=timing) for name in "ab"[:count]]
    plain, full = skeleton(clips, SITE), written_out(skeleton(clips, SITE))
    assert plain != full
    told, meant = read(tmp_path, full), read(tmp_path, plain)
    assert told.problems == meant.problems == ()
    # There is no default series, and the site chooses a picture by leaving out the timing.
    assert {each.options.series for each in told.videos} == {Series(id=12345)}
    thumbnail = Thumbnail(timing=timing or 0)
    assert [replace(each, options=replace(each.options, series=None)) for each in told.videos] == [
        replace(each, thumbnail=thumbnail) for each in meant.videos
    ]


def test_no_key_of_the_schema_is_missing() -> None:
    known = schema.definitions()["single"]["properties"]
    text = written_out(skeleton([CLIP], SITE))
    assert {line.split(":")[0] for line in text.splitlines() if re.match("[a-z_]+:", line)} == {
        *known
    } - ENDED - {"sites", *SITES}
    options = {each.name.rpartition(".")[2] for each in SITE.fields}
    for inner in ("permissions", "thumbnail"):
        keys = set(known[inner]["properties"]) - {"file"}  # no picture is known to be taken
        assert keys <= options | set(re.findall(r"^ +([a-z_]+):", text, re.MULTILINE))


def test_the_number_of_tags_is_the_limit() -> None:
    assert f"at most {SITE.limits.tags}" in skeleton([CLIP], SITE)


def test_the_facts_are_told() -> None:
    assert "# 01:23.500, 1920x1080, 12.3 MB" in skeleton([CLIP], SITE)
    unfinished = replace(CLIP, media=replace(MEDIA, duration=0))
    assert "# 1920x1080, 12.3 MB" in skeleton([unfinished], SITE)


@pytest.mark.parametrize(
    ("width", "aspect"), [(1920, Aspect.STANDARD), (1080, Aspect.TALL), (2560, Aspect.WIDE)]
)
def test_the_shape_is_told(width: int, aspect: Aspect) -> None:
    clip = replace(CLIP, media=replace(MEDIA, width=width))
    assert f"auto is {aspect} for this video" in skeleton([clip], SITE)


def test_a_title_that_was_cut_off_is_told(tmp_path: Path) -> None:
    text = skeleton([replace(CLIP, file=f"{'長' * 120}.mp4")], SITE)
    assert "# cut off: the file's name is longer than 100 characters" in text
    assert read(tmp_path, text).problems == ()


def test_the_modeline_comes_first() -> None:
    assert skeleton([CLIP], SITE).startswith(f"# yaml-language-server: $schema={URL}\n")
    text = skeleton([CLIP], SITE, schema="../s.json")
    assert text.startswith("# yaml-language-server: $schema=../s.json\n#\n")
    assert URL not in text
    assert '"$id": "' + URL in schema.schema_text()


def test_no_line_begins_with_a_blank_where_it_is_taken_away() -> None:
    for clips in ([CLIP], [CLIP, replace(CLIP, file="b.mp4")]):
        for line in skeleton(clips, SITE).splitlines():
            assert line == line.rstrip()
            assert not re.match(r" *#[^ ]", line)


FOLDERS = st.sampled_from(["", "../", "a b/", "[x]/"])
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=120)
HOSTILE = [
    *("no", "1:30", "~", "-", "- a", "--- #", "a: b", "a #b", 'it\'s "so"', "{stem}", "[x]", "*a"),
    *(
        "&a",
        "!a",
        "%a",
        "@a",
        "`a",
        ">",
        "?",
        "😀😀",
        "ガ",
        "#",
        "\u202ea",
        "a\u2028b",
        "con",
        "NUL",
    ),
    *(" a ", ".", "_", "<<", "=", "null", "0x1F", "1_000", "2026-01-02", "\ufeff"),
]


@pytest.mark.no_cover
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    files=st.lists(
        st.tuples(FOLDERS, NAMES | st.sampled_from(HOSTILE)), min_size=1, max_size=4, unique=True
    )
)
def test_any_names_make_a_sound_manifest(tmp_path: Path, files: list[tuple[str, str]]) -> None:
    names = [f"{folder}{stem}.mp4" for folder, stem in files]
    # A file that is there wins over the pattern that its name could be; these are not there.
    plain = [name for name in names if not patterns.is_surely_pattern(name)]
    named = [name for name in plain if is_nameable(name)]
    clips = [replace(CLIP, file=name) for name in named]
    if clips:
        for text in (skeleton(clips, SITE), written_out(skeleton(clips, SITE))):
            loaded = read(tmp_path, text)
            errors = {each.rule for each in loaded.problems if each.severity is Severity.ERROR}
            assert errors <= {"file-repeated"}  # by a slash in a name


def test_the_words_are_in_the_language_of_the_user() -> None:
    english = skeleton([CLIP], SITE)
    language.choose("ja")
    text = skeleton([CLIP], SITE)
    assert "# which sign-in to use" in english
    assert language.N_("which sign-in to use") not in text
    assert f"# {language._('which sign-in to use')}" in text
    assert "gift: true" in text
