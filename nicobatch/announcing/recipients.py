"""How somebody is reached who is told how runs went: by apprise, or by a program of the user's."""

from __future__ import annotations

import functools
import html
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from nicobatch import installation
from nicobatch.announcing import services
from nicobatch.config.recipients import Recipient
from nicobatch.errors import Passing, UsageError
from nicobatch.language import N_, _, pictured, reason
from nicobatch.model import Secret

Send: TypeAlias = Callable[[str], None]
"""Brings a text there; raises UsageError and Passing."""
KEYRING_SERVICE: Final = "nicobatch-notify"
_PATIENCE: Final = 30.0
"""Seconds that a program may take."""
_LONGEST: Final = 200
"""Characters of a program's own words that are told."""
_DESKTOPS: Final = {
    "darwin": ("macosx://", "terminal-notifier"),
    "win32": ("windows://", "pywin32"),
}
"""By `sys.platform`, what apprise calls its desktop, and what it takes for that."""
_OTHER_DESKTOP: Final = ("dbus://", "notify-send")
_NOTIFY_SEND: Final = "notify-send"
_UNSET: Final = N_("the environment variable {name} is not set")
_SET_IT: Final = N_("set it to the address, as apprise has it")
_NOT_KEPT: Final = N_("the system's keyring has no address for {user}")
_KEEP_IT: Final = N_("put it there, as apprise has it: {command}")
_LOCKED: Final = N_("unlock it, or name a variable of the environment with url_env")
_NO_DESKTOP: Final = N_("apprise can't reach this desktop")
_INSTALL: Final = N_("install {program}, or name a program of yours with command")
_NO_PROGRAM: Final = N_("{program} can't be run: {reason}")
_TOO_SLOW: Final = N_("{program} did not end within {seconds} s")
_ENDED: Final = N_("{program} ended with exit code {code}")


def reached(
    recipient: Recipient, environment: Mapping[str, str], gained: Callable[[Secret], None]
) -> Send:
    """Return what brings a text there; `gained` is told of an address before it is used.

    Raise UsageError where there is no address, no such program, or no apprise that is needed.
    """
    if recipient.command:
        return functools.partial(_run, _program(recipient.command))
    if recipient.desktop and sys.platform not in _DESKTOPS and shutil.which(_NOTIFY_SEND):
        return _by_libnotify
    if recipient.desktop:
        services.demand_installed()
        return functools.partial(_by_desktop, recipient.name)
    address = _variable(recipient.url_env, environment) or _kept(recipient.keyring)
    services.demand_installed()
    gained(address)
    name = recipient.url_env or recipient.name
    return lambda text: services.send(address, text, name)


def _by_desktop(name: str, text: str) -> None:
    url, program = _DESKTOPS.get(sys.platform, _OTHER_DESKTOP)
    if not services.knows(Secret(url)):
        raise UsageError(_(_NO_DESKTOP), _(_INSTALL).format(program=program))
    services.send(Secret(url), text, name)


def _variable(name: str, environment: Mapping[str, str]) -> Secret | None:
    if not name:
        return None
    address = environment.get(name, "").strip()
    if not address:
        raise UsageError(_(_UNSET).format(name=name), _(_SET_IT))
    return Secret(address)


def _kept(user: str) -> Secret:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise UsageError(
            _("the keyring is not installed"), installation.missing("keyring")
        ) from None
    try:
        address = keyring.get_password(KEYRING_SERVICE, user)
    except KeyringError:
        raise UsageError(_("the system's keyring can't be used"), _(_LOCKED)) from None
    if not address:
        words = installation.line([sys.executable, "-m", "keyring", "set", KEYRING_SERVICE, user])
        raise UsageError(_(_NOT_KEPT).format(user=user), _(_KEEP_IT).format(command=words))
    return Secret(address)


def _program(command: Sequence[str]) -> list[str]:
    """Return the command with its program as it is found; raise UsageError where it is not."""
    name = os.path.expanduser(command[0])  # noqa: PTH111 - a name of the path is no file
    found = shutil.which(name)
    if found is None:
        told = {"program": command[0], "reason": _("there is no such program")}
        raise UsageError(_(_NO_PROGRAM).format(**told))
    return [found, *command[1:]]


def _by_libnotify(text: str) -> None:
    """Show the text by libnotify's program, which reads markup in it."""
    shown = html.escape(text, quote=False)
    _run([_NOTIFY_SEND, f"--app-name={installation.NAME}", "--", installation.NAME, shown], "")


def _run(command: Sequence[str], text: str) -> None:
    """Run the program with the text on standard input; what it says is for its failure alone."""
    program = command[0]
    try:
        code, said = _ended(command, f"{text}\n".encode())
    except subprocess.TimeoutExpired:
        words = _(_TOO_SLOW).format(program=program, seconds=round(_PATIENCE))
        raise Passing(words) from None
    except OSError as error:
        told = {"program": program, "reason": reason(error)}
        raise UsageError(_(_NO_PROGRAM).format(**told)) from None
    if code:
        words = _(_ENDED).format(program=program, code=code)
        raise Passing(f"{words}: {pictured(said)}" if said else words)


def _ended(command: Sequence[str], data: bytes) -> tuple[int, str]:
    """Run the program to its end, and return its exit code and the last of its errors' lines."""
    with tempfile.TemporaryFile() as errors:  # a pipe would be waited for while any child has it
        done = subprocess.run(  # noqa: S603 - the user's own, and no shell's
            command,
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            timeout=_PATIENCE,
            check=False,
        )
        errors.seek(0)
        last = errors.read().decode(errors="replace").strip().rpartition("\n")[2]
    return done.returncode, last[:_LONGEST]
