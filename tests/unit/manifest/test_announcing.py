"""Announcements in a manifest: whose they are, and what is filled in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch import sites
from nicobatch.manifest import load
from nicobatch.model import Announcement, Video
from tests.unit.manifest.reading import NOW

HEAD = """\
version: 1
sites: [niconico, bilibili]
defaults:
  genre: game
  announce: [{apprise: {url_env: DISCORD_URL, text: "%s"}}]
"""
BLOCK = "bilibili: {description: x, tags: [x], partition: 游戏, copyright: own"
PLAIN = f"""\
videos:
  - {{file: a.mp4, title: 第1回, {BLOCK}}}}}
"""


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("m.yaml")


def read(manifest: Path, text: str) -> list[Video]:
    manifest.write_text(text, "utf-8")
    found = load([str(manifest)], sites=sites.Described(), now=NOW)
    assert not [each for each in found.problems if each.stops()]
    return list(found.videos)


def said(text: str) -> Announcement:
    return Announcement(kind="apprise", to="DISCORD_URL", text=text)


def test_the_first_site_says_what_is_for_all_and_each_what_is_its_own(manifest: Path) -> None:
    first, second = read(manifest, HEAD % "{url}" + PLAIN)
    assert (first.announce, second.announce) == ((said("{url}"),), ())
    own = BLOCK + ", announce: [{livetube: {page: 'http://livetube.cc/a/b', text: 集}}]}"
    first, second = read(
        manifest, f"{HEAD % '{url}'}videos:\n  - {{file: a.mp4, title: t, {own}}}\n"
    )
    assert first.announce == (said("{url}"),)
    assert second.announce == (
        Announcement(kind="livetube", to="http://livetube.cc/a/b", text="集"),
    )


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{index:02}/{count} {title} {stem}: {url}", "01/1 第1回 a: {url}"),
        ("{title} {{title}} {bilibili.url}", "第1回 {title} {bilibili.url}"),
        ("(^_^)/{x}", "(^_^)/{x}"),
    ],
)
def test_what_is_known_is_filled_in_and_addresses_are_left(
    manifest: Path, text: str, filled: str
) -> None:
    assert read(manifest, HEAD % text + PLAIN)[0].announce == (said(filled),)


def test_an_address_in_an_announcement_holds_no_upload_up(manifest: Path) -> None:
    video = read(manifest, HEAD % "{bilibili.url}" + PLAIN)[0]
    assert video.named_addresses == ()
    named = replace(video, description="{bilibili.url}").naming({"bilibili": "http://b/1"})
    assert (named.description, named.announce) == ("http://b/1", (said("http://b/1"),))


def test_what_is_wrong_is_told_without_what_may_be_a_secret(manifest: Path) -> None:
    text = "announce: [{apprise: 'json://geheim'}, {apprise: {url_env: 'json://geheim', text: 5}}]"
    manifest.write_text(f"version: 1\nfile: a.mp4\ntitle: t\ngenre: game\n{text}\n", "utf-8")
    found = load([str(manifest)], sites=sites.Described(), now=NOW)
    assert "geheim" not in repr(found.problems)
    assert {each.rule for each in found.problems} >= {"announce-secret", "announce-variable"}


@pytest.mark.parametrize(
    "text",
    ["discord://geheim/1", "[tgram://geheim]", "{apprise: 'https://geheim'}", "[[json://geheim]]"],
)
def test_an_address_in_another_form_is_not_repeated(text: str, manifest: Path) -> None:
    manifest.write_text(f"version: 1\nfile: a.mp4\ntitle: t\nannounce: {text}\n", "utf-8")
    [problem] = load([str(manifest)], sites=sites.Described(), now=NOW).problems
    assert (problem.rule, "geheim" in repr(problem)) == ("announce-secret", False)
