"""The command, with a clock: how long its threads wait for the database is in a file at any moment.

`python -m tests.support.benchmarks.fleet_worker FOLDER ARGUMENT…`
"""

from __future__ import annotations

import os
import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from nicobatch.__main__ import main
from nicobatch.fleet.database import Connection, Database

_T = TypeVar("_T")
_SECONDS: Final = struct.Struct("d")
_SUFFIX: Final = ".waited"


class Clock:
    """Adds up what each call takes, in a file that is there if the process is killed."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / f"{os.getpid()}{_SUFFIX}", os.O_CREAT | os.O_WRONLY)
        self._lock, self._seconds = threading.Lock(), 0.0

    def around(self, call: Callable[..., _T]) -> Callable[..., _T]:
        """Return the call, which adds its time."""

        def timed(database: Database, work: Callable[[Connection], _T]) -> _T:
            begun = time.perf_counter()
            try:
                return call(database, work)
            finally:
                with self._lock:
                    self._seconds += time.perf_counter() - begun
                    os.pwrite(self._file, _SECONDS.pack(self._seconds), 0)

        return timed


def waited(folder: Path) -> float:
    """Return the milliseconds that all of the folder's workers have waited."""
    texts = filter(None, (each.read_bytes() for each in folder.glob(f"*{_SUFFIX}")))
    return 1000 * sum(float(_SECONDS.unpack(text)[0]) for text in texts)


if __name__ == "__main__":
    _once = Clock(Path(sys.argv.pop(1))).around(Database._once)
    Database._once = _once  # type: ignore[method-assign]
    main()
