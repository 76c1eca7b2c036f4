from __future__ import annotations

import click
import pytest

from nicobatch.cli.options import Common
from nicobatch.cli.retrying import retry_options
from nicobatch.sandbox import Sandbox
from nicobatch.settings import Settings
from tests.support.servers import serving
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import process

NO_ORIGINS = [
    "127.0.0.1:8025",
    "ftp://127.0.0.1",
    "https://",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:x",
    "http://[::1",
    "http://127.0.0.1?x=1",
    "http://127.0.0.1#x",
]


@pytest.mark.parametrize("origin", NO_ORIGINS)
def test_what_is_no_origin(cli: Cli, shelf: Shelf, origin: str) -> None:
    result = cli("plan", ".", "--api-origin", origin)
    assert result.code == 2
    assert f"{origin} is no address of a site: write it like https://127.0.0.1:8025" in result.err


def test_an_origin_holds_no_password(cli: Cli, shelf: Shelf) -> None:
    result = cli("plan", ".", "--api-origin", "https://me:geheim@127.0.0.1")
    assert result.code == 2
    assert "the address can't hold a user name or a password" in result.err
    assert "geheim" not in result.err


@pytest.mark.parametrize("command", ["plan", "publish", "check", "status"])
def test_http_goes_to_this_machine_only(cli: Cli, shelf: Shelf, command: str) -> None:
    shelf.series("a")
    result = cli(command, ".", "--api-origin", "http://niconico.example")
    assert result.code == 2
    assert result.err.splitlines() == [
        "error: http://niconico.example is neither https nor this machine",
        "    a sign-in is sent over https or to 127.0.0.1 only",
    ]


@pytest.mark.parametrize(
    "origin", ["https://x.example/prefix/", "http://[::1]:80", "http://localhost"]
)
def test_origins_that_will_do(cli: Cli, shelf: Shelf, origin: str) -> None:
    shelf.series("a")
    assert cli("plan", ".", "--api-origin", origin).code == 0


def test_the_environment_may_name_the_origin(
    cli: Cli, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NICOBATCH_API_ORIGIN", "nonsense")
    assert "nonsense is no address of a site" in cli("plan", ".").err


@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        ("nonsense", "write it like http://127.0.0.1:3128"),
        ("http://me:geheim@x", "set HTTPS_PROXY"),
        ("me:geheim@x:3128", "set HTTPS_PROXY"),
        ("http://me:geheim@[", "set HTTPS_PROXY"),
        ("socks5://127.0.0.1:1080", "set ALL_PROXY=socks5h://"),
    ],
)
def test_what_is_no_proxy(cli: Cli, shelf: Shelf, proxy: str, said: str) -> None:
    result = cli("plan", ".", "--proxy", proxy)
    assert result.code == 2
    assert said in result.err
    assert "geheim" not in result.err


def test_a_proxy_that_will_do(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    assert cli("plan", ".", "--proxy", "http://127.0.0.1:3128").code == 0


@pytest.mark.parametrize(
    ("given", "rate"),
    [("5M", 5e6), ("500k", 5e5), ("1.5m", 1.5e6), ("2G", 2e9), ("100", 100), (None, None)],
)
def test_rates(given: str | None, rate: float | None) -> None:
    seen = []

    @click.command()
    @retry_options
    def command(options: Common, settings: Settings, account: str | None, limit: int) -> None:
        seen.append(settings.limit_rate)

    context = command.make_context("x", ["--limit-rate", given] if given else [])
    context.invoke(command, options=Common(), **context.params)
    assert seen == [rate]


@pytest.mark.parametrize("rate", ["0", "-1", "fast", "5X", "", "1e9", "5 M"])
def test_what_is_no_rate(cli: Cli, shelf: Shelf, rate: str) -> None:
    result = cli("publish", ".", "--limit-rate", rate)
    assert result.code == 2
    assert "is no rate: write it like 500k or 5M" in result.err


def test_two_places_to_publish_to(cli: Cli, shelf: Shelf) -> None:
    result = cli("plan", ".", "--sandbox", "--api-origin", "http://127.0.0.1:1")
    assert result.code == 2
    assert "two places" in result.err


def test_verbose_logs_method_path_and_status(
    cli: Cli, shelf: Shelf, site: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    assert cli("session", "check", "-v").code == 0
    assert [record.getMessage() for record in caplog.records] == ["GET /v1/users/me 200"]


def test_nothing_is_logged_unless_asked(
    cli: Cli, shelf: Shelf, site: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    assert cli("session", "check").code == 0
    assert caplog.records == []


def test_the_log_goes_to_stderr_without_queries(shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    result = process("publish", ".", "-v", "--no-wait")
    assert result.code == 0
    logged = [line for line in result.err.splitlines() if line[:2] == "20"]
    assert [line.split(maxsplit=2)[2] for line in logged][:4] == [
        "GET /v1/users/me 200",
        "GET /v2/users/me/videos 200",
        "POST /api/v2/videos 201",
        "POST /api/v2/videos/39130867/upload-chunk-stream 201",
    ]
    assert "?" not in result.err
    assert "POST" not in result.out


def test_the_log_moves_no_cursor(shelf: Shelf) -> None:
    with serving() as other:
        origin = f"{other.url}/\x1b[2J\u202e\x9b"
        result = process("search", "a", "--api-origin", origin, "-v", "--limit", "1")
    [line] = {line.split(maxsplit=2)[2] for line in result.err.splitlines() if line[:2] == "20"}
    assert line.startswith("GET /␛[2J<U+202E>\ufffd/api/")
    assert not {"\x1b", "\u202e", "\x9b"} & set(result.out + result.err)


@pytest.mark.parametrize(
    ("options", "environment", "colored"),
    [((), {}, True), (("--no-color",), {}, False), ((), {"NO_COLOR": "1"}, False)],
)
def test_colors(
    cli: Cli, shelf: Shelf, options: tuple[str, ...], environment: dict[str, str], colored: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"FORCE_COLOR": "1", "TERM": "xterm-256color", **environment}.items():
            patch.setenv(name, value)
        assert ("31m" in cli("check", "gone.yaml", *options).out) is colored
