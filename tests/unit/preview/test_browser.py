"""The page in a real Chromium: what it does, how it looks, and what it lets itself be told."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch.model import Publish, PublishMode, Thumbnail
from nicobatch.plan import FieldChange, Note, Plan, Verdict
from nicobatch.preview import Preview, PreviewedVideo
from nicobatch.sites.niconico.cropping import Aspect, Cropping, cropped
from nicobatch.sites.niconico.fields import SITE, Series
from nicobatch.sites.pictures import WHOLE
from tests.unit.preview.conftest import OVERFLOWING, PHONE, Film, Show, demand_peace
from tests.unit.preview.making import SIGNS, entry, page, problem, video, warning

CONTRAST = """() => {
  const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
      if (colour[3] > 0) throw new Error("half transparent: " + at.className);
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), node = walker.currentNode.parentElement;
    if (!text || node.closest("font, style")) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found.push([ratio, node.className || node.tagName, text.slice(0, 30)]);
  }
  return found;
}"""

FOCUSED = """() => {
  const node = document.activeElement, style = getComputedStyle(node);
  const box = node.getBoundingClientRect();
  return node === document.body ? null : {
    what: node.tagName + " " + (node.getAttribute("href") || node.textContent.trim().slice(0, 20)),
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    seen: box.width > 0 && box.left >= 0 && box.right <= innerWidth + 1,
  };
}"""

DECODED = """() => Promise.all([...document.images].map(async (each) => {
  const picture = new Image();  // those on the page are decoded when they come into view
  picture.src = each.src;
  await picture.decode();
  return picture.naturalWidth;
}))"""

REACHABLE = """() => [...document.querySelectorAll("a[href], summary")].map((node) =>
  node.tagName + " " + (node.getAttribute("href") || node.textContent.trim().slice(0, 20)))"""


def rich(film: Film) -> Preview:
    """Return a page that has everything on it."""
    full = video(
        film.path,
        title="【実況】第1回",
        tags=("ゲーム", "実況プレイ動画"),
        genre="game",
        description='はじめての冒険。\n<font color="red">赤</font> sm9 mylist/1',
        thumbnail=Thumbnail(timing=500),
        cropping=Cropping(position=7, aspect=Aspect.WIDE),
        publish=Publish(PublishMode.PRIVATE),
        series=Series(id=7),
        thanks_message="ありがとう",
        parent_works=("sm9",),
    )
    update = Plan(
        video="m.yaml#b",
        verdict=Verdict.UPDATE,
        steps=("metadata",),
        reasons=("changed: title",),
        hint="look twice",
        changes=(FieldChange(name="title", old="旧題", new="新題"),),
        notes=(Note(name="tags", message="niconico may keep the old ones"),),
    )
    flawed = video(Path("gone.mp4"), id="", title="")
    problems = (warning(), problem(line=9), problem(line=40))
    entries = (
        entry(full, film.info),
        PreviewedVideo(
            video=replace(full, id="b"),
            site=SITE,
            detail="ただの文<br>https://example.jp/",
            media=film.info,
            plan=update,
            sign="~",
            url="https://www.nicovideo.jp/watch/sm9",
        ),
        *(entry(video(film.path, id=word), film.info, Verdict(word)) for word in SIGNS),
        entry(replace(flawed, places={"": replace(full.place(), line=9)}), None, None),
    )
    return page(entries, problems)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, 1280])
def test_it_loads_nothing_and_fits(
    show: Show, films: dict[str, Film], width: int, scheme: str
) -> None:
    with show(rich(films["wide"]), width=width, scheme=scheme) as look:
        demand_peace(look)
        assert look.ask("document.documentElement.scrollWidth") <= width
        assert look.ask(OVERFLOWING) == []
        assert set(look.ask(DECODED)) == {384}


@pytest.mark.parametrize("width", [PHONE, 900, 1280])
def test_labels_keep_their_room(show: Show, films: dict[str, Film], width: int) -> None:
    film, words = films["wide"], "とても長いお礼" * 20
    steps = ("created", "stream", "parts", "done", "thumbnail", "metadata", "encoded", "visible")
    long = Plan(video="m.yaml#a", verdict=Verdict.CREATE, steps=steps, reasons=("new",))
    made = PreviewedVideo(
        video=video(film.path, thanks_message=words),
        site=SITE,
        media=film.info,
        plan=long,
        sign="+",
    )
    with show(page([made]), width=width) as look:
        look.ask("document.querySelectorAll('details').forEach((each) => each.open = true)")
        labels = "[...document.querySelectorAll('details dt')]"
        narrow = "(each) => each.getBoundingClientRect().width < 80"
        assert look.ask(f"{labels}.length") > 10
        assert look.ask(f"{labels}.filter({narrow}).map((each) => each.textContent)") == []
        assert look.ask("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(show: Show, films: dict[str, Film], scheme: str) -> None:
    with show(rich(films["wide"]), scheme=scheme) as look:
        found = look.ask(CONTRAST)
        assert len(found) > 100
        assert [each for each in found if each[0] < 4.5] == []


def test_dark_is_dark(show: Show, films: dict[str, Film]) -> None:
    colours = []
    for scheme in ("light", "dark"):
        with show(rich(films["wide"]), scheme=scheme) as look:
            style = "getComputedStyle(document.body)"
            colours.append(look.ask(f"[{style}.backgroundColor, {style}.color]"))
    light, dark = colours
    assert light == ["rgb(243, 244, 246)", "rgb(25, 27, 32)"]
    assert dark == ["rgb(17, 19, 24)", "rgb(236, 238, 242)"]


def test_a_description_with_colours_of_its_own_keeps_white_paper(
    show: Show, films: dict[str, Film]
) -> None:
    with show(rich(films["wide"]), scheme="dark") as look:
        papers = look.ask(
            "[...document.querySelectorAll('.description')]"
            ".map((each) => getComputedStyle(each).backgroundColor)"
        )
        assert papers == ["rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"]


@pytest.mark.parametrize("width", [PHONE, 1280])
def test_keys_reach_everything(show: Show, films: dict[str, Film], width: int) -> None:
    with show(rich(films["wide"]), width=width) as look:
        expected = look.ask(REACHABLE)
        reached = []
        for _ in range(len(expected) + 5):
            look.tab.keyboard.press("Tab")
            focused = look.ask(FOCUSED)
            if focused is None:
                break
            assert focused["outline"] >= 2, focused
            assert focused["seen"], focused
            reached.append(focused["what"])
        assert reached == expected
        assert reached[0] == "A #videos"


def test_keys_open_what_is_folded(show: Show, films: dict[str, Film]) -> None:
    with show(rich(films["wide"])) as look:
        summary = look.tab.locator(".card summary").first
        summary.focus()
        look.tab.keyboard.press("Enter")
        assert look.tab.get_by_text("permissions.gift").first.is_visible()
        look.tab.keyboard.press("Enter")
        assert not look.tab.get_by_text("permissions.gift").first.is_visible()


def test_the_skip_link_leads_to_the_videos(show: Show, films: dict[str, Film]) -> None:
    with show(rich(films["wide"])) as look:
        look.tab.keyboard.press("Tab")
        look.tab.keyboard.press("Enter")
        assert look.ask("document.activeElement.id") == "videos"
        look.tab.keyboard.press("Tab")
        assert look.ask("!!document.activeElement.closest('.card')")


def test_every_link_within_the_page_arrives(show: Show, films: dict[str, Film]) -> None:
    with show(rich(films["wide"])) as look:
        links = "[...document.querySelectorAll('a[href^=\"#\"]')].map((each) => each.hash.slice(1))"
        targets = look.ask(links)
        assert len(targets) > 8
        assert look.ask("(names) => names.every((each) => document.getElementById(each))", targets)
        ids = look.ask("[...document.querySelectorAll('[id]')].map((each) => each.id)")
        assert len(ids) == len(set(ids))


def test_it_makes_sense_without_eyes(show: Show, films: dict[str, Film]) -> None:
    with show(rich(films["wide"])) as look:
        tab = look.tab
        assert tab.get_by_role("heading", level=1).count() == 1
        levels = look.ask(
            "[...document.querySelectorAll('h1,h2,h3,h4')].map((each) => +each.tagName[1])"
        )
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
        videos = tab.get_by_role("list", name="Videos")
        assert videos.locator("> li").count() == 9
        assert tab.get_by_role("article", name="【実況】第1回").count() == 2
        assert tab.get_by_role("navigation", name="Contents").count() == 1
        assert tab.get_by_role("main").count() == tab.get_by_role("banner").count() == 1
        images = look.ask("[...document.images].map((each) => each.alt)")
        assert images.count("A frame of 【実況】第1回") == 2
        assert all(images)
        assert look.ask("document.documentElement.lang") == "en"
        assert tab.locator("article h3[lang=ja]").count() == 8


@pytest.mark.parametrize("name", ["wide", "standard", "tall", "old"])
@pytest.mark.parametrize("aspect", Aspect)
@pytest.mark.parametrize("width", [PHONE, 1280])
def test_the_cut_lies_where_it_was_computed(
    show: Show, films: dict[str, Film], name: str, aspect: Aspect, width: int
) -> None:
    film = films[name]
    made = video(film.path, thumbnail=Thumbnail(timing=0), cropping=Cropping(aspect=aspect))
    shape = {"wide": Aspect.WIDE, "standard": Aspect.STANDARD}.get(name, Aspect.TALL)
    meant = shape if aspect is Aspect.AUTO else aspect
    box = cropped(film.info.width, film.info.height, meant)
    with show(page([entry(made, film.info)]), width=width) as look:
        picture = look.tab.locator(".picture img").bounding_box()
        assert picture
        assert picture["width"] / picture["height"] == pytest.approx(
            film.info.width / film.info.height, rel=0.02
        )
        cut = look.tab.locator(".cut")
        if box == WHOLE:
            assert cut.count() == 0
            return
        at = cut.bounding_box()
        assert at
        assert at["width"] / at["height"] == pytest.approx(16 / 9, rel=0.02)
        expected = {
            "x": picture["x"] + picture["width"] * box.left / 100,
            "y": picture["y"] + picture["height"] * box.top / 100,
            "width": picture["width"] * box.width / 100,
            "height": picture["height"] * box.height / 100,
        }
        assert at == pytest.approx(expected, abs=0.6)


def test_two_hundred_videos_stay_usable(show: Show, films: dict[str, Film]) -> None:
    film = films["standard"]
    made = [
        entry(video(film.path, id=f"v{number}", title=f"第{number}回"), film.info)
        for number in range(200)
    ]
    with show(page(made), width=PHONE) as look:
        demand_peace(look)
        assert look.tab.locator("ol.cards > li").count() == 200
        assert not look.tab.get_by_role("link", name="第150回", exact=True).is_visible()
        look.tab.locator(".contents summary").click()
        look.tab.get_by_role("link", name="第150回", exact=True).click()
        look.tab.locator(":target h3").wait_for()
        box = look.tab.locator(":target").bounding_box()
        assert box is not None
        assert abs(box["y"]) < 120
        assert look.tab.locator(":target h3").text_content() == "第150回"


def test_on_paper(show: Show, films: dict[str, Film]) -> None:
    with show(rich(films["wide"]), scheme="light") as look:
        look.tab.emulate_media(media="print")
        assert not look.tab.locator(".contents").is_visible()
        assert look.tab.locator(".card").last.is_visible()
        assert look.tab.pdf(format="A4").startswith(b"%PDF")


def test_no_script_is_needed(show: Show, films: dict[str, Film]) -> None:
    with show(rich(films["wide"]), java_script_enabled=False) as look:
        assert look.tab.locator("ol.cards > li").count() == 9
        look.tab.locator(".card summary").first.click()
        assert look.tab.get_by_text("permissions.gift").first.is_visible()
