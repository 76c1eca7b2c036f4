"""A real browser, and pages in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from examples.make_samples import make_video
from nicobatch import preview
from nicobatch.model import MediaInfo
from tests.unit.preview import making

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Dialog
    from playwright.sync_api import Page as Tab

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
CSP = "Content-Security-Policy"
PHONE = 375
"""Pixels; a small phone's width."""

OVERFLOWING = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1
    && !each.closest(".skip, .picture, svg")
    && getComputedStyle(each).display !== "inline")  // which boxes around it cut off
  .map((each) => each.tagName + "." + each.className)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; its threads are there before a test begins and after it has ended.

    It ends with the module: no two may run in one thread.
    """
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.skip("needs chromium on PATH")
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    rights = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
    with sync_api.sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=rights)
        yield made
        made.close()


@dataclass
class Look:
    """A page in the browser, and all that it did beyond standing there."""

    tab: Tab
    context: BrowserContext
    url: str
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("console", lambda message: self.said.append(message.text))
        self.tab.on("pageerror", lambda error: self.said.append(str(error)))
        self.tab.on("dialog", self._dismiss)
        self.tab.goto(self.url)
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def _dismiss(self, dialog: Dialog) -> None:
        self.said.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def ask(self, script: str, value: Any = None) -> Any:
        return self.tab.evaluate(script, value)


def demand_peace(look: Look) -> None:
    """Assert that the page loaded nothing and that nothing of it ran or complained."""
    assert [url for url in look.requests if not url.startswith("data:")] == [look.url]
    assert look.said == []


Show = Callable[..., Look]


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Show:
    """Render a page into a file and open it; `guarded=False` takes the page's own guard away."""

    def shown(
        page: preview.Preview,
        *,
        width: int = 1280,
        scheme: str = "light",
        guarded: bool = True,
        **given: Any,
    ) -> Look:
        text = preview.render(page)
        if not guarded:
            assert CSP in text
            text = text.replace(CSP, "x-nothing")
        path = tmp_path / "頁.html"
        path.write_text(text, "utf-8")
        viewport = {"width": width, "height": 800}
        context = browser.new_context(viewport=viewport, color_scheme=scheme, **given)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        return Look(context.new_page(), context, path.as_uri())

    return shown


@dataclass(frozen=True)
class Film:
    """A video file, and what is in it."""

    path: Path
    info: MediaInfo


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Film]:
    """Videos of each shape, by name."""
    folder = tmp_path_factory.mktemp("films")
    shapes = {"wide": (384, 144), "standard": (256, 144), "tall": (144, 256), "old": (192, 144)}
    made = {}
    for name, (width, height) in shapes.items():
        path = make_video(folder / f"{name}.mp4", seconds=1, width=width, height=height)
        made[name] = Film(path, making.info_of(path))
    return made
