"""What apprise is asked for: to bring a text to an address, whose secrets it must tell nobody."""

from __future__ import annotations

import importlib.util
import logging
from types import ModuleType

from nicobatch.errors import Passing, UsageError
from nicobatch.installation import missing
from nicobatch.language import _
from nicobatch.model import Secret


def demand_installed() -> None:
    """Raise UsageError where apprise is missing; does not load it, which takes its time."""
    if not importlib.util.find_spec("apprise"):
        raise UsageError(_("apprise is not installed"), missing("announce"))


def knows(address: Secret) -> bool:
    """Tell whether apprise can reach what the address means; raise UsageError without apprise."""
    return bool(_apprise().Apprise().add(address.reveal()))


def send(address: Secret, text: str, name: str) -> None:
    """Send the text; messages call the address by its `name`.

    Raise UsageError where nothing can be sent, Passing where nobody knows whether it has arrived.
    """
    apprise = _apprise()
    services = apprise.Apprise()
    if not services.add(address.reveal()):
        words = _("{name} holds no address that apprise knows")
        raise UsageError(words.format(name=name), "https://github.com/caronc/apprise#readme")
    if not services.notify(body=text):
        raise Passing(_("{name} did not confirm that it has the message").format(name=name))


def _apprise() -> ModuleType:
    log = logging.getLogger("apprise")  # it has addresses, whoever listens
    log.propagate = False
    log.addHandler(logging.NullHandler())
    demand_installed()
    import apprise

    return apprise
