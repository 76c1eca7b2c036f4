"""What receipts have taken."""

from __future__ import annotations

from dataclasses import replace

from nicobatch.model import DEFAULT_SITE
from nicobatch.plan import KnownFiles, Taker
from nicobatch.receipt import DELETION
from tests.unit.plan.making import (
    FILE,
    REAL,
    REMOTE,
    STEPS,
    lies,
    receipt,
    record,
    taken,
    video,
)

GONE = replace(receipt(*STEPS), steps={**receipt(*STEPS).steps, DELETION: record({})})


def test_the_id_of_a_deleted_video_stays_known() -> None:
    assert taken(GONE).remotes.keys() == {(DEFAULT_SITE, REAL, REMOTE.id)}


def test_the_ids_of_all_receipts_are_known_with_their_site() -> None:
    sandboxed = replace(receipt("create"), origin="sandbox")
    assert taken(receipt("create"), sandboxed, receipt(remote=None)).remotes.keys() == {
        (DEFAULT_SITE, REAL, REMOTE.id),
        (DEFAULT_SITE, "sandbox", REMOTE.id),
    }


def test_a_taker_tells_what_it_has_and_which_steps_are_done() -> None:
    assert Taker.of("p/m.yaml/ep1.json", receipt("create", "stream", opened="chunks")) == Taker(
        path="p/m.yaml/ep1.json",
        name="m.yaml#ep1",
        site=DEFAULT_SITE,
        origin=REAL,
        account="main",
        content=FILE.sha256,
        id=REMOTE.id,
        done=frozenset({"create", "stream"}),
        is_deleted=False,
    )


def test_a_taker_goes_by_where_its_receipt_lies_now() -> None:
    moved = Taker.of("/videos/.nicobatch/new.yaml/ep2.json", receipt("create"))
    assert moved
    assert moved.name == "new.yaml#ep2"


def test_where_nothing_began_nothing_is_taken() -> None:
    assert Taker.of("p", receipt(remote=None)) is None


def test_what_is_noted_is_known_from_then_on() -> None:
    known, path = KnownFiles(), lies(video())
    known.note(path, receipt(remote=None))
    assert known.ids(DEFAULT_SITE, REAL) == frozenset()
    known.note(path, receipt("create"))
    known.note(path, receipt("create", "stream"))
    assert known.ids(DEFAULT_SITE, REAL) == {REMOTE.id}
    assert known.ids(DEFAULT_SITE, "sandbox") == frozenset()
    [holder] = known.holders(DEFAULT_SITE, REAL, REMOTE.id)
    assert (holder.path, holder.done) == (path, frozenset({"create", "stream"}))
