"""What CI services are told by real runs: GitHub's log, summary and outputs, JUnit, SARIF."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from nicobatch.cli import runner
from nicobatch.credentials import Store
from nicobatch.model import Secret
from nicobatch.sandbox import DEFAULT_ACCOUNTS, Sandbox
from nicobatch.sites.niconico.fields import SITE
from tests.support.warm import launch
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import MAIN, Result, end, environment_with, in_a_row, process, start
from tests.unit.reports.github.runner import Command, commands_in

SPECS = Path(__file__).parents[1] / "reports" / "specs"
FLAWED = """\
version: 1
videos:
  - file: a.mp4
    title: 第1回
    genre: gmae
  - file: gone.mp4
    title: 第2回
  - title: 第3回
"""


@pytest.fixture
def actions(shelf: Shelf) -> dict[str, str]:
    """What a runner sets."""
    files = {"GITHUB_STEP_SUMMARY": "summary.md", "GITHUB_OUTPUT": "output.txt"}
    return {
        "GITHUB_ACTIONS": "true",
        "CI": "true",
        "GITHUB_WORKSPACE": str(shelf.folder),
        **{name: str(shelf.folder.parent / file) for name, file in files.items()},
    }


@pytest.fixture
def within(actions: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The same for this process."""
    for name, value in actions.items():
        monkeypatch.setenv(name, value)
    return actions


def told(result: Result) -> list[Command]:
    return list(commands_in(result.err))


def summary(actions: Mapping[str, str]) -> str:
    return Path(actions["GITHUB_STEP_SUMMARY"]).read_text("utf-8")


def cases_of(file: str) -> dict[str, ET.Element]:
    return {case.get("name", ""): case for case in ET.parse(file).iter("testcase")}


def test_a_check_annotates_by_itself_under_actions(
    cli: Cli, shelf: Shelf, within: dict[str, str]
) -> None:
    shelf.add("a.mp4")
    shelf.write(FLAWED)
    result = cli("check", ".")
    assert result.code == 1
    places = [
        (each.name, each.properties["file"], each.properties["line"], each.properties["title"])
        for each in told(result)
    ]
    assert places == [
        ("warning", "m.yaml", "5", "unknown-genre"),
        ("error", "m.yaml", "6", "file-not-found"),
        ("error", "m.yaml", "8", "missing-key"),
    ]
    assert "[file-not-found]" in result.out
    assert list(commands_in(result.out)) == []
    assert "| m.yaml&#58;6 | error&#58; there is no file gone.mp4" in summary(within)


def test_paths_are_the_repository_s(cli: Cli, shelf: Shelf, within: dict[str, str]) -> None:
    shelf.write("version: 1\nfile: gone.mp4\ntitle: x\n", "第1部/m.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(shelf.folder / "第1部")
        (read,) = told(cli("check", "m.yaml"))
    assert read.properties["file"] == "第1部/m.yaml"


@pytest.mark.parametrize(
    ("options", "given", "on"),
    [
        ((), {}, False),
        (("--github",), {}, True),
        ((), {"GITHUB_ACTIONS": "true"}, True),
        (("--no-github",), {"GITHUB_ACTIONS": "true"}, False),
    ],
)
def test_when_github_is_told(
    cli: Cli, shelf: Shelf, options: tuple[str, ...], given: dict[str, str], on: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        assert bool(told(cli("check", "gone.yaml", *options))) is on


def test_a_publish_under_actions(
    cli: Cli, shelf: Shelf, site: Sandbox, within: dict[str, str]
) -> None:
    shelf.series("a", "b")
    shelf.add("c.mp4")
    manifest = shelf.folder / "m.yaml"
    more = '  - file: c.mp4\n    title: "::add-mask::niconico"\n    genre: gmae\n'
    manifest.write_text(manifest.read_text("utf-8") + more, "utf-8")
    result = cli("publish", ".", "--junit", "junit.xml")
    assert result.code == 1
    commands = [each for each in told(result) if each.name != "add-mask"]
    assert [(each.name, each.message) for each in commands if "group" in each.name] == [
        ("group", "m.yaml#a"),
        ("endgroup", ""),
        ("group", "m.yaml#b"),
        ("endgroup", ""),
        ("group", "m.yaml#c"),
        ("endgroup", ""),
    ]
    (failed,) = (each for each in commands if each.name == "error")
    assert (failed.properties["file"], failed.properties["line"]) == ("m.yaml", "7")
    assert "genreKey" in failed.message
    lines = result.err.splitlines()
    inside = lines[lines.index("::group::m.yaml#b") : lines.index("::group::m.yaml#c")]
    assert all(line.startswith(("b: ", "::group::", "::endgroup::")) for line in inside)
    assert "m.yaml#c\t::add-mask::niconico" in result.out
    assert "\x1b" not in result.out + result.err

    said = summary(within)
    assert f"[sm39130867](<{site.url}/watch/sm39130867>)" in said
    assert "&#58;&#58;add-mask&#58;&#58;niconico | failed" in said
    outputs = Path(within["GITHUB_OUTPUT"]).read_text("utf-8").splitlines()
    assert "published=2" in outputs
    assert "ids=sm39130867 sm39130868" in outputs

    cases = cases_of("junit.xml")
    assert [name for name, case in cases.items() if case.find("failure") is not None] == ["c"]
    assert all(float(case.get("time", "0")) > 0 for case in cases.values())


def test_programs_still_read_json_alone(
    cli: Cli, shelf: Shelf, site: Sandbox, within: dict[str, str]
) -> None:
    shelf.add("a.mp4")
    title = "##[add-mask]x ::error::y"
    shelf.write(f'version: 1\nfile: a.mp4\ntitle: "{title}"\n')
    result = cli("publish", ".", "--format", "json", "--no-wait")
    assert result.code == 0
    assert result.of("video_done")[0]["title"] == title
    assert list(commands_in(result.out)) == []
    assert {each.name for each in told(result)} <= {"add-mask"}


def test_a_plan_shows_its_signs(cli: Cli, shelf: Shelf, within: dict[str, str]) -> None:
    shelf.series("a")
    assert cli("plan", ".").code == 0
    assert "| `+` | m.yaml&#35;a | 【実況】a はじめての冒険 | create" in summary(within)
    assert "changes=1\n" in Path(within["GITHUB_OUTPUT"]).read_text("utf-8")


def test_a_status_is_a_table(cli: Cli, shelf: Shelf, site: Sandbox, within: dict[str, str]) -> None:
    shelf.series("a")
    cli("publish", ".", "--no-github")
    assert not Path(within["GITHUB_STEP_SUMMARY"]).exists()
    assert cli("status").code == 0
    assert "| m.yaml&#35;a | published" in summary(within)


def test_a_watch_is_told_of_too(
    cli: Cli, shelf: Shelf, site: Sandbox, within: dict[str, str]
) -> None:
    shelf.series("a")
    shelf.write("version: 1\nfile: a.mp4\ntitle: ''\n", "bad.yaml")
    past = time.time() - 60
    for path in shelf.folder.iterdir():
        os.utime(path, (past, past))
    options = ("--once", "--settle", "0.1", "--rescan", "0.3", "--junit", "../junit.xml")
    result = cli("watch", ".", *options)
    assert result.code == 1, result.err
    assert ("group", "m.yaml#a") in [(each.name, each.message) for each in told(result)]
    assert "bad.yaml" in [each.properties.get("file") for each in told(result)]
    assert "sm39130867" in summary(within)
    assert cases_of("../junit.xml")["a"].find("skipped") is None


def test_what_ends_the_command_is_annotated(
    cli: Cli, shelf: Shelf, site: Sandbox, within: dict[str, str]
) -> None:
    shelf.series("a")
    shelf.series("b", name="deep/m.yaml")
    result = cli("publish", ".", "--journal", "r", "--junit", "junit.xml")
    assert result.code == 2
    (read,) = (each for each in told(result) if each.name == "error")
    assert "would share their receipts" in read.message
    cases = cases_of("junit.xml")
    found = cases["publish"].find("error")
    assert found is not None
    assert found.get("type") == "usage-error"
    assert cases["a"].find("skipped") is not None


def test_a_bug_is_told_of_too(
    cli: Cli, shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.series("a")

    def bug(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("nicobatch.cli.plan.sound", bug)
    result = cli("publish", ".", "--junit", "junit.xml", "--github")
    assert result.code == 70
    assert "this is a bug" in next(iter(told(result))).message
    assert cases_of("junit.xml")["publish"].find("error") is not None


# JUnit


def test_a_check_writes_junit(cli: Cli, shelf: Shelf) -> None:
    shelf.add("a.mp4")
    shelf.write(FLAWED)
    assert cli("check", ".", "--junit", "out/junit.xml").code == 1
    cases = cases_of("out/junit.xml")
    assert len(cases["a"]) == 1
    failures = [name for name, case in cases.items() if case.find("failure") is not None]
    assert failures == ["gone"]
    assert cli("check", ".", "--strict", "--junit", "junit.xml").code == 1
    assert cases_of("junit.xml")["a"].find("failure") is not None


def test_what_problems_keep_from_being_published_is_skipped(
    cli: Cli, shelf: Shelf, site: Sandbox
) -> None:
    shelf.series("good")
    shelf.write("version: 1\nfile: gone.mp4\ntitle: 第2回\n", "n.yaml")
    assert cli("publish", ".", "--all-or-nothing", "--junit", "junit.xml").code == 1
    cases = cases_of("junit.xml")
    assert cases["good"].find("skipped") is not None
    assert cases["gone"].find("failure") is not None


def test_a_file_that_can_not_be_written_stops_it_before_anything_is_done(
    cli: Cli, shelf: Shelf, site: Sandbox
) -> None:
    shelf.series("a")
    result = cli("publish", ".", "--junit", "a.mp4/junit.xml")
    assert result.code == 2
    assert "a.mp4/junit.xml can't be written" in result.err
    assert site.audit()["requests"] == []


class Stalling:
    """A site that takes no part of a file."""

    def __init__(self) -> None:
        self.reached, self.over = threading.Event(), threading.Event()

    def __call__(self, app: WSGIApplication) -> WSGIApplication:
        def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            if environ["PATH_INFO"].endswith("/chunks"):
                self.reached.set()
                self.over.wait(30)
            return app(environ, start_response)

        return wrapped


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal for one process")
def test_a_run_that_is_interrupted_has_its_reports(
    shelf: Shelf, actions: dict[str, str], tmp_path: Path
) -> None:
    shelf.series("a", "b")
    stall = Stalling()
    with Sandbox(tmp_path / "site", encode_seconds=0, wrap=stall) as server:
        there = {"NICOBATCH_API_ORIGIN": server.url, "NICOBATCH_USER_SESSION": MAIN.user_session}
        run = start("publish", ".", "--junit", "junit.xml", environment={**actions, **there})
        assert stall.reached.wait(20)
        assert cases_of("junit.xml")["publish"].find("error") is not None
        run.send_signal(signal.SIGTERM)
        result = end(run)
        stall.over.set()
    assert result.code == 143
    cases = cases_of("junit.xml")
    assert {"a", "b", "publish"} == cases.keys()
    assert all(len(case) for case in cases.values())
    assert "m.yaml&#35;a" in summary(actions)
    assert "error" in {each.name for each in told(result)}
    assert result.err.count("::group::") == result.err.count("::endgroup::")


# SARIF


def test_a_check_writes_sarif(cli: Cli, shelf: Shelf) -> None:
    shelf.add("a.mp4")
    shelf.write(FLAWED, "第1部/m.yaml")
    result = cli("check", ".", "--format", "sarif")
    assert result.code == 1
    assert result.err == ""
    document = json.loads(result.out)
    schema = json.loads((SPECS / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))
    jsonschema.Draft4Validator(schema).validate(document)
    found = document["runs"][0]["results"]
    assert {each["ruleId"] for each in found} >= {"unknown-genre", "file-not-found", "missing-key"}
    uris = {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in found}
    assert uris == {"%E7%AC%AC1%E9%83%A8/m.yaml"}


def test_nothing_found_is_a_document_too(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    result = cli("check", ".", "--format", "sarif")
    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out)["runs"][0]["results"] == []


def test_sarif_is_for_checks(cli: Cli, shelf: Shelf) -> None:
    assert cli("plan", ".", "--format", "sarif").code == 2


# Secrets


def run_piped(*arguments: str, environment: Mapping[str, str]) -> str:
    """Return both streams as one pipe has them."""
    run = launch(
        "nicobatch",
        *arguments,
        env=environment_with(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    return end(run).out


def test_secrets_are_masked_before_anything_is_said(
    shelf: Shelf, site: Sandbox, actions: dict[str, str]
) -> None:
    shelf.series("a")
    secrets = {
        "NICOBATCH_USER_SESSION": f"user_session={MAIN.user_session}; ",
        "NICOBATCH_SECOND_USER_SESSION": "no session at all",
        "NICOBATCH_PASSWORD": "first line\n  second 100%\n",
        "NICOBATCH_SECOND_OTP": "987654",
        "NICOBATCH_MAIL": "me@private.example",
        "NICOBATCH_API_ORIGIN": site.url,
    }
    log = run_piped("publish", ".", "--no-wait", environment={**actions, **secrets})
    lines = log.splitlines()
    masks = [line for line in lines if line.startswith("::add-mask::")]
    assert lines[: len(masks)] == masks
    assert {each.message for each in commands_in("\n".join(masks))} == {
        f"user_session={MAIN.user_session};",
        MAIN.user_session,
        "no session at all",
        "first line",
        "second 100%",
        "987654",
        "me@private.example",
    }
    assert "published" in log


def test_kept_and_gained_sessions_are_masked(
    shelf: Shelf, site: Sandbox, actions: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.series("a")
    kept = Secret("user_session_1_kept")
    with monkeypatch.context() as patch:
        patch.delenv("NICOBATCH_API_ORIGIN")
        patch.delenv("NICOBATCH_USER_SESSION")
        Store.of_user(SITE).set("main", kept)
        unreachable = {"HTTPS_PROXY": "http://127.0.0.1:9", "PYTHONWARNINGS": "ignore"}
        options = ("--retry-attempts", "1")
        log = run_piped("publish", ".", *options, environment={**actions, **unreachable})
    assert f"::add-mask::{kept.reveal()}" in log.splitlines()

    person = DEFAULT_ACCOUNTS[0]
    given = {"NICOBATCH_MAIL": person.mail, "NICOBATCH_PASSWORD": person.password}
    old = ("--profile", "article-2021", "--no-wait")
    log = run_piped("publish", ".", *old, environment={**actions, **given})
    masked = [each.message for each in commands_in(log) if each.name == "add-mask"]
    assert [each for each in masked if each.startswith("user_session_")][-1] not in given.values()
    assert len([each for each in masked if each.startswith("user_session_")]) >= 2


def test_no_secret_is_written_where_no_runner_reads(
    shelf: Shelf, site: Sandbox, actions: dict[str, str]
) -> None:
    shelf.series("a")
    secret = {"NICOBATCH_PASSWORD": "p4ssw0rd-of-mine"}
    assert "p4ssw0rd" not in run_piped("check", ".", "--github", environment=secret)
    with (shelf.folder.parent / "log").open("wb") as log:
        environment = environment_with({**actions, **secret})
        run = launch("nicobatch", "check", ".", env=environment, stdout=log, stderr=log)
        assert run.wait(20) == 0
    assert "p4ssw0rd" not in (shelf.folder.parent / "log").read_text("utf-8")


def test_which_variables_hold_secrets() -> None:
    names = ["USER_SESSION", "PASSWORD", "OTP", "MAIL", "A_B_OTP", "API_ORIGIN", "OTPX"]
    environment = {f"NICOBATCH_{name}": name for name in names} | {"PASSWORD": "not ours"}
    found = [each.reveal() for each in runner.secrets_of(environment)]
    assert found == ["USER_SESSION", "USER_SESSION", "PASSWORD", "OTP", "MAIL", "A_B_OTP"]


# Titles of strangers


@pytest.mark.parametrize("format_", ["text", "json"])
def test_no_title_is_a_command(
    cli: Cli, shelf: Shelf, site: Sandbox, within: dict[str, str], format_: str
) -> None:
    shelf.add("a.mp4")
    shelf.write('version: 1\nid: "##[group]x"\nfile: a.mp4\ntitle: "::stop-commands::x"\n')
    for command in ("plan", "publish", "status"):
        result = cli(command, ".", "--format", format_)
        assert list(commands_in(result.out)) == []
        known = {"add-mask", "group", "endgroup", "error"}
        assert {each.name for each in told(result)} <= known
        groups = [each.message for each in told(result) if each.name == "group"]
        assert groups in ([], ["m.yaml###[group]x"])


# Consoles


@pytest.mark.parametrize(
    ("more", "escapes"),
    [({}, set()), ({"FORCE_COLOR": "1"}, {"m"}), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, set())],
)
def test_a_log_has_no_control_characters_but_colors_that_are_forced(
    shelf: Shelf, site: Sandbox, more: dict[str, str], escapes: set[str]
) -> None:
    shelf.series("a")
    result = process("publish", ".", environment={"CI": "true", **more})
    assert result.code == 0
    said = result.out + result.err
    assert set(re.findall(r"\x1b\[[0-9;?]*(.)", said)) == escapes
    assert not re.search(r"[\x00-\x08\x0b-\x1a\x1c-\x1f]", said)
    assert re.search(r"^a: [0-9.]+ kB of [0-9.]+ kB sent$", result.err, re.MULTILINE)


ODD_TITLE = "é 한국어 😀 第1回"
CONSOLES: list[dict[str, str]] = [
    {"PYTHONIOENCODING": "cp932", "PYTHONUTF8": "0"},
    {"PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "C"},
]


def console_id(environment: Mapping[str, str]) -> str:
    return ",".join(environment.values())


def spoken(environment: Mapping[str, str], *arguments: str) -> tuple[int, bytes, bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "nicobatch", *arguments],
        env=environment_with(environment),
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("console", CONSOLES, ids=console_id)
def test_no_console_is_too_plain(shelf: Shelf, console: dict[str, str]) -> None:
    shelf.add("a.mp4")
    odd = '"\\ud83d"'  # half of a pair: what is wrong with it is to be said, too
    shelf.write(f"version: 1\nfile: a.mp4\ntitle: {ODD_TITLE}\ngenre: {ODD_TITLE}\n")
    shelf.write(f"version: 1\nfile: {ODD_TITLE}.mp4\nid: b\ntitle: {odd}\n", "bad/n.yaml")
    assert spoken({**console, "GITHUB_ACTIONS": "true"}, "check", ".")[0] == 1
    planned, told, analysed = in_a_row(
        environment_with(console),
        ("plan", "m.yaml"),
        ("check", "m.yaml", "--format", "json"),
        ("check", "m.yaml", "--format", "sarif"),
    )
    assert (planned.code, told.code, analysed.code) == (0, 0, 0)
    assert b"m.yaml#a" in planned.out
    assert ODD_TITLE in json.loads(told.out.splitlines()[0])["message"]
    (result,) = json.loads(analysed.out)["runs"][0]["results"]
    assert ODD_TITLE in result["message"]["text"]


def test_a_publish_on_the_plainest_console(shelf: Shelf, site: Sandbox) -> None:
    shelf.add("a.mp4")
    shelf.write(f"version: 1\nfile: a.mp4\ntitle: {ODD_TITLE}\n")
    plain = {"PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0", "GITHUB_ACTIONS": "true"}
    code, out, err = spoken(plain, "publish", ".", "--no-wait", "--junit", "junit.xml")
    assert code == 0
    assert b"published" in out
    assert b"::group::m.yaml#a" in err
    assert ODD_TITLE in (cases_of("junit.xml")["a"].findtext("system-out") or "")


def test_a_runner_reads_utf_8_wherever_it_runs(shelf: Shelf, actions: dict[str, str]) -> None:
    shelf.write(f"version: 1\nfile: {ODD_TITLE}.mp4\ntitle: x\n")
    plain = {**actions, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    _, out, err = spoken(plain, "check", ".")
    assert ODD_TITLE in out.decode("utf-8")
    assert ODD_TITLE in err.decode("utf-8")


def test_the_schema_passes_a_runner(actions: dict[str, str]) -> None:
    _, out, _ = spoken(actions, "schema")
    assert "マニフェスト" in json.loads(out)["title"]
