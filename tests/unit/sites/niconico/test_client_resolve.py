"""Where the parts go: to the API's own origin, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from nicobatch.errors import SiteRefuses, VideoFailed
from nicobatch.media import identify
from nicobatch.sandbox import Sandbox
from nicobatch.sites.niconico.client import Client, resolve
from tests.support.faults import Faults
from tests.unit.sites.niconico.making import ignore, requests_of, says, upload_of

HOST = "https://garage.nicovideo.jp"
ELSEWHERE = "https://proxy.example"


@pytest.mark.parametrize(
    ("base", "target", "expected"),
    [
        (f"{HOST}/api", "/v2/videos/1/file/chunks", "/api/v2/videos/1/file/chunks"),
        (f"{HOST}/api", "/api/v2/videos/1/file/chunks", "/api/v2/videos/1/file/chunks"),
        (f"{HOST}/api", "v2/videos/1/file/chunks", "/api/v2/videos/1/file/chunks"),
        (f"{HOST}/api", f"{HOST}/api/v2/videos/1", "/api/v2/videos/1"),
        (f"{HOST}/api", f"{HOST}/v2/videos/1", "/v2/videos/1"),
        (f"{HOST}/api", "//garage.nicovideo.jp/v2/videos/1", "/v2/videos/1"),
        (f"{HOST}/api", "/elsewhere/1", "/elsewhere/1"),
        (f"{HOST}/api", "/apiv2/1", "/apiv2/1"),
        (f"{HOST}/api", "/v2/videos/1?a=b#c", "/api/v2/videos/1?a=b"),
        (HOST, "/v2/videos/1", "/v2/videos/1"),
        (HOST, "/api/v2/videos/1", "/api/v2/videos/1"),
        (HOST, f"{HOST}/v2/videos/1", "/v2/videos/1"),
        (f"{ELSEWHERE}/nico/api", "/v2/videos/1", "/nico/api/v2/videos/1"),
        (f"{ELSEWHERE}/nico/api", "/api/v2/videos/1", "/nico/api/v2/videos/1"),
        (f"{ELSEWHERE}/nico/api", "/nico/api/v2/videos/1", "/nico/api/v2/videos/1"),
        (f"{ELSEWHERE}/nico", "/v2/videos/1", "/nico/v2/videos/1"),
        (f"{ELSEWHERE}/nico", "/nico/v2/videos/1", "/nico/v2/videos/1"),
        ("http://127.0.0.1:8025/api", "/api/v2/videos/1", "/api/v2/videos/1"),
        ("http://127.0.0.1:8025/api", "http://127.0.0.1:8025/v2/videos/1", "/v2/videos/1"),
    ],
)
def test_resolve(base: str, target: str, expected: str) -> None:
    assert resolve(base, target) == expected


FOREIGN = [
    "https://evil.example/v2/videos/1",
    "//evil.example/v2/videos/1",
    "http://garage.nicovideo.jp/v2/videos/1",
    "https://garage.nicovideo.jp:8443/v2/videos/1",
    "https://garage.nicovideo.jp.evil.example/v2/videos/1",
    "https://garage.nicovideo.jp@evil.example/v2/videos/1",
    "https://www.nicovideo.jp/v2/videos/1",
    "ftp://garage.nicovideo.jp/v2/videos/1",
    "file:///etc/passwd",
]


@pytest.mark.parametrize("target", FOREIGN)
def test_resolve_stays_on_the_origin(target: str) -> None:
    with pytest.raises(SiteRefuses, match="another host"):
        resolve(f"{HOST}/api", target)


def test_an_address_elsewhere_is_not_followed(
    sandbox: Sandbox, client: Client, faults: Faults
) -> None:
    entry = int(client.create().id)
    target = {"meta": {"status": 201}, "data": {"url": "http://127.0.0.1:9/parts", "token": "x"}}
    faults.at(r"POST .*upload-chunk-stream\?", says(target, "201 Created"))
    with pytest.raises(SiteRefuses, match=r"another host \(127\.0\.0\.1:9\)"):
        client.chunk_stream(entry)
    assert len(requests_of(sandbox)) == 2


@pytest.mark.parametrize("url", ["@127.0.0.1:9/parts", ":1/parts", ".evil.example/parts"])
def test_a_receipt_can_not_send_the_sign_in_elsewhere(
    sandbox: Sandbox, client: Client, small_video: Path, url: str
) -> None:
    file = identify(small_video)
    upload = upload_of(file, url)
    with pytest.raises(VideoFailed, match="receipt wants the parts sent to another host"):
        client.send_part(small_video, upload, file, 0, ignore)
    with pytest.raises(VideoFailed, match="receipt wants the parts sent to another host"):
        client.done(upload, file)
    assert requests_of(sandbox) == []
