"""A channel that was there before: entries of the sandbox's niconico, written as it writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nicobatch.sandbox import DEFAULT_ACCOUNTS, Sandbox

FIRST = 39_000_000
BEGAN = 1_400_000_000
"""Seconds since the epoch: in May 2014."""
DAY = 86_400
FLAGS = (
    *("allowNgShareFlag", "allowOutsidePlayerFlag", "allowUadFlag", "allowNicoliveFlag"),
    *("allowUserTranslateFlag", "allowRegularUserTagEditFlag"),
    *("allowCaptureTweet", "allowClipTweet", "allowGift"),
)


def metadata(number: int, **changes: Any) -> dict[str, Any]:
    """Return what somebody has sent of a video by the site's own page."""
    usual = {
        "id": number,
        "title": f"【実況】第{number - FIRST}回",
        "detail": "一行目<br><b>二</b>行目",
        "signature": {"display": False},
        "publish": True,
        "publishTimer": {"use": False, "registeredAt": None},
        "tags": ["ゲーム", "実況プレイ動画"],
        "genreKey": "game",
        "thumbnail": {
            "selectThumbnailIndex": "0",
            "aspectBias": "STANDARD",
            "cropMode": 0,
            "position": 0,
        },
        "permissionSettings": dict.fromkeys(FLAGS, True),
        "notification": {"email": False},
        "excludeFromUploadList": False,
        "thanksMessage": {"isVisible": False, "content": ""},
        "commonsParentIds": [],
    }
    return {**usual, **changes}


def entry(index: int, **changes: Any) -> dict[str, Any]:
    """Return a published video as the sandbox keeps it; a day lies between two of them."""
    number, at = FIRST + index, BEGAN + index * DAY
    facts = {"container": "mp4", "duration": 60.0 + index, "width": 640, "height": 360}
    return {
        "id": number,
        "user_id": DEFAULT_ACCOUNTS[0].user_id,
        "created_at": at,
        "token": "",
        "upload": None,
        "parts": [],
        "file": {"sha256": "0" * 64, "size": 1000, "done_at": at, "media": facts},
        "thumbnails": {"0": 1000},
        "saved": "published",
        "published_at": at,
        "deleted_at": None,
        "received": {},
        "parts_received": {},
        "metadata": metadata(number, **changes),
    }


@dataclass
class Channel:
    """The folder of a sandbox, changed while none serves it."""

    folder: Path
    port: int = 0
    """Where it is served, each time: receipts name it."""

    def put(self, index: int, **changes: Any) -> None:
        """Have a video there, or another one in its place."""
        self._write(entry(index, **changes))

    def change(self, index: int, **members: Any) -> None:
        """Change members of what the sandbox keeps of a video."""
        self._write({**self.get(index), **members})

    def get(self, index: int) -> dict[str, Any]:
        """Return what the sandbox keeps of a video."""
        return dict(json.loads(self._path(FIRST + index).read_text("utf-8")))

    @contextmanager
    def served(self) -> Iterator[Sandbox]:
        """Serve it; every file is encoded by then."""
        with Sandbox(self.folder, encode_seconds=0, port=self.port) as server:
            self.port = int(server.url.rpartition(":")[2])
            yield server
        assert server.audit()["crashes"] == []

    def _write(self, data: Mapping[str, Any]) -> None:
        path = self._path(data["id"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")

    def _path(self, number: int) -> Path:
        return self.folder / "entries" / f"{number}.json"
