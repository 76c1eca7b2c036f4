"""What a creator asked for over time, and what follows for each site and the receipts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from nicobatch.pipeline.outcome import Outcome, State
from nicobatch.receipt import Receipt, StepState
from nicobatch.sites.base import Role, StepTable

FINE: Final = frozenset({State.PUBLISHED, State.UPDATED, State.UNCHANGED})
NICONICO, BILIBILI = "niconico", "bilibili"
Entry = dict[str, Any]


class Name(NamedTuple):
    """What a video goes by in the journal."""

    manifest: str
    id: str


@dataclass(frozen=True)
class Asked:
    """What a manifest says of one video."""

    file: str
    sha256: str
    title: str
    draft: bool = False
    twice: bool = False
    """Its `allow_duplicate`."""
    sites: tuple[str, ...] = (NICONICO,)
    second: str = ""
    """The SHA-256 of the second page, if bilibili is to have one."""

    def document(self, key: str) -> dict[str, object]:
        """Return it as the manifest has it; bilibili has no drafts, and makes them private."""
        files = [self.file, *([second_page(self.file)] if self.second else [])]
        own = {"tags": ["游戏"], "publish": not self.draft, "pages": [{"file": f} for f in files]}
        return {
            "id": key,
            "file": self.file,
            "title": self.title,
            "description": "村",
            "publish": "draft" if self.draft else True,
            "allow_duplicate": self.twice,
            "sites": list(self.sites),
            **({BILIBILI: own} if BILIBILI in self.sites else {}),
        }

    def on(self, site: str) -> Asked:
        """Return it as the site is asked for it: with the bytes of all of its pages."""
        both = site == BILIBILI and self.second
        return replace(self, sha256=content([self.sha256, self.second])) if both else self


def second_page(file: str) -> str:
    """Return the name of the second page's file."""
    return f"second-{file}"


def content(hashes: Sequence[str]) -> str:
    """Return what tells the bytes of one video from another's, in the pages' order."""
    return "+".join(hashes)


@dataclass
class Memory:
    """All that a site was ever asked for, for as long as the journal was not lost."""

    table: StepTable
    """The site's steps."""
    asked: set[tuple[Name, Asked]] = field(default_factory=set)
    owners: dict[int, Name] = field(default_factory=dict)
    """Whose an entry is, as the receipts told."""
    seen: set[int] = field(default_factory=set)
    forgotten: set[int] = field(default_factory=set)
    """Entries that no receipt may tell of, since the journal was lost."""
    deleted: set[Name] = field(default_factory=set)
    """Whose entry a person has deleted."""

    def forget(self) -> None:
        """Keep up with the journal."""
        self.forgotten |= self.seen
        for memory in (self.asked, self.owners, self.deleted):
            memory.clear()

    def learn(self, entries: Sequence[Entry], receipts: Sequence[Receipt]) -> None:
        """Take over from the receipts whose the entries are; each is one video's for ever."""
        for receipt in receipts:
            name = Name(receipt.manifest, receipt.video)
            remote = [receipt.remote.id] if receipt.remote else []
            for entry in map(int, (*receipt.abandoned, *remote)):
                assert self.owners.setdefault(entry, name) == name, "two receipts, one entry"
        self.forgotten -= self.owners.keys()
        self.seen |= {entry["id"] for entry in entries}

    def judge(self, entries: Sequence[Entry], receipts: Sequence[Receipt]) -> None:
        """Fail unless the site and the journal are as they may be at any moment."""
        ours = [entry for entry in entries if entry["id"] not in self.forgotten]
        published = [entry for entry in ours if entry["published"]]
        assert not [entry for entry in published if entry["deleted"]]
        for entry in published:
            assert self._was_asked_for(entry), "published, and never asked for"
        names = Counter(self.owners[entry["id"]] for entry in published)
        assert set(names.values()) <= {1}, "published twice under one name"
        files = Counter(entry["sha256"] for entry in published if not self._may_repeat(entry))
        assert set(files.values()) <= {1}, "one file published twice"
        abandoned = sum(len(receipt.abandoned) for receipt in receipts)
        deleted = sum(entry["deleted"] for entry in ours)
        assert len(ours) <= len({name for name, _ in self.asked}) + abandoned + deleted
        unclaimed = [each for each in ours if each["id"] not in self.owners and not each["deleted"]]
        creating = self.table.name(Role.CREATES)
        lost = [each for each in receipts if each.state(creating) is StepState.OPEN]
        assert len(unclaimed) <= len(lost), "an entry that nobody knows of"
        by_id = {entry["id"]: entry for entry in published}
        for receipt in receipts:
            if receipt.state(self.table.name(Role.PUBLISHES)) is StepState.DONE:
                assert receipt.remote
                assert by_id[int(receipt.remote.id)]["sha256"] == _content(receipt)

    def judge_new(
        self, wanted: Mapping[Name, Asked], before: set[int], now: Sequence[Entry]
    ) -> None:
        """Fail if something was created that looks like what the journal has forgotten."""
        titles = {
            e["metadata"]["title"]
            for e in now
            if e["id"] in self.forgotten & before and e["published"]
        }
        for entry in now:
            name = self.owners.get(entry["id"])
            asked = wanted.get(name) if name else None
            if asked and entry["id"] not in before and not asked.twice:
                assert asked.title not in titles, "published again, the journal being lost"

    def judge_outcome(
        self, name: Name, asked: Asked, outcome: Outcome, now: Sequence[Entry]
    ) -> None:
        """Fail if a run reports what is not so."""
        if outcome.state not in FINE or name in self.deleted:
            return
        assert outcome.receipt
        assert outcome.receipt.remote
        [entry] = [each for each in now if each["id"] == int(outcome.receipt.remote.id)]
        assert entry["draft" if asked.draft else "published"]
        assert entry["metadata"]["title"] == asked.title
        assert entry["sha256"] == _content(outcome.receipt)

    def predicts(self, name: Name, asked: Asked, told: str, now: Sequence[Entry]) -> bool:
        """Tell whether there is good reason for what is told of a video that isn't published."""
        for words, is_so in _REASONS.items():
            if words in told:
                return is_so(self, name, asked, now)
        return False

    def _was_asked_for(self, entry: Entry) -> bool:
        owner, title, sha256 = (
            self.owners.get(entry["id"]),
            entry["metadata"]["title"],
            entry["sha256"],
        )
        return any((owner, title, sha256) == (n, a.title, a.sha256) for n, a in self.asked)

    def _may_repeat(self, entry: Entry) -> bool:
        owner, sha256 = self.owners[entry["id"]], entry["sha256"]
        return any((owner, sha256, True) == (n, a.sha256, a.twice) for n, a in self.asked)

    def _is_another_s(self, name: Name, asked: Asked, now: Sequence[Entry]) -> bool:
        return any(n != name and a.sha256 == asked.sha256 for n, a in self.asked)

    def _had_another_file(self, name: Name, asked: Asked, now: Sequence[Entry]) -> bool:
        return any(n == name and a.sha256 != asked.sha256 for n, a in self.asked)

    def _was_public(self, name: Name, asked: Asked, now: Sequence[Entry]) -> bool:
        return asked.draft and any(n == name and not a.draft for n, a in self.asked)

    def _was_deleted(self, name: Name, asked: Asked, now: Sequence[Entry]) -> bool:
        return name in self.deleted

    def _has_a_namesake(self, name: Name, asked: Asked, now: Sequence[Entry]) -> bool:
        return asked.title in {entry["metadata"]["title"] for entry in now}

    def _looks_forgotten(self, name: Name, asked: Asked, now: Sequence[Entry]) -> bool:
        forgotten = (each for each in now if each["id"] in self.forgotten and each["published"])
        return asked.title in {entry["metadata"]["title"] for entry in forgotten}


def _content(receipt: Receipt) -> str:
    return content([each.sha256 for each in receipt.files])


_Is = Callable[[Memory, Name, Asked, Sequence[Entry]], bool]
_REASONS: Final[Mapping[str, _Is]] = {
    "the same video file": Memory._is_another_s,
    "is not the file that was uploaded": Memory._had_another_file,
    "can't become a draft again": Memory._was_public,
    "no longer knows the entry": Memory._was_deleted,
    "could not use the video (it was deleted)": Memory._was_deleted,
    "of this title and length": Memory._looks_forgotten,
    "has just submitted this title": Memory._has_a_namesake,
}
"""By words of the message."""
