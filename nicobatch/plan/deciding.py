"""The verdict on a video: what the manifest asks for is compared with the receipt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from nicobatch.language import N_, _
from nicobatch.model import Inputs, Json
from nicobatch.plan.known import Known, content
from nicobatch.plan.verdicts import FieldChange, Plan, Verdict, Wanted
from nicobatch.receipt import DELETION, READING, Receipt, StepState
from nicobatch.sites.base import Role

_BY_MANIFEST: Final = (
    N_("its receipt says account {has}, and the manifest says {account}"),
    N_("set account: {has}, or give the video another id"),
)
_BY_OPTION: Final = (
    N_("its receipt says account {has}, and --account says {account}"),
    N_("leave --account {account} out, or give the video another id"),
)
"""Reason and hint, by who names the account."""
_BYTES: Final = "sha256"
"""What steps rest on that send files: no field of the manifest."""
_REMOVE: Final = N_(
    "remove its entry from the manifest; to publish it again, give the video another id"
)


def digest(inputs: Inputs) -> str:
    """Return the SHA-256 of the inputs' canonical JSON, in hex."""
    text = json.dumps(inputs, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def decide(wanted: Wanted, receipt: Receipt | None, known: Known) -> Plan:
    """Compare what is wanted with what is known."""
    refusal = _refusal(wanted, receipt, known)
    if refusal:
        return refusal
    if receipt is None or not receipt.steps:
        return _plan(wanted, Verdict.CREATE, tuple(wanted.steps), _("not published before"))
    if content(receipt.files) != content(wanted.files) and not only_adds(wanted, receipt):
        reason = _(
            "the video file changed before its upload was complete: all parts are sent again"
        )
        return _plan(wanted, Verdict.RESUME, _pending(wanted, receipt), reason)
    return _progress(wanted, receipt)


def _refusal(wanted: Wanted, receipt: Receipt | None, known: Known) -> Plan | None:
    """Find the reason, if any, for which nothing may be done, or is to be."""
    for refused in (
        _other_owner(wanted, receipt),
        _deleted(wanted, receipt),
        _other_file(wanted, receipt),
        _file_away(wanted, receipt),
        _back_to_draft(wanted, receipt),
        _claimed(wanted, receipt, known),
    ):
        if refused:
            return refused
    if wanted.video.allow_duplicate or _has_taken(receipt, wanted):
        return None
    if others := known.others(wanted):
        reason = _("the same video file is taken by {other}").format(other=others[0])
        hint = _(
            "leave it out here, or set allow_duplicate: true;"
            " if the video has a new name, `nicobatch move OLD NEW` gives it to its receipt, too"
        )
        return _refuse(wanted, reason, hint)
    return None


def _has_taken(receipt: Receipt | None, wanted: Wanted) -> bool:
    """Tell whether the video has an entry, and for these very files."""
    return bool(receipt and receipt.remote and content(receipt.files) == content(wanted.files))


def only_adds(wanted: Wanted, receipt: Receipt) -> bool:
    """Tell whether there are more files than the site has, which takes more, and no other ones."""
    old, new = ([each.sha256 for each in files] for files in (receipt.files, wanted.files))
    return wanted.table.has(Role.APPENDS) and len(old) < len(new) and new[: len(old)] == old


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
        reason, hint = _BY_OPTION if wanted.by_option else _BY_MANIFEST
        names = {"has": receipt.account, "account": account}
        return _refuse(wanted, _(reason).format(**names), _(hint).format(**names))
    return None


def _deleted(wanted: Wanted, receipt: Receipt | None) -> Plan | None:
    """Leave alone what was deleted on purpose, and refuse to go on with what may be."""
    record = receipt.steps.get(DELETION) if receipt else None
    if record is None:
        return None
    day = record.at[:10]
    if record.state is StepState.DONE:
        left = _plan(wanted, Verdict.LEAVE, (), _("it was deleted on {day}").format(day=day))
        return replace(left, hint=_(_REMOVE))
    reason = _("its deletion began on {day}, and how it ended is not known").format(day=day)
    hint = _("run `nicobatch delete` for it again: it asks {site} first")
    return _refuse(wanted, reason, hint.format(site=wanted.video.site))


def _file_away(wanted: Wanted, receipt: Receipt | None) -> Plan | None:
    """Refuse to upload what is not here; once the site has it, it need not be."""
    sealed = receipt is not None and receipt.state(wanted.sealing_step) is StepState.DONE
    if sealed or not wanted.is_away:
        return None
    name = ", ".join(each.name for each in wanted.files)
    reason = _("{file} is not here, and its upload is not complete").format(file=name)
    return _refuse(wanted, reason, _("put the file back, and run it again"))


def _other_file(wanted: Wanted, receipt: Receipt | None) -> Plan | None:
    """Refuse a changed file once the site may have taken the old one: it can't be replaced."""
    if receipt is None or content(receipt.files) == content(wanted.files):
        return None
    if receipt.state(wanted.sealing_step) is None or only_adds(wanted, receipt):
        return None
    where = receipt.remote.url if receipt.remote else _("the site")
    if gone := _gone(wanted, receipt):
        reason = _("{site} has the page {file}, which the manifest has no more")
        hint = _(
            "no page can be taken away here: put it back, or give the video another id, which"
            " publishes it anew without the page"
        )
        names = {"site": wanted.video.site, "file": ", ".join(gone)}
        return _refuse(wanted, reason.format(**names), hint)
    return _refuse(
        wanted,
        _("{file} is not the file that was uploaded to {where}").format(
            file=_changed_file(wanted, receipt), where=where
        ),
        _(
            "{site} can't replace a video's file: put the old file back,"
            " or give the new one an id of its own to publish it as another video"
        ).format(site=wanted.video.site),
    )


def _gone(wanted: Wanted, receipt: Receipt) -> tuple[str, ...]:
    """Return the names of the files that are wanted no more, where all else is as it was."""
    left, gone = [each.sha256 for each in wanted.files], list[str]()
    for file in receipt.files:
        if left[:1] == [file.sha256]:
            left.pop(0)
        else:
            gone.append(file.name)
    return () if left else tuple(gone)


def _changed_file(wanted: Wanted, receipt: Receipt) -> str:
    """Return the name of the first file that is not the one that was uploaded."""
    pairs = zip(wanted.files, receipt.files, strict=False)
    others = (new.name for new, old in pairs if new.sha256 != old.sha256)
    return next(others, wanted.files[-1].name)


def _back_to_draft(wanted: Wanted, receipt: Receipt | None) -> Plan | None:
    """Refuse to withhold what was published: the site knows no way back."""
    published = receipt is not None and receipt.state(wanted.publishing_step) is not None
    if not published or wanted.publishing_step in wanted.steps:
        return None
    reason = _("it is published, and a published video can't become a draft again")
    return _refuse(wanted, reason, _("publish: false makes it private"))


def _claimed(wanted: Wanted, receipt: Receipt | None, known: Known) -> Plan | None:
    """Refuse to touch what another receipt names, too: one of the two is a copy, or a forgery."""
    remote = receipt.remote if receipt else None
    if remote is None:
        return None
    for other in known.rivals(wanted, remote.id):
        reason = _("its receipt names {id}, and so does the receipt of {other}").format(
            id=remote.video_id, other=other.name
        )
        hint = _("remove the one that is wrong: {path} or {other}")
        return _refuse(wanted, reason, hint.format(path=wanted.receipt, other=other.path))
    return None


def _progress(wanted: Wanted, receipt: Receipt) -> Plan:
    """Tell unfinished, changed and unchanged apart."""
    pending = _pending(wanted, receipt)
    if not pending:
        return _plan(wanted, Verdict.UNCHANGED, (), _("published as the manifest asks"))
    due = tuple(name for name in pending if needs(receipt, name, wanted.steps[name]))
    changes = _changes(wanted, receipt, due)
    if changes and (keys := untold(wanted, receipt, "unread")):
        reason = _("{keys} could not be read, and a change would send them empty")
        hint = _("write them into the manifest as they are to be")
        return _refuse(wanted, reason.format(keys=", ".join(keys)), hint)
    if changes:
        reason = _("changed: {names}").format(names=", ".join(change.name for change in changes))
        return _plan(wanted, Verdict.UPDATE, pending, reason, changes)
    if wanted.proofs.issuperset(pending):
        return _plan(wanted, Verdict.RESUME, pending, _("published, but not yet seen by a visitor"))
    if wanted.afterwards.issuperset(pending):
        return _plan(wanted, Verdict.RESUME, pending, _("published, but not yet announced"))
    return _plan(wanted, Verdict.RESUME, pending, _how_far(receipt, wanted.table.label(pending[0])))


def untold(wanted: Wanted, receipt: Receipt, kind: str) -> tuple[str, ...]:
    """Return what the site did not tell when the video was read, and the manifest does not say.

    `kind` is `unread` or `assumed`. What is published is sent whole, and then all of it is known.
    """
    record = receipt.steps.get(READING)
    keys = record.inputs.get(kind) if record else ()
    names = keys if isinstance(keys, list | tuple) else ()
    return tuple(str(each) for each in names if each not in wanted.video.places)


def _pending(wanted: Wanted, receipt: Receipt) -> tuple[str, ...]:
    """Return the steps that are to be done; what is published anew is to be proven anew."""
    steps = wanted.steps.items()
    due = {name for name, inputs in steps if needs(receipt, name, inputs)}
    if wanted.publishing_step in due:
        due |= wanted.proofs
    return tuple(name for name in wanted.steps if name in due)


def needs(receipt: Receipt, step: str, inputs: Inputs) -> bool:
    """Tell whether the step has yet to be done with these inputs."""
    record = receipt.steps.get(step)
    return record is None or record.state is not StepState.DONE or record.digest != digest(inputs)


def _how_far(receipt: Receipt, step: str) -> str:
    uploads = receipt.uploads.values()
    if not all(each.is_sent for each in uploads):
        return _("{done} of {total} parts were received").format(
            done=sum(len(each.done_parts) for each in uploads),
            total=sum(each.total_parts for each in uploads),
        )
    return _("an earlier run stopped: publish goes on with {step}").format(step=step)


def _changes(wanted: Wanted, receipt: Receipt, pending: tuple[str, ...]) -> list[FieldChange]:
    """List the fields that differ from what was sent, under the manifest's names."""
    pending = tuple(each for each in pending if each not in wanted.table.names(Role.ANNOUNCES))
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
        if old[name] != new.get(name) and name != _BYTES
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
