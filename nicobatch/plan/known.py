"""What receipts have taken, of a site and of the files at hand: it is not to be had again."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Protocol, Self

from nicobatch.model import FileIdentity, key_of
from nicobatch.plan.verdicts import Wanted
from nicobatch.receipt import Receipt, ReceiptPlace, StepState


def content(files: Sequence[FileIdentity]) -> str:
    """Return what tells the bytes of one video from another's: a SHA-256 of its file or files."""
    hashes = [each.sha256 for each in files]
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest() if hashes[1:] else hashes[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taker:
    """What of a receipt is asked for while another video is decided on: there may be thousands."""

    path: str
    """Where the receipt lies: no other video has the same."""
    name: str
    """`MANIFEST#VIDEO`, by where the receipt lies: it may have been moved since it was written."""
    site: str
    origin: str
    account: str
    content: str
    """Of its files."""
    id: str | None
    """What it has on the site."""
    done: frozenset[str]
    """The steps that are."""
    is_deleted: bool

    @classmethod
    def of(cls, path: str, receipt: Receipt) -> Self | None:
        """Return what the receipt has taken, if anything began under it."""
        if not receipt.is_begun:
            return None
        return cls(
            path=path,
            name=ReceiptPlace.of(PurePath(path), receipt.site).key,
            site=receipt.site,
            origin=receipt.origin,
            account=receipt.account,
            content=content(receipt.files),
            id=receipt.remote.id if receipt.remote else None,
            done=frozenset(
                step for step, record in receipt.steps.items() if record.state is StepState.DONE
            ),
            is_deleted=receipt.is_deleted,
        )


class Known(Protocol):
    """What all receipts have taken, be they read before or asked for when that matters."""

    def note(self, path: str, receipt: Receipt) -> None:
        """Note what the receipt has on the site by now."""
        ...

    def claim(self, wanted: Wanted) -> None:
        """Note that a video not yet created is going to take its file."""
        ...

    def others(self, wanted: Wanted) -> tuple[str, ...]:
        """Return as which other videos of the account the wanted file is taken."""
        ...

    def rivals(self, wanted: Wanted, id_: str) -> list[Taker]:
        """Return which other receipts claim what the site has under the wanted video's id."""
        takers = self.holders(wanted.video.site, wanted.origin, id_)
        return [each for each in takers if each.path != wanted.receipt and not each.is_deleted]

    def holders(self, site: str, origin: str, id_: str) -> Sequence[Taker]:
        """Return whose it is what the site has under the id, deleted or not."""
        ...

    def ids(self, site: str, origin: str) -> Container[str]:
        """Return the ids at the site that receipts name."""
        ...


@dataclass(slots=True)
class KnownFiles(Known):
    """Which file was already taken by which receipt, by content, to tell duplicates."""

    takers: dict[tuple[str, str, str, str], dict[str, str]] = field(default_factory=dict)
    """By site, origin, account and content: the receipts' paths, and the names for people."""
    remotes: dict[tuple[str, str, str], tuple[Taker, ...]] = field(default_factory=dict)
    """Whose is what is on a site, by site, origin and id: one receipt's, if all is well."""
    _steps: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)
    """Sets of steps, of which thousands of receipts have few."""

    @classmethod
    def of(cls, receipts: Iterable[tuple[str, Receipt]]) -> KnownFiles:
        """Collect what the receipts, each with its path, have taken."""
        return cls.taken(Taker.of(path, receipt) for path, receipt in receipts)

    @classmethod
    def taken(cls, takers: Iterable[Taker | None]) -> KnownFiles:
        """Collect what is taken; the file of a deleted video is free, and its id is not."""
        known = cls()
        for each in filter(None, takers):
            known._have(each)
            if not each.is_deleted:
                known._of(each.site, each.origin, each.account, each.content)[each.path] = each.name
        return known

    def note(self, path: str, receipt: Receipt) -> None:
        """Note what the receipt has on the site by now."""
        if taker := Taker.of(path, receipt):
            self._have(taker)

    def claim(self, wanted: Wanted) -> None:
        """Note that a video not yet created is going to take its file."""
        video = wanted.video
        name = key_of(video.manifest.name, video.id, video.site)
        self._wanted(wanted)[wanted.receipt] = name

    def others(self, wanted: Wanted) -> tuple[str, ...]:
        """Return as which other videos of the account the wanted file is taken."""
        taken = self._wanted(wanted)
        return tuple(sorted(name for path, name in taken.items() if path != wanted.receipt))

    def holders(self, site: str, origin: str, id_: str) -> tuple[Taker, ...]:
        """Return whose it is what the site has under the id, deleted or not."""
        return self.remotes.get((site, origin, id_), ())

    def ids(self, site: str, origin: str) -> frozenset[str]:
        """Return the ids at the site that receipts name."""
        return frozenset(id_ for *place, id_ in self.remotes if place == [site, origin])

    def _have(self, taker: Taker) -> None:
        """Note whose is what the taker has on the site, if it has anything."""
        if taker.id is not None:
            key = taker.site, taker.origin, taker.id
            shared = replace(taker, done=self._steps.setdefault(taker.done, taker.done))
            others = (each for each in self.remotes.get(key, ()) if each.path != taker.path)
            self.remotes[key] = (*others, shared)

    def _wanted(self, wanted: Wanted) -> dict[str, str]:
        video = wanted.video
        return self._of(video.site, wanted.origin, video.account, content(wanted.files))

    def _of(self, *key: *tuple[str, str, str, str]) -> dict[str, str]:
        return self.takers.setdefault(key, {})
