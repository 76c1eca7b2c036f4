from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nicobatch import __version__
from nicobatch.actions import checking
from nicobatch.cli.app import COMMANDS
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import ROOT, Result, environment_with, process

SPOKEN = [
    *((name,) for name in COMMANDS),
    ("session", "check"),
    ("session", "set"),
    ("session", "forget"),
]


def test_as_a_module() -> None:
    assert process("--version") == Result(0, f"nicobatch {__version__}\n", "")


def test_the_version_needs_no_command_line_parser() -> None:
    program = (
        "import sys; sys.argv[1:] = ['--version']; from nicobatch.__main__ import main; main();"
        "print(sorted({'click', 'rich', 'requests', 'av', 'yaml', 'typing'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"nicobatch {__version__}\n[]\n"


def test_the_version_beside_other_words(cli: Cli) -> None:
    assert cli("--version", "-h") == Result(0, f"nicobatch {__version__}\n", "")


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("words", [(), *SPOKEN], ids=" ".join)
def test_help(cli: Cli, words: tuple[str, ...], option: str) -> None:
    result = cli(*words, option)
    assert result.code == 0
    assert result.out.startswith(f"Usage: {' '.join(['nicobatch', *words])} [OPTIONS]")
    assert result.err == ""


def test_the_help_names_every_command(cli: Cli) -> None:
    said = cli("--help").out.splitlines()
    assert [tuple(re.split("  +", line.strip())) for line in said[-len(COMMANDS) :]] == [
        *COMMANDS.items()
    ]


@pytest.mark.parametrize("words", [(), ("session",)], ids=["nicobatch", "session"])
def test_without_a_command_the_help_is_shown(cli: Cli, words: tuple[str, ...]) -> None:
    result = cli(*words)
    assert result.code == 2
    assert "Usage: nicobatch" in result.err
    assert result.out == ""


WRONG = [
    (("publsh", "."), "there is no command publsh; did you mean publish?", "nicobatch --help"),
    (("frobnicate",), "the commands are check, plan, preview, publish", "nicobatch --help"),
    (("check", "--fromat", "json"), "--format", "nicobatch check --help"),
    (("check",), "PATH", "nicobatch check --help"),
    (("check", ".", "--format", "xml"), "xml", "nicobatch check --help"),
    (("publish", ".", "--retry-attempts", "0"), "0", "nicobatch publish --help"),
    (("publish", ".", "--poll-interval", "0"), "--poll-interval", "nicobatch publish --help"),
    (("session", "frob"), "the commands are check", "nicobatch session --help"),
    (("sandbox", "--port", "65536"), "65536", "nicobatch sandbox --help"),
    (("--frob",), "--frob", "nicobatch --help"),
    (("schema", "postgresql://u:geheim@h/d"), "postgresql://…@h/d", "nicobatch schema --help"),
]


@pytest.mark.parametrize(("words", "said", "help_"), WRONG, ids=lambda each: str(each)[:30])
def test_wrong_usage_is_told_with_what_would_help(
    cli: Cli, words: tuple[str, ...], said: str, help_: str
) -> None:
    result = cli(*words)
    assert result.code == 2
    assert result.out == ""
    first, second = result.err.splitlines()
    assert first.startswith("error: ")
    assert said in first
    assert second == f"    `{help_}` shows how to use it"


@pytest.mark.parametrize(
    "words",
    [
        ("publsh", "--format", "json"),
        ("check", "--format=json"),
        ("plan", ".", "--frob", "--format", "json"),
        ("publish", ".", "--format", "json", "--api-origin", "http://example.com"),
        ("status", "nowhere", "--format", "json"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_to_programs_too(
    cli: Cli, shelf: Shelf, words: tuple[str, ...]
) -> None:
    result = cli(*words)
    (event,) = result.events
    assert result.code == 2
    assert event["event"] == "error"
    assert result.err.startswith(f"error: {event['message']}\n")


def test_a_shell_can_complete_commands(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "_NICOBATCH_COMPLETE": "bash_complete",
        "COMP_WORDS": "nicobatch p",
        "COMP_CWORD": "1",
    }.items():
        monkeypatch.setenv(name, value)
    done = process("p")
    assert done == Result(0, "plain,plan\nplain,preview\nplain,publish\n", "")
    with pytest.raises(SystemExit):
        cli("p")


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_bash_completes_commands_and_paths(cli: Cli, tmp_path: Path) -> None:
    script = cli("completion", "bash").out
    (tmp_path / "bin").mkdir()
    launcher = tmp_path / "bin" / "nicobatch"
    launcher.write_text(f'#!/bin/sh\nexec {sys.executable} -m nicobatch "$@"\n', encoding="utf-8")
    launcher.chmod(0o755)

    def offered(*words: str) -> list[str]:
        ask = (
            f"{script}\nCOMP_WORDS=({' '.join(words)}) COMP_CWORD={len(words) - 1}\n"
            '_nicobatch_completion nicobatch\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
        )
        path = f"{launcher.parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", f'compopt() {{ echo "$@"; }}\n{ask}'],
            env=environment_with({"PATH": path}),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()

    assert offered("nicobatch", "pre") == ["preview"]
    assert offered("nicobatch", "check", "--excl") == ["--exclude"]
    assert offered("nicobatch", "check", "se") == ["-o", "default"]  # as bash completes files
    assert offered("nicobatch", "init", "se") == ["-o", "default"]
    assert offered("nicobatch", "move", "se") == ["-o", "default"]
    assert offered("nicobatch", "delete", "se") == ["-o", "default"]
    videos = ({"title": "x", "file": f"{name}.mp4"} for name in ("a", "第2回", "a b", "b"))
    text = json.dumps({"version": 1, "videos": [*videos, {"file": "flawed.mp4"}]})
    (tmp_path / "m#1.yaml").write_text(text, encoding="utf-8")
    assert offered("nicobatch", "plan", "./m#1.yaml#") == [
        "./m#1.yaml#a",
        "./m#1.yaml#第2回",
        "./m#1.yaml#b",
    ]
    assert offered("nicobatch", "delete", "m#1.yaml#第") == ["m#1.yaml#第2回"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells(cli: Cli, shell: str) -> None:
    result = cli("completion", shell)
    assert (result.code, "_NICOBATCH_COMPLETE" in result.out) == (0, True)


def test_help_is_a_command_too(cli: Cli) -> None:
    for words in (("publish",), ("session", "set"), ()):
        assert cli("help", *words).out == cli(*words, "--help").out
    assert cli("help", "none").code == 2
    assert cli("-V").out == cli("--version").out


@pytest.mark.parametrize(
    ("word", "meant"),
    [("upload", "publish"), ("lint", "check"), ("diff", "plan"), ("login", "session"),
     ("rm", "delete"), ("ls", "status"), ("Upload", "publish"), ("chek", "check")],
)  # fmt: skip
def test_words_of_other_tools(cli: Cli, word: str, meant: str) -> None:
    assert f"did you mean {meant}?" in cli(word).err


def test_a_command_within_a_command_that_is_not_there(cli: Cli) -> None:
    result = cli("session", "show")
    assert result.code == 2
    assert "the commands are" in result.err
    assert "import" in result.err


@pytest.mark.parametrize(
    "before",
    [("check",), ("init",), ("adopt", "sm9"), ("watch",), ("status",), ("check", "--journal"),
     ("init", "-o"), ("preview", "-o"), ("sandbox", "--state")],
)  # fmt: skip
def test_an_address_is_no_path(cli: Cli, before: tuple[str, ...]) -> None:
    result = cli(*before, "https://example.com/m.yaml", *["x"] * before[-1].startswith("-"))
    assert (result.code, "https://example.com/m.yaml is an address" in result.err) == (2, True)


def test_ctrl_c_before_the_work_begins(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checking, "read", interrupted)
    assert cli("check", ".") == Result(130, "", "\nerror: stopped\n")


class TestBug:
    @pytest.fixture(autouse=True)
    def bug(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object, **__: object) -> None:
            raise LookupError("user_session_1_abc")

        monkeypatch.setattr(checking, "read", broken)

    def test_is_a_report_to_paste_without_values(self, cli: Cli) -> None:
        result = cli("check", "秘密.yaml")
        assert result.code == 70
        assert result.out == ""
        assert "this is a bug in nicobatch" in result.err
        assert f"nicobatch {__version__}, Python 3." in result.err
        assert "LookupError at\n" in result.err
        check = os.path.join("nicobatch", "cli", "check.py")  # noqa: PTH118 - as it is printed
        assert re.search(rf"^  {re.escape(check)}:\d+ in check_command$", result.err, re.MULTILINE)
        assert re.search(r"^  test_app\.py:\d+ in broken$", result.err, re.MULTILINE)
        assert "user_session" not in result.err
        assert "秘密" not in result.err
        assert "Traceback" not in result.err
        assert str(ROOT) not in result.err

    def test_is_an_error_to_programs(self, cli: Cli) -> None:
        result = cli("check", ".", "--format", "json")
        assert result.code == 70
        (event,) = result.events
        assert "bug" in event["message"]
        assert "LookupError" in result.err


def test_a_reader_who_leaves_in_the_middle_is_no_bug(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(checking, "read", gone)
    assert cli("check", ".") == Result(1, "", "")


def test_the_schema_is_the_published_one(cli: Cli) -> None:
    result = cli("schema")
    published = ROOT / "schemas" / "manifest.schema.json"
    assert result.code == 0
    assert result.out == published.read_text("utf-8")
    assert json.loads(result.out)["$schema"].startswith("http://json-schema.org/draft-07")


_EVERY = [[name] for name in COMMANDS] + [
    ["session", name] for name in ("check", "login", "refresh", "list", "set", "import", "forget")
]


@pytest.mark.parametrize("words", _EVERY, ids=" ".join)
def test_help_ends_with_an_example_and_begins_with_its_own_options(
    cli: Cli, words: list[str]
) -> None:
    text = cli(*words, "--help").out
    assert text.splitlines()[-1].strip().startswith(f"Example: nicobatch {words[0]}")
    assert "DIRECTORY" not in text
    options = re.findall(r"^  (?:-., )?(--[a-z-]+)", text, re.MULTILINE)
    shared = [each in _SHARED for each in options if each not in {"--lang", "--help"}]
    assert shared == sorted(shared), options


_SHARED = ("--format", "--journal", "--profile", "--api-origin", "--proxy", "--sandbox",
    "--strict", "--quiet", "--verbose", "--log-file", "--no-color", "--github",
    "--junit")  # fmt: skip


@pytest.mark.parametrize(
    ("words", "option"),
    [("search", "--journal"), ("search", "--strict"), ("status", "--strict"), ("check", "--proxy"),
     ("plan", "--verbose"), ("session check", "--journal")],
)  # fmt: skip
def test_an_option_without_an_effect_is_not_offered(cli: Cli, words: str, option: str) -> None:
    assert option not in cli(*words.split(), "--help").out
