from __future__ import annotations

import inspect
import re
import traceback
from collections.abc import Iterator

import pytest

from nicobatch import errors
from nicobatch.errors import Busy, NicobatchError, Passing, Stopped, VideoFailed

DRAWN = re.compile(r"^ {4}(?P<rails>(?:[│ ] {3})*)(?:[├└]── )?(?P<name>[A-Z]\w+)(?: {2,}|$)")


def drawn_tree(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield each error of a drawn tree, with the one it hangs from."""
    above: list[str] = []
    for line in text.splitlines():
        if match := DRAWN.match(line):
            depth = len(match["rails"]) // 4 + (1 if "── " in line else 0)
            above[depth:] = [match["name"]]
            yield match["name"], above[depth - 1] if depth else None


def real_tree() -> Iterator[tuple[str, str | None]]:
    """Yield each error of the module, with the one it is a kind of."""
    for name, error in inspect.getmembers(errors, inspect.isclass):
        if issubclass(error, NicobatchError):
            parent = error.__base__
            yield name, parent.__name__ if parent and parent is not Exception else None


KINDS = [
    error
    for _, error in inspect.getmembers(errors, inspect.isclass)
    if issubclass(error, NicobatchError)
]


def test_the_tree_is_drawn_as_it_is() -> None:
    assert dict(drawn_tree(errors.__doc__ or "")) == dict(real_tree())


def test_a_drawing_is_read_with_its_branches() -> None:
    text = """Title.

    Root
    ├── Usage       what it is
    ├── Failed      what it is
    │   └── Gone    what it is
    └── Again       what it is
        ├── Busy
        └── NotYet  what it is
"""
    assert dict(drawn_tree(text)) == {
        "Root": None,
        "Usage": "Root",
        "Failed": "Root",
        "Gone": "Failed",
        "Again": "Root",
        "Busy": "Again",
        "NotYet": "Again",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_can_be_raised_and_says_its_message(kind: type[NicobatchError]) -> None:
    with pytest.raises(kind) as caught:
        raise kind("ep1.mp4 is empty", "give another file")
    assert str(caught.value) == caught.value.message == "ep1.mp4 is empty"
    assert caught.value.hint == "give another file"
    assert "ep1.mp4 is empty" in repr(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_itself_alone(kind: type[NicobatchError]) -> None:
    one, other = kind("the same"), kind("the same")
    assert one != other
    assert len({one, other, one}) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_reads_as_its_message_in_a_traceback(kind: type[NicobatchError]) -> None:
    (line,) = traceback.format_exception_only(kind("第1回 is empty"))
    assert line == f"nicobatch.errors.{kind.__name__}: 第1回 is empty\n"


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_says_what_it_stands_for(kind: type[NicobatchError]) -> None:
    assert kind.__doc__ is not None
    assert not kind.__doc__.startswith(f"{kind.__name__}("), "dataclasses wrote that"


def test_to_be_stopped_needs_no_words() -> None:
    with pytest.raises(Stopped) as caught:
        raise Stopped
    assert (str(caught.value), caught.value.signal) == ("stopped", 2)
    assert Stopped(signal=15).signal == 15


def test_an_error_carries_what_its_handlers_need() -> None:
    assert Passing("it broke").outcome_unknown, "the careful guess"
    assert Passing("it broke").retry_after is None
    assert Busy("another upload is open").blocker is None
    assert Busy("another upload is open", blocker="9").blocker == "9"
    assert VideoFailed("refused", code="INVALID_PARAMETER").code == "INVALID_PARAMETER"
