"""`config.yaml` on the command line: what comes before what, and what is refused."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from nicobatch import credentials, sites
from nicobatch.model import Secret
from nicobatch.sandbox import DEFAULT_ACCOUNTS, Sandbox
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import ROOT, process

TWO = """\
version: 1
sites: [bilibili]
defaults: {tags: [a], description: b, bilibili: {partition: 游戏}}
videos: [{file: a.mp4, title: 第1集}, {file: b.mp4, title: 第2集}]
"""


@pytest.fixture
def write(home: Path) -> Path:
    """The user's own file, in whose folder there is nothing yet."""
    path = home / ".config" / "nicobatch" / "config.yaml"
    path.parent.mkdir(parents=True)
    return path


def test_a_config_sets_defaults_and_the_command_line_comes_first(
    cli: Cli, shelf: Shelf, write: Path
) -> None:
    manifest = str(shelf.series("a"))
    long = "x" * 110
    shelf.write(f"version: 1\nfile: a.mp4\ntitle: a\ngenre: gaem\ndescription: {long}\n")
    assert cli("check", manifest).code == 0
    write.write_text("options: {strict: true, check: {no-media: true}}\n", encoding="utf-8")
    assert cli("check", manifest).code == 1
    assert cli("check", manifest, "--no-strict").code == 0
    write.write_text("options: {strict: true, check: {strict: false}}\n", encoding="utf-8")
    assert cli("check", manifest).code == 0
    assert cli("check", manifest, "--strict").code == 1


def test_the_environment_comes_before_the_config(
    cli: Cli, shelf: Shelf, write: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.series("a")
    write.write_text("options: {api-origin: 'https://config.example'}\n", encoding="utf-8")
    told = [line for line in cli("doctor").out.splitlines() if "niconico is reached" in line]
    assert "https://config.example/api" in told[0]
    monkeypatch.setenv("NICOBATCH_API_ORIGIN", "https://environment.example")
    assert "https://environment.example/api" in cli("doctor").out
    out = cli("doctor", "--api-origin", "https://line.example").out
    assert "https://line.example/api" in out


def test_a_flag_can_be_taken_back_and_help_says_how(cli: Cli, write: Path) -> None:
    assert "--no-strict" not in cli("publish", "--help").out
    write.write_text("options: {strict: true, no-color: true}\n", encoding="utf-8")
    told = cli("publish", "--help").out
    assert "--strict / --no-strict" in told
    assert "--no-color / --color" in told


def test_a_home_is_written_out(cli: Cli, shelf: Shelf, write: Path, home: Path) -> None:
    shelf.series("a")
    write.write_text("options: {journal: ~/receipts, sandbox: true}\n", encoding="utf-8")
    assert cli("publish", "m.yaml").code == 0
    assert (home / "receipts").is_dir()
    assert not Path("~").exists()
    assert "no receipts" in cli("status", "--no-sandbox").out


def test_commands_of_a_group_take_what_is_everybodys(cli: Cli, write: Path) -> None:
    write.write_text("options: {format: json, check: {strict: true}}\n", encoding="utf-8")
    assert cli("session", "list").events == [{"event": "listed", "members": 0}]
    assert cli("session", "list", "--format", "text").out.startswith("no session is kept")


def test_a_language_is_nicobatchs_own(
    cli: Cli, write: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    write.write_text("language: ja\n", encoding="utf-8")
    assert "使い方" in cli("session", "--help").out
    assert "Usage" in cli("session", "--help", "--lang", "en").out


def test_editors_get_a_schema_of_it(cli: Cli, write: Path) -> None:
    text = cli("schema", "--config").out
    assert text == (ROOT / "schemas" / "config.schema.json").read_text("utf-8")
    schema = json.loads(text)
    Draft7Validator.check_schema(schema)
    good = {
        "language": "ja",
        "options": {"sandbox": True, "publish": {"limit-rate": "5M", "notify": ["a"]}},
        "notify": {"a": {"url_env": "A"}},
    }
    bad: list[dict[str, Any]] = [
        {"options": {"publsh": {}}},
        {"options": {"publish": {"github": "yes"}}},
        {"notify": {"a": {}}},
        {"notify": {"a": {"url_env": "json://a"}}},
    ]
    found = [Draft7Validator(schema).is_valid(each) for each in (good, *bad)]
    assert found == [True, False, False, False, False]
    write.write_text(json.dumps(good), encoding="utf-8")
    assert cli("status", "--no-sandbox").code == 0


WRONG = """\
options:
  jurnal: x
  strict: maybe
  parallel-chunks: 2
  publish: {limit-rate: fast, parallel-chunks: 99, yes: true}
  watch: 5
  session: {}
  exclude: x
  plan: {exclude: x, account: [a]}
"""


def test_what_options_do_not_take_is_told_at_its_place(
    cli: Cli, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("c.yaml").write_text(WRONG, encoding="utf-8")
    monkeypatch.setenv("NICOBATCH_CONFIG", "c.yaml")
    result = cli("status", "--format", "json")
    assert result.code == 2
    found = {
        f"{each['line']}:{each['column']} {each['rule']}": each for each in result.of("problem")
    }
    assert [*found] == [
        "2:3 unknown-key",
        "3:11 bad-option",
        "4:3 unknown-key",
        "5:25 bad-option",
        "5:48 bad-option",
        "5:52 unknown-key",
        "6:10 not-mapping",
        "7:12 not-mapping",
        "8:3 unknown-key",
        "9:19 bad-option",
        "9:31 bad-option",
    ]
    assert found["2:3 unknown-key"]["hint"] == "did you mean journal?"
    assert "500k or 5M" in found["5:25 bad-option"]["message"]
    assert "write a list" in found["9:19 bad-option"]["message"]
    text = cli("status")
    assert text.code == 2
    assert text.err.endswith(
        "error: the settings in c.yaml can't be used\n"
        "    mend them, or set NICOBATCH_CONFIG to nothing to go without them\n"
    )
    assert "c.yaml:5:25: error: publish.limit-rate can't be fast: " in text.err
    monkeypatch.setenv("NICOBATCH_CONFIG", "")
    assert cli("status").code == 0


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("help",), ("schema",)])
def test_what_sends_nothing_works_whatever_it_says(
    cli: Cli, write: Path, arguments: tuple[str, ...]
) -> None:
    write.write_text("languge: ja\n", encoding="utf-8")
    assert cli(*arguments).code == 0


def test_a_file_that_is_named_has_to_be_there(
    cli: Cli, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NICOBATCH_CONFIG", "none.yaml")
    result = cli("status")
    assert result.code == 2
    assert "none.yaml can't be read" in result.err


def test_a_secret_in_it_is_not_shown(cli: Cli, write: Path) -> None:
    write.write_text("options: {proxy: 'http://me:geheim@127.0.0.1:1'}\n", encoding="utf-8")
    for command in ("status", "doctor"):
        result = cli(command)
        assert result.code == 2
        assert "secret-in-config" in result.out + result.err
        assert "geheim" not in result.out + result.err


def test_a_budget_is_planned_with(cli: Cli, shelf: Shelf, write: Path) -> None:
    shelf.add("a.mp4")
    shelf.add("b.mp4")
    shelf.write(TWO)
    assert "its turn comes at" not in cli("plan", "m.yaml", "--sandbox").out
    told = "budgets: {bilibili: {submissions_per_day: 1, at_loopback: {}}}\n"
    write.write_text(told.replace("{}", "true"), encoding="utf-8")
    assert cli("plan", "m.yaml", "--sandbox").out.count("its turn comes at") == 1
    write.write_text(told.replace("{}", "false"), encoding="utf-8")
    assert "its turn comes at" not in cli("plan", "m.yaml", "--sandbox").out


def moved(sandbox: Sandbox, write: Path, more: str = "") -> None:
    """Say that both sites have moved to the sandbox, and that it is trusted."""
    base = f"{sandbox.url}/bilibili"
    bases = ", ".join(f"{name}: '{base}'" for name in ("member", "api", "passport", "www"))
    write.write_text(
        f"profiles:\n  web-2026: {{{bases}, trust: [127.0.0.1]}}\n"
        f"  garage-2026: {{nvapi: '{sandbox.url}', trust: [127.0.0.1]{more}}}\n",
        encoding="utf-8",
    )


def test_a_site_that_has_moved_is_found_with_the_kept_sign_in(
    cli: Cli, sandbox: Sandbox, write: Path
) -> None:
    person = DEFAULT_ACCOUNTS[0]
    niconico = credentials.Store.of_user(sites.site())
    niconico.set("main", Secret(person.user_session))
    moved(sandbox, write)
    assert cli("session", "check").out.startswith("main is signed in as サンドボックス")
    moved(sandbox, write, ", paths: {/v1/users/me: /v9/users/me}")
    result = cli("session", "check", "-v")
    assert result.code != 0
    assert "GET /v9/users/me 404" in result.err
    moved(sandbox, write, ", paths: {/v9: /v8}, headers: {X-Frontend-Id: '7'}")
    assert cli("session", "check").code == 0


def test_a_kept_sign_in_is_renewed(cli: Cli, sandbox: Sandbox, write: Path) -> None:
    moved(sandbox, write)
    store = credentials.Store.of_user(sites.site("bilibili"))
    scanned = cli("session", "login", "--site", "bilibili")
    assert scanned.code == 0, scanned.err
    before = store.get("main")
    result = cli("session", "refresh", "--site", "bilibili")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("the session is renewed: main is signed in as サンドボックス")
    after = store.get("main")
    assert before
    assert after
    assert before.reveal() != after.reveal()
    assert cli("session", "check", "--site", "bilibili").code == 0
    store.set("main", before)
    assert cli("session", "check", "--site", "bilibili").code == 3  # the old one is dead


def test_a_renewal_waits_for_no_run_that_is_at_work(
    cli: Cli, sandbox: Sandbox, write: Path, home: Path
) -> None:
    from nicobatch.actions.patience import lock_folder
    from nicobatch.locks import Locks
    from nicobatch.pipeline import Owner
    from nicobatch.pipeline.locking import on_machine

    moved(sandbox, write)
    assert cli("session", "login", "--site", "bilibili").code == 0
    place = on_machine(lock_folder(), sandbox.url, Owner("bilibili", "main"))
    with Locks("publish").acquire(place.path, place.name):
        result = cli("session", "refresh", "--site", "bilibili", "--format", "json")
    assert result.code == 5
    assert "account main" in result.of("error")[0]["message"]


def test_a_log_file_may_be_a_default(cli: Cli, shelf: Shelf, write: Path) -> None:
    write.write_text("options: {log-file: n.log}\n", encoding="utf-8")
    shelf.series("a")
    assert cli("publish", "m.yaml", "--sandbox").code == 0
    assert "POST /api/v2/videos 201" in Path("n.log").read_text("utf-8")
    assert not logging.getLogger("nicobatch").handlers


def test_a_process_of_its_own(shelf: Shelf, write: Path) -> None:
    write.write_text("language: zh\nlanguge: x\n", encoding="utf-8")
    result = process("status")
    assert result.code == 2
    assert f"{write}:2:1" in result.err
    assert "Traceback" not in result.err
