"""Receipts between files and the table: nothing is lost, and what changed on both sides is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch.cli.app import run
from nicobatch.config import Given
from nicobatch.journal import Journal, codec
from nicobatch.model import Video
from nicobatch.receipt import Receipt
from tests.unit.fleet.conftest import Fleet, later, receipt, video


@pytest.fixture
def shared(fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    monkeypatch.setenv("NICOBATCH_FLEET_DSN", fleet.server.dsn)
    monkeypatch.chdir(tmp_path)
    return fleet


def of(name: str, site: str = "niconico") -> Video:
    folder = Path.cwd() / "shop"
    folder.mkdir(exist_ok=True)
    manifest = folder / "m.yaml"
    manifest.write_text("version: 1\nfile: a.mp4\ntitle: A\n")
    return replace(video(name, site), manifest=manifest)


def written(each: Video, content: Receipt) -> Path:
    Journal().write(each, content)
    return Journal().path(each)


def table(fleet: Fleet, each: Video) -> Receipt | None:
    return fleet.journal(fleet.account()).read(each)


def exchange(
    capsys: pytest.CaptureFixture[str], way: str, *paths: str
) -> tuple[int, dict[str, int]]:
    code = run(["fleet", way, "--format", "json", *(paths or ("shop",))], Given())
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    return code, {each: result[each] for each in ("written", "same", "older", "refused")}


def counts(**found: int) -> dict[str, int]:
    return {"written": 0, "same": 0, "older": 0, "refused": 0, **found}


def test_there_and_back_nothing_is_lost(shared: Fleet, capsys: pytest.CaptureFixture[str]) -> None:
    videos = [of("a"), of("あ"), of("a", "bilibili")]
    paths = [written(each, receipt(each, id_=str(n))) for n, each in enumerate(videos, start=1)]
    before = [each.read_bytes() for each in paths]
    assert exchange(capsys, "import") == (0, counts(written=3))
    assert exchange(capsys, "import") == (0, counts(same=3))
    assert exchange(capsys, "export") == (0, counts(same=3))
    for each in paths:
        each.unlink()
    assert exchange(capsys, "export", "shop/m.yaml") == (0, counts(written=3))
    assert [each.read_bytes() for each in paths] == before
    assert exchange(capsys, "export", "elsewhere") == (0, counts())


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("shop/m.yaml#a",), ["a", "bilibili/a"]),
        (("shop/m.yaml#a@bilibili",), ["bilibili/a"]),
        (("shop", "--site", "niconico"), ["a", "b"]),
        ((".", "--exclude", "shop"), []),
        ((".", "--exclude", "*.yml"), ["a", "b", "bilibili/a"]),
        (("shop/m.yaml#none",), []),
    ],
)
def test_only_what_is_named_goes_out(
    shared: Fleet, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], found: list[str]
) -> None:
    paths = [written(each, receipt(each)) for each in (of("a"), of("b"), of("a", "bilibili"))]
    exchange(capsys, "import")
    for each in paths:
        each.unlink()
    assert exchange(capsys, "export", *words) == (0, counts(written=len(found)))
    home = Path("shop/.nicobatch/m.yaml").absolute()
    there = [each.relative_to(home).with_suffix("").as_posix() for each in paths if each.exists()]
    assert sorted(there) == found


def test_what_changed_on_one_side_goes_to_the_other(
    shared: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    each = of("a")
    path = written(each, first := receipt(each))
    exchange(capsys, "import")
    shared.journal(shared.account()).write(each, later(first))
    assert exchange(capsys, "import") == (0, counts(older=1))
    assert exchange(capsys, "export") == (0, counts(written=1))
    assert codec.decode(path.read_text("utf-8")) == later(first)
    written(each, newest := later(later(first)))
    assert exchange(capsys, "export") == (0, counts(older=1))
    assert exchange(capsys, "import") == (0, counts(written=1))
    assert table(shared, each) == newest


def test_receipts_in_a_folder_of_their_own_are_of_manifests_elsewhere(
    shared: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    each, apart = of("a"), Journal(Path.cwd() / "receipts")
    apart.write(each, receipt(each))
    assert exchange(capsys, "import", "shop", "--journal", "receipts") == (0, counts(written=1))
    assert table(shared, each) == receipt(each)


def test_what_changed_on_both_sides_is_refused_both_ways(
    shared: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    each = of("a")
    path = written(each, first := receipt(each))
    exchange(capsys, "import")
    shared.journal(shared.account()).write(each, there := replace(first, attempt=7))
    written(each, here := replace(first, attempt=5))
    assert exchange(capsys, "import") == (1, counts(refused=1))
    assert exchange(capsys, "export") == (1, counts(refused=1))
    assert run(["fleet", "export", "shop"], Given()) == 1
    assert "m.yaml#a was changed here and in the fleet's database" in capsys.readouterr().out
    assert table(shared, each) == there
    assert codec.decode(path.read_text("utf-8")) == here


def test_receipts_that_were_never_alike_are_refused(
    shared: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    each = of("a")
    written(each, receipt(each))
    shared.journal(shared.account()).write(each, later(receipt(each)))
    assert exchange(capsys, "import") == (1, counts(refused=1))


def test_nothing_comes_in_while_a_worker_publishes_for_the_account(
    shared: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    each = of("a")
    written(each, receipt(each))
    shared.account()
    shared.server.sql(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, status)"
        " VALUES ('q', 'turn', 'niconico/main', 'doing')"
    )
    assert run(["fleet", "import", "shop"], Given()) == 1
    out = capsys.readouterr().out
    assert "a worker is publishing for main" in out
    assert "`nicobatch fleet pause main`" in out
    assert table(shared, each) is None
    shared.server.sql("DELETE FROM procrastinate_jobs")
    assert exchange(capsys, "import") == (0, counts(written=1))


def test_another_origins_receipt_and_a_damaged_one_are_refused(
    shared: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    each = of("a")
    shared.account()
    path = written(each, replace(receipt(each), origin="https://elsewhere.example"))
    assert exchange(capsys, "import") == (1, counts(refused=1))
    path.write_text("{}")
    assert run(["fleet", "import", "shop"], Given()) == 1
    assert "is damaged" in capsys.readouterr().err
    shared.journal(shared.account()).write(each, receipt(each))
    assert exchange(capsys, "export") == (1, counts(refused=1))
