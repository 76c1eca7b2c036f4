from __future__ import annotations

from pathlib import Path

import pytest

from nicobatch.actions.naming import id_of, named
from nicobatch.errors import UsageError
from nicobatch.manifest.naming import Named
from tests.unit.cli.conftest import Shelf


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sm39130867", "39130867"),
        ("SM9", "9"),
        ("9", "9"),
        ("https://www.nicovideo.jp/watch/sm39130867", "39130867"),
        ("https://www.nicovideo.jp/watch/sm39130867?ref=garage_1#comments", "39130867"),
        ("https://sp.nicovideo.jp/watch/sm9/", "9"),
        ("https://nico.ms/sm9", "9"),
        ("https://garage.nicovideo.jp/niconico-garage/video/videos/39130867", "39130867"),
        ("https://garage.nicovideo.jp/niconico-garage/video/videos/39130867/edit", "39130867"),
        ("http://127.0.0.1:8025/garage/videos#sm39130867", "39130867"),
    ],
)
def test_a_video_on_the_site(text: str, expected: str) -> None:
    assert id_of(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "sm", "smx", "so9", "sm9x", "9.5", "９", "m.yaml#1", "9" * 30),
        *("https://www.nicovideo.jp/my", "https://sm9", "http://[/watch/sm9"),
    ],
)
def test_what_names_none(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        id_of(text)
    assert str(caught.value) == f"{text} names no video on niconico"
    assert "sm39130867" in caught.value.hint


@pytest.fixture
def manifests(shelf: Shelf) -> Shelf:
    for name in ("m.yaml", "m.yaml#2", "深い/第1回 #1.yaml"):
        shelf.write("", name)
    return shelf


@pytest.mark.parametrize(
    ("text", "manifest", "video"),
    [
        ("m.yaml", "m.yaml", None),
        ("m.yaml#a", "m.yaml", "a"),
        ("m.yaml#a#b", "m.yaml", "a#b"),
        ("m.yaml#2", "m.yaml#2", None),
        ("m.yaml#2#a", "m.yaml#2", "a"),
        ("./m.yaml#3", "m.yaml", "3"),
        ("深い/第1回 #1.yaml#第1回 序章", "深い/第1回 #1.yaml", "第1回 序章"),
    ],
)
def test_a_video_of_a_manifest(
    manifests: Shelf, text: str, manifest: str, video: str | None
) -> None:
    assert named(text) == Named(Path(manifest), video)


@pytest.mark.parametrize(
    "text", ["", "#", "#a", "gone.yaml", "gone.yaml#a", "深い#a", "m.yaml\0#a"]
)
def test_what_names_no_manifest(manifests: Shelf, text: str) -> None:
    with pytest.raises(UsageError, match="names no manifest"):
        named(text)


@pytest.mark.parametrize("text", ["m.yaml#", "m.yaml#2#"])
def test_nothing_after_the_sign_is_not_everything(manifests: Shelf, text: str) -> None:
    """An empty variable of a script must not have all videos deleted."""
    with pytest.raises(UsageError, match="no video is named after the #"):
        named(text)


def test_ids_of_another_site() -> None:
    assert id_of("BV1xx411c7mD", "bilibili") == "BV1xx411c7mD"
    assert id_of("https://www.bilibili.com/video/av170001?p=2", "bilibili") == "170001"
    with pytest.raises(UsageError, match="names no video on bilibili") as caught:
        id_of("sm9", "bilibili")
    assert "av39130867" in caught.value.hint
    assert id_of("av39130867", "bilibili") == "39130867"
