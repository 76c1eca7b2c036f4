from __future__ import annotations

import pytest

from nicobatch.errors import UsageError
from nicobatch.origin import check_private, is_loopback, origin_of


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://garage.nicovideo.jp/api/v2/videos?x=1#y", "https://garage.nicovideo.jp"),
        ("http://127.0.0.1:8025/garage", "http://127.0.0.1:8025"),
        ("http://[::1]:8025", "http://[::1]:8025"),
    ],
)
def test_an_origin_is_scheme_and_host(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "https://garage.nicovideo.jp/api",
        "https://localhost.example",
        "http://127.0.0.1:8025/api",
        "http://localhost",
        "http://LOCALHOST:1/",
        "http://[::1]:8025/",
    ],
)
def test_a_credential_may_go_over_https_or_to_this_machine(url: str) -> None:
    check_private(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://garage.nicovideo.jp/api",
        "http://127.0.0.1.example/",
        "http://localhost.example/",
        "http://127.0.0.2/",
        "http://[::2]/",
        "http://0.0.0.0/",
        "ftp://garage.nicovideo.jp/",
        "garage.nicovideo.jp",
        "",
    ],
)
def test_a_credential_goes_nowhere_else(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_private(url)
    assert "neither https nor this machine" in caught.value.message
    assert "127.0.0.1" in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example\\@127.0.0.1/",
        "http://127.0.0.1\\@evil.example/",
        "http://127.0.0.1@evil.example/",
        "https://somebody:hunter2@garage.nicovideo.jp/",
    ],
)
def test_a_host_that_reads_in_two_ways_gets_no_credential(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_private(url)
    assert "hunter2" not in repr(caught.value)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8025/", True),
        ("https://localhost/", True),
        ("http://[::1]/", True),
        ("http://garage.nicovideo.jp/", False),
        ("", False),
    ],
)
def test_this_machine_is_known_by_its_names(url: str, here: bool) -> None:
    assert is_loopback(url) is here
