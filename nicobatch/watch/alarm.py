"""What ends the loop's rest: somebody asks it to stop, the folder has changed, a thread is done."""

from __future__ import annotations

import threading


class Alarm(threading.Event):
    """Sets another event along with itself; may be set in a signal's handler."""

    def __init__(self, wake: threading.Event) -> None:
        super().__init__()
        self._wake = wake

    def set(self) -> None:
        """Set both."""
        super().set()
        self._wake.set()


class Alarms:
    """All that a watcher has an ear for."""

    def __init__(self) -> None:
        self.wake = threading.Event()
        """Set by each of them, and by threads that have something to be taken note of."""
        self.stop = Alarm(self.wake)
        """Set by signals: the watcher comes to its end."""
        self.changed = Alarm(self.wake)
        """Set by the observer: there is something to be seen."""
