"""The command, with a fleet in which the dead are found out at once: `python -m` this."""

from __future__ import annotations

from unittest import mock

from nicobatch.__main__ import main
from nicobatch.fleet import worker

if __name__ == "__main__":
    with mock.patch.multiple(worker, BEAT=0.2, STALL=1.0):
        main()
