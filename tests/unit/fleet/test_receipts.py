"""Receipts as rows: what is read is what was written, and only a turn's own worker writes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nicobatch.errors import JournalError, Later, Passing, UsageError
from nicobatch.fleet.fence import FRESH, Fence
from nicobatch.fleet.known import FleetKnown
from nicobatch.model import DEFAULT_SITE
from nicobatch.pipeline import Owner
from nicobatch.plan import Wanted
from nicobatch.receipt import DELETION, StepRecord, StepState
from nicobatch.sites.base import StepTable
from tests.unit.fleet.conftest import ORIGIN, Fleet, later, receipt, video

DONE = StepRecord(state=StepState.DONE, digest="0" * 64, at="2026-11-27T12:00:00+00:00")


@pytest.mark.parametrize("of", [video(), video("b", "bilibili", "second")])
def test_what_was_written_is_read(fleet: Fleet, of: object) -> None:
    one = video() if of == video() else video("b", "bilibili", "second")
    journal = fleet.journal(fleet.account(Owner(one.site, one.account)))
    assert journal.read(one) is None
    written = replace(receipt(one, id_="5"), steps={"create": DONE}, attempt=3)
    journal.write(one, written)
    assert journal.read(one) == journal.find(one.manifest, one.id, one.site) == written
    within = "" if one.site == DEFAULT_SITE else f"{one.site}/"
    assert journal.path(one) == Path(f"/videos/.nicobatch/m.yaml/{within}{one.id}.json")


def test_only_what_is_durable_waits_for_the_disk(fleet: Fleet) -> None:
    fleet.server.sql(
        "CREATE TABLE waits (is_ text);"
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO waits VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;"
        "CREATE TRIGGER note BEFORE INSERT ON nicobatch_receipts FOR EACH ROW"
        " EXECUTE FUNCTION note()"
    )
    journal, one = fleet.journal(fleet.account()), video()
    for durable in (True, False, True):
        journal.write(one, receipt(one), durable=durable)
    assert fleet.server.sql("SELECT * FROM waits") == [["on"], ["off"], ["on"]]


def test_what_a_server_may_have_lost_is_not_taken_for_kept(fleet: Fleet) -> None:
    journal, one = fleet.journal(fleet.account()), video()
    journal.write(one, receipt(one))
    fleet.server.cut()
    with pytest.raises(Passing):
        journal.read(one)
    journal.write(one, receipt(one), durable=False)
    assert journal.is_kept
    fleet.server.cut()
    with pytest.raises(Passing):
        journal.read(one)
    journal.read(one)
    assert not journal.is_kept


def test_a_turn_that_was_taken_away_writes_nothing(fleet: Fleet) -> None:
    account, one = fleet.account(), video()
    journal = fleet.journal(account)
    journal.write(one, receipt(one))
    fleet.raise_epoch(account)
    with pytest.raises(Later, match="another worker has taken over"):
        journal.write(one, receipt(one, id_="5"))
    assert journal.read(one) == receipt(one)


def test_an_earlier_attempt_is_no_reason_to_forget_a_later_one(fleet: Fleet) -> None:
    journal, one = fleet.journal(fleet.account()), video()
    journal.write(one, later(later(receipt(one))))
    with pytest.raises(Later, match="of a later attempt"):
        journal.write(one, later(receipt(one)))


def test_what_the_fleet_came_to_know_is_its_own(fleet: Fleet) -> None:
    journal, one = fleet.journal(fleet.account()), video()
    journal.write(one, receipt(one))
    assert not journal.is_own(one, receipt(one))
    known = receipt(one, id_="5")
    journal.write(one, known)
    journal.write(one, later(known))
    assert journal.is_own(one, known)
    assert not journal.is_own(one, receipt(one, id_="6"))
    fleet.server.sql("UPDATE nicobatch_receipts SET own = false")
    journal.write(one, later(later(known)))
    assert not journal.is_own(one, known)
    journal.vouch(one, known)
    assert journal.is_own(one, known)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("replace(receipt, 'sm5', 'sm6')", "is damaged"),
        ("replace(receipt, '\"nicobatch\": 1', '\"nicobatch\": 9')", "by a newer nicobatch"),
    ],
)
def test_a_receipt_that_was_spoiled_is_never_taken_for_none(
    fleet: Fleet, change: str, words: str
) -> None:
    journal, one = fleet.journal(fleet.account()), video()
    journal.write(one, receipt(one, id_="5"))
    fleet.server.sql(f"UPDATE nicobatch_receipts SET receipt = {change}")
    with pytest.raises(JournalError, match=words):
        journal.read(one)


def test_a_name_that_is_no_utf_8_is_refused(fleet: Fleet) -> None:
    one = replace(video(), manifest=Path("/videos/\udc80.yaml"))
    with pytest.raises(UsageError, match="no UTF-8"):
        fleet.journal(fleet.account()).read(one)


def test_an_account_is_of_one_origin(fleet: Fleet) -> None:
    fleet.account()
    fleet.server.sql("UPDATE nicobatch_accounts SET origin = 'sandbox'")
    with pytest.raises(UsageError, match=f"account main is of sandbox, and this is {ORIGIN}"):
        fleet.account()


class Clocks:
    def __init__(self) -> None:
        self.wall, self.monotonic = 1000.0, 5.0

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds


def test_the_epoch_is_asked_for_again_whichever_clock_has_gone_on(fleet: Fleet) -> None:
    account, clocks = fleet.account(), Clocks()
    fence = Fence(
        fleet.connect(), account, 0, wall=lambda: clocks.wall, monotonic=lambda: clocks.monotonic
    )
    fence.check()
    fleet.raise_epoch(account)
    fence.check()  # so soon, nobody can have it
    for attribute in ("wall", "monotonic"):
        setattr(clocks, attribute, getattr(clocks, attribute) + FRESH)
        with pytest.raises(Later, match="taken over"):
            fence.check()
        setattr(clocks, attribute, getattr(clocks, attribute) - FRESH)


def test_a_paused_account_goes_no_further_and_loses_nothing(fleet: Fleet) -> None:
    account, one = fleet.account(), video()
    fleet.server.sql("UPDATE nicobatch_accounts SET paused_at = now()")
    with pytest.raises(Later, match="is paused"):
        fleet.fence(account).check()
    fleet.journal(account).write(one, receipt(one))


def test_duplicates_are_found_by_file_and_by_id(fleet: Fleet) -> None:
    journal, known = fleet.journal(fleet.account()), FleetKnown(fleet.connect())
    one, other = video("a"), video("b")
    journal.write(one, receipt(one, id_="5"))
    wanted = Wanted(
        video=other,
        files=receipt(other).files,
        origin=ORIGIN,
        receipt=str(journal.path(other)),
        steps={},
        table=StepTable(),
    )
    assert known.others(wanted) == ("/videos/m.yaml#a",)
    assert known.others(replace(wanted, video=one)) == ()
    assert known.others(replace(wanted, video=video("b", account="second"))) == ()
    assert [each.name for each in known.rivals(wanted, "5")] == ["m.yaml#a"]
    assert known.rivals(replace(wanted, receipt=str(journal.path(one))), "5") == []
    assert "5" in known.ids("niconico", ORIGIN)
    assert "6" not in known.ids("niconico", ORIGIN)
    journal.write(one, replace(receipt(one, id_="5"), steps={DELETION: DONE}, attempt=1))
    assert (known.others(wanted), known.rivals(wanted, "5")) == ((), [])
    assert known.holders("niconico", ORIGIN, "5")[0].is_deleted
    known.claim(replace(wanted, receipt="elsewhere"))
    assert known.others(wanted) == ("m.yaml#b",)
