"""An id to another one in the manifest's own text, whose every other byte stays."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from nicobatch import sites
from nicobatch.errors import UsageError
from nicobatch.manifest.renaming import Ids

EVERY: Final = sites.Described()
TOP: Final = "# 冒険の記録\nversion: 1\nvideos:\n"


def ids(folder: Path, text: str | bytes) -> Ids:
    data = text if isinstance(text, bytes) else text.encode()
    return Ids.of(folder / "m.yaml", data, EVERY)


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("  - id: a  # 第1回\n    file: x.mp4\n", "b", "  - id: b  # 第1回\n    file: x.mp4\n"),
        ("  - {file: x.mp4, id: a, title: T}\n", "b", "  - {file: x.mp4, id: b, title: T}\n"),
        ("  - id:   'a'\n    file: x.mp4\n", "it's", "  - id:   'it''s'\n    file: x.mp4\n"),
        ('  - id: "a"\n    file: x.mp4\n', "第2回 #1", '  - id: "第2回 #1"\n    file: x.mp4\n'),
        ("  - id: a\n    file: x.mp4\n", "第2回 #1", "  - id: '第2回 #1'\n    file: x.mp4\n"),
        ("  - id: a\n    file: x.mp4\n", "2026", "  - id: '2026'\n    file: x.mp4\n"),
        ("  - {id: a, file: x.mp4}\n", "b,c", "  - {id: 'b,c', file: x.mp4}\n"),
        ("  - id: &me a\n    file: x.mp4\n", "b", "  - id: &me b\n    file: x.mp4\n"),
        ("  - id: !!str a\n    file: x.mp4\n", "b", "  - id: !!str b\n    file: x.mp4\n"),
        ("  - id: a\r\n    file: x.mp4\r\n", "b", "  - id: b\r\n    file: x.mp4\r\n"),
        ("  - file: a.mp4\n    title: T\n", "b", "  - id: b\n    file: a.mp4\n    title: T\n"),
        (
            "  -   title: T\n      # 本編\n      file: a.mp4\n",
            "b",
            "  -   title: T\n      # 本編\n      id: b\n      file: a.mp4\n",
        ),
        ("  - {title: T, file: a.mp4}\n", "b", "  - {title: T, id: b, file: a.mp4}\n"),
        ("  - file: a.mp4\r\n", "b", "  - id: b\r\n    file: a.mp4\r\n"),
        (
            "  - file: x.mp4\n    id: a\n    sites: [bilibili]\n    bilibili: {id: a}\n",
            "b",
            "  - file: x.mp4\n    id: b\n    sites: [bilibili]\n    bilibili: {id: b}\n",
        ),
        ("  - file: '*.mp4'\n    id: a\n", "b", "  - file: '*.mp4'\n    id: b\n"),
    ],
)
def test_the_id_alone_becomes_another_one(
    before: str, new: str, after: str, tmp_path: Path
) -> None:
    (tmp_path / "x.mp4").touch()
    end = "  - {file: other.mp4, titel: 間違い}\n"
    found = ids(tmp_path, TOP + before + end)
    assert "a" in found
    assert found.renamed("a", new).decode() == TOP + after + end


def test_a_short_form_keeps_its_first_line_and_its_mark(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbfversion: 1\nfile: a.mp4\n"
    after = b"\xef\xbb\xbfversion: 1\nid: b\nfile: a.mp4\n"
    assert ids(tmp_path, text).renamed("a", "b") == after


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  - file: '?.mp4'\n", 4),
        ("  - {file: '?.mp4', id: '{stem}'}\n", 4),
        ("  - {file: x.mp4, id: *i}\n", 4),
        ("  - {file: a.mp4, sites: [niconico, bilibili], bilibili: {pages: [{file: c.mp4}]}}\n", 4),
    ],
)
def test_what_no_edit_brings_alone_is_left_with_what_to_do(
    text: str, line: int, tmp_path: Path
) -> None:
    (tmp_path / "a.mp4").touch()
    start = "version: 1\ndefaults: {title: T, description: &i a}\nvideos:\n"
    with pytest.raises(UsageError) as caught:
        ids(tmp_path, start + text).renamed("a", "b")
    assert f"m.yaml:{line}:" in str(caught.value)
    assert "its receipts are moved then" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"\xff\xfev\x00", "m.yaml:1:1: the file is saved as UTF-16"),
        ("version: 1\nfile: [\n", "m.yaml:2:7: "),
        ("[]", "m.yaml:1:1: this is not a manifest"),
        ("version: 9\nfile: a.mp4\n", "m.yaml:1:10: the manifest is of version 9"),
    ],
)
def test_what_can_not_be_read(text: str | bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        ids(tmp_path, text)
    assert words in str(caught.value)


def test_what_is_not_there(tmp_path: Path) -> None:
    found = ids(tmp_path, TOP + "  - {file: ep-01.mp4}\n")
    with pytest.raises(UsageError) as caught:
        found.demand("ep-1")
    assert caught.value.hint == "did you mean ep-01?"
    assert found.has_like("EP-01", but="x")
    assert not found.has_like("ep-01", but="ep-01")
