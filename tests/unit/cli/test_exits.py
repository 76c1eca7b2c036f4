from __future__ import annotations

import inspect

import pytest

from nicobatch import errors
from nicobatch.errors import Exit, worst_code

CODES = {
    errors.NicobatchError: 1,
    errors.UsageError: 2,
    errors.JournalError: 1,
    errors.VideoFailed: 1,
    errors.EntryGone: 1,
    errors.PersonNeeded: 3,
    errors.SignInNeeded: 3,
    errors.SiteRefuses: 4,
    errors.ListUnreadable: 4,
    errors.Later: 5,
    errors.Parked: 5,
    errors.Blocked: 5,
    errors.Locked: 5,
    errors.Stopped: 130,
    errors.Ended: 130,
    errors.Again: 1,
    errors.Passing: 1,
    errors.Busy: 5,
    errors.NotYet: 5,
    errors.RateLimited: 5,
    errors.StartOver: 1,
}


def test_every_error_has_a_code() -> None:
    tree = {
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.NicobatchError)
    }
    assert set(CODES) == tree


@pytest.mark.parametrize("kind", CODES, ids=lambda kind: kind.__name__)
def test_the_code_of_an_error(kind: type[errors.NicobatchError]) -> None:
    assert kind("no").exit_code == CODES[kind]


def test_the_code_of_a_signal() -> None:
    assert errors.Stopped(signal=15).exit_code == 143


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ([], 0),
        ([0, 0], 0),
        ([0, 5], 5),
        ([5, 1, 0], 1),
        ([1, 2], 2),
        ([2, 4], 4),
        ([1, 4, 5], 4),
        ([4, 3, 1, 5, 0], 3),
        ([3, 130], 130),
        ([143, 1], 143),
    ],
)
def test_of_several_ends_the_worst_is_told(codes: list[int], worst: int) -> None:
    assert worst_code(codes) == worst


def test_no_failure_is_told_as_fine() -> None:
    assert all(worst_code([code, Exit.FINE]) == code for code in Exit if code is not Exit.BUG)


def test_the_codes_are_the_promised_ones() -> None:
    assert [code.value for code in Exit] == [0, 1, 2, 3, 4, 5, 6, 70, 130]
