"""Creating an entry once, and when one that is in the way is ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nicobatch.errors import Busy, Passing
from nicobatch.receipt import Remote
from nicobatch.sandbox import Sandbox
from nicobatch.sites.base import Job
from nicobatch.sites.niconico.target import Niconico
from tests.support.faults import Faults, answer_lost, refused
from tests.unit.sites.niconico.making import Clock, entry_of, only_entry, requests_of
from tests.unit.sites.niconico.stepping import Begin, recorded, run, step


@pytest.fixture
def lost(target: Niconico, begin: Begin, faults: Faults) -> Job:
    """A job whose entry was created, without anybody here having learned of it."""
    faults.at(r"POST .*/v2/videos\?", answer_lost)
    job = begin()
    with pytest.raises(Passing):
        run(target, job, "create")
    return job


def test_a_lost_creation_is_adopted(sandbox: Sandbox, target: Niconico, lost: Job) -> None:
    job = run(target, replace(lost, unsettled=True), "create")
    entry = only_entry(sandbox)
    url = f"{sandbox.url}/watch/sm{entry!s}"
    assert job.receipt.remote == Remote(id=str(entry), video_id=f"sm{entry!s}", url=url)
    run(target, job, "stream", "chunks", "done", "metadata", "encoded")
    assert entry_of(sandbox, only_entry(sandbox))["visibility"] == "public"


def test_nothing_is_adopted_that_was_not_asked_for(
    sandbox: Sandbox, target: Niconico, lost: Job
) -> None:
    before = len(requests_of(sandbox))
    with pytest.raises(Busy) as caught:
        run(target, lost, "create")
    assert caught.value.blocker == str(only_entry(sandbox))
    assert len(requests_of(sandbox)) == before + 1


def test_a_known_blocker_is_never_ours(sandbox: Sandbox, target: Niconico, lost: Job) -> None:
    blocked = replace(lost.receipt, blockers=("1", str(only_entry(sandbox))))
    with pytest.raises(Busy):
        run(target, replace(lost, unsettled=True, receipt=blocked), "create")


def test_the_entry_of_another_receipt_is_never_ours(
    sandbox: Sandbox, target: Niconico, lost: Job
) -> None:
    entry = only_entry(sandbox)
    with pytest.raises(Busy):
        run(target, replace(lost, unsettled=True, claimed_ids=lambda: {str(entry)}), "create")


def test_another_blocker_does_not_keep_us_from_ours(
    sandbox: Sandbox, target: Niconico, lost: Job
) -> None:
    blocked = replace(lost.receipt, blockers=("1",))
    job = run(target, replace(lost, unsettled=True, receipt=blocked), "create")
    assert job.receipt.remote
    assert job.receipt.blockers == ("1",)


@pytest.mark.parametrize("steps", [("done",), ("done", "draft")], ids=["uploaded", "drafted"])
def test_what_somebody_has_touched_is_not_ours(
    target: Niconico, begin: Begin, lost: Job, clock: Clock, steps: tuple[str, ...]
) -> None:
    """Somebody at a browser has gone on with the entry in the meantime."""
    theirs = run(target, replace(lost, unsettled=True), "create", "stream", "chunks", *steps)
    if "draft" in steps:
        clock.now -= 1  # back into its encode, as a draft is out of the way after it
    with pytest.raises(Busy) as caught:
        run(target, replace(lost, unsettled=True), "create")
    assert theirs.receipt.remote
    assert caught.value.blocker == theirs.receipt.remote.id


def test_a_blocker_without_an_id_is_waited_for(
    sandbox: Sandbox, target: Niconico, begin: Begin, faults: Faults
) -> None:
    body = b'{"meta": {"status": 409, "error-code": "ID_ALREADY_EXISTS"}}'
    faults.at(r"POST .*/v2/videos\?", refused("409 Conflict", [], body))
    with pytest.raises(Busy) as caught:
        run(target, replace(begin(), unsettled=True), "create")
    assert caught.value.blocker is None
    assert not [each for each in requests_of(sandbox) if each.endswith("/status")]


def test_an_unsettled_creation_that_never_arrived(target: Niconico, begin: Begin) -> None:
    assert run(target, replace(begin(), unsettled=True), "create").receipt.remote


def test_to_a_new_upload_all_parts_are_sent(target: Niconico, begin: Begin) -> None:
    job = recorded(run(target, begin(), "create", "stream", "chunks"), "chunks")
    job = run(target, job, "stream")
    assert job.receipt.state("chunks") is None
    assert len(step(target, "chunks").calls(job)) == 1
