"""What is to be done for a video, decided from what is known: no I/O, no clock.

The plan compares what the manifest asks for with the receipt. `publish` acts on the very plans that
`plan` prints.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from nicobatch.language import N_, _
from nicobatch.model import DELETION, FileIdentity, Inputs, Json, Receipt, StepState, Video
from nicobatch.steps import worded


class Verdict(StrEnum):
    """What becomes of a video."""

    CREATE = N_("create")
    RESUME = N_("resume")
    UPDATE = N_("update")
    UNCHANGED = N_("unchanged")
    REFUSE = N_("refuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A published field that the manifest now wants otherwise."""

    name: str
    old: Json
    new: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the site can't do about a field, or what nobody knows it to do."""

    name: str
    """The field, under the manifest's name."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The verdict on one video, the steps to run, and why."""

    video: str
    verdict: Verdict
    steps: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    changes: tuple[FieldChange, ...] = ()
    hint: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the manifest asks of one site for one video."""

    video: Video
    file: FileIdentity
    origin: str
    receipt: str
    """The path of its receipt, there or not yet: no other video has the same."""
    steps: Mapping[str, Inputs]
    """Every step the video needs, in order, with what its outcome rests on."""
    sealing_step: str
    publishing_step: str
    proofs: frozenset[str] = frozenset()
    """Those of the steps that only look at what is done."""


@dataclass(slots=True)
class KnownFiles:
    """Which file was already taken by which receipt, by content, to tell duplicates."""

    takers: dict[tuple[str, str, str], dict[str, str]] = field(default_factory=dict)
    remotes: dict[tuple[str, int], Receipt] = field(default_factory=dict)
    """The receipts of what is on the site, by its origin and id."""

    @classmethod
    def of(cls, receipts: Iterable[tuple[str, Receipt]]) -> KnownFiles:
        """Collect the files of the receipts, each with its path, under which something began."""
        known = cls()
        for path, receipt in receipts:
            if receipt.remote or receipt.steps:
                known.add(path, receipt)
        return known

    def add(self, path: str, receipt: Receipt) -> None:
        """Note that the receipt's video on the site is taken, and its file unless it is deleted."""
        if receipt.remote:
            self.remotes[receipt.origin, receipt.remote.id] = receipt
        if receipt.is_deleted:
            return
        taken = self._of(receipt.origin, receipt.account, receipt.file)
        taken[path] = f"{receipt.manifest}#{receipt.video}"

    def merge(self, others: KnownFiles) -> None:
        """Note all that the others have noted."""
        for owner, names in others.takers.items():
            self.takers.setdefault(owner, {}).update(names)
        self.remotes |= others.remotes

    def claim(self, wanted: Wanted) -> None:
        """Note that a video not yet created is going to take its file."""
        video = wanted.video
        taken = self._of(wanted.origin, video.account, wanted.file)
        taken[wanted.receipt] = f"{video.manifest.name}#{video.id}"

    def others(self, wanted: Wanted) -> tuple[str, ...]:
        """Return as which other videos of the account the wanted file is taken."""
        taken = self._of(wanted.origin, wanted.video.account, wanted.file)
        return tuple(sorted(name for path, name in taken.items() if path != wanted.receipt))

    def _of(self, origin: str, account: str, file: FileIdentity) -> dict[str, str]:
        return self.takers.setdefault((origin, account, file.sha256), {})


def digest(inputs: Inputs) -> str:
    """Return the SHA-256 of the inputs' canonical JSON, in hex."""
    text = json.dumps(inputs, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def decide(wanted: Wanted, receipt: Receipt | None, known: KnownFiles) -> Plan:
    """Compare what is wanted with what is known."""
    refusal = _refusal(wanted, receipt, known)
    if refusal:
        return refusal
    if receipt is None or not receipt.steps:
        return _plan(wanted, Verdict.CREATE, tuple(wanted.steps), _("not published before"))
    if receipt.file.sha256 != wanted.file.sha256:
        reason = _(
            "the video file changed before its upload was complete: all parts are sent again"
        )
        return _plan(wanted, Verdict.RESUME, _pending(wanted, receipt), reason)
    return _progress(wanted, receipt)


def _refusal(wanted: Wanted, receipt: Receipt | None, known: KnownFiles) -> Plan | None:
    """Find the reason, if any, for which nothing may be done."""
    for refused in (
        _other_owner(wanted, receipt),
        _deleted(wanted, receipt),
        _other_file(wanted, receipt),
        _back_to_draft(wanted, receipt),
    ):
        if refused:
            return refused
    others = known.others(wanted)
    if others and not wanted.video.allow_duplicate and not _has_taken(receipt, wanted.file):
        reason = _("the same video file is taken by {other}").format(other=others[0])
        hint = _(
            "leave it out here, or set allow_duplicate: true;"
            " if the video has a new name, give it its old one back"
        )
        return _refuse(wanted, reason, hint)
    return None


def _has_taken(receipt: Receipt | None, file: FileIdentity) -> bool:
    """Tell whether the video has an entry, and for this very file."""
    return bool(receipt and receipt.remote and receipt.file.sha256 == file.sha256)


def _other_owner(wanted: Wanted, receipt: Receipt | None) -> Plan | None:
    if receipt is None:
        return None
    if receipt.origin != wanted.origin:
        reason = _("its receipt belongs to {origin}, not to {wanted}").format(
            origin=receipt.origin, wanted=wanted.origin
        )
        return _refuse(
            wanted, reason, _("keep the receipts of another site apart with --journal DIR")
        )
    account = wanted.video.account
    if receipt.account != account:
        reason = _("its receipt says account {has}, and the manifest says {account}").format(
            has=receipt.account, account=account
        )
        hint = _("set account: {has}, or give the video another id").format(has=receipt.account)
        return _refuse(wanted, reason, hint)
    return None


def _deleted(wanted: Wanted, receipt: Receipt | None) -> Plan | None:
    """Refuse to bring back what was deleted on purpose, or to go on with what may be."""
    record = receipt.steps.get(DELETION) if receipt else None
    if record is None:
        return None
    day = record.at[:10]
    if record.state is StepState.DONE:
        hint = _("to publish it again, remove its receipt {path}, or give the video another id")
        return _refuse(
            wanted, _("it was deleted on {day}").format(day=day), hint.format(path=wanted.receipt)
        )
    reason = _("its deletion began on {day}, and how it ended is not known").format(day=day)
    return _refuse(wanted, reason, _("run `nicobatch delete` for it again: it asks niconico first"))


def _other_file(wanted: Wanted, receipt: Receipt | None) -> Plan | None:
    """Refuse a changed file once the site may have taken the old one: it can't be replaced."""
    if receipt is None or receipt.file.sha256 == wanted.file.sha256:
        return None
    if receipt.state(wanted.sealing_step) is None:
        return None
    where = receipt.remote.url if receipt.remote else _("the site")
    return _refuse(
        wanted,
        _("{file} is not the file that was uploaded to {where}").format(
            file=wanted.file.name, where=where
        ),
        _(
            "niconico can't replace a video's file: put the old file back,"
            " or give the new one an id of its own to publish it as another video"
        ),
    )


def _back_to_draft(wanted: Wanted, receipt: Receipt | None) -> Plan | None:
    """Refuse to withhold what was published: the site knows no way back."""
    published = receipt is not None and receipt.state(wanted.publishing_step) is not None
    if not published or wanted.publishing_step in wanted.steps:
        return None
    reason = _("it is published, and a published video can't become a draft again")
    return _refuse(wanted, reason, _("publish: false makes it private"))


def _progress(wanted: Wanted, receipt: Receipt) -> Plan:
    """Tell unfinished, changed and unchanged apart."""
    pending = _pending(wanted, receipt)
    if not pending:
        return _plan(wanted, Verdict.UNCHANGED, (), _("published as the manifest asks"))
    changes = _changes(wanted, receipt, pending)
    if changes:
        reason = _("changed: {names}").format(names=", ".join(change.name for change in changes))
        return _plan(wanted, Verdict.UPDATE, pending, reason, changes)
    if wanted.proofs.issuperset(pending):
        return _plan(wanted, Verdict.RESUME, pending, _("published, but not yet seen by a visitor"))
    return _plan(wanted, Verdict.RESUME, pending, _how_far(receipt, pending[0]))


def _pending(wanted: Wanted, receipt: Receipt) -> tuple[str, ...]:
    return tuple(name for name, inputs in wanted.steps.items() if needs(receipt, name, inputs))


def needs(receipt: Receipt, step: str, inputs: Inputs) -> bool:
    """Tell whether the step has yet to be done with these inputs."""
    record = receipt.steps.get(step)
    return record is None or record.state is not StepState.DONE or record.digest != digest(inputs)


def _how_far(receipt: Receipt, step: str) -> str:
    upload = receipt.upload
    if upload and len(upload.done_parts) < upload.total_parts:
        return _("{done} of {total} parts were received").format(
            done=len(upload.done_parts), total=upload.total_parts
        )
    return _("an earlier run stopped: publish goes on with {step}").format(step=worded(step))


def _changes(wanted: Wanted, receipt: Receipt, pending: tuple[str, ...]) -> list[FieldChange]:
    """List the fields that differ from what was sent, under the manifest's names."""
    new: dict[str, Json] = {}
    for name in pending:
        new |= wanted.steps[name]
    old: dict[str, Json] = {}
    for name, record in receipt.steps.items():
        if record.state is not StepState.DONE:
            continue
        if name in pending:
            old |= {**dict.fromkeys(wanted.steps[name]), **record.inputs}
        elif name not in wanted.steps:  # a draft, now published; or the wait that is left out
            old |= {field: value for field, value in record.inputs.items() if field in new}
    return [
        FieldChange(name=name, old=old[name], new=new.get(name))
        for name in sorted(old)
        if old[name] != new.get(name)
    ]


def _refuse(wanted: Wanted, reason: str, hint: str) -> Plan:
    return Plan(video=wanted.video.key, verdict=Verdict.REFUSE, reasons=(reason,), hint=hint)


def _plan(
    wanted: Wanted,
    verdict: Verdict,
    steps: tuple[str, ...],
    reason: str,
    changes: Sequence[FieldChange] = (),
) -> Plan:
    return Plan(
        video=wanted.video.key,
        verdict=verdict,
        steps=steps,
        reasons=(reason,),
        changes=tuple(changes),
    )
