"""The order of numbered names."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nicobatch.manifest.patterns import natural

DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")


@given(st.lists(st.from_regex(r"[a-c]{0,2}[0-9]{0,3}[a-c]?", fullmatch=True)))
def test_the_order_does_not_depend_on_how_files_were_found(found: list[str]) -> None:
    paths = [Path(each) for each in found]
    backwards = [Path(each) for each in reversed(found)]
    assert sorted(paths, key=natural) == sorted(backwards, key=natural)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.booleans(), st.booleans())
def test_numbers_are_in_the_order_of_their_values(
    one: int, other: int, one_is_wide: bool, other_is_wide: bool
) -> None:
    first = f"第{one}話.mp4".translate(DIGITS if one_is_wide else {})
    second = f"第{other}話.mp4".translate(DIGITS if other_is_wide else {})
    if one != other:
        assert (natural(first) < natural(second)) == (one < other)


@given(st.text(), st.text())
def test_any_two_names_have_an_order(one: str, other: str) -> None:
    assert (natural(one) < natural(other)) + (natural(other) < natural(one)) == (one != other)
