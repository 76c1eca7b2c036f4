from __future__ import annotations

from nicobatch.events import Event
from nicobatch.reports import Several
from tests.unit.reports import hostile


class Listening:
    """Remembers what it was told, and in which order among others."""

    def __init__(self, log: list[tuple[object, Event | None]]) -> None:
        self._log = log

    def tell(self, event: Event) -> None:
        self._log.append((self, event))

    def close(self) -> None:
        self._log.append((self, None))


def test_each_hears_everything_in_order() -> None:
    log: list[tuple[object, Event | None]] = []
    first, second = Listening(log), Listening(log)
    hostile.tell(Several(first, second))
    told = [event for who, event in log if who is first]
    assert log == [(who, event) for event in told for who in (first, second)]
    assert told == [*hostile.everything(), None]
