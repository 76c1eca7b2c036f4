"""What a batch keeps of each video in memory: there may be ten thousand."""

from __future__ import annotations

from nicobatch.pipeline.outcome import State
from tests.unit.pipeline.conftest import Bench
from tests.unit.pipeline.scripted import ScriptedTarget


def test_what_steps_rest_on_is_there_once(bench: Bench) -> None:
    [outcome] = bench.run(ScriptedTarget())
    assert outcome.receipt
    steps = outcome.receipt.steps
    assert outcome.state is State.PUBLISHED
    assert steps["stream"].inputs is steps["done"].inputs is steps["encoded"].inputs
    assert steps["metadata"].inputs == {"title": "A title"}


def test_receipts_that_came_as_far_have_one_set_of_steps_in_common(bench: Bench) -> None:
    videos = [bench.ready("a"), bench.ready("b")]
    bench.run(ScriptedTarget(), videos)
    takers = [taker for each in bench.known_files().remotes.values() for taker in each]
    assert len(takers) == 2
    assert takers[0].done is takers[1].done
