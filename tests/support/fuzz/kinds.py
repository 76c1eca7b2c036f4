"""The kinds of input: an example is made at random, and what reads it must hold its promise."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, Final, Protocol

from nicobatch import sites
from nicobatch.actions import spreadsheets
from nicobatch.config import check as check_config
from nicobatch.config import read as read_config
from nicobatch.errors import NicobatchError, UsageError
from nicobatch.journal.codec import DamagedReceipt, NewerReceipt, decode, encode
from nicobatch.manifest import load
from nicobatch.model import Problem
from tests.support.fuzz.mutating import altered, bomb, mutated
from tests.support.fuzz.serving import Answers, headers
from tests.support.locked import ROOT
from tests.unit.journal.receipts import RECEIPT

NOW: Final = datetime.fromisoformat("2026-11-20T12:00:00+09:00")
TEXTS: Final = (
    *(
        "{",
        "}",
        "{{",
        "}}",
        "stem",
        "index",
        "count",
        "date",
        "title",
        "previous.url",
        "next.title",
    ),
    *(
        ":",
        ":02",
        ":9999999",
        "niconico.url",
        "bilibili.url",
        "!r",
        "[0]",
        ".",
        "第",
        " ",
        "\\n",
        "%Y",
    ),
)
COOKIES: Final = (
    "user_session=user_session_1234567_0fedcba9",
    "SESSDATA=0a1b%2C1800000000%2Cabcd*11; bili_jct=0123456789abcdef0123456789abcdef; buvid3=B",
    '[{"name": "SESSDATA", "value": "0a1b%2C1800000000%2Cabcd*11", "domain": ".bilibili.com"}]',
    "# HTTP Cookie File\n.bilibili.com\tTRUE\t/\tTRUE\t1800000000\tSESSDATA\t0a1b%2C18%2Cab*11\n",
)
ROWS: Final = (
    "file,title,tags,publish\na.mp4,第1回,ゲーム 実況,2027-01-01 20:00\n",
    "ファイル\tタイトル\tタグ\na.mp4\t第1回\tゲーム\n",
    '文件;标题;bilibili.tid\n"a;b.mp4";"第1集\n二";17\n',
)
TELLING: Final = 8
"""Characters from which on it is by no chance that a text holds another."""
CONFIG: Final = (
    b"version: 1\nbudgets: {main: {create: 5/h}}\ndefaults: {publish: {limit-rate: 5M}}\n"
    b"profiles: {garage-2026: {garage: 'https://garage.nicovideo.jp'}}\n"
)


class Kind(Protocol):
    """One kind of input."""

    def __call__(self, random: Random) -> None:
        """Read one example; raise where a promise is broken."""


def kinds(folder: Path) -> Iterator[tuple[str, Kind]]:
    """Yield each kind with its name, as long as it is asked for; files are made in the folder."""
    manifests = [path.read_bytes() for path in sorted(ROOT.glob("examples/**/*.y*ml"))]

    def manifest(random: Random) -> None:
        _manifest(folder, mutated(random.choice(manifests), random, random.choice(manifests)))

    def bombs(random: Random) -> None:
        _manifest(folder, bomb(random))

    def placeholders(random: Random) -> None:
        text = json.dumps("".join(random.choices(TEXTS, k=random.randint(1, 12))))
        fields = f"title: {text}\ndescription: {text}\ntags: [{text}]\nid: {text}\n"
        file = random.choice(("a.mp4", "'*.mp4'", text))
        _manifest(folder, f"version: 1\nfile: {file}\n{fields}".encode())

    def rows(random: Random) -> None:
        table = random.choice(ROWS).encode(random.choice(("utf-8", "utf-16", "utf-8-sig")))
        path = _written(folder / "table.csv", mutated(table, random))
        with suppress(UsageError):
            _problems(spreadsheets.read(path, folder)[1].problems)

    def config(random: Random) -> None:
        path = _written(folder / "config.yaml", mutated(CONFIG, random))
        with suppress(UsageError):
            _problems(check_config(read_config(path, named=True), sites.Described())[1])

    yield "manifests", manifest
    yield "bombs", bombs
    yield "placeholders", placeholders
    yield "spreadsheets", rows
    yield "config", config
    yield "cookies", _cookies
    yield "receipts", _receipt
    yield "headers", headers
    with _answering(folder) as answers:
        yield "answers", answers


@contextmanager
def _answering(folder: Path) -> Iterator[Answers]:
    answers = Answers(folder / "site")
    try:
        yield answers
    finally:
        answers.close()


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _manifest(folder: Path, data: bytes) -> None:
    path = _written(folder / "m.yaml", data)
    loaded = load([str(path)], sites=sites.Described(), now=NOW)
    assert loaded.problems or loaded.videos or not data.strip()
    _problems(loaded.problems)


def _problems(problems: tuple[Problem, ...] | list[Problem]) -> None:
    """Demand that each finding has a place and words, and that there are not too many."""
    for each in problems:
        assert each.line >= 1 <= each.column, each
        assert each.message, each
        assert len(each.message) + len(each.hint) < 20_000, each
    assert len(problems) < 20_000


def _cookies(random: Random) -> None:
    data = mutated(random.choice(COOKIES).encode(), random)
    text = data.decode("utf-8", random.choice(("replace", "surrogateescape")))
    for name in sites.SITES:
        session = sites.site(name).session
        try:
            secret = session.read(text, "the file")
        except UsageError as error:
            told = f"{error}{error.hint}"
            assert "0a1b" not in told, "it repeats what it was given"
            assert "0fedcba9" not in told, "it repeats what it was given"
        else:
            session.ends(secret)
            assert len(secret.reveal()) < TELLING or secret.reveal() not in repr(secret)


def _receipt(random: Random) -> None:
    whole: dict[str, Any] = json.loads(encode(RECEIPT))
    whole.pop("seal")
    text = _sealed(altered(whole, random)).encode("utf-8", "surrogatepass")
    data = mutated(text, random) if random.random() < 0.3 else text
    with suppress(DamagedReceipt, NewerReceipt, NicobatchError):
        decode(data.decode("utf-8", "replace"))


def _sealed(data: Any) -> str:
    """Seal it as one does who knows how: it is no signature."""
    if not isinstance(data, dict):
        return json.dumps(data)
    style: dict[str, Any] = {"sort_keys": True, "separators": (",", ":")}
    content = json.dumps(data, ensure_ascii=False, **style).encode("utf-8", "backslashreplace")
    return json.dumps({**data, "seal": hashlib.sha256(content).hexdigest()})
