"""Every step has words of its own, in which plans, reports and pages name it."""

from __future__ import annotations

import threading

from nicobatch.sites.niconico.profiles import GARAGE_2026
from nicobatch.sites.niconico.target import Niconico
from nicobatch.steps import UPLOADING, worded
from tests.sites.niconico.stepping import credentials


def test_no_step_of_niconicos_is_told_by_its_name() -> None:
    target = Niconico(GARAGE_2026, credentials(), stop=threading.Event())
    names = {step.name for step in target.steps}
    target.close()
    assert UPLOADING in names
    assert {name for name in names if worded(name) == name} == set()
    assert [target.table.label(name) for name in names] == [worded(name) for name in names]


def test_a_step_of_another_version_goes_by_its_name() -> None:
    assert worded("later") == "later"
