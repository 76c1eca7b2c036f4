from __future__ import annotations

import base64
import io

import av
import pytest
from av.video.frame import VideoFrame

from nicobatch.sandbox import Sandbox
from tests.unit.sites.niconico.sandbox.client import Client
from tests.unit.sites.niconico.sandbox.conftest import Clock, encode


def picture(answer: dict[str, object]) -> VideoFrame:
    data = str(answer["dataUri"])
    prefix = "data:image/jpeg;base64,"
    assert data.startswith(prefix)
    with av.open(io.BytesIO(base64.b64decode(data.removeprefix(prefix))), "r") as container:
        return next(container.decode(video=0))


def brightness(frame: VideoFrame) -> int:
    """Return the level in the middle of the picture."""
    plane = frame.reformat(format="gray").planes[0]
    return bytes(plane)[frame.height // 2 * plane.line_size + frame.width // 2]


@pytest.mark.parametrize("where", ["data", "params"])
@pytest.mark.parametrize("timing", [0, 450, 1000, 1999])
def test_the_frame_at_that_moment(client: Client, video: bytes, where: str, timing: int) -> None:
    entry = client.upload(video)
    path = f"/api/v2/videos/{entry}/scene-thumbnails/0"
    answer = client.post(path, **{where: {"timing": str(timing)}}).json()["data"]
    assert (answer["key"], answer["timing"]) == ("0", timing)
    assert answer["resolution"] == {"height": 90, "width": 160}
    frame = picture(answer)
    assert (frame.width, frame.height) == (160, 90)
    # Full-range grey of the luma 16 + 10 * number.
    assert brightness(frame) == pytest.approx(timing // 100 * 10 * 255 / 219, abs=6)
    assert client.audit(entry)["thumbnails"] == {"0": timing}


@pytest.mark.parametrize(("rotation", "width"), [(90, 50), (-90, 50), (180, 160)])
def test_turned_videos_stand_upright(client: Client, rotation: int, width: int) -> None:
    entry = client.upload(encode(rotation=rotation, frames=3))
    path = f"/api/v2/videos/{entry}/scene-thumbnails/1"
    answer = client.post(path, data={"timing": "0"}).json()["data"]
    assert answer["resolution"] == {"height": 90, "width": width}


def test_the_title_inside_may_be_in_any_encoding(client: Client, video: bytes) -> None:
    assert b"ASCII" in video
    entry = client.upload(video.replace(b"ASCII", "表ｶ表".encode("cp932")))
    answer = client.post(f"/api/v2/videos/{entry}/scene-thumbnails/0", data={"timing": "0"})
    assert answer.json()["data"]["resolution"] == {"height": 90, "width": 160}


@pytest.mark.parametrize(
    ("timing", "index"),
    [("2001", 0), ("99999999999", 0), ("-1", 0), ("1.5", 0), ("", 0), ("٣", 0), ("0", 10)],
)
def test_moments_that_are_not_there(client: Client, video: bytes, timing: str, index: int) -> None:
    entry = client.upload(video)
    path = f"/api/v2/videos/{entry}/scene-thumbnails/{index}"
    answer = client.post(path, data={"timing": timing})
    assert answer.status_code == 400
    assert answer.json()["meta"]["error-code"] == "INVALID_PARAMETER"


def test_there_is_no_thumbnail_without_a_file(client: Client) -> None:
    entry = client.created()
    path = f"/api/v2/videos/{entry}/scene-thumbnails"
    for answer in (client.post(path), client.post(f"{path}/0", data={"timing": "0"})):
        assert answer.status_code == 400
        assert answer.json()["data"]["errorDetail"] == "the file was not uploaded"


def test_there_is_no_thumbnail_of_junk(client: Client) -> None:
    entry = client.upload(b"junk" * 100)
    answer = client.post(f"/api/v2/videos/{entry}/scene-thumbnails/0", data={"timing": "0"})
    assert answer.json()["data"]["errorDetail"] == "the file can't be decoded"


def test_a_file_that_went_bad(sandbox: Sandbox, client: Client, video: bytes) -> None:
    entry = client.upload(video)
    file = sandbox._state / "files" / f"{entry}.video"
    start, end = video.index(b"mdat") + 4, video.index(b"moov") - 4
    for damage in (b"junk", video[:start] + bytes(end - start) + video[end:]):
        file.write_bytes(damage)
        answer = client.post(f"/api/v2/videos/{entry}/scene-thumbnails/0", data={"timing": "0"})
        assert answer.status_code == 400
        assert client.get(f"/garage/thumbnails/{entry}.jpg").status_code == 404


def test_candidates(client: Client, clock: Clock, video: bytes) -> None:
    entry = client.upload(video)
    assert client.status(entry)["thumbnailStatus"] == "NOT-AVAILABLE"
    found = client.post(f"/api/v2/videos/{entry}/scene-thumbnails").json()["data"]
    assert [each["timing"] for each in found] == [400, 800, 1200, 1600]
    assert client.status(entry)["thumbnailStatus"] == "AVAILABLE"


def test_sound_alone_is_no_video(client: Client, clock: Clock) -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=22050, options={}, layout="mono")
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        frame.sample_rate, frame.pts = 22050, 0
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    entry = client.upload(file.getvalue())
    clock.encode()
    assert client.status(entry)["videoFileStatus"] == "TRANSFER-FAILED"
