from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nicobatch.errors import UsageError
from nicobatch.installation import rule_page
from nicobatch.manifest.rules import RULES
from nicobatch.media import rules as media
from nicobatch.model import Problem
from nicobatch.reports import CommandEnded, ManifestsChecked, sarif
from nicobatch.reports.record import Root
from nicobatch.reports.sarif import SarifReport
from nicobatch.sites import Described
from tests.unit.reports.happenings import ERROR, WARNING

MANIFEST = Path("第1部 a#b.yaml")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def document(*problems: Problem, encoding: str = "utf-8") -> dict[str, Any]:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding=encoding, errors="backslashreplace")
    SarifReport(out, Root(Path.cwd())).tell(ManifestsChecked(problems, [MANIFEST]))
    read: dict[str, Any] = json.loads(raw.getvalue().decode(encoding))
    return read


def results(*problems: Problem) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document(*problems)["runs"][0]["results"]
    return found


def test_every_rule_is_described() -> None:
    (run,) = document()["runs"]
    rules = run["tool"]["driver"]["rules"]
    told = {each.id for name, each in vars(media).items() if isinstance(each, media.Rule)}
    assert [each["id"] for each in rules] == [*RULES, *(each.id for each in media.ALL)]
    assert {each.id for each in media.ALL} == told
    assert run["results"] == []
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in {"error", "warning", "note"}


def test_a_site_s_own_rules_are_described_too_and_each_leads_to_its_page() -> None:
    out = io.StringIO()
    found = replace(ERROR, rule="bilibili-no-tags", path=MANIFEST)
    report = SarifReport(out, Root(Path.cwd()), Described().values())
    report.tell(ManifestsChecked([found], [MANIFEST]))
    (run,) = json.loads(out.getvalue())["runs"]
    (result,) = run["results"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == "bilibili-no-tags"
    assert rule["shortDescription"]["text"] == "bilibili wants at least one tag"
    assert rule["helpUri"] == rule_page("bilibili-no-tags")


def test_placeholders_stay_and_doubled_braces_are_one() -> None:
    known = {each["id"]: each for each in document()["runs"][0]["tool"]["driver"]["rules"]}
    assert known["unknown-genre"]["shortDescription"]["text"] == "the genre {value} is unknown"
    assert "or {at: 2026" in known["publish-unknown"]["help"]["text"]


def test_a_result_names_its_rule_and_its_place() -> None:
    found = replace(ERROR, rule="unknown-key", path=MANIFEST)
    (result,) = results(found)
    assert result["ruleId"] == "unknown-key"
    assert sarif.rules()[result["ruleIndex"]].id == "unknown-key"
    assert result["level"] == "error"
    assert result["message"]["text"] == "title is missing\ngive the video a title"
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {
                    "uri": "%E7%AC%AC1%E9%83%A8%20a%23b.yaml",
                    "uriBaseId": "SRCROOT",
                },
                "region": {"startLine": 3, "startColumn": 5},
            }
        }
    ]


def test_a_rule_that_is_in_no_table_is_named_all_the_same() -> None:
    (result,) = results(WARNING)
    assert result["level"] == "warning"
    assert result["message"]["text"] == "the genre gmae is unknown"
    (other,) = results(replace(WARNING, rule="brand-new"))
    assert "ruleIndex" not in other


def test_a_file_that_lies_elsewhere_has_its_whole_address() -> None:
    (result,) = results(replace(ERROR, path=Path("..", "m.yaml")))
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"].startswith("file:///")
    assert "uriBaseId" not in location


def fingerprint(text: str, line: int, rule: str = "unknown-key") -> str:
    MANIFEST.write_text(text, encoding="utf-8")
    (result,) = results(replace(ERROR, rule=rule, path=MANIFEST, line=line))
    told: str = result["partialFingerprints"]["nicobatch/v1"]
    return told


def test_a_fingerprint_stays_when_lines_move() -> None:
    first = fingerprint("version: 1\ntilte: 第1回\n", 2)
    assert fingerprint("version: 1\r\n\r\n# new\r\n  tilte:  第1回\r\n", 4) == first
    assert fingerprint("version: 1\ntilte: 第2回\n", 2) != first
    assert fingerprint("version: 1\ntilte: 第1回\n", 2, "not-text") != first
    assert fingerprint("version: 1\n", 9)


def test_a_fingerprint_does_not_depend_on_words() -> None:
    MANIFEST.write_text("a\n", encoding="utf-8")
    one, other = (
        results(replace(ERROR, path=MANIFEST, line=1, message=words))
        for words in ("title is missing", "title がありません")
    )
    assert one[0]["partialFingerprints"] == other[0]["partialFingerprints"]


def test_fingerprints_tell_alike_lines_apart() -> None:
    MANIFEST.write_text("x\nx\n", encoding="utf-8")
    found = [replace(ERROR, path=MANIFEST, line=line) for line in (1, 2)]
    prints = [each["partialFingerprints"]["nicobatch/v1"] for each in results(*found)]
    assert len(set(prints)) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp932", "utf-16"])
def test_nothing_is_lost_whatever_the_encoding(encoding: str) -> None:
    message = "한국어 😀 \udcff \x1b ##[error]x"
    text = document(replace(ERROR, message=message, hint=""), encoding=encoding)
    assert text["runs"][0]["results"][0]["message"]["text"] == message


def test_columns_are_counted_as_problems_count_them() -> None:
    (run,) = document()["runs"]
    assert run["columnKind"] == "unicodeCodePoints"


def test_what_ended_the_command_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    told = SarifReport(out, Root(Path.cwd()))
    told.tell(CommandEnded(UsageError("no", "say this")))
    told.tell(CommandEnded(UsageError("no")))
    assert capsys.readouterr() == ("", "error: no\n    say this\nerror: no\n")
    assert out.getvalue() == ""


def test_its_reader_may_leave() -> None:
    class Gone(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    SarifReport(Gone(), Root(Path.cwd())).tell(ManifestsChecked([], []))
