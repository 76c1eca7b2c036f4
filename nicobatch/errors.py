"""What can go wrong, told apart by what is to be done about it.

    NicobatchError
    ├── UsageError          the command line asks for something that can't be         exit 2
    ├── JournalError        a receipt can't be read, or can't be written              exit 1
    ├── VideoFailed         this video can't be published; the batch goes on          exit 1
    │   └── EntryGone       the site no longer knows the entry (404, 410)
    ├── PersonNeeded        a person must act at the site: pass its human check       exit 3
    │   └── SignInNeeded    a person must sign in
    ├── SiteRefuses         the site refuses every write, or its API has moved        exit 4
    ├── ListUnreadable      the account's list does not tell, so nothing is risked     exit 4
    ├── Later               nothing is wrong, but this run can't go on with it        exit 5
    │   └── Parked          the site wants no more of the account, or the address, till then
    ├── Blocked             an upload that was left unfinished is in the way           exit 5
    ├── Stopped             SIGINT or SIGTERM                                         exit 130, 143
    │   └── Ended           of what goes on until it is stopped: nothing is wrong
    └── Again               worth another try, by the one retry loop
        ├── Passing         a fault that passes: the network, 429, 5xx                exit 1
        ├── Locked          another run holds what this one needs                     exit 5
        ├── Busy            another upload of the account is in the way (409)         exit 5
        ├── NotYet          the site is still at work                                 exit 5
        ├── RateLimited     the account's own budget of requests is spent             exit 5
        └── StartOver       the site lost its parts: send all of them again

Every message is for the user: no secret, no URL with a query, no name of a Python thing.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import ClassVar, Final

from nicobatch.language import _, cant_write


class Exit(IntEnum):
    """The command's exit codes."""

    FINE = 0
    FAILED = 1
    """A manifest has problems, or a video failed."""
    USAGE = 2
    SIGN_IN = 3
    """A person must sign in, or act otherwise at the site."""
    REFUSED = 4
    """The site refuses every write, or its API has moved."""
    LATER = 5
    """Busy or locked: a later run may succeed."""
    CHANGES = 6
    """Nothing was wrong, and there is something to publish: for `plan --exit-code` alone."""
    BUG = 70
    INTERRUPTED = 130
    """128 and the signal: 143 by SIGTERM."""


class Effect(StrEnum):
    """What follows from an error for what it befell; states, exit codes and endings rest on it."""

    PERMANENT = "permanent"
    """Nothing helps but to change the video or its manifest."""
    TRANSIENT = "transient"
    """A later try may succeed."""
    LATER = "later"
    """Nothing is wrong, and a later try may come to the end."""
    ACCOUNT = "account"
    """The account can't publish anything at present."""
    STOPPED = "stopped"


@dataclass(eq=False)
class NicobatchError(Exception):
    """An expected failure: `message` says what is wrong, `hint` what to do about it."""

    message: str
    hint: str = ""
    effect: ClassVar[Effect] = Effect.TRANSIENT
    exit_code: ClassVar[int] = Exit.FAILED
    ends_account: ClassVar[bool] = False
    """Whether nothing more of the account is tried in this run."""

    def __str__(self) -> str:
        return self.message

    @property
    def word(self) -> str:
        """Return the kind of error in a word, for programs: `sign-in-needed`."""
        return re.sub("(?<=[a-z])(?=[A-Z])", "-", type(self).__name__).lower()


class UsageError(NicobatchError):
    """The command line asks for something that can't be."""

    effect = Effect.ACCOUNT
    exit_code = Exit.USAGE
    ends_account = True


def unwritable(file: object, error: OSError, hint: str = "") -> UsageError:
    """Return what is told of a file, named by the user or for the user, that can't be written."""
    return UsageError(cant_write(file, error), hint)


def raised_at(error: BaseException) -> str:
    """Return where in the code an error was raised, innermost first: no values, no arguments."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{Path(each.filename).name}:{each.lineno}" for each in frames[::-1])


class JournalError(NicobatchError):
    """A receipt can't be read, is newer than this version, or can't be written."""


@dataclass(eq=False)
class VideoFailed(NicobatchError):
    """This video can't be published; others can.

    `status`, `code` and `detail` are the site's own, where it gave them.
    """

    effect: ClassVar = Effect.PERMANENT

    code: str = ""
    status: int = 0
    detail: str = ""
    outcome_unknown: bool = False
    """Whether the site may have acted all the same, and nobody can tell but who looks there."""

    __str__ = NicobatchError.__str__


class EntryGone(VideoFailed):
    """The site no longer knows the entry that the upload was going to."""


class PersonNeeded(NicobatchError):
    """A person must act at the site, as by passing its human check; all that was sent is kept."""

    effect = Effect.ACCOUNT
    exit_code = Exit.SIGN_IN
    ends_account = True


class SignInNeeded(PersonNeeded):
    """The sign-in is missing, refused or expired, and only a person can renew it."""


class SiteRefuses(NicobatchError):
    """The site refuses every write of this account, or its API is not where it was."""

    effect = Effect.ACCOUNT
    exit_code = Exit.REFUSED
    ends_account = True


class ListUnreadable(NicobatchError):
    """The account's own list can't be read, and the video may be in it: others can go on."""

    exit_code = Exit.REFUSED


@dataclass(eq=False)
class Later(NicobatchError):
    """This run can't go on with it, and nothing is wrong: a later run may succeed."""

    effect: ClassVar = Effect.LATER
    exit_code: ClassVar = Exit.LATER
    ends_account: ClassVar = True

    retry_at: datetime | None = None
    """When the site is ready to be asked again, where it said so; with its zone."""

    __str__ = NicobatchError.__str__


@dataclass(eq=False)
class Parked(Later):
    """The site wants no more requests until `retry_at`: asking earlier makes it worse."""

    of_address: bool = False
    """Whether it means all who ask from this line, and not the account alone."""

    __str__ = NicobatchError.__str__


class Blocked(NicobatchError):
    """An upload of ours that was left unfinished is in the way: waiting alone does not help."""

    effect = Effect.LATER
    exit_code = Exit.LATER


@dataclass(eq=False)
class Stopped(NicobatchError):
    """The user or the system asked to stop; everything is saved."""

    effect: ClassVar = Effect.STOPPED
    ends_account: ClassVar = True

    message: str = field(default_factory=lambda: _("stopped"))
    signal: int = 2

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # by what stopped it
        """Return 128 and the signal's number, as shells have it."""
        return 128 + self.signal

    __str__ = NicobatchError.__str__


class Ended(Stopped):
    """A command that goes on until it is stopped was stopped: nothing is wrong."""


class Again(NicobatchError):
    """Worth another try after a pause."""


@dataclass(eq=False)
class Passing(Again):
    """A fault that passes."""

    retry_after: float | None = None
    """Seconds that the site asked to wait."""
    outcome_unknown: bool = True
    """Whether the site may have acted all the same."""

    __str__ = NicobatchError.__str__


@dataclass(eq=False)
class Locked(Again):
    """Another run is at work on the same thing, or was."""

    effect: ClassVar = Effect.LATER
    exit_code: ClassVar = Exit.LATER

    lives: bool = False
    """Whether it is known to be there: it runs on this machine, or has shown a beat."""

    __str__ = NicobatchError.__str__


@dataclass(eq=False)
class Busy(Again):
    """The account has another upload or encode under way, and the site takes one at a time."""

    effect: ClassVar = Effect.LATER
    exit_code: ClassVar = Exit.LATER

    blocker: str | None = None
    """The id of the entry in the way."""

    __str__ = NicobatchError.__str__


class NotYet(Again):
    """The site is still at work on what was sent."""

    effect = Effect.LATER
    exit_code = Exit.LATER


@dataclass(eq=False)
class RateLimited(Again):
    """The account's own budget of requests is spent: the site has not been asked."""

    effect: ClassVar = Effect.LATER
    exit_code: ClassVar = Exit.LATER

    retry_after: float = 0.0
    """Seconds until there is room for another one."""

    __str__ = NicobatchError.__str__


@dataclass(eq=False)
class StartOver(Again):
    """The site wants all parts of a file again, from the first (Fine Uploader's `reset`)."""

    page: int | None = None
    """Of which file, from 0; None means all."""

    __str__ = NicobatchError.__str__


_ORDER: Final = (Exit.SIGN_IN, Exit.REFUSED, Exit.USAGE, Exit.FAILED, Exit.LATER, Exit.CHANGES)
"""Of several ends, the first of these: a person's turn comes before a mere failure."""


def worst_code(codes: Iterable[int]) -> int:
    """Return the exit code of a run that ended in several ways."""
    found = set(codes)
    stopped = [code for code in found if code > Exit.BUG]
    return next(iter([*stopped, *(code for code in _ORDER if code in found)]), Exit.FINE)
