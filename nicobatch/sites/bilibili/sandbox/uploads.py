"""Beginning an upload: the lines to choose from, and the preupload."""

from __future__ import annotations

import re
import secrets
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from flask import Blueprint, request

from nicobatch.sites.bilibili.sandbox import answers
from nicobatch.sites.bilibili.sandbox.faults import drain
from nicobatch.sites.bilibili.sandbox.records import Upload

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.sites.bilibili.sandbox.site import Site

LINES: Final = ("estx", "bda2", "bldsa", "txa")
PROFILES: Final = frozenset({"ugcupos/bup", "ugcfx/bup"})
EXTENSIONS: Final = re.compile(
    "3g2|3gp|asf|avi|f4v|flv|m2t|m2ts|m2v|m4v|mkv|mov|mp4|mpeg4|mpg|mts|rm|rmvb|swf|ts|vob|webm|wmv"
)
"""What the page lets a person choose."""

_BIGGEST: Final = 64 << 30
"""Bytes: what those with many followers may send."""

_NEEDED: Final = ("name", "size", "r", "profile", "ssl", "version", "build")


def routes(site: Site) -> Blueprint:
    """Return the calls before the first byte."""
    blueprint = Blueprint("bilibili_uploads", __name__)
    uploads = _Uploads(site)
    probe = site.answering("/preupload", "probe", uploads.probe)
    begin = site.answering("/preupload", "preupload", uploads.preupload)

    def either() -> ResponseReturnValue:
        return probe() if request.args.get("r") == "probe" else begin()

    blueprint.add_url_rule("/preupload", "preupload", either)
    for method in ("GET", "POST"):
        site.rule(blueprint, method, "/OK/<line>", "line", uploads.line)
    return blueprint


class _Uploads:
    def __init__(self, site: Site) -> None:
        self._site = site

    def probe(self) -> ResponseReturnValue:
        """Return the lines, and how many MB are to be sent to each to time it."""
        lines = [
            {
                "os": "upos",
                "query": f"probe_version=20250923&upcdn={line}&zone=cs",
                "probe_url": self._site.address(f"/OK/{line}").partition(":")[2],
            }
            for line in LINES
        ]
        return {"OK": 1, "lines": lines, "probe": {"post": 0.1}}

    def line(self, line: str) -> ResponseReturnValue:
        """Take what is sent to time a line."""
        if line not in LINES:
            raise answers.upos(404, "no such line")
        drain()
        return ""

    def preupload(self) -> ResponseReturnValue:
        """Begin an upload, and say how its bytes are to be sent."""
        given, session = request.args, self._site.session()
        if session is None:
            raise answers.preupload(-101)
        if missing := [name for name in _NEEDED if not given.get(name)]:
            raise answers.preupload(-400, detail=f"{missing[0]} is missing")
        if given["r"] != "upos" or given["profile"] not in PROFILES:
            raise answers.preupload(-400, detail="r must be upos, and profile one of upos's")
        size = _size(given["size"])
        if self._site.uploads_too_fast(session.user_id):
            raise answers.preupload(601)
        self._site.look_at_sender()
        self._look(given["name"])
        return self._terms(self._begun(session.user_id, size))

    def _look(self, name: str) -> None:
        """Note what the page would not send, and the site takes."""
        if PurePosixPath(name).name != name or PureWindowsPath(name).name != name:
            self._site.note("preupload", "name is a path, not a bare file name")
        if not EXTENSIONS.fullmatch(_extension(name)[1:]):
            self._site.note("preupload", "the page lets nobody choose a file of this extension")
        if request.args.get("upcdn", LINES[0]) not in LINES:
            self._site.note("preupload", "upcdn is no line that the probe names")
        if "csrf" in request.args:
            self._site.note("preupload", "csrf is not asked for here")

    def _begun(self, user_id: int, size: int) -> Upload:
        given, now = request.args, self._site.now
        host = request.host
        auth = "&".join(
            (
                f"ak=1494471752&cdn={quote(f'//{host}', safe='')}&os=upos",
                f"sign={secrets.token_hex(16)}&timestamp={now:.3f}&uid={user_id}",
                f"uip=127.0.0.1&uport={host.rpartition(':')[2]}&use_dqp=0",
            )
        )
        return self._site.records.make(
            Upload,
            user_id=user_id,
            name=given["name"],
            size=size,
            profile=given["profile"],
            bucket=self._site.prefix.strip("/"),  # so that the endpoint is a bare host, as always
            key=f"n{secrets.token_hex(15)}{_extension(given['name'])}",
            chunk_size=self._site.settings.chunk_size,
            auth=auth,
            issued_at=now,
        )

    def _terms(self, upload: Upload) -> dict[str, Any]:
        settings, endpoint = self._site.settings, f"//{request.host}"
        return {
            "OK": 1,
            "auth": upload.auth,
            "biz_id": upload.id,
            "chunk_retry": settings.chunk_retry,
            "chunk_retry_delay": settings.chunk_retry_delay,
            "chunk_size": upload.chunk_size,
            "endpoint": endpoint,
            "endpoints": [endpoint],
            "expose_params": None,
            "put_query": f"os=upos&profile={quote(upload.profile, safe='')}",
            "threads": settings.threads,
            "timeout": 1200,
            "uip": "127.0.0.1",
            "upos_uri": f"upos://{upload.bucket}/{upload.key}",
        }


def _size(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not int(text):
        raise answers.preupload(-400, detail="size must be the file's, in bytes")
    if int(text) > _BIGGEST:
        raise answers.preupload(-617)
    return int(text)


def _extension(name: str) -> str:
    """Return a name's extension with its dot, as the key repeats it."""
    return PurePosixPath(PureWindowsPath(name).name).suffix.lower()
