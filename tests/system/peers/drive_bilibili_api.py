"""Runs in an environment that has bilibili-api-python: uploads what it is told, tells its events.

The one argument is JSON: `url` of the sandbox's bilibili, `pages`, `cover`, `meta`, `cookies`.
It prints a line of JSON for each event, and one for the end.
"""

# mypy: ignore-errors
# ruff: noqa: T201
from __future__ import annotations

import asyncio
import json
import sys
from urllib.parse import urlsplit

ASKED = json.loads(sys.argv[1])


async def main() -> None:
    from bilibili_api import Credential, register_client, select_client, video_uploader
    from bilibili_api.clients.AioHTTPClient import AioHTTPClient

    class Local(AioHTTPClient):
        """Sends all that goes to bilibili's hosts to the sandbox, and nothing elsewhere."""

        async def request(self, method="", url="", **options):
            parts = urlsplit(url)
            if parts.hostname != "127.0.0.1":
                url = ASKED["url"] + parts.path + (f"?{parts.query}" if parts.query else "")
            return await super().request(method, url.replace("https:", "http:"), **options)

    register_client("local", Local, {})
    select_client("local")
    credential = Credential(**ASKED["cookies"])
    uploader = video_uploader.VideoUploader(
        [video_uploader.VideoUploaderPage(**page) for page in ASKED["pages"]],
        ASKED["meta"],
        credential,
        cover=ASKED["cover"],
        line=video_uploader.Lines.BDA2,
    )

    @uploader.on("__ALL__")
    def told(event):
        print(json.dumps({"event": event["name"]}), flush=True)

    try:
        print(json.dumps({"done": await uploader.start()}), flush=True)
    except Exception as error:  # noqa: BLE001 - all of them are told
        print(json.dumps({"error": str(error)}), flush=True)


asyncio.run(main())
