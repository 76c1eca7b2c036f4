"""The document's uploader on today's bilibili: programs written after it, against the sandbox."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO
from wsgiref.types import WSGIApplication, WSGIEnvironment

import av
import pytest

from nicobatch.errors import NicobatchError, SignInNeeded, Stopped, UsageError, VideoFailed
from nicobatch.http import Http
from nicobatch.sandbox import Sandbox
from nicobatch.sites.bilibili import (
    VideoUploader,
    VideoUploaderCredential,
    VideoUploaderEvents,
    VideoUploaderPage,
)
from nicobatch.sites.bilibili.profiles import WEB_2026, at_origin
from nicobatch.sites.bilibili.signin import Door, login
from tests.support.faults import Answered, Faults, drained
from tests.unit.sites.bilibili.making import CHUNK
from tests.unit.sites.bilibili.sandbox.client import MAIN, PREFIX, Client
from tests.unit.sites.bilibili.test_publishing import archives, arrived, only, sums, uploads

META: dict[str, Any] = {
    "copyright": 1,
    "source": "",
    "desc": "出村的故事",
    "desc_format_id": 0,
    "dynamic": "",
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
"""The document's example, filled in."""


def png() -> io.BytesIO:
    """Return a picture of 40 by 40 pixels."""
    codec = av.CodecContext.create("png", "w")
    codec.width, codec.height, codec.pix_fmt, codec.time_base = 40, 40, "rgb24", Fraction(1)
    frame = av.VideoFrame(40, 40, "rgb24")
    return io.BytesIO(b"".join(bytes(each) for each in (*codec.encode(frame), *codec.encode(None))))


def credential() -> VideoUploaderCredential:
    return VideoUploaderCredential(
        sessdata=MAIN.cookie("SESSDATA"), bili_jct=MAIN.cookie("bili_jct"), buvid3="B"
    )


STREAMS: list[BinaryIO] = []


def stream(file: Path) -> BinaryIO:
    STREAMS.append(file.open("rb"))
    return STREAMS[-1]


@pytest.fixture(autouse=True)
def streams() -> Iterator[None]:
    yield
    while STREAMS:
        STREAMS.pop().close()


def uploader(
    sandbox: Sandbox, *files: Path, meta: dict[str, Any] | None = None, **more: Any
) -> VideoUploader:
    pages = [VideoUploaderPage(stream(file), file.stem) for file in files]
    origin = {"api_origin": sandbox.url}
    return VideoUploader(pages, meta or META, credential(), **{**origin, **more})


def heard(given: VideoUploader) -> list[str]:
    names: list[str] = []
    given.on("__ALL__", lambda event: names.append(event["name"]))
    return names


def whole(parts: int) -> list[str]:
    page = ["PRE_PAGE", "PREUPLOAD", *["PRE_CHUNK", "AFTER_CHUNK"] * parts]
    return [*page, "PRE_PAGE_SUBMIT", "AFTER_PAGE_SUBMIT", "AFTER_PAGE"]


def parts_of(file: Path) -> int:
    return -(-file.stat().st_size // CHUNK)


def test_there_are_the_documents_nineteen_events() -> None:
    assert len(VideoUploaderEvents) == 19


def test_nothing_but_the_import_makes_it_heavy() -> None:
    program = "import sys, nicobatch.sites.bilibili; print('asyncio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"


def test_two_pages_and_a_cover_tell_of_all_in_order(
    sandbox: Sandbox, site: Client, file: Path, other: Path
) -> None:
    cover: dict[str, Any] = {"cover_stream": png(), "cover_type": "image/png"}
    given = uploader(sandbox, file, other, threads=1, **cover)
    names = heard(given)
    asyncio.run(given.start())
    ends = ["PRE_COVER", "AFTER_COVER", "PRE_SUBMIT", "AFTER_SUBMIT", "COMPLETED"]
    assert names == [*whole(parts_of(file)), *whole(parts_of(other)), *ends]
    assert arrived(site) == sums(file, other)
    (picture,) = site.state()["covers"]
    assert only(site)["body"]["cover"].endswith(f"{picture['name']}.jpg")


def test_a_stream_without_a_file_is_uploaded(sandbox: Sandbox, site: Client, file: Path) -> None:
    page = VideoUploaderPage(io.BytesIO(file.read_bytes()), "第1集")
    given = VideoUploader([page], META, credential(), api_origin=sandbox.url)
    assert asyncio.run(page.get_size()) == file.stat().st_size
    assert len(asyncio.run(page.get_md5())) == 32
    asyncio.run(given.start())
    assert arrived(site) == sums(file)


def test_what_was_submitted_is_not_submitted_again(
    sandbox: Sandbox, site: Client, file: Path
) -> None:
    first, second = (asyncio.run(uploader(sandbox, file).start()) for _again in range(2))
    assert first == second
    assert len(archives(site)) == 1


def test_a_sign_in_that_was_renewed_is_the_same_account_s(
    sandbox: Sandbox, site: Client, file: Path
) -> None:
    site.set(qr_polls=0)
    http = Http()
    door = Door(at_origin(WEB_2026, f"{sandbox.url}{PREFIX}"), http)
    cookies = login(door, lambda qr: None)
    found = []
    for _again in range(2):
        given = VideoUploaderCredential(
            sessdata=cookies.values["SESSDATA"], bili_jct=cookies.values["bili_jct"]
        )
        page = VideoUploaderPage(stream(file), file.stem)
        found.append(
            asyncio.run(VideoUploader([page], META, given, api_origin=sandbox.url).start())
        )
        cookies = door.renew(cookies, lambda cookies: None)
    http.close()
    assert found[0] == found[1]
    assert len(archives(site)) == 1


async def until(names: Sequence[str], name: str) -> None:
    while name not in names:
        await asyncio.sleep(0.01)


def test_an_abort_leaves_something_to_go_on_from(
    sandbox: Sandbox, site: Client, file: Path
) -> None:
    given = uploader(sandbox, file, threads=1)
    names = heard(given)

    async def main() -> float:
        work = asyncio.ensure_future(given.start())
        await until(names, "AFTER_CHUNK")
        begun = time.monotonic()
        await given.abort()
        with pytest.raises(Stopped):
            await work
        return time.monotonic() - begun

    assert asyncio.run(main()) < 1.0
    assert names[-1] == "ABORTED"
    assert archives(site) == []
    again = uploader(sandbox, file)  # another program, the next day
    asyncio.run(again.start())
    assert arrived(site) == sums(file)
    (upload,) = uploads(site)
    assert sum(upload["begun"].values()) <= parts_of(file) + 1


def test_the_pause_after_a_fault_is_no_hindrance_to_an_abort(
    sandbox: Sandbox, site: Client, file: Path
) -> None:
    site.set(chunk_retry_delay=30)
    site.fault("part", status=504, times=None)
    given = uploader(sandbox, file, threads=1)
    names = heard(given)

    async def main() -> float:
        work = asyncio.ensure_future(given.start())
        await until(names, "CHUNK_FAILED")
        begun = time.monotonic()
        await given.abort()
        with pytest.raises(Stopped):
            await work
        return time.monotonic() - begun

    assert asyncio.run(main()) < 1.0


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[tuple[Sandbox, Faults, threading.Event]]:
    """A site whose faults may be that it never answers, as long as the test lasts."""
    over, played = threading.Event(), Faults()
    with Sandbox(tmp_path / "silent", encode_seconds=0, wrap=played.wrap) as site:
        yield site, played, over
        over.set()


async def aborted(given: VideoUploader, work: asyncio.Future[Any]) -> None:
    await given.abort()
    with pytest.raises(Stopped):
        await work


async def cancelled(given: VideoUploader, work: asyncio.Future[Any]) -> None:
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def out_of_time(given: VideoUploader, work: asyncio.Future[Any]) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(work, 0.01)


@pytest.mark.parametrize(
    ("request_", "end"),
    [
        ("GET .*/web-interface/nav.*", aborted),
        ("PUT .*", aborted),
        ("POST .*/add/v3.*", aborted),
        ("PUT .*", cancelled),
        ("PUT .*", out_of_time),
    ],
)
def test_nothing_goes_on_of_a_request_that_is_never_answered(
    silent: tuple[Sandbox, Faults, threading.Event],
    file: Path,
    request_: str,
    end: Callable[[VideoUploader, asyncio.Future[Any]], Awaitable[None]],
) -> None:
    site, played, over = silent

    def silence(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
        drained(environ)
        over.wait(20)
        raise ConnectionError

    played.at(request_, silence)
    given = uploader(site, file, threads=1)

    async def main() -> float:
        work = asyncio.ensure_future(given.start())
        while not played.played:
            await asyncio.sleep(0.01)
        begun = time.monotonic()
        await end(given, work)
        return begun

    begun = asyncio.run(main())  # which waits for the threads
    assert time.monotonic() - begun < 1.0
    asyncio.run(given.start())
    with Client(site.url) as state:
        assert arrived(state) == sums(file)


def test_whoever_is_cancelled_or_out_of_time_gets_that(
    sandbox: Sandbox, site: Client, file: Path
) -> None:
    site.set(chunk_retry_delay=30)
    site.fault("part", status=504, times=2)
    given = uploader(sandbox, file, threads=1)
    names = heard(given)

    async def cancelled() -> None:
        work = asyncio.ensure_future(given.start())
        await until(names, "CHUNK_FAILED")
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(given.start(), 0.5)

    asyncio.run(cancelled())
    assert names.count("ABORTED") == 2
    site.set(chunk_retry_delay=0)
    asyncio.run(given.start())
    assert arrived(site) == sums(file)


@pytest.mark.parametrize(
    ("call", "event"),
    [
        ("preupload", "PREUPLOAD_FAILED"),
        ("cover", "COVER_FAILED"),
        ("submit", "SUBMIT_FAILED"),
    ],
)
def test_a_refusal_is_told_and_raised(
    sandbox: Sandbox, site: Client, file: Path, call: str, event: str
) -> None:
    site.fault(call, code=-400, times=None)
    given = uploader(sandbox, file, cover_stream=png(), cover_type="image/png")
    names, errors = heard(given), []
    given.on(VideoUploaderEvents.FAILED, lambda facts: errors.append(facts["err"]))
    with pytest.raises(NicobatchError) as caught:
        asyncio.run(given.start())
    assert names[-2:] == [event, "FAILED"]
    assert errors == [caught.value]
    assert archives(site) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"videos": []}, "videos"),
        ({"cover": ""}, "cover"),
        ({"colour": 1}, "colour"),
        ({"tid": "17"}, "tid"),
        ({"tid": True}, "tid"),
        ({"copyright": 4}, "copyright"),
        ({"title": " "}, "title"),
        ({"title": "长" * 81}, "title"),
        ({"tag": ""}, "tag"),
        ({"copyright": 2}, "repost"),
        ({"dtime": 1}, "hours"),
    ],
)
def test_a_meta_that_can_not_be_is_refused_before_anything_is_sent(
    sandbox: Sandbox, site: Client, file: Path, change: dict[str, Any], word: str
) -> None:
    given = uploader(sandbox, file, meta={**META, **change})
    names = heard(given)
    with pytest.raises((UsageError, VideoFailed), match=word):
        asyncio.run(given.start())
    assert names == ["FAILED"]
    assert uploads(site) == []


def test_a_cover_that_is_none_fails_in_words(sandbox: Sandbox, site: Client, file: Path) -> None:
    given = uploader(sandbox, file, cover_stream=io.BytesIO(b"nonsense"))
    with pytest.raises(VideoFailed, match="cover"):
        asyncio.run(given.start())
    assert archives(site) == []


def test_what_the_site_has_ended_is_said(sandbox: Sandbox, file: Path) -> None:
    with pytest.warns(UserWarning, match="chunk_size"):
        uploader(sandbox, file, chunk_size=1 << 20)
    with pytest.raises(UsageError, match="ended"):
        asyncio.run(credential().login())
    with pytest.raises(UsageError, match="ended"):
        asyncio.run(credential().get_access_key())


def test_without_a_sign_in_nothing_is_sent(sandbox: Sandbox, site: Client, file: Path) -> None:
    page = VideoUploaderPage(stream(file), "第1集")
    given = VideoUploader([page], META, VideoUploaderCredential(), api_origin=sandbox.url)
    with pytest.raises(SignInNeeded):
        asyncio.run(given.start())
    assert uploads(site) == []


def test_cookies_go_to_no_plain_origin(sandbox: Sandbox, file: Path) -> None:
    given = uploader(sandbox, file, api_origin="http://example.com")
    with pytest.raises(UsageError, match="https"):
        asyncio.run(given.start())


def test_a_fault_of_a_handler_is_not_the_uploads(
    sandbox: Sandbox, site: Client, file: Path
) -> None:
    given = uploader(sandbox, file)
    given.on("PRE_PAGE", lambda facts: facts["nothing"])
    asyncio.run(given.start())
    assert len(archives(site)) == 1
