"""What niconico may answer to a deletion, and runs that end in the middle of one."""

from __future__ import annotations

import json
import subprocess
from typing import Final
from wsgiref.types import WSGIApplication, WSGIEnvironment

import pytest

from nicobatch.receipt import StepState
from nicobatch.sandbox import Sandbox
from nicobatch.sites.niconico.target import Niconico
from tests.support.faults import (
    Answered,
    Faults,
    Play,
    answer_lost,
    answered,
    html_after_acting,
    refused,
    reset_before,
    truncated_after_acting,
    unavailable_after_acting,
)
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.delete.looking import (
    DELETE,
    FIRST,
    LIST,
    SECOND_ID,
    Sit,
    after,
    by_hand,
    deletions,
    left,
    receipt,
)
from tests.unit.cli.running import process, start
from tests.unit.sites.niconico.making import says

FORBIDDEN: Final = json.dumps({"meta": {"status": 403, "errorCode": "FORBIDDEN"}}).encode()
AB001: Final = json.dumps(
    {"meta": {"status": 403, "errorCode": "FORBIDDEN"}, "data": {"errorDetail": "AB001"}}
).encode()


# What niconico may answer


@pytest.mark.parametrize(
    "play",
    [answer_lost, unavailable_after_acting, html_after_acting, truncated_after_acting],
)
def test_a_lost_answer_is_settled_by_asking(
    cli: Cli, published: Shelf, site: Sandbox, faults: Faults, play: Play
) -> None:
    faults.at(DELETE, play)
    result = cli("delete", FIRST, "--yes")
    assert (result.code, result.err) == (0, "")
    assert left(site) == [SECOND_ID]
    assert deletions(site) == 1
    assert receipt(published).is_deleted


def test_a_lost_answer_about_what_no_receipt_names(
    cli: Cli, published: Shelf, site: Sandbox, faults: Faults
) -> None:
    (published.folder / ".nicobatch/m.yaml/a.json").unlink()
    faults.at(DELETE, answer_lost)
    assert cli("delete", FIRST, "--yes").out == f"{FIRST} is deleted; no receipt here names it\n"
    assert deletions(site) == 1


def test_a_lost_answer_about_a_draft(cli: Cli, shelf: Shelf, site: Sandbox, faults: Faults) -> None:
    shelf.series("a", more="defaults: {publish: draft}\n")
    assert cli("publish", ".").code == 0
    faults.at(DELETE, answer_lost)
    assert cli("delete", "m.yaml#a", "--yes").code == 0
    assert deletions(site) == 1
    assert receipt(shelf).is_deleted


@pytest.mark.parametrize("play", [reset_before, refused("502 Bad Gateway"), refused("200 OK")])
def test_a_request_that_was_lost_is_made_again(
    cli: Cli, published: Shelf, site: Sandbox, faults: Faults, play: Play
) -> None:
    faults.at(DELETE, play)
    assert cli("delete", FIRST, "--yes").code == 0
    assert left(site) == [SECOND_ID]
    assert site.audit()["entries"][0]["received"]["delete"] == 1


def test_an_answer_that_stays_lost_can_be_settled_later(
    cli: Cli, published: Shelf, site: Sandbox, faults: Faults
) -> None:
    faults.at(DELETE, answer_lost)
    for _ in range(3):
        faults.at(LIST, answer_lost)
    faults.plan.insert(0, (LIST, answered))
    result = cli("delete", FIRST, "--yes")
    assert result.code == 1
    assert f"whether {FIRST} is deleted is not known: run this again" in result.err
    assert receipt(published).state("delete") is StepState.OPEN
    assert "deletion begun" in cli("status").out
    settled = cli("delete", FIRST, "--yes")
    assert (settled.code, settled.out) == (0, f"{FIRST} is not there any more; {after()}\n")
    assert deletions(site) == 1
    assert receipt(published).is_deleted


@pytest.mark.parametrize(
    "answer",
    [
        (1, refused("403 Forbidden", body=FORBIDDEN)),
        (4, refused("403 Forbidden", body=AB001)),
        (3, refused("401 Unauthorized")),
        (3, refused("302 Found", [("Location", "https://account.nicovideo.jp/login")])),
        (1, refused("400 Bad Request")),
    ],
)
def test_a_refusal_leaves_everything_as_it_was(
    cli: Cli, published: Shelf, site: Sandbox, faults: Faults, answer: tuple[int, Play]
) -> None:
    code, play = answer
    faults.at(DELETE, play)
    result = cli("delete", FIRST, "--yes")
    assert result.code == code
    assert result.err.startswith("error: ")
    assert left(site) == [FIRST, SECOND_ID]
    assert "delete" not in receipt(published).steps
    assert cli("plan", ".").out.startswith("= m.yaml#a")


def test_a_refusal_after_a_lost_request_settles_that_too(
    cli: Cli, published: Shelf, site: Sandbox, faults: Faults
) -> None:
    faults.at(DELETE, reset_before)
    faults.at(DELETE, refused("403 Forbidden", body=FORBIDDEN))
    result = cli("delete", FIRST, "--yes")
    assert result.code == 1
    assert "not known" not in result.err
    assert "delete" not in receipt(published).steps


def test_a_site_that_asks_for_patience_has_not_acted(
    cli: Cli, published: Shelf, site: Sandbox, faults: Faults
) -> None:
    for _ in range(4):
        faults.at(DELETE, refused("429 Too Many Requests", [("Retry-After", "0")]))
    result = cli("delete", FIRST, "--yes")
    assert result.code == 1
    assert "429" in result.err
    assert "not known" not in result.err
    assert "delete" not in receipt(published).steps


def test_one_that_fails_does_not_keep_the_next(
    cli: Cli, published: Shelf, site: Sandbox, faults: Faults
) -> None:
    faults.at(DELETE, refused("403 Forbidden", body=FORBIDDEN))
    result = cli("delete", "m.yaml", "--yes", "--format", "json")
    assert result.code == 1
    assert [each["event"] for each in result.events] == ["error", "result"]
    assert left(site) == [FIRST]


def test_a_refusal_of_what_no_receipt_names(
    cli: Cli, published: Shelf, site: Sandbox, faults: Faults
) -> None:
    (published.folder / ".nicobatch/m.yaml/a.json").unlink()
    faults.at(DELETE, refused("403 Forbidden", body=FORBIDDEN))
    assert cli("delete", FIRST, "--yes").code == 1


@pytest.mark.parametrize("body", [b"", b'{"meta": {"status": 404, "errorCode": "NOT_FOUND"}}'])
def test_a_call_that_has_moved_is_no_deletion(
    cli: Cli, published: Shelf, site: Sandbox, faults: Faults, body: bytes
) -> None:
    faults.at(DELETE, refused("404 Not Found", body=body))
    result = cli("delete", FIRST, "--yes")
    assert result.code == 1
    assert f"niconico does not delete {FIRST}" in result.err
    assert "delete" not in receipt(published).steps


def test_what_was_deleted_by_hand_gets_its_tombstone(
    cli: Cli, published: Shelf, site: Sandbox, sit: Sit
) -> None:
    by_hand(site, FIRST)
    questions = sit(yes=True)
    result = cli("delete", "m.yaml#a")
    assert (result.code, result.out) == (0, f"{FIRST} is not there any more; {after()}\n")
    assert questions == []
    assert deletions(site) == 1, "by hand"
    assert receipt(published).is_deleted


def test_so_does_what_the_list_calls_deleted(
    cli: Cli, published: Shelf, site: Sandbox, faults: Faults
) -> None:
    items = [{"isDeleted": True, "essential": {"id": FIRST, "title": "a"}}]
    faults.at(LIST, says({"meta": {}, "data": {"items": items}}))
    assert cli("delete", "m.yaml#a", "--yes", "--format", "json").events[0]["state"] == "gone"
    assert deletions(site) == 0
    assert receipt(published).is_deleted


def test_it_is_no_part_of_the_question(cli: Cli, published: Shelf, site: Sandbox, sit: Sit) -> None:
    by_hand(site, FIRST)
    sit(yes=False)
    result = cli("delete", "m.yaml")
    assert FIRST not in result.err
    assert result.out == f"{SECOND_ID} stays as it is\n"


def test_an_entry_that_niconico_forgot(
    cli: Cli, published: Shelf, site: Sandbox, faults: Faults
) -> None:
    by_hand(site, FIRST)
    faults.at("GET .*/status.*", refused("404 Not Found"))
    assert cli("delete", "m.yaml#a", "--yes").code == 0
    assert receipt(published).is_deleted


def test_what_is_deleted_by_hand_while_the_question_is_open(
    cli: Cli, published: Shelf, site: Sandbox, sit: Sit
) -> None:
    sit(yes=True, meanwhile=lambda: by_hand(site, FIRST))
    assert cli("delete", FIRST).code == 0
    assert receipt(published).is_deleted


# A run that ends in the middle


@pytest.mark.parametrize("acted", [True, False], ids=["after", "before"])
def test_a_run_that_ends_around_the_request(
    cli: Cli, published: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch, acted: bool
) -> None:
    delete = Niconico.delete

    def cut(target: Niconico, number: str) -> None:
        if acted:
            delete(target, number)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Niconico, "delete", cut)
        assert cli("delete", FIRST, "--yes").code == 130
    assert receipt(published).state("delete") is StepState.OPEN

    before = len(site.audit()["requests"])
    refusal = cli("publish", "m.yaml")
    assert refusal.code == 1
    assert "its deletion began on " in refusal.err
    assert "run `nicobatch delete` for it again: it asks niconico first" in refusal.err
    assert len(site.audit()["requests"]) == before

    result = cli("delete", FIRST, "--yes")
    assert result.code == 0
    assert left(site) == [SECOND_ID]
    assert site.audit()["entries"][0]["received"]["delete"] == 1
    assert receipt(published).is_deleted


def test_who_thinks_better_of_it_after_a_run_that_ended(
    cli: Cli, published: Shelf, site: Sandbox, faults: Faults, sit: Sit
) -> None:
    for _ in range(4):
        faults.at(DELETE, reset_before)
    assert cli("delete", FIRST, "--yes").code == 1
    assert receipt(published).state("delete") is StepState.OPEN
    sit(yes=False)
    assert cli("delete", FIRST).code == 0
    assert "delete" not in receipt(published).steps
    assert cli("plan", ".").out.startswith("= m.yaml#a: unchanged")


def test_a_process_that_is_killed(published: Shelf, site: Sandbox, faults: Faults) -> None:
    """The video is gone, and the process too before it could note that."""
    killed: list[subprocess.Popen[str]] = []

    def kill(app: WSGIApplication, environ: WSGIEnvironment) -> Answered:
        killed[0].kill()
        killed[0].wait()
        return answered(app, environ)

    faults.at(DELETE, kill)
    killed.append(start("delete", FIRST, "--yes"))
    killed[0].communicate(timeout=20)
    assert receipt(published).state("delete") is StepState.OPEN
    assert process("publish", ".").code == 1
    assert process("delete", FIRST, "--yes").code == 0
    assert receipt(published).is_deleted
    assert deletions(site) == 1
