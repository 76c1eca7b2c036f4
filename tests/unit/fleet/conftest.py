from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from nicobatch.fleet import accounts
from nicobatch.fleet.database import Database
from nicobatch.fleet.fence import Fence
from nicobatch.fleet.receipts import FleetJournal
from nicobatch.fleet.schema import migrate
from nicobatch.model import FileIdentity, Secret, Video
from nicobatch.pipeline import Owner
from nicobatch.receipt import Receipt, Remote
from tests.support.postgres import Database as Server
from tests.support.postgres import Postgres

ORIGIN = "http://127.0.0.1:8025"
MAIN = Owner("niconico", "main")


def prepare(dsn: str) -> None:
    with closing(Database(Secret(dsn), threading.Event())) as database:
        migrate(database)


@dataclass
class Fleet:
    """A prepared database, and what it takes to be a worker in it."""

    server: Server
    stop: threading.Event = field(default_factory=threading.Event)
    made: list[Database] = field(default_factory=list)

    def connect(self, *, patient: bool = False) -> Database:
        self.made.append(Database(Secret(self.server.dsn), self.stop, patient=patient))
        return self.made[-1]

    def account(self, owner: Owner = MAIN) -> int:
        return self.connect().transaction(lambda open_: accounts.number(open_, owner, ORIGIN))

    def fence(self, account: int, epoch: int = 0) -> Fence:
        return Fence(self.connect(), account, epoch)

    def journal(self, account: int, epoch: int = 0) -> FleetJournal:
        return FleetJournal(self.connect(), self.fence(account, epoch))

    def raise_epoch(self, account: int) -> None:
        self.server.sql(f"UPDATE nicobatch_accounts SET epoch = epoch + 1 WHERE id = {account}")


@pytest.fixture
def fleet(postgres: Postgres) -> Iterator[Fleet]:
    fleet = Fleet(postgres.database(prepare))
    yield fleet
    for each in fleet.made:
        each.close()


def video(name: str = "a", site: str = "niconico", account: str = "main") -> Video:
    folder = Path("/videos")
    return Video(
        manifest=folder / "m.yaml",
        id=name,
        file=folder / f"{name}.mp4",
        title="A title",
        site=site,
        account=account,
    )


def receipt(of: Video, *, id_: str | None = None, sha256: str = "0" * 64) -> Receipt:
    return Receipt(
        site=of.site,
        video=of.id,
        manifest=of.manifest.name,
        origin=ORIGIN,
        profile="p",
        account=of.account,
        files=(FileIdentity(of.file.name, 10, sha256),),
        remote=Remote(id=id_, video_id=f"sm{id_}", url=f"{ORIGIN}/watch/sm{id_}") if id_ else None,
    )


def later(of: Receipt) -> Receipt:
    return replace(of, attempt=of.attempt + 1)
