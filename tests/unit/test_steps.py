"""Every step has words of its own, in which plans, reports and pages name it."""

from __future__ import annotations

import pytest

from nicobatch import language, sites
from nicobatch.sites import SITES
from nicobatch.sites.base import StepSpec, StepTable


@pytest.mark.parametrize("site", SITES)
def test_no_step_is_told_by_its_name(site: str) -> None:
    table = sites.table(site)
    assert [spec.name for spec in table if table.label(spec.name) == spec.name] == []


def test_a_step_of_another_version_goes_by_its_name() -> None:
    assert sites.table().label("later") == "later"
    assert StepTable((StepSpec(name="bare"),)).label("bare") == "bare"


def test_words_are_translated_where_they_are_said() -> None:
    language.choose("ja")
    assert sites.table().label("create") == "動画の作成"


def test_a_later_version_s_site_has_no_steps_here() -> None:
    assert [*sites.table("elsewhere")] == []
