"""Steps done one by one, without the pipeline's care."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nicobatch.model import Secret
from nicobatch.receipt import StepRecord, StepState
from nicobatch.sites.base import Job, Step
from nicobatch.sites.niconico.target import Niconico
from nicobatch.sites.session import Credentials
from tests.unit.sites.niconico.making import MAIN

Begin = Callable[..., Job]


def credentials(session: str = MAIN.user_session) -> Credentials:
    return Credentials(user_session=Secret(session), mail=MAIN.mail, password=Secret(MAIN.password))


def step(target: Niconico, name: str) -> Step:
    return next(each for each in target.steps if each.name == name)


def run(target: Niconico, job: Job, *names: str) -> Job:
    """Do the steps one after the other, without the pipeline's care."""
    for name in names:
        for call in step(target, name).calls(job):
            job = replace(job, receipt=call(job)(job.receipt))
    return job


def recorded(job: Job, name: str, state: StepState = StepState.DONE) -> Job:
    record = StepRecord(state=state, digest="", at="2026-11-21T00:00:00+00:00")
    steps = {**job.receipt.steps, name: record}
    return replace(job, receipt=replace(job.receipt, steps=steps))


def asked(target: Niconico, job: Job, name: str) -> bool:
    """Tell whether the site says that the step happened; its change must change nothing."""
    ask = step(target, name).ask
    assert ask
    change = ask(job)
    assert change is None or change(job.receipt) == job.receipt
    return change is not None
