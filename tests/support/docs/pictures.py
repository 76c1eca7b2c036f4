"""Pictures of the documentation, made by the commands themselves: `make pictures`.

A terminal is SVG by rich, of the colours that a command really writes; pages are what Chromium
shows of them. Each language has its own. It needs Chromium, and fonts with Japanese and Chinese.
"""

from __future__ import annotations

import base64
import html
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, sync_playwright
from rich.cells import cell_len
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from examples.make_samples import make_video
from nicobatch import language

FOLDER: Final = Path(__file__).parents[3] / "docs" / "pictures"
COLUMNS: Final = 100
PHONE: Final = (390, 844)
DESKTOP: Final = (1100, 760)
_FONTS: Final = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
"""Rich's SVG asks others for its font."""
_BOX: Final = re.compile(r'textLength="[\d.]+"([^>]*)>([^<]*)')
_CELL: Final = 12.2
"""Units of rich's SVG that a column is wide; it counts letters of two columns as one."""
_FRIDAY: Final = datetime.now(timezone(timedelta(hours=9))) + timedelta(days=14)
_SERIES: Final = """\
version: 1
defaults:
  genre: game
  tags: [ゲーム, 実況プレイ動画]
videos:
  - file: episode-01.mp4
    title: 【実況】第1回 はじめての冒険
    description: 剣も魔法もまだ持っていない勇者が、村を出るまでのお話です。
    thumbnail: {{timing: 1.5}}
  - file: episode-02.mp4
    title: 【実況】第2回 森の長い道
    publish: {{at: {at}}}
"""
_WRONG: Final = """\
version: 1
file: episode-01.mp4
title: 第1回 はじめての冒険
tags: ["#ゲーム", 実況 プレイ]
gerne: game
publish: tomorrow
"""


@dataclass(frozen=True, slots=True)
class Studio:
    """A home and a folder of videos, and what is seen there in one language."""

    home: Path
    browser: Browser
    language: str

    @property
    def _ending(self) -> str:
        return "" if self.language == language.ENGLISH else f".{self.language}"

    def begin(self) -> None:
        """Put videos and manifests there."""
        for number, scene in enumerate(("mandelbrot", "testsrc2"), 1):
            path = self.home / f"episode-{number:02}.mp4"
            make_video(path, seconds=3, width=640, height=360, scenes=(f"{scene}=s=640x360",))
        (self.home / "series.yaml").write_text(
            _SERIES.format(at=f"{_FRIDAY:%Y-%m-%dT20:00:00+09:00}"), "utf-8"
        )
        (self.home / "wrong.yaml").write_text(_WRONG, "utf-8")

    def terminal(self, name: str, *command: str) -> None:
        """Draw what the command writes."""
        done = self._run(*command)
        title = " ".join(("nicobatch", *command))
        console = Console(record=True, width=COLUMNS, file=io.StringIO())
        console.print(Text(f"$ {title}", "bold"))
        console.print(Text.from_ansi(done.stdout), soft_wrap=False)
        drawn = console.export_svg(title=title, theme=MONOKAI, unique_id=f"nicobatch-{name}")
        self._path(name, "svg").write_text(_BOX.sub(_fitting, _FONTS.sub("", drawn)), "utf-8")

    def preview(self) -> None:
        """Show the preview's page, on a desk and on a phone."""
        self._run("preview", "series.yaml", "-o", "preview.html", "--sandbox")
        page = (self.home / "preview.html").as_uri()
        self._shoot("preview", page, DESKTOP, "light")
        self._shoot("preview-phone", page, PHONE, "dark")

    def sandbox(self) -> None:
        """Show the imitation's page with what was published."""
        with self._serving() as address:
            self._shoot("sandbox", address, DESKTOP, "light")

    @contextmanager
    def _serving(self) -> Iterator[str]:
        served = subprocess.Popen(
            ["nicobatch", "sandbox", "--port", "0"],
            cwd=self.home,
            env=self._environment,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        try:
            assert served.stderr
            yield next(found[0] for line in served.stderr if (found := re.search(r"http\S+", line)))
        finally:
            served.terminate()
            served.wait()

    def _shoot(
        self, name: str, address: str, size: tuple[int, int], scheme: Literal["dark", "light"]
    ) -> None:
        width, height = size
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale=self.language
        )
        page = context.new_page()
        page.goto(address)
        wanted = {"format": "webp", "quality": 75}
        taken = context.new_cdp_session(page).send("Page.captureScreenshot", wanted)
        self._path(name, "webp").write_bytes(base64.b64decode(taken["data"]))
        context.close()

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["nicobatch", *command],
            cwd=self.home,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )

    @property
    def _environment(self) -> dict[str, str]:
        """Return that of a terminal with colours whose lines stay where they are, as in CI."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        terminal = {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "TTY_COMPATIBLE": "1"}
        colours = {"FORCE_COLOR": "1", "CI": "true", "COLORTERM": "truecolor"}
        home = {"HOME": str(self.home), "LANGUAGE": self.language, "LANG": "C.UTF-8"}
        return {"PATH": path, **terminal, **colours, **home}

    def _path(self, name: str, kind: str) -> Path:
        return FOLDER / f"{name}{self._ending}.{kind}"


def _fitting(box: re.Match[str]) -> str:
    """Return the text's element, as wide as the text's columns."""
    width = _CELL * cell_len(html.unescape(box[2]))
    return f'textLength="{width:g}"{box[1]}>{box[2]}'


def main() -> None:
    """Draw everything in every language."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as drivers:
        browser = drivers.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        for each in language.LANGUAGES:
            with tempfile.TemporaryDirectory() as folder:
                studio = Studio(Path(folder), browser, each)
                studio.begin()
                studio.terminal("check", "check", "wrong.yaml")
                studio.terminal("plan", "plan", "series.yaml", "--sandbox")
                studio.preview()
                studio.terminal("publish", "publish", "series.yaml", "--sandbox")
                studio.sandbox()
        browser.close()


if __name__ == "__main__":
    main()
