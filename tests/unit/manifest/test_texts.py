"""Texts that are put together and filled: files, neighbours, and the place of what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from nicobatch.manifest import Loaded
from nicobatch.manifest.texts import LARGEST
from nicobatch.model import LONGEST_ADDRESS
from nicobatch.sites.niconico.limits import LIMITS
from tests.unit.manifest.reading import found, read

SERIES = """\
version: 1
defaults:
  description: {file: parts/footer.txt}
videos:
  - file: a.mp4
    title: '第{index}回 {stem}'
    description: {text: 序章}
  - file: b.mp4
    title: '第{index}回 {stem}'
    description:
      before: |
        前回: {previous.title}
        {previous.url}
      after: '次回: {next.title} {next.url}'
  - file: c.mp4
    title: 終章
    description: 'おわり{{title}} {title}/{count} {{'
"""


def described(loaded: Loaded) -> list[str]:
    return [each.description for each in loaded.videos]


def test_parts_stand_in_order_and_neighbours_are_named(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "footer.txt").write_bytes("\ufeff素材: {stem}\r\n以上\r\n\r\n".encode())
    loaded = read(tmp_path, SERIES)
    assert loaded.problems == ()
    assert described(loaded) == [
        "序章\n素材: a\n以上",
        "前回: 第1回 a\n{previous.url}\n素材: b\n以上\n次回: 終章 {next.url}",
        "おわり{title} 終章/3 {",
    ]
    a, b, c = loaded.videos
    assert (b.previous_id, b.next_id, b.named_addresses) == ("a", "c", ("previous", "next"))
    assert a.shared == (tmp_path / "parts" / "footer.txt",)
    assert (c.shared, c.named_addresses) == ((), ())


def test_the_first_and_the_last_lack_the_lines_of_what_is_not_there(tmp_path: Path) -> None:
    text = "前 {previous.title}{previous.url}\\n今 {title}\\n次 {next.title}\\n{next.url}"
    loaded = read(tmp_path, f'version: 1\nfile: a.mp4\ntitle: t\ndescription: "{text}"\n')
    assert described(loaded) == ["今 t"]


@pytest.mark.parametrize(
    ("content", "rule", "said"),
    [
        (None, "text-file-missing", "there is no file f.txt for the text"),
        ("次回".encode("cp932"), "wrong-encoding", "f.txt:1:1: the file is saved as Shift_JIS"),
        ("次".encode() + b"\n\xff", "not-utf-8", "f.txt:2:1: "),
        (b"a\nb {0.__class__}", "placeholder-unknown", "f.txt:2:3: {0.__class__} is no"),
        (b"x" * (LARGEST + 1), "text-file-too-large", "f.txt is larger than any text"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_where_it_is_named(
    tmp_path: Path, content: bytes | None, rule: str, said: str
) -> None:
    if content is not None:
        (tmp_path / "f.txt").write_bytes(content)
    loaded = read(tmp_path, "version: 1\nfile: a.mp4\ntitle: t\ndescription: {file: f.txt}\n")
    assert found(loaded) == [(rule, 4, 21)]
    assert loaded.problems[0].message.startswith(said)
    assert [each.shared for each in loaded.flawed] == [(tmp_path / "f.txt",)]


@pytest.mark.parametrize("file", ["../f.txt", "/etc/hostname", "C:/f.txt", "a/../../f.txt", "C:f"])
def test_a_file_lies_in_the_manifests_folder(tmp_path: Path, file: str) -> None:
    loaded = read(tmp_path, f"version: 1\nfile: a.mp4\ntitle: t\ndescription: {{file: '{file}'}}\n")
    assert found(loaded) == [("text-file-outside", 4, 21)]
    assert loaded.flawed[0].shared == ()


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "f.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "there").symlink_to(tmp_path)
    for file in ("f.txt", "there/secret.txt"):
        text = f"version: 1\nfile: a.mp4\ntitle: t\ndescription: {{file: {file}}}\n"
        assert found(read(folder, text)) == [("text-file-outside", 4, 21)]


def test_a_folder_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "f.txt").mkdir()
    loaded = read(tmp_path, "version: 1\nfile: a.mp4\ntitle: t\ndescription: {file: f.txt}\n")
    assert found(loaded) == [("unreadable", 4, 21)]


@pytest.mark.parametrize(
    ("description", "rule", "line", "column"),
    [
        ("|\n  a {title}\n  b {title!r}", "placeholder-unknown", 6, 5),
        ("'{title} {title:02}'", "placeholder-format", 4, 23),
        ('"\\x7btitle!r}"', "placeholder-unknown", 4, 14),  # nowhere does it stand so
        ("{text: '{a[0]} {a[0]}'}", "placeholder-unknown", 4, 22),
        ("{text: 5}", "not-text", 4, 21),
        ("{}", "empty-value", 4, 14),
        ("{texts: a}", "unknown-key", 4, 15),
        ("[a]", "not-text", 4, 14),
        ("{file: ''}", "file-empty", 4, 21),
        ("{file: 'http://example.com/a'}", "file-is-address", 4, 21),
        ("'{prev.url}'", "address-unknown", 4, 14),
    ],
)
def test_a_flaw_is_told_in_its_place(
    tmp_path: Path, description: str, rule: str, line: int, column: int
) -> None:
    text = f"version: 1\nfile: a.mp4\ntitle: t\ndescription: {description}\n"
    assert (rule, line, column) in found(read(tmp_path, text))


def test_lengths_are_those_of_the_filled_text_with_the_longest_addresses(tmp_path: Path) -> None:
    for name in ("1", "2"):
        (tmp_path / f"{name}.mp4").touch()
    room = "x" * (LIMITS.description - LONGEST_ADDRESS)
    text = "version: 1\nfile: '*.mp4'\ntitle: '{stem}'\ndescription: '%s{next.url}'\n"
    assert read(tmp_path, text % room).problems == ()
    [told] = read(tmp_path, text % (room + "x")).problems
    assert (told.rule, told.hint[:15]) == ("description-too-long", "shorten it by 1")
    assert told.message.startswith("1.mp4: ")  # the last one has no such line


def test_a_title_is_no_place_for_other_titles(tmp_path: Path) -> None:
    loaded = read(tmp_path, "version: 1\nfile: a.mp4\ntitle: '{previous.title} {date}'\n")
    assert found(loaded) == [("placeholder-date", 3, 8), ("placeholder-misplaced", 3, 8)]


def test_the_day_is_that_of_publication(tmp_path: Path) -> None:
    text = "version: 1\nfile: a.mp4\ntitle: '{date} {count:02}'\npublish: {at: %s}\n"
    [video] = read(tmp_path, text % "2026-12-04T23:30:00-05:00").videos
    assert video.title == "2026-12-04 01"
    zone = "2026-12-04T23:30:00-05:00, zone: Asia/Tokyo"
    [video] = read(tmp_path, text % zone).videos
    assert (video.title, str(video.publish.at)) == ("2026-12-05 01", "2026-12-05 13:30:00+09:00")
