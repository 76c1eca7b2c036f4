"""bilibili-api-python (GPL, from PyPI) against the sandbox: `make peers` installs it apart."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from av.video.frame import VideoFrame

import nicobatch
from nicobatch.sandbox import Sandbox
from tests.unit.sites.bilibili.sandbox.client import MAIN, Client
from tests.unit.sites.bilibili.sandbox.conftest import client, clock, mounted, sandbox, video

__all__ = ["client", "clock", "mounted", "sandbox", "video"]

ROOT = Path(nicobatch.__file__).parents[1]
PYTHON = ROOT / "build/peers" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
DRIVER = Path(__file__).with_name("drive_bilibili_api.py")

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="`make peers` was not run")


def uploading(url: str, folder: Path, *pages: Path, **meta: Any) -> list[dict[str, Any]]:
    """Let it upload, and return what it told."""
    cover = folder / "cover.png"
    cover.write_bytes(picture())
    asked = {
        "url": url,
        "pages": [{"path": str(page), "title": page.stem, "description": ""} for page in pages],
        "cover": str(cover),
        "cookies": {"sessdata": MAIN.cookie("SESSDATA"), "bili_jct": MAIN.cookie("bili_jct")},
        "meta": {
            "title": "旅の記録",
            "copyright": 1,
            "tid": 130,
            "tag": "旅行,风景",
            "desc_format_id": 9999,
            "desc": "两天",
            "recreate": -1,
            "dynamic": "",
            "interactive": 0,
            "act_reserve_create": 0,
            "no_disturbance": 0,
            "no_reprint": 1,
            "subtitle": {"open": 0, "lan": ""},
            "dolby": 0,
            "lossless_music": 0,
            "web_os": 1,
            **meta,
        },
    }
    alone = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(
        [PYTHON, DRIVER, json.dumps(asked)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**alone, "PYTHONIOENCODING": "utf-8"},
        timeout=60,
        check=False,
    )
    assert done.stdout, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def picture() -> bytes:
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="image2pipe") as container:
        stream = container.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 960, 600, "rgb24"
        container.mux(stream.encode(VideoFrame(960, 600, "rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue()


def test_it_uploads_two_pages_and_a_cover(
    sandbox: Sandbox, client: Client, tmp_path: Path, video: bytes
) -> None:
    pages = tmp_path / "前篇.mp4", tmp_path / "后篇.mp4"
    for number, page in enumerate(pages):
        page.write_bytes(video + bytes(number))
    client.set(chunk_size=len(video) // 4)
    told = uploading(client.url, tmp_path, *pages)
    names = [each["event"] for each in told if "event" in each]
    one_page = [
        "PREUPLOAD",
        "PRE_PAGE",
        "PRE_CHUNK",
        "AFTER_CHUNK",
        "PRE_PAGE_SUBMIT",
        "AFTER_PAGE_SUBMIT",
        "AFTER_PAGE",
    ]
    chunks = {"PRE_CHUNK", "AFTER_CHUNK"}
    assert [name for name, _ in groupby(name for name in names if name not in chunks)] == [
        *(name for name in one_page * 2 if name not in chunks),
        *("PRE_COVER", "AFTER_COVER", "PRE_SUBMIT", "AFTER_SUBMIT", "COMPLETE"),
    ]
    assert (names.count("PRE_CHUNK"), names.count("AFTER_CHUNK")) == (10, 10)
    known = client.state()
    assert [each["sha256"] for each in known["uploads"]] == [
        hashlib.sha256(page.read_bytes()).hexdigest() for page in pages
    ]
    assert [sorted(each["accepted"]) for each in known["uploads"]] == [[1, 2, 3, 4, 5]] * 2
    archive = known["archives"][0]
    assert told[-1]["done"] == {"aid": archive["id"], "bvid": archive["bvid"]}
    assert [page["title"] for page in archive["pages"]] == ["前篇", "后篇"]
    assert archive["body"]["title"] == "旅の記録"
    assert [cover["mimetype"] for cover in known["covers"]] == ["image/png"]
    assert archive["body"]["cover"].endswith(f"{known['covers'][0]['name']}.jpg")
    assert set(client.notes()) == {
        "submit: t is no whole number",
        "submit: creation_statement is missing",
    }


def test_it_is_refused_as_the_site_refuses(
    sandbox: Sandbox, client: Client, tmp_path: Path, video: bytes
) -> None:
    page = tmp_path / "a.mp4"
    page.write_bytes(video)
    client.fault("submit", code=21566)
    told = uploading(client.url, tmp_path, page)
    assert [each.get("event") for each in told][-3:-1] == ["SUBMIT_FAILED", "FAILED"]
    assert "21566" in told[-1]["error"]
    client.fault("preupload", code=601)
    told = uploading(client.url, tmp_path, page)
    names = [each["event"] for each in told[:-1]]
    assert names == ["PREUPLOAD", "PREUPLOAD_FAILED", "FAILED"]
    assert client.state()["archives"] == []


def test_what_only_shows_afterwards(
    sandbox: Sandbox, client: Client, tmp_path: Path, video: bytes
) -> None:
    """A part that failed is sent once more, by itself; booleans go astray into the query."""
    page = tmp_path / "a.mp4"
    page.write_bytes(video)
    client.set(chunk_size=len(video) // 4)
    client.fault("part", status=504, where={"partNumber": 2})
    told = uploading(client.url, tmp_path, page, up_close_reply=True)
    names = [each["event"] for each in told if "event" in each]
    assert (names.count("CHUNK_FAILED"), names[-1]) == (1, "COMPLETE")
    upload = client.state()["uploads"][0]
    assert upload["begun"] == {str(number): 1 for number in range(1, 6)}
    assert "submit: up_close_reply is in the query" in client.notes()
