"""@renmu/bili-api (GPL, from npm) against the sandbox: `make peers` installs it apart."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from nicobatch.sandbox import Sandbox
from tests.system.peers.test_bilibili_api import ROOT, picture
from tests.unit.sites.bilibili.sandbox.client import MAIN, Client
from tests.unit.sites.bilibili.sandbox.conftest import client, clock, mounted, sandbox, video

__all__ = ["client", "clock", "mounted", "sandbox", "video"]

LIBRARY = ROOT / "build/peers/node_modules/@renmu/bili-api"
NODE = shutil.which("node")
DRIVER = Path(__file__).with_name("drive_renmu.mjs")

pytestmark = pytest.mark.skipif(
    not NODE or not LIBRARY.exists(), reason="`make peers` was not run, or without node and npm"
)


def test_it_uploads_two_pages_and_a_cover(
    sandbox: Sandbox, client: Client, tmp_path: Path, video: bytes
) -> None:
    pages = tmp_path / "a.mp4", tmp_path / "b.mp4"
    for number, page in enumerate(pages):
        page.write_bytes(video + bytes(number))
    cover = tmp_path / "cover.png"
    cover.write_bytes(picture())
    client.set(chunk_size=len(video) // 4)
    asked = {
        "url": client.url,
        "pages": [{"path": str(page), "title": page.stem} for page in pages],
        "cover": str(cover),
        "cookies": {name: MAIN.cookie(name) for name in ("SESSDATA", "bili_jct")},
        "meta": {"title": "旅の記録", "tid": 21, "tag": "旅行,风景", "desc": "两天"},
    }
    done = subprocess.run(
        [str(NODE), DRIVER, LIBRARY, json.dumps(asked)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.stdout, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    known = client.state()
    assert "done" in told[-1], told[-1]
    archive = known["archives"][0]
    assert told[-1]["done"] == {"aid": archive["id"], "bvid": archive["bvid"]}
    assert [page["title"] for page in archive["pages"]] == ["a", "b"]
    assert [each["sha256"] for each in known["uploads"]] == [
        hashlib.sha256(page.read_bytes()).hexdigest() for page in pages
    ]
    assert archive["body"]["cover"].endswith(f"{known['covers'][0]['name']}.jpg")
    events = {each.get("event") for each in told}
    assert {"preupload-end", "getUploadInfo-end", "uploading", "merge-end"} <= events
    assert {
        "part: cookies were sent to the upload host",
        "complete: the list of parts is empty",
        "complete: name is not the preupload's",
        "submit: creation_statement is missing",
    } <= set(client.notes())
