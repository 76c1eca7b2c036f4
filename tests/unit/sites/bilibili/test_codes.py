"""Every number that bilibili answers with, and whose turn it is then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nicobatch.errors import (
    EntryGone,
    Exit,
    Parked,
    Passing,
    PersonNeeded,
    SignInNeeded,
    SiteRefuses,
    VideoFailed,
)
from nicobatch.sites.bilibili.codes import (
    CODES,
    TOO_FAST,
    UNKNOWN,
    Code,
    PageSpoiled,
    TitleTaken,
)

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
EXPECTED = {
    SignInNeeded: (-101, -111, -663, 86095),
    PersonNeeded: (-102, -106, -108, -110, -113, -115, -650, -352, 601, 21566, 340022),
    SiteRefuses: (-400, -403, -404, 21001, 21590),
    Parked: (-412, 137022, 21564),
    Passing: (
        *(-500, -502, -503, -504, -509, -702, -799),
        *(20001, 20042, 21111, 21150, 21070),
    ),
    VideoFailed: (
        *(-616, -617, 21005, 21103, 21104, 21010, 21052, 21160, 21021, 21006, 21011, 21013),
        *(16025, 21002, 21058),
    ),
    TitleTaken: (21012,),
    PageSpoiled: (21015,),
    EntryGone: (62002,),
}


@pytest.mark.parametrize(
    ("code", "kind"), [(code, kind) for kind, codes in EXPECTED.items() for code in codes]
)
def test_a_number_means_this(code: int, kind: type[Exception]) -> None:
    assert type(CODES[code].made("x", NOW)) is kind


def test_none_is_left_out() -> None:
    assert set(CODES) == {code for codes in EXPECTED.values() for code in codes}


@pytest.mark.parametrize(
    ("row", "length"),
    [(CODES[21564], timedelta(days=1)), (TOO_FAST, timedelta(hours=1))],
)
def test_a_parked_account_is_told_until_when(row: Code, length: timedelta) -> None:
    error = row.made("x", NOW)
    assert isinstance(error, Parked)
    assert (error.retry_at, error.of_address, error.exit_code) == (NOW + length, False, Exit.LATER)


def test_a_blocked_address_is_not_the_accounts_alone() -> None:
    error = CODES[-412].made("x", NOW)
    assert isinstance(error, Parked)
    assert error.of_address


def test_what_a_person_must_do_ends_the_account_with_its_own_exit() -> None:
    error = CODES[21566].made("x", NOW)
    assert (error.exit_code, error.ends_account) == (Exit.SIGN_IN, True)
    assert "by hand" in error.hint


def test_a_number_that_nobody_explains_fails_the_video() -> None:
    assert type(UNKNOWN.made("x", NOW)) is VideoFailed
