"""A worker whose files lie in a store, and whose sign-in lies sealed in the database."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from nicobatch import sites
from nicobatch.fleet.database import Database
from nicobatch.fleet.sessions import Key, Sessions
from nicobatch.model import Secret
from nicobatch.sandbox import DEFAULT_ACCOUNTS, Sandbox
from tests.support.postgres import Postgres
from tests.support.stores import Shelf, serving
from tests.system.fleet.test_workers import prepare, until, working
from tests.unit.cli.running import process, start

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows doesn't stop processes")


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with serving() as shelf:
        yield shelf


def test_a_file_is_fetched_sent_and_removed(
    postgres: Postgres, sandbox: Sandbox, shelf: Shelf, small_video: Path, tmp_path: Path
) -> None:
    server, key_file = postgres.database(prepare), tmp_path / "key"
    session = sites.site("niconico").session
    with closing(Database(Secret(server.dsn), threading.Event())) as database:
        sessions = Sessions(database, Key.made(key_file), "niconico", session)
        sessions.set("main", Secret(DEFAULT_ACCOUNTS[0].user_session))
    address = shelf.put("in/第1回.mp4", small_video.read_bytes())
    manifest = tmp_path / "m.yaml"
    manifest.write_text(f"version: 1\nfile: {address}\ntitle: A\n", "utf-8")
    scratch = tmp_path / "scratch"
    there = {
        **shelf.environment,
        "NICOBATCH_FLEET_DSN": server.dsn,
        "NICOBATCH_API_ORIGIN": sandbox.url,
        "NICOBATCH_FLEET_KEY_FILE": str(key_file),
    }
    enqueue = ("fleet", "enqueue", str(manifest), "--scratch", str(scratch))
    enqueued = process(*enqueue, environment=there)
    assert enqueued.code == 0, enqueued
    work = ("fleet", "work", "--scratch", str(scratch), "--scratch-size", "1M")
    worker = start(*work, "--poll-interval", "0.05", environment=there)
    with working(worker):
        until(lambda: server.sql("SELECT state FROM nicobatch_videos") == [["done"]])
    assert worker.returncode == 128 + signal.SIGTERM
    (entry,) = sandbox.audit()["entries"]
    assert entry["published"]
    assert [each for each in scratch.rglob("*") if each.name != ".lock"] == []
