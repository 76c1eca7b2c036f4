"""The door: manifests to videos and problems, never an exception."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nicobatch.manifest import load, loading
from nicobatch.model import (
    Inputs,
    Position,
    Publish,
    PublishMode,
    Severity,
    Thumbnail,
    Video,
)
from nicobatch.sites.niconico.cropping import Aspect, Cropping
from nicobatch.sites.niconico.fields import SITE, Community, Options, Permissions, Series
from tests.unit.manifest.reading import NOW, ONE, found, read

GOOD = Path(__file__).parents[3] / "examples" / "good"
ANY_TEXT = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200
)


def test_every_field_reaches_the_video(tmp_path: Path) -> None:
    text = """\
version: 1
account: second
videos:
  - file: sub/a.mp4
    id: first
    title: 冒険
    description: |
      一行目
      二行目
    tags: [ゲーム, 実況]
    genre: game
    thumbnail: {timing: "1:30.5", aspect: tall, position: 3}
    publish: {at: 2026-12-01T20:00:00+09:00}
    permissions: {gift: false}
    series: {id: 12345, add_to_head: true}
    community: {id: 10.0, only: true}
    signature: true
    notify_by_email: true
    exclude_from_upload_list: true
    thanks_message: ありがとう
    parent_works: [sm9]
    allow_duplicate: true
"""
    loaded = read(tmp_path, text, community=True)
    assert loaded.problems == ()
    assert loaded.manifests == (tmp_path / "m.yaml",)
    at = datetime.fromisoformat("2026-12-01T20:00:00+09:00")
    assert loaded.videos == (
        Video(
            manifest=tmp_path / "m.yaml",
            id="first",
            file=tmp_path / "sub" / "a.mp4",
            title="冒険",
            account="second",
            description="一行目\n二行目",
            tags=("ゲーム", "実況"),
            thumbnail=Thumbnail(timing=90_500),
            publish=Publish(PublishMode.SCHEDULED, at),
            allow_duplicate=True,
            options=Options(
                genre="game",
                cropping=Cropping(aspect=Aspect.TALL, position=3),
                permissions=Permissions(gift=False),
                series=Series(id=12345, add_to_head=True),
                community=Community(id=10, only=True),
                signature=True,
                notify_by_email=True,
                exclude_from_upload_list=True,
                thanks_message="ありがとう",
                parent_works=("sm9",),
            ),
        ),
    )
    assert isinstance(loaded.videos[0].options.community, Community)
    assert isinstance(loaded.videos[0].options.community.id, int)
    assert loaded.videos[0].place("thumbnail.timing") == Position(12, 25)
    assert loaded.videos[0].place("tags.1") == Position(10, 17)
    assert loaded.videos[0].place() == Position(4, 5)


def test_what_is_left_out_has_the_models_defaults(tmp_path: Path) -> None:
    (video,) = read(tmp_path, ONE).videos
    assert video == Video(
        manifest=tmp_path / "m.yaml",
        id="a",
        file=tmp_path / "a.mp4",
        title="冒険",
        options=Options(),
    )


@pytest.mark.parametrize(
    ("publish", "mode"),
    [
        ("true", PublishMode.PUBLIC),
        ("false", PublishMode.PRIVATE),
        ("draft", PublishMode.DRAFT),
    ],
)
def test_publish_has_its_modes(publish: str, mode: PublishMode, tmp_path: Path) -> None:
    (video,) = read(tmp_path, f"{ONE}publish: {publish}\n").videos
    assert video.publish == Publish(mode)


def test_a_video_with_an_error_is_left_out_alone(tmp_path: Path) -> None:
    loaded = read(
        tmp_path,
        "version: 1\nvideos:\n"
        "  - {file: a.mp4, title: 一}\n"
        "  - {file: b.mp4, title: 2}\n"
        "  - {file: c.mp4, title: 三, genre: x}\n"
        "  - {file: d.mp4, title: ' '}\n",
    )
    assert [video.id for video in loaded.videos] == ["a", "c"]
    assert found(loaded) == [
        ("not-text", 4, 26),
        ("unknown-genre", 5, 36),
        ("title-blank", 6, 26),
    ]


@pytest.mark.parametrize(
    "spoiled",
    [
        "version: 1\naccount: a b\nvideos: [{file: a.mp4, title: 一}]",
        "version: 1\nversion: 1\nvideos: [{file: a.mp4, title: 一}]",
        "version: 1\ndefaults: {tags: [a b]}\nvideos: [{file: a.mp4, title: 一, tags: []}]",
        "version: 1\nfoo: 1\nvideos: [{file: a.mp4, title: 一}]",
        "videos: [{file: a.mp4, title: 一}]",
    ],
)
def test_an_error_of_the_whole_manifest_leaves_all_out(spoiled: str, tmp_path: Path) -> None:
    loaded = read(tmp_path, spoiled)
    assert loaded.videos == ()
    assert len(loaded.problems) == 1


def test_a_problem_of_defaults_is_said_once(tmp_path: Path) -> None:
    text = "version: 1\ndefaults: {genre: x}\nvideos:\n"
    text += "".join(f"  - {{file: {name}.mp4, title: t}}\n" for name in "abc")
    loaded = read(tmp_path, text)
    assert found(loaded) == [("unknown-genre", 2, 19)]
    assert len(loaded.videos) == 3


def test_problems_of_all_manifests_come_in_order(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("version: 1\nfile: a.mp4\ntitle: 1\ngenre: x\n", "utf-8")
    (tmp_path / "a.yaml").write_text("version: 2\n", "utf-8")
    paths = [str(tmp_path / name) for name in ("b.yaml", "missing.yaml", "a.yaml")]
    loaded = load(paths, sites={SITE.name: SITE}, now=NOW)
    said = [(each.path.name, each.rule, each.severity) for each in loaded.problems]
    assert said == [
        ("a.yaml", "version-newer", Severity.ERROR),
        ("b.yaml", "not-text", Severity.ERROR),
        ("b.yaml", "unknown-genre", Severity.WARNING),
        ("missing.yaml", "path-not-found", Severity.ERROR),
    ]


def test_one_file_in_two_manifests_is_a_problem_of_the_second(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.yaml").write_text(ONE, "utf-8")
    (tmp_path / "sub" / "b.yaml").write_text(ONE.replace("a.mp4", "../a.mp4"), "utf-8")
    loaded = load([str(tmp_path)], sites={SITE.name: SITE}, now=NOW)
    (problem,) = loaded.problems
    assert (problem.rule, problem.path.name, problem.line) == ("file-repeated", "b.yaml", 2)
    assert f"{tmp_path / 'a.yaml'}:2" in problem.hint
    assert [video.manifest.name for video in loaded.videos] == ["a.yaml"]


def test_too_large_a_manifest_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "LARGEST", len(ONE.encode()))
    assert read(tmp_path, ONE).problems == ()
    assert found(read(tmp_path, f"{ONE} ")) == [("manifest-too-large", 1, 1)]


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that can't be read")
def test_a_file_that_cannot_be_read_is_a_problem() -> None:
    (problem,) = load(["/proc/self/mem"], sites={SITE.name: SITE}, now=NOW).problems
    assert problem.rule == "unreadable"
    assert os.strerror(5) in problem.message


@ANY_TEXT
@given(data=st.binary(max_size=200))
def test_no_bytes_raise(data: bytes, tmp_path: Path) -> None:
    read(tmp_path, data)


@ANY_TEXT
@given(
    text=st.text(
        alphabet=st.sampled_from("version: 1\n\t -[]{}&*!|>'\"%@`#,?~<:videosfltagé題\0\\")
    )
    | st.text(max_size=100)
)
@example(text="version: 1\nvideos: [&a {file: a.mp4, title: *a}]")
@example(text="version: 99999999999999999999999999999999999999999")
@example(text="version: " + "9" * 5000)
@example(text='version: 1\nfile: "\\ud800"\ntitle: x')
def test_no_text_raises(text: str, tmp_path: Path) -> None:
    loaded = read(tmp_path, text.encode("utf-8", "surrogatepass"))
    assert loaded.videos or loaded.problems


@ANY_TEXT
@given(path=st.sampled_from(sorted(GOOD.glob("*.yaml"))), data=st.data())
def test_no_change_to_a_good_manifest_raises(
    path: Path, data: st.DataObject, tmp_path: Path
) -> None:
    text = path.read_text("utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))
    new = data.draw(st.text(alphabet="[]{}:-'\" \n\t*&!|#1a~", max_size=5))
    loaded = read(tmp_path, text[:start] + new + text[end:])
    assert loaded.videos or loaded.problems
    for problem in loaded.problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.message
        assert problem.hint


def test_the_door_is_cheap_to_import() -> None:
    code = "import sys, nicobatch.manifest; print(*{'yaml', 'jsonschema'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


PAST = "2026-01-01T00:00:00+09:00"


def test_a_timer_that_did_its_work_may_be_past(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(f"{ONE}publish: {{at: {PAST}}}\n", encoding="utf-8")
    asked: list[tuple[Path, str]] = []

    def stands(site: str, manifest: Path, video: str) -> Inputs:
        asked.append((manifest, video))
        return {"publish.at": PAST}

    loaded = load([str(path)], sites={SITE.name: SITE}, now=NOW, stands=stands)
    assert (len(loaded.videos), loaded.problems) == (1, ())
    assert asked == [(path, "a")]


@pytest.mark.parametrize("there", [True, False])
def test_a_text_that_the_site_has_may_stay(tmp_path: Path, *, there: bool) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(
        'version: 1\nfile: a.mp4\nid: a\ntitle: "a\\x85b"\ndescription: "c\\x07\\n"\n'
        "tags: ['#', a b, a, b, c, d, A]\n",
        encoding="utf-8",
    )
    known: Inputs = {
        "title": "a\x85b",
        "description": "c\x07",
        "tags": ("#", "a b", "a", "b", "c", "d", "A"),
    }
    stands = known if there else {**known, "title": "ab"}
    loaded = load([str(path)], sites={SITE.name: SITE}, now=NOW, stands=lambda *_: stands)
    errors = [each.rule for each in loaded.problems if each.stops()]
    assert errors == ([] if there else ["text-control-character"])
    assert len(loaded.videos) == int(there)


def test_a_past_timer_in_defaults_is_told_once(tmp_path: Path) -> None:
    loaded = read(
        tmp_path,
        f"version: 1\ndefaults:\n  publish: {{at: {PAST}}}\nvideos:\n"
        "  - {file: a.mp4, title: A}\n  - {file: b.mp4, title: B}\n"
        "  - {file: c.mp4, title: C, publish: true}\n",
    )
    assert found(loaded) == [("publish-at-past", 3, 17)]
    assert [video.id for video in loaded.videos] == ["c"]


@pytest.mark.parametrize(
    ("text", "timing"),
    [
        ("version: 1\nfile: a.mp4\nthumbnail: {timing: 2.5}\n", 2500),
        ("version: 1\nfile: a.mp4\ntitle: A\ngenre: game\nthumbnail: {timing: [1]}\n", None),
        ("version: 1\nfile: a.mp4\ntitle: A\nthumbnail: none\n", None),
    ],
)
def test_a_faulty_video_still_names_its_file(tmp_path: Path, text: str, timing: int | None) -> None:
    loaded = read(tmp_path, text)
    [video] = loaded.flawed
    assert loaded.videos == ()
    assert (video.file, video.thumbnail.timing) == (tmp_path / "a.mp4", timing)


FAULTS = [
    "titel: x",
    "genre: [game]",
    "tags: ゲーム",
    "publish: {at: [1]}",
    "publish: [x]",
    "publish: {}",
    "thumbnail: [1]",
    "thumbnail: {aspect: [tall]}",
    "thumbnail: {aspect: 3}",
    "description: [x]",
    "permissions: {gift: 7}",
    "permissions: x",
    "series: x",
]


@pytest.mark.parametrize("fault", FAULTS)
def test_what_can_be_read_of_a_faulty_video_is(tmp_path: Path, fault: str) -> None:
    rest = {"genre": "game", "tags": "[音楽]", "description": "x", "thumbnail": "{aspect: wide}"}
    sound = "".join(f"    {name}: {rest[name]}\n" for name in rest if not fault.startswith(name))
    text = f"version: 1\nvideos:\n  - file: a.mp4\n    title: 第1回\n{sound}    {fault}\n"
    [video] = read(tmp_path, text).flawed
    assert (video.id, video.title) == ("", "第1回")
    read_of = {
        "genre": video.options.genre,
        "tags": f"[{', '.join(video.tags)}]",
        "description": video.description,
        "thumbnail": f"{{aspect: {video.options.cropping.aspect}}}",
    }
    assert all(read_of[name] == rest[name] for name in rest if not fault.startswith(name))
    assert video.publish == Publish()


def test_a_flood_of_text_in_faulty_videos_is_cut(tmp_path: Path) -> None:
    tags = ", ".join(f"t{n}" for n in range(9_000))
    text = f"defaults:\n  description: {'x' * 90_000}\n  tags: [{tags}]\n"
    [video] = read(tmp_path, f"version: 1\n{text}videos: [{{file: a.mp4, title: A}}]\n").flawed
    assert len(video.description) < 10_000
    assert len(video.tags) < 100


@pytest.mark.parametrize("file", ["' '", '"a\\u0001.mp4"', "[a.mp4]"])
def test_what_names_no_file_is_not_looked_for(tmp_path: Path, file: str) -> None:
    assert read(tmp_path, f"version: 1\nfile: {file}\ntitle: A\n").flawed == ()
