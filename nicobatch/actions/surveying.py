"""Asking the site: what it says of receipts, what no receipt names, and what is really there."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nicobatch.actions.access import Site
from nicobatch.actions.patience import asked
from nicobatch.errors import Later, NotYet, Passing, SiteRefuses, VideoFailed
from nicobatch.language import N_, _
from nicobatch.model import DEFAULT_ACCOUNT, DEFAULT_SITE, Json, Position, Problem, PublishMode
from nicobatch.pipeline import Owner
from nicobatch.pipeline.outcome import Outcome, State
from nicobatch.receipt import Receipt, StepState
from nicobatch.reports import Said
from nicobatch.sites.abilities import ListsVideos, LooksAsVisitor, OwnVideo, View
from nicobatch.sites.base import Role, StepTable

GONE: Final = N_("not there any more")
UNLISTED: Final = N_("not listed yet")
"""Nothing is wrong: niconico lists no drafts, and no videos that it still encodes."""
NOT_ASKED: Final = N_("not asked")
"""The receipt is another site's."""
NOTHING: Final = ""
"""There is nothing on the site to ask for."""
_FOR_ALL: Final = frozenset({PublishMode.PUBLIC, PublishMode.SCHEDULED})
_TOP: Final = Position(1, 1)
_ALL_NAMED: Final = N_("every video on niconico has its receipt here")
_STRAYS: Final = N_("no receipt here names these videos on niconico:")
_HINT: Final = N_("    `nicobatch adopt ID MANIFEST#VIDEO{options}` writes the receipt of one")


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
        standing = _(video.standing.value)
        return f"{video.video_id}  {video.title or ''}  {standing}  {self.account}  {self.url}"

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

    receipts: Mapping[Path, Said]
    problems: tuple[tuple[Receipt, Problem], ...]
    """What visitors see otherwise than the receipts have it."""
    strays: tuple[Stray, ...]

    def told(self, *, rehearsal: bool) -> tuple[str, dict[str, Json]]:
        """Return, in words and as data, what no receipt names."""
        data: dict[str, Json] = {"unclaimed": [each.data for each in self.strays]}
        if not self.strays:
            return _(_ALL_NAMED), data
        hint = _(_HINT).format(options=" --sandbox" if rehearsal else "")
        return "\n".join([_(_STRAYS), *(each.line for each in self.strays), hint]), data


def survey(shown: Mapping[Path, Receipt], known: Mapping[Path, Receipt], site: Site) -> Survey:
    """Ask for the lists of all accounts that the receipts name, or else of the first one's.

    `known` are all receipts that lie there, shown or not. Raise what asking raises.
    """
    ours = {path: each for path, each in shown.items() if site.has(each)}
    named = {
        (each.site, each.remote.id) for each in known.values() if each.remote and site.has(each)
    }
    owners = sorted({Owner(each.site, each.account) for each in ours.values()})
    said = dict.fromkeys(shown, Said(NOT_ASKED))
    strays, problems = [], []
    with site.reaching(owners or [Owner(DEFAULT_SITE, DEFAULT_ACCOUNT)]) as targets:
        for owner, target in targets.items():
            listed, visitor = _listed(target), Visitor(target)
            for path, each in ours.items():
                if Owner(each.site, each.account) == owner:
                    view = visitor.sees(each)
                    said[path] = Said(_said(each, listed, target), view.value, view.told)
                    problems += [(each, found.problem(path, _TOP)) for found in view.differences]
            strays += [
                Stray(owner.account, own, target.remote(own).url)
                for id_, own in listed.items()
                if (owner.site, id_) not in named
            ]
    return Survey(said, tuple(problems), tuple(strays))


@dataclass(slots=True)
class Visitor:
    """Looks at one account's videos, one request each, as long as niconico lets visitors look."""

    target: LooksAsVisitor
    _is_let: bool = True

    def sees(self, receipt: Receipt) -> View:
        """Say whether visitors see the video, and what they see otherwise than was sent."""
        record = receipt.steps.get(self.target.table.name(Role.PUBLISHES))
        remote, wanted = receipt.remote, record.inputs if record else {}
        if remote is None or receipt.is_deleted or str(wanted.get("publish")) not in _FOR_ALL:
            return View(NOTHING)
        if not self._is_let:
            return View(NOT_ASKED)
        try:
            return asked(lambda: self.target.look(remote, wanted))
        except (Passing, Later, SiteRefuses) as error:
            self._is_let = False
            return View(str(error))
        except VideoFailed as error:
            return View(str(error))


def _listed(target: ListsVideos) -> dict[str, OwnVideo]:
    """Return all that the account has, by id, with the newest first."""
    asked(target.sign_in)
    return {own.id: own for own in asked(lambda: list(target.listed()))}


def _said(receipt: Receipt, listed: Mapping[str, OwnVideo], target: ListsVideos) -> str:
    if receipt.remote is None:
        return NOTHING
    own = listed.get(receipt.remote.id)
    if own:
        return own.standing
    if receipt.is_deleted:
        return GONE
    return GONE if _is_through(receipt, target.table) else UNLISTED


def _is_through(receipt: Receipt, table: StepTable) -> bool:
    """Tell whether the site has made a published video of it, which its list has from then on."""
    steps = {table.name(Role.PUBLISHES), *table.processing}
    return all(receipt.state(step) is StepState.DONE for step in steps)


def demand_there(outcomes: Sequence[Outcome], target: ListsVideos, stop: threading.Event) -> None:
    """Ask for every video whose state this very run has not read, and raise where one isn't there.

    Raise NotYet while the site is at work, VideoFailed where it has the video no more, and what
    asking raises.
    """
    there = (each for each in outcomes if each.state is not State.LEFT)
    asked_for = (each for each in there if not _was_read(each, target.table))
    receipts = [each.receipt for each in asked_for if each.receipt]
    if receipts:
        asked(target.sign_in, stop)
    for receipt in receipts:
        _demand(receipt, target, stop)


def _was_read(outcome: Outcome, table: StepTable) -> bool:
    steps = outcome.plan.steps if outcome.plan else ()
    return outcome.state is not State.UNCHANGED and not table.processing.isdisjoint(steps)


def _demand(receipt: Receipt, target: ListsVideos, stop: threading.Event) -> None:
    """Look into the account's list; drafts and fresh videos, which it lacks, are asked for."""
    remote = receipt.remote
    if remote is None:
        return
    own = asked(lambda: target.find(remote.id), stop)
    if own.deleted if own else _is_through(receipt, target.table):
        raise VideoFailed(_("{video} is not there any more").format(video=remote.url))
    if own is None and asked(lambda: target.is_at_work(remote.id), stop):
        message = _("{video} is published, and niconico is still at work on it")
        raise NotYet(message.format(video=remote.url))
