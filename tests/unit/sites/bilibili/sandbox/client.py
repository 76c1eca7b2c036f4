"""A plain client for the tests: one method a call, nothing repeated, nothing hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit

import requests

from nicobatch.sandbox import DEFAULT_ACCOUNTS, Account

MAIN, SECOND, CAREFUL = DEFAULT_ACCOUNTS
PREFIX = "/bilibili"

BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
    "Referer": "https://member.bilibili.com/platform/upload/video/frame",
}

JsonObject = dict[str, Any]


class Client:
    """Speaks to one sandbox for one account."""

    def __init__(self, url: str, account: Account | None = MAIN) -> None:
        self.url = url + PREFIX
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers.update(BROWSER)
        self.csrf = ""
        self.upload_host = requests.Session()
        """Has no cookies: the upload host is to have none."""
        self.upload_host.trust_env = False
        if account:
            self.csrf = account.cookie("bili_jct")
            self.http.cookies.set("SESSDATA", account.cookie("SESSDATA"))
            self.http.cookies.set("bili_jct", self.csrf)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.http.close()
        self.upload_host.close()

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.http.get(self.url + path, params=query, timeout=20, allow_redirects=False)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.http.post(self.url + path, timeout=20, **options)

    # What a test asks

    def fault(self, at: str, **members: Any) -> None:
        answer = self.post("/sandbox/faults", json={"at": at, **members})
        assert answer.status_code == 200, answer.text

    def set(self, **settings: Any) -> None:
        answer = self.post("/sandbox/settings", json=settings)
        assert answer.status_code == 200, answer.text

    def state(self) -> JsonObject:
        return dict(self.get("/sandbox/state").json())

    def notes(self) -> list[str]:
        return [f"{note['call']}: {note['text']}" for note in self.state()["notes"]]

    # Bytes

    def preupload(self, size: int, name: str = "movie.mp4", **changes: Any) -> requests.Response:
        query = {
            "name": name,
            "size": size,
            "r": "upos",
            "profile": "ugcupos/bup",
            "ssl": 0,
            "version": "2.14.0.0",
            "build": 2140000,
            "webVersion": "2.14.0",
            **changes,
        }
        return self.get("/preupload", **query)

    def begun(self, data: bytes, name: str = "movie.mp4") -> JsonObject:
        """Return the preupload's terms, with `upload_id` and `place` added."""
        terms: JsonObject = self.preupload(len(data), name).json()
        terms["place"] = f"http:{terms['endpoint']}/{terms['upos_uri'].removeprefix('upos://')}"
        terms["name"], terms["size"] = name, len(data)
        terms["upload_id"] = self.init(terms).json()["upload_id"]
        return terms

    def init(self, terms: JsonObject, **changes: Any) -> requests.Response:
        query = {
            "uploads": "",
            "output": "json",
            "profile": "ugcupos/bup",
            "filesize": terms["size"],
            "partsize": terms["chunk_size"],
            "biz_id": terms["biz_id"],
            **changes,
        }
        return self.at_host("POST", terms, query)

    def part(
        self, terms: JsonObject, data: bytes, number: int, body: Any = None, **changes: Any
    ) -> requests.Response:
        size = terms["chunk_size"]
        start = (number - 1) * size
        piece = data[start : start + size]
        query = {
            "partNumber": number,
            "uploadId": terms["upload_id"],
            "chunk": number - 1,
            "chunks": -(-len(data) // size),
            "size": len(piece),
            "start": start,
            "end": start + len(piece),
            "total": len(data),
            **changes,
        }
        return self.at_host("PUT", terms, query, data=piece if body is None else body)

    def complete(self, terms: JsonObject, body: Any = None, **changes: Any) -> requests.Response:
        query = {
            "output": "json",
            "name": terms["name"],
            "profile": "ugcupos/bup",
            "uploadId": terms["upload_id"],
            "biz_id": terms["biz_id"],
            **changes,
        }
        count = -(-terms["size"] // terms["chunk_size"])
        parts = [{"partNumber": number, "eTag": "etag"} for number in range(1, count + 1)]
        return self.at_host("POST", terms, query, json={"parts": parts} if body is None else body)

    def at_host(
        self, method: str, terms: JsonObject, query: Mapping[str, Any], **options: Any
    ) -> requests.Response:
        headers = {"X-Upos-Auth": terms["auth"]}
        return self.upload_host.request(
            method, terms["place"], params=query, headers=headers, timeout=20, **options
        )

    def uploaded(self, data: bytes, name: str = "movie.mp4") -> JsonObject:
        """Send a whole file and return what a submission says of it."""
        terms = self.begun(data, name)
        for number in range(1, -(-len(data) // terms["chunk_size"]) + 1):
            assert self.part(terms, data, number).text == "MULTIPART_PUT_SUCCESS"
        key = self.complete(terms).json()["key"]
        filename = key.removeprefix("/").rpartition(".")[0]
        return {"filename": filename, "title": "P1", "desc": "", "cid": terms["biz_id"]}

    # Archives

    def cover(self, uri: str, **changes: Any) -> JsonObject:
        form = {"cover": uri, "csrf": self.csrf, **changes}
        return dict(self.post("/x/vu/web/cover/up?t=1", data=form).json())

    def submit(self, *videos: JsonObject, **changes: Any) -> JsonObject:
        return dict(self.submitting(body(self.csrf, *videos, **changes)).json())

    def submitting(self, content: Any, call: str = "add/v3", **options: Any) -> requests.Response:
        query = {"t": 1_790_000_000_000, "csrf": self.csrf}
        options.setdefault("json", content)
        return self.post(f"/x/vu/web/{call}", params=query, **options)

    def submitted(self, *videos: JsonObject, **changes: Any) -> JsonObject:
        answer = self.submit(*videos, **changes)
        assert answer["code"] == 0, answer
        return dict(answer["data"])

    def edit(self, aid: int, *videos: JsonObject, **changes: Any) -> JsonObject:
        content = body(self.csrf, *videos, aid=aid, **changes)
        return dict(self.submitting(content, "edit").json())

    def view(self, bvid: str) -> JsonObject:
        answer = self.get("/x/vupre/web/archive/view", bvid=bvid).json()
        return dict(answer.get("data", answer))

    def archives(self, **query: Any) -> JsonObject:
        return dict(self.get("/x/web/archives", **query).json()["data"])

    def public(self, bvid: str) -> int:
        path = urlsplit(self.url)._replace(path=f"{PREFIX}/x/web-interface/view").geturl()
        return int(requests.get(path, params={"bvid": bvid}, timeout=20).json()["code"])


def body(csrf: str, /, *videos: JsonObject, **changes: Any) -> JsonObject:
    """Return a submission as the page sends it; a change to ... leaves the key out."""
    complete = {
        "videos": list(videos),
        "cover": "",
        "cover43": "",
        "title": "第1集 初次冒险",
        "copyright": 1,
        "source": "",
        "tid": 21,
        "human_type2": 1008,
        "tag": "游戏,实况",
        "desc_format_id": 9999,
        "desc": "出村的故事",
        "desc_v2": [{"raw_text": "出村的故事", "type": 1, "biz_id": ""}],
        "recreate": -1,
        "dynamic": "",
        "interactive": 0,
        "act_reserve_create": 0,
        "no_disturbance": 0,
        "no_reprint": 1,
        "subtitle": {"open": 0, "lan": ""},
        "dolby": 0,
        "lossless_music": 0,
        "up_selection_reply": False,
        "up_close_reply": False,
        "up_close_danmu": False,
        "web_os": 3,
        "is_only_self": 0,
        "creation_statement": {"id": -1},
        "csrf": csrf,
        **changes,
    }
    return {name: value for name, value in complete.items() if value is not ...}
