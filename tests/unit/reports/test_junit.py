from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch import events
from nicobatch.errors import Busy, JournalError, SignInNeeded, Stopped, UsageError
from nicobatch.model import Position, Video
from nicobatch.plan import Plan, Verdict
from nicobatch.reports import CommandEnded, ManifestsChecked, VideosPlanned, VideosRead, junit
from nicobatch.reports.junit import JunitReport
from nicobatch.reports.record import Root
from tests.support.warm import launch
from tests.unit.cli.running import environment_with
from tests.unit.reports.happenings import ERROR, NOTE, WARNING, happening

MANIFEST = Path("連載/m.yaml")
VIDEOS = [
    Video(
        manifest=MANIFEST,
        id=name,
        file=Path(f"{name}.mp4"),
        title="第1回",
        places={"": Position(line, 5)},
    )
    for name, line in (("a", 3), ("b", 6))
]
KEY = VIDEOS[0].key


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "reports" / "junit.xml"


def report(file: Path, command: str = "publish", *, strict: bool = False) -> JunitReport:
    checks = command == "check"
    return JunitReport(file, Root(Path.cwd()), command, only_checks=checks, strict=strict)


def written(file: Path, tell: Callable[[JunitReport], object]) -> ET.Element:
    told = report(file)
    told.tell(VideosRead(VIDEOS))
    tell(told)
    told.close()
    return ET.parse(file).getroot()


def case(tree: ET.Element, name: str) -> ET.Element:
    (found,) = tree.findall(f".//testcase[@name='{name}']")
    return found


def verdict(found: ET.Element) -> tuple[str, str | None, str | None]:
    (child,) = (each for each in found if each.tag != "system-out")
    return child.tag, child.get("type"), child.get("message")


def test_a_video_is_a_test(file: Path) -> None:
    def tell(told: JunitReport) -> None:
        begun = happening(events.VideoStarted, KEY)
        told.tell(begun)
        done = happening(events.VideoDone, KEY, state="published", url="https://x/sm9")
        told.tell(replace(done, at=begun.at + timedelta(seconds=61.5)))

    tree = written(file, tell)
    found = case(tree, "a")
    assert found.attrib == {
        "classname": "連載/m.yaml",
        "name": "a",
        "file": "連載/m.yaml",
        "line": "3",
        "time": "61.500",
    }
    assert found.findtext("system-out") == "第1回: published https://x/sm9"
    assert verdict(case(tree, "b")) == ("skipped", "not-begun", "not begun")
    (suite,) = tree
    numbers = {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped", "time")}
    assert numbers == {
        "tests": "2",
        "failures": "0",
        "errors": "0",
        "skipped": "1",
        "time": "61.500",
    }


@pytest.mark.parametrize(
    ("state", "kind", "tag"),
    [
        ("failed", "passing", "failure"),
        ("refused", "refused", "failure"),
        ("unfinished", "not-yet", "error"),
        ("stopped", "stopped", "error"),
        ("skipped", "sign-in-needed", "skipped"),
    ],
)
def test_a_video_that_did_not_come_to_its_end(file: Path, state: str, kind: str, tag: str) -> None:
    told: dict[str, Any] = {"state": state, "message": "no", "hint": "wait", "type": kind}
    tree = written(file, lambda each: each.tell(happening(events.VideoFailed, KEY, **told)))
    found = case(tree, "a")
    assert verdict(found) == (tag, kind, "no")
    assert found.findtext(tag) == f"{state}: no\nwait"


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (SignInNeeded("no"), "sign-in-needed"),
        (Stopped(), "stopped"),
        (JournalError("no"), "journal-error"),
        (Busy("no"), "busy"),
    ],
)
def test_errors_have_a_word(file: Path, error: UsageError, word: str) -> None:
    tree = written(file, lambda each: each.tell(CommandEnded(error)))
    assert verdict(case(tree, "publish"))[:2] == ("error", word)
    assert tree.get("errors") == "1"


def test_findings_of_one_video_are_one_failure(file: Path) -> None:
    """Of several, readers of these files show the first alone."""
    warning = replace(WARNING, path=MANIFEST, line=7)
    errors = [replace(ERROR, path=MANIFEST, line=7, column=n, rule=f"rule-{n}") for n in (2, 3)]
    told = report(file, strict=True)
    told.tell(VideosRead(VIDEOS))
    told.tell(ManifestsChecked([warning, *errors], [MANIFEST]))
    told.close()
    tree = ET.parse(file).getroot()
    found = case(tree, "b")
    assert [each.tag for each in found] == ["failure"]
    assert verdict(found) == ("failure", "rule-2", "title is missing (and 2 more)")
    text = str(found.findtext("failure"))
    assert [text.count(each) for each in ("[rule-2]", "[rule-3]", "[unknown-genre]")] == [1, 1, 1]
    assert tree.get("failures") == "1"


def test_findings_fail_their_video_or_their_manifest(file: Path) -> None:
    error = replace(ERROR, path=MANIFEST, line=7)
    top = replace(ERROR, path=MANIFEST, line=1, rule="version-missing")
    warning = replace(WARNING, path=MANIFEST, line=4)
    note = replace(NOTE, path=MANIFEST, line=4)
    tree = written(
        file, lambda each: each.tell(ManifestsChecked([error, top, warning, note], [MANIFEST]))
    )
    found = case(tree, "b")
    assert verdict(found) == ("failure", "title-missing", "title is missing")
    assert "連載/m.yaml:7:5: error: title is missing [title-missing]" in str(
        found.findtext("failure")
    ).replace("\\", "/")
    assert verdict(case(tree, "m.yaml"))[1] == "version-missing"
    assert "[unknown-genre]" in str(case(tree, "a").findtext("system-out"))
    assert "[other-yaml]" in str(case(tree, "a").findtext("system-out"))


@pytest.mark.parametrize(("strict", "failures"), [(False, "0"), (True, "1")])
def test_a_check_passes_what_nothing_is_wrong_with(file: Path, strict: bool, failures: str) -> None:
    told = report(file, "check", strict=strict)
    told.tell(VideosRead(VIDEOS))
    told.tell(
        ManifestsChecked(
            [replace(WARNING, path=MANIFEST, line=6), replace(WARNING, path=Path("x"))], []
        )
    )
    told.close()
    tree = ET.parse(file).getroot()
    assert case(tree, "a").find("skipped") is None
    suite = tree.find("testsuite[@file='連載/m.yaml']")
    assert suite is not None
    assert suite.get("failures") == failures


def test_what_is_found_of_a_manifest_was_not_to_be_begun(file: Path) -> None:
    tree = written(file, lambda each: each.tell(ManifestsChecked([WARNING], [Path("m.yaml")])))
    assert case(tree, "m.yaml").find("skipped") is None


def test_a_plan_that_refuses_fails(file: Path) -> None:
    plans = [
        Plan(video=KEY, verdict=Verdict.REFUSE, reasons=("no",), hint="wait"),
        Plan(video=VIDEOS[1].key, verdict=Verdict.CREATE, reasons=("new",)),
    ]
    tree = written(file, lambda each: each.tell(VideosPlanned(plans)))
    assert verdict(case(tree, "a")) == ("failure", "refuse", "no")
    assert [each.tag for each in case(tree, "b")] == ["system-out"]


def test_a_run_that_is_killed_has_a_file_that_says_so(file: Path) -> None:
    report(file)
    tree = ET.parse(file).getroot()
    tag, kind, message = verdict(case(tree, "publish"))
    assert (tag, kind) == ("error", "stopped")
    assert "before it could say" in str(message)


def test_it_is_written_when_a_run_is_ended(file: Path) -> None:
    told = report(file)
    told.tell(VideosRead(VIDEOS))
    told.tell(happening(events.VideoStarted, KEY))
    told.tell(CommandEnded(Stopped()))
    tree = ET.parse(file).getroot()
    assert verdict(case(tree, "a"))[2] == "unfinished"
    assert verdict(case(tree, "b"))[2] == "not begun"
    assert tree.get("errors") == "1"


@given(st.text())
def test_any_text_is_legal(text: str) -> None:
    element = ET.Element("x", a=junit.legal(text))
    element.text = junit.legal(text)
    read = ET.fromstring(ET.tostring(element, encoding="utf-8"))
    assert read.get("a") == junit.legal(text)
    assert len(junit.legal(text)) == len(text)


@pytest.mark.parametrize("char", ["\0", "\x1b", "\x0b", "\ud800", "\ufffe", "\uffff"])
def test_what_no_xml_holds_is_left_out(char: str) -> None:
    assert junit.legal(f"a{char}b") == "a\ufffdb"


@pytest.mark.parametrize("char", ["\t", "\n", "\x85", "\u2028", "\ufdd0", "😀"])
def test_what_xml_holds_stays(char: str) -> None:
    assert junit.legal(char) == char


@pytest.mark.parametrize("content", [b"version: 1\n", b"\0\0\0\x18ftyp", b"<!doctype html>"])
def test_nothing_but_a_report_is_replaced(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(UsageError, match=r"junit\.xml is there already"):
        report(file)
    assert file.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b'\xef\xbb\xbf<?xml version="1.0"?>', b"\n <testsuite/>"])
def test_an_older_report_is_replaced(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    assert written(file, lambda each: None).tag == "testsuites"


def test_a_file_that_can_not_be_written_is_told_of_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"junit\.xml can't be written: "):
        report(tmp_path / "file" / "junit.xml")


def test_the_old_file_stays_until_the_new_one_is_whole(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = report(file)
    before = file.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UsageError, match="No space left"):
        told.close()
    assert file.read_bytes() == before
    assert [each.name for each in file.parent.iterdir()] == ["junit.xml"]


def test_others_may_read_it(file: Path) -> None:
    report(file)
    assert stat.S_IMODE(file.stat().st_mode) & 0o444 == 0o444


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
@pytest.mark.parametrize("content", [None, "", "<testsuites/>"])
def test_no_link_is_followed(file: Path, tmp_path: Path, content: str | None) -> None:
    """One in a repository may lead to any file of whoever runs the pipeline."""
    file.parent.mkdir()
    elsewhere = tmp_path / "elsewhere.xml"
    if content is not None:
        elsewhere.write_text(content)
    file.symlink_to(elsewhere)
    report(file)
    assert not file.is_symlink()
    assert ET.parse(file).getroot().tag == "testsuites"
    assert (elsewhere.read_text() if elsewhere.exists() else None) == content


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("place", ["/dev/stderr", "/dev/fd/2", "/proc/self/fd/2"])
@pytest.mark.parametrize("kind", ["pipe", "file"])
def test_the_systems_own_names_are_written_to(place: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("version: 1\n")
    log = tmp_path / "log"
    with log.open("wb") as opened:
        told = opened if kind == "file" else subprocess.PIPE
        run = launch(
            *("nicobatch", "check", ".", "--junit", place),
            env=environment_with(None),
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=told,
        )
        _, err = run.communicate(timeout=20)
    assert run.returncode == 1
    err = log.read_bytes() if kind == "file" else err
    assert err.count(b"</testsuites>") == 2  # what a killed run would leave, and the end


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_what_is_no_file_is_written_to(file: Path) -> None:
    report(Path("/dev/null"))
    assert not Path("/dev/null").is_file()
