"""Series in time: the n-th video takes the n-th time, and what was sent never moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nicobatch import sites
from nicobatch.manifest import Loaded, load, series
from nicobatch.model import PublishMode
from nicobatch.sites.niconico.fields import SITE
from tests.unit.manifest.reading import NOW

START = "2026-12-04T20:00:00+09:00"
WEEKLY = f"{{at: {START}, every: 7d}}"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def times(publish: object, count: int) -> list[str]:
    """Return the first of the series, by its own clock."""
    found = series.of(publish)
    assert found
    moments = islice(found.moments(), count)
    return [f"{each.astimezone(found.start.tzinfo):%a %m-%d %H:%M %z}" for each in moments]


@pytest.mark.parametrize(
    ("publish", "expected"),
    [
        (
            {"at": START, "every": "7d"},
            ["Fri 12-04 20:00 +0900", "Fri 12-11 20:00 +0900", "Fri 12-18 20:00 +0900"],
        ),
        (
            {"at": START, "every": "36h"},
            ["Fri 12-04 20:00 +0900", "Sun 12-06 08:00 +0900", "Mon 12-07 20:00 +0900"],
        ),
        (
            {"at": START, "every": ["fri", "sun"]},
            ["Fri 12-04 20:00 +0900", "Sun 12-06 20:00 +0900", "Fri 12-11 20:00 +0900"],
        ),
        (  # the clock goes forward on 28 March
            {"at": "2027-03-26T20:00:00+01:00", "every": "2d", "zone": "Europe/Berlin"},
            ["Fri 03-26 20:00 +0100", "Sun 03-28 20:00 +0200", "Tue 03-30 20:00 +0200"],
        ),
        (  # without a zone that has a name it stays at its distance from UTC
            {"at": "2027-03-26T20:00:00+01:00", "every": "2d"},
            ["Fri 03-26 20:00 +0100", "Sun 03-28 20:00 +0100", "Tue 03-30 20:00 +0100"],
        ),
        (  # an hour that there is not: the one behind it
            {"at": "2027-03-27T02:30:00+01:00", "every": "1d", "zone": "Europe/Berlin"},
            ["Sat 03-27 02:30 +0100", "Sun 03-28 03:30 +0200", "Mon 03-29 02:30 +0200"],
        ),
        (  # an hour that there is twice: the first of them; hours pass evenly
            {"at": "2027-10-30T00:30:00Z", "every": "1d", "zone": "Europe/Berlin"},
            ["Sat 10-30 02:30 +0200", "Sun 10-31 02:30 +0200", "Mon 11-01 02:30 +0100"],
        ),
        (
            {"at": "2027-10-30T20:00:00+02:00", "every": "24h", "zone": "Europe/Berlin"},
            ["Sat 10-30 20:00 +0200", "Sun 10-31 19:00 +0100", "Mon 11-01 19:00 +0100"],
        ),
    ],
)
def test_times_keep_to_the_clock_of_their_zone(publish: object, expected: list[str]) -> None:
    assert times(publish, 3) == expected


@pytest.mark.parametrize(
    "publish",
    [
        True,
        {"at": START},
        {"at": "2026-12-04T20:00:00", "every": "7d"},
        {"at": START, "every": "0d"},
        {"at": START, "every": "1000d"},
        {"at": START, "every": []},
        {"at": START, "every": [["fri"], {}]},
        {"at": START, "every": "7d", "zone": "../etc/passwd"},
        {"at": START, "every": "7d", "zone": "Asia"},
        {"at": START, "every": 7},
    ],
)
def test_what_is_no_sound_series_is_none(publish: object) -> None:
    assert series.of(publish) is None


def read(folder: Path, text: str, sent: Mapping[str, datetime] | None = None) -> Loaded:
    path = folder / "m.yaml"
    path.write_text(text)
    every = {SITE.name: SITE}
    return load([str(path)], sites=every, now=NOW, sent=lambda _site, _path: sent or {})


def planned(loaded: Loaded) -> dict[str, datetime]:
    return {each.id: each.publish.at for each in loaded.videos if each.publish.at}


def of_pattern(folder: Path, names: set[str], sent: Mapping[str, datetime]) -> dict[str, datetime]:
    for old in folder.glob("*.mp4"):
        old.unlink()
    for name in names:
        (folder / f"{name}.mp4").touch()
    text = f"version: 1\nfile: '*.mp4'\ntitle: '{{stem}}'\npublish: {WEEKLY}\n"
    return planned(read(folder, text, sent))


def week(number: int) -> datetime:
    return at(START) + timedelta(days=7 * number)


def test_the_nth_file_takes_the_nth_time(tmp_path: Path) -> None:
    found = of_pattern(tmp_path, {"1", "2", "10"}, {})
    assert found == {"1": week(0), "2": week(1), "10": week(2)}


def test_videos_of_defaults_are_a_series_whatever_stands_between(tmp_path: Path) -> None:
    text = (
        f"version: 1\ndefaults: {{title: t, publish: {WEEKLY}}}\nvideos:\n"
        "  - file: a.mp4\n"
        "  - {file: b.mp4, publish: true}\n"
        "  - {file: c.mp4, publish: {at: 2026-12-24T20:00:00+09:00}}\n"
        "  - file: d.mp4\n"
    )
    loaded = read(tmp_path, text)
    assert loaded.problems == ()
    christmas = at("2026-12-24T20:00:00+09:00")
    assert planned(loaded) == {"a": week(0), "c": christmas, "d": week(1)}
    assert loaded.videos[1].publish.mode is PublishMode.PUBLIC


def test_each_site_has_its_own_row(tmp_path: Path) -> None:
    text = (
        "version: 1\nsites: [niconico, bilibili]\ndefaults:\n"
        f"  {{title: t, description: d, tags: [t], publish: {WEEKLY}, bilibili: {{tid: 17}}}}\n"
        "videos:\n  - {file: a.mp4, sites: [niconico]}\n  - file: b.mp4\n"
    )
    (tmp_path / "m.yaml").write_text(text)
    loaded = load([str(tmp_path / "m.yaml")], sites=sites.Described(), now=NOW)
    assert [(each.id, each.site, each.publish.at) for each in loaded.videos] == [
        ("a", "niconico", week(0)),
        ("b", "niconico", week(1)),
        ("b", "bilibili", week(0)),
    ]


def test_a_time_that_has_passed_in_vain_is_told_of_its_file(tmp_path: Path) -> None:
    for name in ("1", "2"):
        (tmp_path / f"{name}.mp4").touch()
    publish = "{at: 2026-11-13T20:00:00+09:00, every: 7d}"
    text = f"version: 1\nfile: '*.mp4'\ntitle: '{{stem}}'\npublish: {publish}\n"
    [told] = read(tmp_path, text).problems
    assert (told.rule, told.line, told.column) == ("publish-at-past", 4, 15)
    assert told.message == "1.mp4: 2026-11-13T20:00:00+09:00 is in the past"


def test_a_changed_series_moves_nothing_that_was_sent_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "1.mp4").touch()
    (tmp_path / "2.mp4").touch()
    text = (
        "version: 1\nfile: '*.mp4'\ntitle: '{stem}'\n"
        "publish: {at: 2026-12-05T21:00:00+09:00, every: 7d}\n"
    )
    loaded = read(tmp_path, text, {"1": week(0)})
    assert planned(loaded) == {"1": week(0), "2": at("2026-12-05T21:00:00+09:00")}
    [told] = loaded.problems
    assert (told.rule, told.severity.value) == ("publish-at-kept", "note")
    assert "1.mp4 keeps 2026-12-04T20:00:00+09:00" in told.message


def test_a_series_without_an_end_is_told(tmp_path: Path) -> None:
    files = "".join(f"  - file: {number}.mp4\n" for number in range(4))
    publish = "{at: 9998-12-04T20:00:00+09:00, every: 300d}"
    text = f"version: 1\ndefaults: {{title: t, publish: {publish}}}\nvideos:\n{files}"
    assert "publish-every-end" in {each.rule for each in read(tmp_path, text).problems}


NAMES = st.sets(st.sampled_from(["1", "2", "3", "5", "8", "13", "a", "b"]), min_size=1)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(NAMES, st.integers(0, 8)), min_size=1, max_size=6))
def test_adding_removing_and_renaming_files_never_moves_a_sent_time(
    tmp_path: Path, runs: list[tuple[set[str], int]]
) -> None:
    """Each run has other files in the folder, and sends the times of some of them."""
    sent: dict[str, datetime] = {}
    for names, count in runs:
        found = of_pattern(tmp_path, names, sent)
        assert set(found) == names
        kept = {name: moment for name, moment in found.items() if name in sent}
        assert kept == {name: sent[name] for name in kept}
        fresh = {name: moment for name, moment in found.items() if name not in sent}
        assert len({*fresh.values(), *sent.values()}) == len(fresh) + len(sent)
        assert all(
            (moment - week(0)) % timedelta(days=7) == timedelta(0) for moment in found.values()
        )
        sent |= dict(list(fresh.items())[:count])


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1_600_000_000, 1_900_000_000),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe"]),
    st.integers(1, 40),
)
def test_days_are_days_of_the_clock(start: int, zone: str, days: int) -> None:
    where = series.zone_of(zone)
    first = datetime.fromtimestamp(start, UTC)
    found = series.of({"at": first.isoformat(), "every": f"{days}d", "zone": zone})
    assert found
    moments = list(islice(found.moments(), 12))
    assert moments[0] == first
    for before, after in pairwise(moments):
        assert abs(after - before - timedelta(days=days)) <= timedelta(hours=1)
    wanted = first.astimezone(where)
    for number, moment in enumerate(moments):
        local = moment.astimezone(where)
        assert (local.date() - wanted.date()).days == number * days
        assert local.hour == wanted.hour or abs(local.hour - wanted.hour) == 1
