"""`config.yaml`: what counts of it, and where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch import config
from nicobatch.config import Config
from nicobatch.config.recipients import Recipient
from nicobatch.errors import UsageError
from nicobatch.model import Problem
from nicobatch.sites import Described
from nicobatch.sites.mending import Budget

GOOD = """\
language: ja
options:
  strict: true
budgets:
  bilibili: {submissions_per_day: 4, submission_interval: 0, at_loopback: true}
profiles:
  garage-2026:
    garage: https://garage2.nicovideo.jp/api
    frontend_version: 1.2.0
    paths: {/api/v2/videos: /api/v3/videos}
    headers: {X-Frontend-Id: '24'}
  web-2026:
    member: https://member.example.com
    api: http://127.0.0.1:8025/bilibili
    trust: [example.com, 127.0.0.1]
notify:
  mail: {url_env: MAIL_URL}
  own: {command: [tell, --loud]}
"""


def checked(tmp_path: Path, text: str) -> tuple[Config, tuple[Problem, ...]]:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return config.check(config.read(path, named=True), Described())


def test_what_counts(tmp_path: Path) -> None:
    found, problems = checked(tmp_path, GOOD)
    assert problems == ()
    numbers = {"submissions_per_day": 4, "submission_interval": 0}
    assert found.budgets == {"bilibili": Budget(numbers, at_loopback=True)}
    assert found.moved["garage-2026"]["paths"] == {"/api/v2/videos": "/api/v3/videos"}
    assert "trust" not in found.moved["web-2026"]
    own = Recipient(name="own", command=("tell", "--loud"))
    assert found.notify == {"mail": Recipient(name="mail", url_env="MAIL_URL"), "own": own}
    assert config.load(tmp_path / "config.yaml", Described()) == found


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}\n", "profiles: {}\nbudgets: {}\n"])
def test_nothing_may_be_set(tmp_path: Path, text: str) -> None:
    assert checked(tmp_path, text) == (Config(), ())


@pytest.mark.parametrize(
    ("text", "expected", "words"),
    [
        ("languge: ja\n", "1:1 unknown-key", "did you mean language?"),
        ("language: jp\n", "1:11 unknown-value", "it can be: en, ja, zh"),
        ("language:\n", "1:1 empty-value", ""),
        ("- language\n", "1:1 not-mapping", "language: ja"),
        ("budgets: {bilibili: {submissions_per_day: 0}}\n", "1:43 too-small", "1 or more"),
        ("budgets: {bilibili: {submissions_per_day: x}}\n", "1:43 not-integer", "not 'x'"),
        ("budgets: {bilibili: {at_loopback: 1}}\n", "1:35 not-boolean", ""),
        ("budgets: {youtube: {}}\n", "1:11 unknown-key", "known here: niconico, bilibili"),
        ("profiles:\n  garage-2016: {}\n", "2:3 unknown-key", "did you mean garage-2026?"),
        ("profiles: {web-2026: {version: 2}}\n", "1:32 not-text", "put it in quotes: '2'"),
        ("profiles: {web-2026: {trust: a}}\n", "1:30 not-list", "[example.com]"),
        ("notify: {a: DISCORD_URL}\n", "1:13 not-mapping", "a: {url_env: DISCORD_URL}"),
        ("notify: {a: {url: x}}\n", "1:14 unknown-key", "did you mean url_env?"),
        ("notify: {a: {}}\n", "1:10 notify-how", "url_env, keyring, desktop, command"),
        ("notify: {a: {desktop: true, keyring: a}}\n", "1:10 notify-how", "names 2 ways"),
        ("notify: {a: {url_env: 'discord://1/2'}}\n", "1:23 announce-variable", "DISCORD_URL"),
        ("notify: {a: {desktop: false}}\n", "1:23 unfit-value", "desktop: true"),
        ("notify: {a: {keyring: ''}}\n", "1:23 unfit-value", "can't be ''"),
        ("notify: {a: {command: tell}}\n", "1:23 not-list", "[tell, --loud]"),
        ("notify: {a: {command: []}}\n", "1:23 unfit-value", "can't be []"),
        ("notify: {a: {command: [tell, 1]}}\n", "1:30 not-text", "quotes: '1'"),
        ("a: 1\na: 2\n", "2:1 repeated-key", ""),
        ("a: [\n", "1:4 yaml-unclosed-bracket", ""),
        ("language: \x00\n", "1:11 control-character", ""),
    ],
)
def test_what_the_schema_refuses(tmp_path: Path, text: str, expected: str, words: str) -> None:
    _config, problems = checked(tmp_path, text)
    assert expected in {f"{each.line}:{each.column} {each.rule}" for each in problems}
    assert words in " ".join(each.message + each.hint for each in problems)


@pytest.mark.parametrize(
    ("told", "rule", "words"),
    [
        ("garage: https://evil.example", "strange-host", "trust: [evil.example]"),
        ("garage: https://evilnicovideo.jp", "strange-host", "is not niconico's"),
        ("garage: https://nicovideo.jp.evil.example", "strange-host", ""),
        ("garage: http://127.0.0.1:8025", "strange-host", "trust: [127.0.0.1]"),
        ("garage: http://garage.nicovideo.jp", "not-private", "neither https nor this machine"),
        ("garage: http://x.example, trust: [x.example]", "not-private", ""),
        ("garage: ftp://garage.nicovideo.jp", "unfit-value", "https://example.com"),
        ("garage: https://garage.nicovideo.jp/", "unfit-value", ""),
        ("garage: 'https://garage.nicovideo.jp?x'", "unfit-value", ""),
        ("garage: 'https://[::1'", "unfit-value", ""),
        ("watch: https://www.nicovideo.jp/watch", "unfit-value", "{video_id}"),
        ("frontend_version: 'a\tb'", "unfit-value", ""),
        ("paths: {v2: /v3}", "unfit-value", "/v2/videos"),
        ("paths: {/v2: '/v3?x'}", "unfit-value", ""),
        ("headers: {Host: x}", "unfit-value", "headers.Host"),
        ("headers: {X-A: 日}", "unfit-value", ""),
        ("trust: ['https://x']", "unfit-value", "example.com"),
    ],
)
def test_what_has_moved_must_not_lead_astray(
    tmp_path: Path, told: str, rule: str, words: str
) -> None:
    _config, problems = checked(tmp_path, f"profiles:\n  garage-2026: {{{told}}}\n")
    (found,) = problems
    assert (found.rule, found.line) == (rule, 2)
    assert words in found.message + found.hint


SECRETS = [
    "user_session: geheim",
    "options: {proxy: 'http://me:geheim@127.0.0.1:1'}",
    "profiles: {garage-2026: {headers: {Cookie: geheim}}}",
    "profiles: {garage-2026: {headers: {Authorization: geheim}}}",
    "profiles: {web-2026: {SESSDATA: geheim}}",
    "language: user_session_1234567_geheim",
    "notes: ['SESSDATA=geheim']",
    "api_key: geheim",
    "smtp-password: geheim",
    "notify: {mail: {token: geheim}}",
    "notify: {own: {command: [curl, 'https://discord.com/api/webhooks/1/geheim']}}",
]


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    _config, problems = checked(tmp_path, text)
    assert {each.rule for each in problems} == {"secret-in-config"}
    told = "".join(each.message + each.hint for each in problems)
    assert "geheim" not in told
    assert "nicobatch session set" in told


def test_a_library_raises_the_first_of_them(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("# mine\nlanguge: ja\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        config.load(path, Described())
    assert str(caught.value) == f"{path}:2:1: the key languge is unknown"
    assert caught.value.hint == "did you mean language?"
    with pytest.raises(UsageError, match="can't be read: No such file"):
        config.load(tmp_path / "none.yaml", Described())
    with pytest.raises(UsageError, match="can't be read: it is no file"):
        config.load(tmp_path, Described())


def test_where_it_lies(home: Path, tmp_path: Path) -> None:
    own = config.place({})
    assert own is not None
    assert own.is_relative_to(home)
    assert own.name == "config.yaml"
    assert config.place({config.VARIABLE: "~/c.yaml"}) == home / "c.yaml"
    assert config.place({config.VARIABLE: ""}) is None
    assert config.read(own, named=False) == config.Given()
    assert config.read(None, named=True) == config.Given()


@given(st.binary(max_size=200) | st.text(alphabet="abl:{}[]-'\n #/", max_size=60).map(str.encode))
def test_nothing_in_it_is_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    config.check(config.read(path, named=True), Described())
