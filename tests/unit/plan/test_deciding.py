from __future__ import annotations

from dataclasses import replace

import pytest

from nicobatch.model import Inputs, Json
from nicobatch.plan import FieldChange, Plan, Verdict, Wanted
from nicobatch.receipt import Receipt, StepState
from nicobatch.sites.base import Role, StepSpec, StepTable
from tests.unit.plan.making import (
    DRAFT,
    DRAFT_STEPS,
    METADATA,
    STEPS,
    TABLE,
    decide,
    receipt,
    record,
    video,
    wanted,
)

# From nothing to published


@pytest.mark.parametrize(
    "before", [None, receipt(remote=None), replace(receipt(remote=None), abandoned=("8",))]
)
def test_what_was_not_begun_is_created(before: Receipt | None) -> None:
    assert decide(wanted(), before) == Plan(
        video=video().key,
        verdict=Verdict.CREATE,
        steps=STEPS,
        reasons=("not published before",),
    )


@pytest.mark.parametrize(
    ("before", "steps", "reason"),
    [
        (
            receipt(opened="create", remote=None),
            STEPS,
            "an earlier run stopped: publish goes on with creating the video",
        ),
        (
            receipt("create"),
            STEPS[1:],
            "an earlier run stopped: publish goes on with preparing the upload",
        ),
        (
            receipt("create", "stream", parts=frozenset()),
            STEPS[2:],
            "0 of 3 parts were received",
        ),
        (
            receipt("create", "stream", parts=frozenset({0, 2})),
            STEPS[2:],
            "2 of 3 parts were received",
        ),
        (
            receipt("create", "stream"),
            STEPS[2:],
            "an earlier run stopped: publish goes on with uploading",
        ),
        (
            receipt("create", "stream", "chunks", opened="done"),
            STEPS[3:],
            "an earlier run stopped: publish goes on with completing the upload",
        ),
        (
            receipt(*STEPS[:4]),
            STEPS[4:],
            "an earlier run stopped: publish goes on with setting the thumbnail",
        ),
        (
            receipt(*STEPS[:5], opened="metadata"),
            STEPS[5:],
            "an earlier run stopped: publish goes on with sending the metadata",
        ),
        (
            receipt(*STEPS[:6]),
            STEPS[6:],
            "an earlier run stopped: publish goes on with waiting for the encoding",
        ),
    ],
)
def test_what_was_begun_goes_on(before: Receipt, steps: tuple[str, ...], reason: str) -> None:
    verdict = decide(wanted(), before)
    assert (verdict.verdict, verdict.steps) == (Verdict.RESUME, steps)
    assert verdict.reasons == (reason,)
    assert verdict.changes == ()


def test_what_is_published_as_asked_is_left_alone() -> None:
    assert decide(wanted(), receipt(*STEPS)) == Plan(
        video=video().key, verdict=Verdict.UNCHANGED, reasons=("published as the manifest asks",)
    )


def test_not_to_wait_changes_nothing_for_what_is_published() -> None:
    assert decide(wanted(steps=STEPS[:6]), receipt(*STEPS)).verdict is Verdict.UNCHANGED


def test_a_metadata_wish_before_the_metadata_was_sent_is_no_change() -> None:
    goal = wanted(metadata={**METADATA, "title": "第2回"})
    verdict = decide(goal, receipt(*STEPS[:4]))
    assert (verdict.verdict, verdict.changes) == (Verdict.RESUME, ())


def test_a_metadata_wish_after_an_answer_was_lost_is_no_change_either() -> None:
    goal = wanted(metadata={**METADATA, "title": "第2回"})
    verdict = decide(goal, receipt(*STEPS[:5], opened="metadata"))
    assert (verdict.verdict, verdict.steps) == (Verdict.RESUME, STEPS[5:])


# Changed metadata


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("title", "第2回"),
        ("description", "はじめての冒険"),
        ("tags", ["ゲーム", "実況プレイ動画"]),
        ("tags", []),
        ("publish", "private"),
        ("series", {"id": 12345, "add_to_head": False}),
    ],
)
def test_a_changed_field_is_sent_again_alone(name: str, new: Json) -> None:
    verdict = decide(wanted(metadata={**METADATA, name: new}), receipt(*STEPS))
    assert verdict == Plan(
        video=video().key,
        verdict=Verdict.UPDATE,
        steps=("metadata",),
        reasons=(f"changed: {name}",),
        changes=(FieldChange(name=name, old=METADATA[name], new=new),),
    )


def test_a_field_of_two_steps_is_one_change() -> None:
    goal = wanted(metadata={**METADATA, "thumbnail.timing": 5000})
    verdict = decide(goal, receipt(*STEPS))
    assert verdict.steps == ("thumbnail", "metadata")
    assert verdict.changes == (FieldChange(name="thumbnail.timing", old=20263, new=5000),)


def test_changes_are_listed_by_name() -> None:
    goal = wanted(metadata={**METADATA, "title": "第2回", "description": "x"})
    verdict = decide(goal, receipt(*STEPS))
    assert verdict.reasons == ("changed: description, title",)
    assert [change.name for change in verdict.changes] == ["description", "title"]


def test_a_thumbnail_that_is_no_longer_asked_for_is_a_change_of_the_metadata() -> None:
    steps = tuple(step for step in STEPS if step != "thumbnail")
    goal = wanted(metadata={**METADATA, "thumbnail.timing": None}, steps=steps)
    verdict = decide(goal, receipt(*STEPS))
    assert verdict.steps == ("metadata",)
    assert verdict.changes == (FieldChange(name="thumbnail.timing", old=20263, new=None),)


def test_a_step_that_is_not_asked_for_this_time_changes_no_field() -> None:
    goal = wanted(metadata={**METADATA, "title": "第2回"}, steps=STEPS[:6])
    verdict = decide(goal, receipt(*STEPS))
    assert verdict.changes == (FieldChange(name="title", old="第1回", new="第2回"),)


@pytest.mark.parametrize(
    ("sent", "asked", "change"),
    [
        ({}, {"gift": True}, FieldChange(name="gift", old=None, new=True)),
        ({"gift": True}, {}, FieldChange(name="gift", old=True, new=None)),
    ],
)
def test_a_field_that_only_one_version_knows_is_a_change(
    sent: Inputs, asked: Inputs, change: FieldChange
) -> None:
    before = receipt(*STEPS, metadata={**METADATA, **sent})
    verdict = decide(wanted(metadata={**METADATA, **asked}), before)
    assert (verdict.verdict, verdict.changes) == (Verdict.UPDATE, (change,))


def test_what_is_still_to_come_is_no_change_beside_one() -> None:
    goal = wanted(metadata={**METADATA, "title": "第2回"})
    verdict = decide(goal, receipt(*STEPS[:6]))
    assert verdict.steps == ("metadata", "encoded")
    assert [change.name for change in verdict.changes] == ["title"]


def test_the_fields_of_all_steps_that_differ_are_listed() -> None:
    goal = wanted(metadata={**METADATA, "title": "第2回"})
    goal = replace(goal, steps={**goal.steps, "thumbnail": {"thumbnail.file": "new.png"}})
    before = receipt(*STEPS)
    sent = {**before.steps, "thumbnail": record({"thumbnail.file": "old.png"})}
    verdict = decide(goal, replace(before, steps=sent))
    assert [change.name for change in verdict.changes] == ["thumbnail.file", "title"]


def test_a_step_whose_outcome_is_not_known_hides_no_change_of_those_after_it() -> None:
    before = receipt(*STEPS)
    steps = {**before.steps, "thumbnail": record({}, StepState.OPEN)}
    goal = wanted(metadata={**METADATA, "title": "第2回"})
    verdict = decide(goal, replace(before, steps=steps))
    assert verdict.steps == ("thumbnail", "metadata")
    assert [change.name for change in verdict.changes] == ["title"]


# Drafts


def test_a_saved_draft_is_left_alone() -> None:
    goal = wanted(metadata=DRAFT, steps=DRAFT_STEPS)
    assert decide(goal, receipt(*DRAFT_STEPS, metadata=DRAFT)).verdict is Verdict.UNCHANGED


def test_a_changed_draft_is_saved_again() -> None:
    goal = wanted(metadata={**DRAFT, "title": "第2回"}, steps=DRAFT_STEPS)
    verdict = decide(goal, receipt(*DRAFT_STEPS, metadata=DRAFT))
    assert (verdict.verdict, verdict.steps) == (Verdict.UPDATE, ("draft",))


def test_a_draft_can_be_published() -> None:
    verdict = decide(wanted(), receipt(*DRAFT_STEPS, metadata=DRAFT))
    assert (verdict.verdict, verdict.steps) == (Verdict.UPDATE, ("metadata",))
    assert verdict.changes == (FieldChange(name="publish", old="draft", new="public"),)


def test_a_draft_that_was_published_is_compared_with_what_was_published() -> None:
    before = receipt(*DRAFT_STEPS, metadata={**DRAFT, "title": "下書き"})
    published = replace(before, steps={**before.steps, "metadata": record(METADATA)})
    assert decide(wanted(), published).verdict is Verdict.UNCHANGED
    verdict = decide(wanted(metadata={**METADATA, "title": "第2回"}), published)
    assert verdict.changes == (FieldChange(name="title", old="第1回", new="第2回"),)


# What comes after the publication


def ending_in(role: Role, metadata: Inputs = METADATA) -> Wanted:
    """Return what is wanted of a site whose last step comes after the publication."""
    last = StepSpec(name="encoded", roles=frozenset({role}))
    return replace(wanted(metadata=metadata), table=StepTable((*TABLE.specs[:-1], last)))


@pytest.mark.parametrize(
    ("role", "reason"),
    [
        (Role.PROVES, "published, but not yet seen by a visitor"),
        (Role.ANNOUNCES, "published, but not yet announced"),
    ],
)
def test_what_was_only_not_seen_or_announced_yet_is_said_so(role: Role, reason: str) -> None:
    verdict = decide(ending_in(role), receipt(*STEPS[:6]))
    assert (verdict.verdict, verdict.steps) == (Verdict.RESUME, ("encoded",))
    assert verdict.reasons == (reason,)


@pytest.mark.parametrize(
    ("role", "steps"), [(Role.PROVES, ("metadata", "encoded")), (Role.ANNOUNCES, ("metadata",))]
)
def test_what_is_published_anew_is_proven_anew_and_not_announced_again(
    role: Role, steps: tuple[str, ...]
) -> None:
    goal = ending_in(role, {**METADATA, "title": "第2回"})
    assert decide(goal, receipt(*STEPS)).steps == steps


@pytest.mark.parametrize("role", [Role.PROVES, Role.ANNOUNCES])
def test_what_comes_before_the_publication_proves_and_announces_nothing(role: Role) -> None:
    goal = ending_in(role)
    before = receipt(*STEPS)
    records = {**before.steps, "thumbnail": record({"thumbnail.timing": 5000})}
    assert decide(goal, replace(before, steps=records)).steps == ("thumbnail",)
