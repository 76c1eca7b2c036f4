"""What the site says of receipts, and which of its videos no receipt names."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nicobatch.cli.asking import asked
from nicobatch.cli.wiring import Site
from nicobatch.model import Json, Receipt, StepState
from nicobatch.niconico.library import OwnVideo
from nicobatch.niconico.steps import Niconico

GONE: Final = "not there any more"
UNLISTED: Final = "not listed yet"
"""Nothing is wrong: niconico lists no drafts, and no videos that it still encodes."""
NOT_ASKED: Final = "not asked"
"""The receipt is another site's."""
NOTHING: Final = ""
"""There is nothing on the site to ask for."""
_ALL_NAMED: Final = "every video on niconico has its receipt here"
_STRAYS: Final = "no receipt here names these videos on niconico:"
_HINT: Final = "    `nicobatch adopt ID MANIFEST#VIDEO{options}` writes the receipt of one"


@dataclass(frozen=True, slots=True)
class Stray:
    """A video that is on the site and in no receipt."""

    account: str
    video: OwnVideo
    url: str

    @property
    def line(self) -> str:
        """Return what a person is told of it."""
        video = self.video
        return (
            f"{video.video_id}  {video.title or ''}  {video.standing}  {self.account}  {self.url}"
        )

    @property
    def data(self) -> dict[str, Json]:
        """Return what a program is told of it."""
        video = self.video
        at = video.registered_at.isoformat() if video.registered_at else None
        return {
            "id": video.video_id,
            "title": video.title,
            "site": video.standing.value,
            "registered_at": at,
            "account": self.account,
            "url": self.url,
        }


@dataclass(frozen=True, slots=True)
class Survey:
    """What the site said: of each receipt by its path, and beyond them."""

    receipts: Mapping[Path, str]
    strays: tuple[Stray, ...]

    def told(self, *, rehearsal: bool) -> tuple[str, dict[str, Json]]:
        """Return, in words and as data, what no receipt names."""
        data: dict[str, Json] = {"unclaimed": [each.data for each in self.strays]}
        if not self.strays:
            return _ALL_NAMED, data
        hint = _HINT.format(options=" --sandbox" if rehearsal else "")
        return "\n".join([_STRAYS, *(each.line for each in self.strays), hint]), data


def survey(shown: Mapping[Path, Receipt], known: Mapping[Path, Receipt], site: Site) -> Survey:
    """Ask for the lists of all accounts that the receipts name, or else of the first one's.

    `known` are all receipts that lie there, shown or not. Raise what asking raises.
    """
    stop = threading.Event()
    origin = site.target("main", stop).origin
    ours = {path: each for path, each in shown.items() if each.origin == origin}
    accounts = sorted({each.account for each in ours.values()}) or ["main"]
    named = {each.remote.id for each in known.values() if each.remote and each.origin == origin}
    said = dict.fromkeys(shown, NOT_ASKED)
    strays = []
    for account in accounts:
        target = site.target(account, stop)
        listed = _listed(target, stop)
        for path, each in ours.items():
            if each.account == account:
                said[path] = _said(each, listed, target)
        strays += [
            Stray(account, own, target.remote(own).url)
            for number, own in listed.items()
            if number not in named
        ]
    return Survey(said, tuple(strays))


def _listed(target: Niconico, stop: threading.Event) -> dict[int, OwnVideo]:
    """Return all that the account has, by number, with the newest first."""
    asked(target.sign_in, stop)
    return {own.id: own for own in asked(lambda: list(target.library), stop)}


def _said(receipt: Receipt, listed: Mapping[int, OwnVideo], target: Niconico) -> str:
    if receipt.remote is None:
        return NOTHING
    own = listed.get(receipt.remote.id)
    if own:
        return own.standing
    ends = (target.publishing_step, target.steps[-1].name)
    seen = all(receipt.state(step) is StepState.DONE for step in ends)
    return GONE if seen else UNLISTED
