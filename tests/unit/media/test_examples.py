from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from examples import make_samples
from nicobatch import manifest, media, sites
from nicobatch.model import Problem, Video

EXAMPLES = Path(__file__).parents[3] / "examples"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
EVERY = sites.Described()


def problems(video: Video) -> tuple[Problem, ...]:
    limits = EVERY[video.site].limits
    return media.check(video, limits=limits)[1] + media.check_picture(video, limits=limits)[1]


def load(path: Path) -> tuple[Video, ...]:
    loaded = manifest.load([str(path)], sites=EVERY, now=NOW)
    assert loaded.problems == ()
    return loaded.videos


@pytest.mark.parametrize("path", sorted((EXAMPLES / "bad").glob("media-*.yaml")), ids=str)
def test_each_bad_file_breaks_the_rule_that_it_names(path: Path) -> None:
    _, _, rule, place = path.read_text(encoding="utf-8").splitlines()[0].split()
    found = [problem for video in load(path) for problem in problems(video)]
    places = [(each.rule, f"{each.line}:{each.column}", each.path) for each in found]
    assert places == [(rule, place, path)]


def test_samples_are_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(make_samples, "__file__", str(tmp_path / "make_samples.py"))
    assert make_samples.main() == 0
    assert capsys.readouterr().out.count("made") == 4
    assert make_samples.main() == 0
    assert capsys.readouterr().out.count("kept") == 4
    assert 20_000_000 < (tmp_path / "long-take.mp4").stat().st_size < 24_000_000
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize("name", ["first", "series", "scheduled"])
def test_the_demo_has_no_problem(name: str) -> None:
    make_samples.main()
    for video in load(EXAMPLES / f"{name}.yaml"):
        assert problems(video) == ()
