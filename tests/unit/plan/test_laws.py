from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch import plan
from nicobatch.model import Inputs, Json
from nicobatch.plan import Verdict, Wanted
from nicobatch.receipt import Receipt
from tests.unit.plan.making import (
    DRAFT_STEPS,
    FILE,
    METADATA,
    OTHER_FILE,
    REMOTE,
    STEPS,
    UPLOAD,
    decide,
    receipt,
    record,
    taken,
    video,
    wanted,
)

pytestmark = pytest.mark.no_cover  # being traced would double its time, and cover nothing more

RECEIPTS = st.one_of(
    st.none(),
    st.builds(
        lambda count, opened, parts, file, remote: receipt(
            *STEPS[:count],
            opened=STEPS[count] if opened and count < len(STEPS) else None,
            parts=parts,
            file=file,
            remote=remote,
        ),
        st.integers(0, len(STEPS)),
        st.booleans(),
        st.frozensets(st.sampled_from([0, 1, 2])),
        st.sampled_from([FILE, OTHER_FILE]),
        st.sampled_from([None, REMOTE]),
    ),
)
JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.dictionaries(st.sampled_from(sorted(METADATA)), JSON)


@st.composite
def goals(draw: st.DrawFn) -> Wanted:
    each = video(
        draw(st.sampled_from(["ep1", "ep2"])),
        account=draw(st.sampled_from(["main", "second"])),
        allow=draw(st.booleans()),
    )
    metadata = {**METADATA, **draw(FIELDS)}
    steps = draw(st.sampled_from([STEPS, DRAFT_STEPS, STEPS[:6]]))
    return wanted(each, draw(st.sampled_from([FILE, OTHER_FILE])), metadata, steps=steps)


@given(goals(), RECEIPTS)
def test_deciding_changes_nothing_and_comes_out_the_same(
    goal: Wanted, before: Receipt | None
) -> None:
    known = taken(*([before] if before else []))
    untouched = copy.deepcopy((goal, before))
    first = plan.decide(goal, before, known)
    assert plan.decide(goal, before, known) == first
    assert (goal, before) == untouched


@given(goals(), RECEIPTS)
def test_a_plan_says_why_and_has_steps_when_it_acts(goal: Wanted, before: Receipt | None) -> None:
    verdict = decide(goal, before)
    acts = verdict.verdict in {Verdict.CREATE, Verdict.RESUME, Verdict.UPDATE}
    assert bool(verdict.steps) is acts
    assert verdict.reasons
    assert bool(verdict.hint) is (verdict.verdict is Verdict.REFUSE)
    assert bool(verdict.changes) is (verdict.verdict is Verdict.UPDATE)
    assert list(verdict.steps) == [step for step in goal.steps if step in verdict.steps]


@given(goals())
def test_what_was_done_for_its_own_wish_is_unchanged(goal: Wanted) -> None:
    done = {name: record(inputs) for name, inputs in goal.steps.items()}
    each = goal.video
    before = replace(
        receipt(file=goal.files[0]),
        steps=done,
        account=each.account,
        video=each.id,
        uploads={0: UPLOAD},
    )
    verdict = decide(goal, before)
    assert (verdict.verdict, verdict.steps, verdict.changes) == (Verdict.UNCHANGED, (), ())


@given(FIELDS)
def test_the_changes_are_the_fields_that_differ(fields: Mapping[str, Json]) -> None:
    metadata = {**METADATA, **fields}
    changed = {name for name, value in metadata.items() if METADATA[name] != value}
    verdict = decide(wanted(metadata=metadata), receipt(*STEPS))
    assert {change.name for change in verdict.changes} == changed
    for change in verdict.changes:
        assert (change.old, change.new) == (METADATA[change.name], metadata[change.name])


@given(st.dictionaries(st.text(), JSON))
def test_a_digest_does_not_see_the_order(inputs: dict[str, Json]) -> None:
    backwards = dict(reversed(inputs.items()))
    assert plan.digest(inputs) == plan.digest(backwards)
    assert plan.digest(json.loads(json.dumps(inputs))) == plan.digest(inputs)


@given(st.dictionaries(st.text(), JSON), st.dictionaries(st.text(), JSON))
def test_a_digest_sees_everything_else(one: dict[str, Json], other: dict[str, Json]) -> None:
    assert (plan.digest(one) == plan.digest(other)) is (
        json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    )


@pytest.mark.parametrize(
    ("inputs", "known"),
    [
        ({}, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"),
        (
            {"b": [1], "a": "第"},  # printf '{"a":"第","b":[1]}' | sha256sum
            "2ba35fef258603affb3a2e2156e3ea54411c11d4b9cda5aca828df31d82155b0",
        ),
    ],
)
def test_a_digest_is_what_receipts_hold_already(inputs: Inputs, known: str) -> None:
    assert plan.digest(inputs) == known
