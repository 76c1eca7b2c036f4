"""What the fleet is said to be at: to people, to programs, and in Prometheus' text format."""

from __future__ import annotations

import json
import re

import pytest

from nicobatch.cli.app import run
from nicobatch.config import Given
from nicobatch.fleet.status import AccountState, read
from tests.unit.fleet.conftest import ORIGIN, Fleet

SAMPLE = re.compile(r'nicobatch_fleet_\w+\{\w+="\w+"(,\w+="\w+")?\} [0-9.]+')
ACCOUNTS = f"""
INSERT INTO nicobatch_accounts (site, name, origin, paused_at, due_at, blocked) VALUES
    ('niconico', 'idle', '{ORIGIN}', NULL, NULL, ''),
    ('niconico', 'due', '{ORIGIN}', NULL, now(), ''),
    ('niconico', 'waits', '{ORIGIN}', NULL, now() + interval '1 h', ''),
    ('niconico', 'paused', '{ORIGIN}', now(), now(), 'and blocked'),
    ('bilibili', 'parked', '{ORIGIN}', NULL, now(), ''),
    ('bilibili', 'blocked', '{ORIGIN}', NULL, now(), 'the sign-in has expired'),
    ('bilibili', 'working', '{ORIGIN}', NULL, now(), '');
INSERT INTO nicobatch_paces (site, origin, account, address, until, why) VALUES
    ('bilibili', '{ORIGIN}', 'parked', '', now() + interval '1 h', 'too many'),
    ('bilibili', '{ORIGIN}', 'working', '', now() - interval '1 h', 'over'),
    ('niconico', '{ORIGIN}', '', 'host', now() + interval '1 h', 'this line');
INSERT INTO procrastinate_jobs (queue_name, task_name, lock, status) VALUES
    ('account-7', 'turn', 'bilibili/working', 'doing');
INSERT INTO nicobatch_videos
    (account_id, manifest, video, site, content, checked, state, not_before)
    SELECT id, '/m.yaml', state || name, site, '', '', state, now() - interval '10 min'
    FROM nicobatch_accounts, unnest(ARRAY['due', 'done', 'failed', 'refused']) AS state
    WHERE name = 'due';
"""


@pytest.fixture
def standing(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    monkeypatch.setenv("NICOBATCH_FLEET_DSN", fleet.server.dsn)
    fleet.server.sql(ACCOUNTS)
    return fleet


def test_of_several_things_that_hold_the_first_is_told(standing: Fleet) -> None:
    found = read(standing.connect())
    assert {each.name: each.standing for each in found.accounts} == {
        "blocked@bilibili": AccountState.BLOCKED,
        "parked@bilibili": AccountState.PARKED,
        "working@bilibili": AccountState.WORKING,
        "due": AccountState.DUE,
        "idle": AccountState.IDLE,
        "paused": AccountState.PAUSED,
        "waits": AccountState.IDLE,
    }
    assert found.videos == {
        ("niconico", state): 1 for state in ("due", "done", "failed", "refused")
    }
    assert 600 <= found.oldest < 700


def test_metrics_are_lines_that_prometheus_reads(
    standing: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["fleet", "status", "--format", "metrics"], Given()) == 0
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert text.endswith("\n")
    samples = [each for each in lines if not each.startswith("#")]
    assert all(map(SAMPLE.fullmatch, samples))
    families = [each.split()[2] for each in lines if each.startswith("# TYPE")]
    assert {each.partition("{")[0] for each in samples} == set(families)
    assert 'nicobatch_fleet_accounts{site="bilibili",state="blocked"} 1' in samples
    assert 'nicobatch_fleet_videos{site="niconico",state="failed"} 1' in samples
    assert 'nicobatch_fleet_parked_addresses{site="niconico"} 1' in samples


def test_people_see_who_needs_them_and_programs_all(
    standing: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["fleet", "status"], Given()) == 0
    out = capsys.readouterr().out
    assert "the sign-in has expired" in out
    assert "idle" not in out
    assert "7 accounts; the oldest waiting video has waited 10 minutes" in out
    assert "videos: 1 due, 1 done, 1 failed, 1 refused" in out
    assert "`nicobatch fleet resume ACCOUNT` goes on at once" in out
    assert run(["fleet", "status", "--format", "json"], Given()) == 0
    *members, result = map(json.loads, capsys.readouterr().out.splitlines())
    assert sum("account" in each for each in members) == 7
    assert result["accounts"]["due"] == 1


def test_of_many_accounts_the_first_are_shown(
    standing: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    standing.server.sql(
        f"INSERT INTO nicobatch_accounts (site, name, origin, due_at)"
        f" SELECT 'niconico', 'a' || n, '{ORIGIN}', now() FROM generate_series(1, 60) AS n"
    )
    assert run(["fleet", "status"], Given()) == 0
    assert "and 15 more: --format json shows all" in capsys.readouterr().out


def test_an_empty_fleet_is_none_of_zeros(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NICOBATCH_FLEET_DSN", fleet.server.dsn)
    assert run(["fleet", "status", "--format", "metrics"], Given()) == 0
    assert all(each.startswith("#") for each in capsys.readouterr().out.splitlines())
    assert run(["fleet", "status"], Given()) == 0
    assert capsys.readouterr().out.startswith("0 accounts\nvideos: 0 due")
