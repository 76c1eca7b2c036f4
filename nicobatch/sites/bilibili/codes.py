"""What bilibili's numbers mean, a row each: whose turn it is, for how long, and in which words.

Meanings are collected from clients and their users' reports; bilibili publishes none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from nicobatch.errors import (
    EntryGone,
    NicobatchError,
    Parked,
    Passing,
    PersonNeeded,
    SignInNeeded,
    SiteRefuses,
    VideoFailed,
)
from nicobatch.language import N_, _


class TitleTaken(VideoFailed):
    """The account has submitted the title before: perhaps by us, whose answer was lost."""


class UploadGone(VideoFailed):
    """The site's hosts no longer take the parts of a page: it has to begin anew."""


class PageSpoiled(VideoFailed):
    """One page's upload is incomplete or too old: it has to be uploaded once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One row: what a refusal of this number means, and what is to be done about it."""

    error: type[NicobatchError]
    words: str
    hint: str = ""
    field: str = ""
    """The manifest's key that is at fault."""
    parked: timedelta | None = None
    """How long nothing more may be asked, of the account or the address."""
    of_address: bool = False
    pause: float | None = None
    """Seconds before another try, where one helps."""

    def made(self, message: str, now: datetime) -> NicobatchError:
        """Return the error with the message."""
        hint = _(self.hint) if self.hint else ""
        if self.error is Parked:
            until = now + (self.parked or timedelta())
            return Parked(message, hint, retry_at=until, of_address=self.of_address)
        if self.error is Passing:
            return Passing(message, hint, retry_after=self.pause)
        return self.error(message, hint)


HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
_SIGN_IN: Final = N_("run `nicobatch session login --site bilibili`, and run it again")
_PROVE: Final = N_("open bilibili's creator centre in a browser, and do what it asks for")
_MOVED: Final = N_(
    "bilibili may have changed its interface: please report it, with the output of"
    " `nicobatch publish -v`, at the project's issue page"
)
_BY_HAND: Final = N_(
    "post one video by hand in a browser, and pass the check that bilibili asks for there; then run"
    " it again: what was uploaded is kept for five days, and is not uploaded twice"
)
_WAIT: Final = N_(
    "trying on makes it longer; one upload by hand in a browser, with its human check, ends it"
)
_SHORTEN: Final = N_("shorten it, or give bilibili.description")
_TITLE: Final = N_("shorten it, or give bilibili.title")
_TAKEN: Final = N_(
    "look into the upload manager: if it is this very video, `nicobatch adopt` takes it over; else"
    " give this one another title, or run it again later: nothing is uploaded twice"
)
_CHOOSE: Final = N_("choose another one")


def _sign_in(words: str) -> Code:
    return Code(error=SignInNeeded, words=words, hint=_SIGN_IN)


def _person(words: str) -> Code:
    return Code(error=PersonNeeded, words=words, hint=_PROVE)


def _moved(words: str) -> Code:
    return Code(error=SiteRefuses, words=words, hint=_MOVED)


def _passing(words: str, pause: float | None = None) -> Code:
    return Code(error=Passing, words=words, pause=pause)


def _user(words: str, hint: str = "", field: str = "") -> Code:
    return Code(error=VideoFailed, words=words, hint=hint, field=field)


def _parked(words: str, parked: timedelta, *, of_address: bool = False) -> Code:
    return Code(error=Parked, words=words, hint=_WAIT, parked=parked, of_address=of_address)


_LONG: Final = N_("the description is too long for this partition")
_CAPTCHA: Final = N_("bilibili wants to see a human being")

CODES: Final = MappingProxyType(
    {
        -101: _sign_in(N_("bilibili does not accept the sign-in: it may have ended")),
        -111: _sign_in(N_("bili_jct does not fit the sign-in")),
        -663: _sign_in(N_("bilibili does not accept the kind of sign-in")),
        86095: _sign_in(N_("the sign-in can't be renewed: it was renewed elsewhere")),
        -102: _person(N_("the account is banned")),
        -106: _person(N_("the account is no full member yet")),
        -108: _person(N_("the account has no proven phone number")),
        -110: _person(N_("the account has no proven phone number")),
        -113: _person(N_("the account's owner is not proven")),
        -115: _person(N_("the account's owner is not proven")),
        -650: _person(N_("the account's level is too low")),
        -352: Code(error=PersonNeeded, words=_CAPTCHA, hint=_BY_HAND),
        601: Code(error=PersonNeeded, words=_CAPTCHA, hint=_BY_HAND),  # at preupload: TOO_FAST
        340022: Code(
            error=PersonNeeded,
            words=N_("bilibili deletes a video only after a human check"),
            hint=N_(
                "delete it by hand in the upload manager:"
                " https://member.bilibili.com/platform/upload-manager/article"
            ),
        ),
        -400: _moved(N_("bilibili does not understand the request")),
        -403: _moved(N_("bilibili does not allow the request")),
        -404: _moved(N_("bilibili does not know the address")),
        21001: _moved(N_("bilibili does not understand the submission")),
        21590: _moved(N_("bilibili has closed this way of submitting")),
        -412: _parked(N_("bilibili has blocked this address for a while"), HOUR, of_address=True),
        -500: _passing(N_("bilibili can't answer just now")),
        -502: _passing(N_("bilibili can't answer just now")),
        -503: _passing(N_("bilibili can't answer just now")),
        -504: _passing(N_("bilibili can't answer just now")),
        -509: _passing(N_("bilibili was asked too often"), 30.0),
        -702: _passing(N_("bilibili was asked too often"), 30.0),
        -799: _passing(N_("bilibili was asked too often"), 30.0),
        20001: _passing(N_("bilibili takes no submissions just now"), 60.0),
        20042: _passing(N_("bilibili can't look up the tags just now"), 60.0),
        21111: _passing(N_("bilibili is under maintenance"), 60.0),
        21150: _passing(N_("bilibili is at work on the entry"), 60.0),
        21070: _passing(N_("bilibili wants a pause of half a minute"), 30.0),
        -616: _user(N_("bilibili got no file"), field="file"),
        -617: _user(N_("the file is too large for the account"), field="file"),
        21005: _user(N_("bilibili does not take the tags"), field="tags"),
        21103: _user(
            N_("the title is too long"), N_("shorten it, or give bilibili.title"), "title"
        ),
        21104: _user(N_("a page's title is too long"), N_("give each page a title"), "pages"),
        21010: _user(_LONG, _SHORTEN, "description"),
        21052: _user(_LONG, _SHORTEN, "description"),
        21160: _user(_LONG, _SHORTEN, "description"),
        21021: _user(N_("a repost needs its source"), N_("give bilibili.source"), "source"),
        21006: _user(N_("bilibili does not take the time"), field="publish.at"),
        21011: _user(N_("bilibili found no page in the submission"), field="pages"),
        21013: _user(N_("a page's title has characters that are not allowed"), field="pages"),
        16025: _user(N_("bilibili does not allow a tag"), _CHOOSE, "tags"),
        21002: _user(N_("the partition is closed"), _CHOOSE, "partition"),
        21058: _user(N_("too many pages at once"), N_("split the video"), "pages"),
        21012: Code(
            error=TitleTaken, words=N_("the account has just submitted this title"), hint=_TAKEN
        ),
        21015: Code(error=PageSpoiled, words=N_("bilibili can't use the upload of a page")),
        137022: _parked(N_("the account has submitted too often"), 6 * HOUR),
        21564: _parked(N_("the account has submitted too often"), DAY),
        21566: Code(
            error=PersonNeeded,
            words=N_("the account has submitted too often, until a person shows up"),
            hint=_BY_HAND,
        ),
        62002: Code(error=EntryGone, words=N_("visitors can't see it")),
    }
)
"""By `code` of an answer. How long 137022 and -412 last is not known: these lengths are ours."""
TOO_FAST: Final = _parked(N_("the account has uploaded too fast"), HOUR)
"""601 or 406 at preupload: over after ten minutes to an hour; seen after 10 files in a row."""
VOUCHER: Final = "v_voucher"
"""Stands in answers that want a human check."""
UNKNOWN: Final = _user(N_("bilibili refused it"))
"""A number that no source explains, 21540 for one."""
