"""A program that was written after the document, as it stands but for one import, in a process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from nicobatch.sandbox import Sandbox
from tests.unit.cli.running import environment_with
from tests.unit.sites.bilibili.sandbox.client import MAIN, Client
from tests.unit.sites.bilibili.test_publishing import arrived, only, sums
from tests.unit.sites.bilibili.test_uploader import png

PROGRAM = """\
import asyncio
import json

from bilibili_api import video_uploader


async def main():
    credential = video_uploader.VideoUploaderCredential(account="me", password="secret")
    meta = {
        "copyright": 2,
        "source": "https://example.com/first",
        "desc": "出村的故事",
        "desc_format_id": 0,
        "dynamic": "新的一集",
        "interactive": 0,
        "open_elec": 1,
        "no_reprint": 1,
        "subtitles": {"lan": "", "open": 0},
        "tag": "游戏,实况",
        "tid": 17,
        "title": "第1集",
        "up_close_danmaku": False,
        "up_close_reply": False,
    }
    with open("1.mp4", "rb") as first, open("2.mp4", "rb") as second, open("c.png", "rb") as cover:
        uploader = video_uploader.VideoUploader(
            pages=[
                video_uploader.VideoUploaderPage(first, "前篇", description="开始"),
                video_uploader.VideoUploaderPage(video_stream=second, title="后篇"),
            ],
            meta=meta,
            credential=credential,
            threads=2,
            cover_stream=cover,
            cover_type="image/png",
        )
        told = []

        @uploader.on("__ALL__")
        def every(event):
            told.append(event["name"])

        @uploader.on(video_uploader.VideoUploaderEvents.COMPLETED.value)
        async def completed(data):
            print("completed", data["bvid"])

        result = await uploader.start()
    print(json.dumps([result, told]))


asyncio.run(main())
"""
OLD = "from bilibili_api import video_uploader"
NEW = "from nicobatch.sites import bilibili as video_uploader"


def test_it_runs_with_one_import_changed(
    sandbox: Sandbox, site: Client, file: Path, other: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "program.py").write_text(PROGRAM.replace(OLD, NEW), "utf-8")
    for name, source in {"1.mp4": file, "2.mp4": other}.items():
        (folder / name).write_bytes(source.read_bytes())
    (folder / "c.png").write_bytes(png().getvalue())
    signed_in = {
        "NICOBATCH_BILIBILI_SESSDATA": MAIN.cookie("SESSDATA"),
        "NICOBATCH_BILIBILI_BILI_JCT": MAIN.cookie("bili_jct"),
        "NICOBATCH_API_ORIGIN": sandbox.url,
    }
    done = subprocess.run(
        [sys.executable, "-W", "always::UserWarning", "program.py"],
        cwd=folder,
        env=environment_with(signed_in),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "has ended signing in by password" in done.stderr
    completed, last = done.stdout.splitlines()
    found = only(site)
    result, told = json.loads(last)
    assert result == {"bvid": found["bvid"], "aid": found["id"]}
    assert completed == f"completed {found['bvid']}"
    assert (told[0], told[-1]) == ("PRE_PAGE", "COMPLETED")
    assert arrived(site) == sums(file, other)
    assert [page["title"] for page in found["pages"]] == ["前篇", "后篇"]
    body = found["body"]
    assert (body["tag"], body["source"], body["charging_pay"]) == (
        "游戏,实况",
        "https://example.com/first",
        1,
    )
    assert (body["tid"], body["dynamic"], bool(body["cover"])) == (17, "新的一集", True)
