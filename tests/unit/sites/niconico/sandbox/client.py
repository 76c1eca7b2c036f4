"""A plain client for the tests: one method a call, nothing repeated, nothing hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self
from uuid import uuid4

import requests

from nicobatch.sandbox import DEFAULT_ACCOUNTS, Account

CHUNK = 10_000_000
MAIN, SECOND, CAREFUL = DEFAULT_ACCOUNTS

JsonObject = dict[str, Any]


class Client:
    """Speaks to one sandbox for one account."""

    def __init__(
        self, url: str, account: Account | None = MAIN, *, api: str = "/api/v2", word: str = ""
    ) -> None:
        self.url = url
        self.api = api
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers["X-Request-With"] = word or "nv-garage"
        if account:
            self.http.cookies.set("user_session", account.user_session)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.http.close()

    def get(self, path: str, **options: Any) -> requests.Response:
        options.setdefault("allow_redirects", False)
        return self.http.get(self.url + path, timeout=20, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        options.setdefault("allow_redirects", False)
        return self.http.post(self.url + path, timeout=20, **options)

    def create(self) -> requests.Response:
        return self.post(f"{self.api}/videos")

    def created(self) -> int:
        return int(self.create().json()["data"]["id"])

    def stream(self, entry: int) -> str:
        answer = self.post(f"{self.api}/videos/{entry}/upload-chunk-stream")
        return str(answer.json()["data"]["url"])

    def status(self, entry: int) -> JsonObject:
        answer: JsonObject = self.get(f"{self.api}/videos/{entry}/status").json()
        return dict(answer.get("data", answer))

    def part(self, entry: int, body: bytes, boundary: str = "xyz") -> requests.Response:
        headers = {
            "X-Requested-With": "XMLHttpRequest",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
        }
        return self.post(f"{self.api}/videos/{entry}/file/chunks", data=body, headers=headers)

    def done(self, entry: int, fields: Mapping[str, str]) -> JsonObject:
        answer = self.post(f"{self.api}/videos/{entry}/file/chunks?done", data=fields)
        reply = dict(answer.json())
        said = 200 if reply["success"] else 400 if "preventRetry" in reply else 503
        assert answer.status_code == said
        return reply

    def upload(self, data: bytes, name: str = "movie.mp4") -> int:
        """Create an entry and send the whole file."""
        entry = self.created()
        self.stream(entry)
        uuid = str(uuid4())
        for index in range(-(-len(data) // CHUNK)):
            fields = part_fields(data, index, uuid=uuid, name=name)
            answer = self.part(entry, multipart(fields, piece(data, index))).json()
            assert answer == {"success": True, "uuid": uuid}
        assert self.done(entry, whole_fields(data, uuid=uuid, name=name))["success"] is True
        return entry

    def publish(self, entry: int, **changes: Any) -> requests.Response:
        return self.post(f"{self.api}/videos/{entry}", json=metadata(entry, **changes))

    def draft(self, entry: int, **changes: Any) -> requests.Response:
        return self.post(f"{self.api}/videos/{entry}/draft", json=metadata(entry, **changes))

    def edit(self, entry: int, **changes: Any) -> requests.Response:
        url = f"{self.url}{self.api}/videos/{entry}"
        return self.http.put(url, json=metadata(entry, **changes), timeout=20)

    def delete(self, entry: int, **options: Any) -> requests.Response:
        url = f"{self.url}/v1/users/me/videos/sm{entry}"
        return self.http.delete(url, timeout=20, **options)

    def watch(self, entry: int) -> JsonObject:
        """Look as a visitor does."""
        url = f"{self.url}/watch/sm{entry}?responseType=json"
        answer: JsonObject = requests.get(url, timeout=20).json()
        return dict(answer["data"]["response"])

    def audit(self, entry: int) -> JsonObject:
        report = self.get("/sandbox/audit").json()
        return next(dict(found) for found in report["entries"] if found["id"] == entry)


def piece(data: bytes, index: int) -> bytes:
    return data[index * CHUNK : (index + 1) * CHUNK]


def whole_fields(data: bytes, *, uuid: str, name: str = "movie.mp4") -> dict[str, str]:
    return {
        "qquuid": uuid,
        "qqfilename": name,
        "qqtotalfilesize": str(len(data)),
        "qqtotalparts": str(-(-len(data) // CHUNK)),
    }


def part_fields(
    data: bytes, index: int, *, uuid: str, name: str = "movie.mp4", **changes: str
) -> dict[str, str]:
    return {
        "qqpartindex": str(index),
        "qqpartbyteoffset": str(index * CHUNK),
        "qqchunksize": str(len(piece(data, index))),
        **whole_fields(data, uuid=uuid, name=name),
        **changes,
    }


FILE_HEAD = (
    'Content-Disposition: form-data; name="qqfile"; filename="blob"\r\n'
    "Content-Type: application/octet-stream"
)


def multipart(
    fields: Mapping[str, str],
    blob: bytes,
    *,
    head: str = FILE_HEAD,
    line: str = "\r\n",
    end: str = "\r\n--xyz--\r\n",
) -> bytes:
    """Build a part's body by hand, so that tests can bend it."""
    text = "".join(
        f'--xyz{line}Content-Disposition: form-data; name="{name}"{line}{line}{value}{line}'
        for name, value in fields.items()
    )
    start = f"{text}--xyz{line}{head}{line}{line}"
    return start.encode() + blob + end.encode()


def metadata(entry: int, **changes: Any) -> JsonObject:
    """Return metadata of the shape of 2026; a change to None leaves the key out."""
    complete = {
        "id": entry,
        "title": "第1回 はじめての冒険",
        "detail": "一行目<br>二行目",
        "signature": {"display": False},
        "publish": True,
        "publishTimer": {"use": False, "registeredAt": None},
        "videoLive": {"enable": False},
        "tags": ["ゲーム", "実況プレイ動画"],
        "genreKey": "game",
        "thumbnail": {
            "selectThumbnailIndex": "0",
            "aspectBias": "STANDARD",
            "cropMode": 0,
            "position": 0,
        },
        "permissionSettings": {
            "allowNgShareFlag": True,
            "allowOutsidePlayerFlag": True,
            "allowUadFlag": True,
            "allowNicoliveFlag": True,
            "allowUserTranslateFlag": True,
            "allowRegularUserTagEditFlag": True,
            "allowCaptureTweet": True,
            "allowClipTweet": False,
            "allowGift": True,
        },
        "notification": {"email": False},
        "excludeFromUploadList": False,
        "thanksMessage": {"isVisible": True, "content": "いいねありがとう"},
        "commonsParentIds": ["sm9"],
        **changes,
    }
    return {name: value for name, value in complete.items() if value is not None}
