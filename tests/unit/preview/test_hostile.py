"""Texts that mean harm, in every place that a stranger can write to."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch.model import Position, Problem, Video
from nicobatch.plan import FieldChange, Note, Plan, Verdict
from nicobatch.preview import Preview, PreviewedVideo
from nicobatch.sites.niconico.fields import SITE, Options
from tests.unit.preview.conftest import OVERFLOWING, PHONE, Film, Show, demand_peace
from tests.unit.preview.making import HOSTILE, page


def hostile(text: str, film: Film, path: Path) -> Preview:
    """Return a page with the text in every place that a stranger can write to."""
    made = Video(
        manifest=Path(f"{text[:50]}.yaml"),
        id=text,
        file=path,
        title=text,
        account=text,
        description=f"{text}\n{text}",
        tags=(text, text),
        options=Options(genre=text, thanks_message=text, parent_works=(text,)),
        places={"": Position(3, 5)},
    )
    plan = Plan(
        video=made.key,
        verdict=Verdict.UPDATE,
        reasons=(text,),
        hint=text,
        changes=(FieldChange(name=text, old=text, new=[text]),),
        notes=(Note(name=text, message=text),),
        steps=(text,),
    )
    found = Problem(rule=text, message=text, hint=text, path=made.manifest, line=3, column=5)
    whole = PreviewedVideo(
        video=made,
        site=SITE,
        media=replace(film.info, video_codec=text),
        plan=plan,
        sign="~",
        detail=made.description.replace("\n", "<br>"),
        url=f"javascript:alert(1)//{text}",
    )
    broken = PreviewedVideo(video=replace(made, id="", title="", file=Path(text[:200])), site=SITE)
    return page([whole, broken], [found], summary=text, site=text)


SAFE = """() => ({
  scripts: document.scripts.length + document.querySelectorAll(
    "iframe, object, embed, svg use, math, base, form, input, textarea").length,
  handlers: [...document.querySelectorAll("*")].flatMap((each) => [...each.attributes])
    .filter((one) => one.name.startsWith("on")).length,
  links: [...document.links].filter((each) => each.getAttribute("href")[0] !== "#").length,
  styles: document.querySelectorAll("[style]:not(.cut)").length,
  sheets: document.styleSheets.length,
  images: [...document.images].filter((each) => !each.src.startsWith("data:image/jpeg")).length,
  cards: document.querySelectorAll("ol.cards > li.card").length,
  lists: document.querySelectorAll("main > ol.cards").length,
  footer: document.querySelectorAll("body > footer").length,
  refresh: document.querySelectorAll("meta[http-equiv=refresh]").length,
})"""


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "unguarded"])
def test_hostile_texts_stay_texts(
    show: Show, films: dict[str, Film], tmp_path: Path, kind: str, guarded: bool
) -> None:
    text = HOSTILE[kind]
    path = tmp_path / f"{text.replace('/', '_')[:40]}.mp4"
    shutil.copy(films["tall"].path, path)
    with show(hostile(text, films["tall"], path), width=PHONE, guarded=guarded) as look:
        look.tab.mouse.move(150, 400)
        look.ask("scrollTo(0, document.body.scrollHeight)")
        demand_peace(look)
        assert look.ask(SAFE) == {
            "scripts": 0,
            "handlers": 0,
            "links": 0,
            "styles": 0,
            "sheets": 1,
            "images": 0,
            "cards": 2,
            "lists": 1,
            "footer": 1,
            "refresh": 0,
        }
        assert look.ask("document.documentElement.scrollWidth") <= PHONE
        assert look.ask(OVERFLOWING) == []
        title = look.tab.locator("h3").first.evaluate("(node) => node.textContent")
        assert title == text.replace("\r", "")
        tags = look.tab.locator(".tags li").all_text_contents()
        assert len(tags) == 2
