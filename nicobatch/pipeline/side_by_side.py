"""Several calls at once, begun in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")


def side_by_side(work: Callable[[_T], None], items: Sequence[_T], at_once: int) -> None:
    """Do the work for each item in order, so many at once; after a failure none is begun.

    Raise the first failure once those that were begun have ended.
    """
    waiting, errors, lock = iter(items), list[BaseException](), threading.Lock()

    def worker(_: int) -> None:
        while not errors:
            with lock:
                item = next(waiting, None)
            if item is None:
                return
            try:
                work(item)
            except BaseException as error:  # noqa: BLE001 - raised again by the first thread
                errors.append(error)

    threads = min(len(items), at_once)
    if threads == 1:
        worker(0)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(worker, range(threads)))
    if errors:
        raise errors[0]
