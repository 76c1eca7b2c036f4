"""A folder under fire: `python -m tests.support.soak [--videos N] [--share S] [--life S] …`.

Videos of two accounts are dropped into a folder in all the ways there are, before a site of whose
answers that share goes wrong in each of ten ways, while the watcher is killed now and then. At the
end the site is asked what it has: every video once, or the exit code is 1.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from examples.make_samples import make_video
from nicobatch.sandbox import Sandbox
from tests.support import faults
from tests.support.faults import Answered, Play
from tests.system.watch.test_resources import Size
from tests.system.watch.watching import Inbox, Watching
from tests.unit.cli.running import SECOND

OPTIONS: Final = (
    *("--settle", "0.5", "--rescan", "2", "--poll-interval", "0.05"),
    *("--retry-max-wait", "0.2", "--visible-timeout", "20"),
)
LIFE: Final = 30.0
"""Seconds between two kills, give or take a half."""
LOOK: Final = 20.0
"""Seconds between two looks at what the process takes."""
STALL: Final = 0.5
"""Seconds; one that is longer than the client's patience would take the soak a day."""


def stalled(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
    time.sleep(STALL)
    return faults.answered(app, environ)


def cut_body(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0) // 2)
    raise ConnectionError


KINDS: Final[Mapping[str, Play]] = {
    "dropped before": faults.reset_before,
    "dropped after": faults.answer_lost,
    "body cut": cut_body,
    "500": faults.refused("500 Internal Server Error"),
    "503": faults.refused("503 Service Unavailable", [("Retry-After", "0")]),
    "429": faults.refused("429 Too Many Requests", [("Retry-After", "1")]),
    "503 after": faults.unavailable_after_acting,
    "HTML after": faults.html_after_acting,
    "JSON cut": faults.truncated_after_acting,
    "stalled": stalled,
}


@dataclass(slots=True)
class Chaos:
    """Plays each kind of fault with the same share of all requests."""

    share: float
    random: random.Random
    played: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def wrap(self, app: WSGIApplication) -> WSGIApplication:
        def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            kind = self._draw()
            if kind is None:
                return app(environ, start_response)
            held = KINDS[kind](app, environ)
            kept = [each for each in held.headers if each[0].lower() != "content-length"]
            start_response(held.status, [*kept, ("Content-Length", str(len(held.body)))])
            return [held.body]

        return wrapped

    def _draw(self) -> str | None:
        with self.lock:
            drawn = self.random.random()
            index = int(drawn / self.share) if self.share else len(KINDS)
            kind = list(KINDS)[index] if index < len(KINDS) else None
            self.played[kind or "none"] += 1
        return kind


@dataclass(slots=True)
class Dropper:
    """Puts units into the folder, each in a way of its own, until all videos are there."""

    inbox: Inbox
    random: random.Random
    videos: int
    sums: set[str] = field(default_factory=set)

    def run(self) -> None:
        number = 0
        while len(self.sums) < self.videos:
            count = min(self.random.choice((1, 1, 1, 2, 5, 10)), self.videos - len(self.sums))
            account = self.random.choice(("main", "second"))
            self._drop(
                f"u{number:04}", [f"u{number:04}-{each}.mp4" for each in range(count)], account
            )
            number += 1
            time.sleep(self.random.uniform(0, 0.4))

    def _drop(self, name: str, files: list[str], account: str) -> None:
        ways = (self._plainly, self._slowly, self._by_rename, self._manifest_first)
        manifest = self.random.choice(ways)
        manifest(name, files, account)
        self.sums |= {hashlib.sha256(self.inbox.data(each)).hexdigest() for each in files}

    def _plainly(self, name: str, files: list[str], account: str) -> None:
        for each in files:
            self.inbox.add(each)
        self._write(f"{name}.yaml", files, account)

    def _manifest_first(self, name: str, files: list[str], account: str) -> None:
        self._write(f"{name}.yaml", files, account)
        for each in files:
            self.inbox.add(each)

    def _slowly(self, name: str, files: list[str], account: str) -> None:
        self._write(f"{name}.yaml", files, account)
        for each in files:
            data = self.inbox.data(each)
            half = len(data) // 2
            with (self.inbox.folder / each).open("wb") as file:
                for part in (data[:half], data[half:]):
                    file.write(part)
                    file.flush()
                    time.sleep(self.random.choice((0.05, 0.05, 0.8)))

    def _by_rename(self, name: str, files: list[str], account: str) -> None:
        for each in files:
            part = self.inbox.put(f"{each}.part", self.inbox.data(each))
            part.rename(self.inbox.folder / each)
        self._write(f"{name}.yaml.part", files, account).rename(self.inbox.folder / f"{name}.yaml")

    def _write(self, name: str, files: list[str], account: str) -> Path:
        entries = "".join(f"  - {{file: {each}, title: {each}}}\n" for each in files)
        text = f"version: 1\naccount: {account}\nvideos:\n{entries}"
        return self.inbox.put(name, text.encode())


@dataclass(slots=True)
class Soak:
    """The watcher's lives, one after the other, until everything is published."""

    inbox: Inbox
    site: Sandbox
    dropper: Dropper
    random: random.Random
    life: float
    patience: float

    def run(self) -> None:
        thread = threading.Thread(target=self.dropper.run)
        thread.start()
        deadline = time.monotonic() + self.patience
        lives = 0
        while thread.is_alive() or self._published() < self.dropper.videos:
            lives += 1
            life = self.life * self.random.uniform(0.5, 1.5)
            self._live(min(deadline, time.monotonic() + life), thread)
            if time.monotonic() > deadline:
                break
        thread.join()
        say(f"{lives} lives")

    def _live(self, until: float, dropping: threading.Thread) -> None:
        """Watch until then, or until all is published; then be killed, or stopped."""
        with self.watch() as watching:
            look = time.monotonic() + LOOK
            while time.monotonic() < until:
                time.sleep(0.5)
                assert watching.process.poll() is None, f"it ended: {watching.err}"
                if time.monotonic() > look:
                    look = time.monotonic() + LOOK
                    self._say(watching)
                if not dropping.is_alive() and self._published() >= self.dropper.videos:
                    time.sleep(2)
                    break
            self._say(watching)
            watching.send(self.random.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)))
            say(f"ended with {watching.wait()}")

    def _say(self, watching: Watching) -> None:
        size = Size.of(watching.process.pid)
        dropped = len(self.dropper.sums)
        say(f"{dropped:5} dropped, {self._published():5} published, {size}")

    def watch(self, *options: str) -> Watching:
        more = {"NICOBATCH_SECOND_USER_SESSION": SECOND.user_session}
        return self.inbox.watch(*OPTIONS, *options, more=more)

    def _published(self) -> int:
        return sum(entry["published"] for entry in self.site.audit()["entries"])

    def wrong(self) -> Iterator[str]:
        """Yield what is not as it has to be."""
        audit = self.site.audit()
        entries = Counter(entry["sha256"] for entry in audit["entries"] if entry["published"])
        open_ones = [entry["videoId"] for entry in audit["entries"] if not entry["published"]]
        twice = [number for number, count in entries.items() if count > 1]
        if missing := self.dropper.sums - entries.keys():
            yield f"{len(missing)} videos are not published"
        if twice:
            yield f"{len(twice)} videos are published more than once"
        if strange := entries.keys() - self.dropper.sums:
            yield f"{len(strange)} videos are published that were never dropped"
        if open_ones:
            yield f"entries were left open: {', '.join(open_ones)}"
        if audit["crashes"]:
            yield f"the sandbox crashed: {audit['crashes'][0]['traceback']}"


def main() -> int:
    """Run the soak and return 1 where anything is wrong at its end."""
    options = _options()
    chance = random.Random(options.seed)
    kinds = f"{options.share:.0%} of each of {len(KINDS)} kinds of faults"
    say(f"{options.videos} videos, {kinds}, seed {options.seed}")
    chaos = Chaos(options.share, random.Random(chance.random()))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "投稿").mkdir()
        video = make_video(root / "sample.mp4", width=64, height=36)
        with Sandbox(root / "site", encode_seconds=0, wrap=chaos.wrap) as site:
            moving = ("--done", str(root / "done")) if options.done else ()
            inbox = Inbox(root / "投稿", video, site, moving)
            dropper = Dropper(inbox, random.Random(chance.random()), options.videos)
            soak = Soak(inbox, site, dropper, chance, options.life, options.patience)
            soak.run()
            chaos.share = 0.0
            with soak.watch("--once") as watching:
                code = watching.wait(600)
            wrong = [*soak.wrong()]
            if code:
                wrong.append(f"a last look ended with code {code}: {watching.told[-1:]}")
    say(f"requests: {dict(chaos.played)}")
    say(f"{time.monotonic() - begun:.0f} s")
    for line in wrong or [f"{len(dropper.sums):,} published once"]:
        say(line)
    return int(bool(wrong))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.support.soak", description=__doc__)
    parser.add_argument("--videos", type=int, default=1000, metavar="N")
    parser.add_argument("--share", type=float, default=0.05, help="of requests, for each kind")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--done", action="store_true", help="move what is published away")
    parser.add_argument("--life", type=float, default=LIFE, metavar="S", help="between two kills")
    parser.add_argument("--patience", type=float, default=7200, metavar="S")
    return parser.parse_args()


def say(line: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
