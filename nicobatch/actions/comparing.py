"""What an account's list tells otherwise of videos than they were sent, or read, before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Final

from nicobatch.actions.access import Access
from nicobatch.actions.checking import load
from nicobatch.journal import Journal
from nicobatch.language import N_, _
from nicobatch.manifest.rules import quoted
from nicobatch.model import Json, Problem, Video
from nicobatch.receipt import Receipt, StepState
from nicobatch.sites.abilities import Imports, OwnVideo
from nicobatch.sites.base import Role

RULE: Final = "site-differs"
"""Of a warning that the site has something else by now than was sent or read."""
_CHANGED: Final = N_("{field} differs on {site} by now: {there}, not {sent}")
_CHANGED_HINT: Final = N_(
    "nothing here was changed: to keep what is there, write it here; `nicobatch adopt` has the"
    " next publish bring back what stands here"
)
_GONE: Final = N_("{id} was deleted on {site}")
_GONE_HINT: Final = N_("remove its entry from the manifest, if that is meant so")


def differences(
    known: Mapping[str, tuple[Path, Receipt]],
    listed: Mapping[str, OwnVideo],
    target: Imports,
    journal: Journal,
    access: Access,
) -> Iterator[Problem]:
    """Yield what the list tells otherwise, in its places in the manifests.

    Receipts, with where they lie, and the list's videos are given by the ids of the site's calls.
    """
    manifests: dict[Path, Sequence[Video]] = {}
    for id_, (path, receipt) in known.items():
        if found := _found(receipt, listed.get(id_), target):
            stub = journal.video(path, receipt)
            if stub.manifest not in manifests:
                manifests[stub.manifest] = load([str(stub.manifest)], access, chosen=False).videos
            same = (each for each in manifests[stub.manifest] if each.key == stub.key)
            video = next(same, stub)  # of one that is gone, or not sound, nothing is known
            hint = _(_GONE_HINT) if "" in found else _(_CHANGED_HINT)
            yield from (video.problem(name, RULE, words, hint) for name, words in found.items())


def _found(receipt: Receipt, own: OwnVideo | None, target: Imports) -> dict[str, str]:
    """Return what is to be said, by field; of the whole video, by the empty one."""
    record = receipt.steps.get(target.table.name(Role.PUBLISHES))
    if own is None or record is None or record.state is not StepState.DONE or receipt.is_deleted:
        return {}
    if own.deleted:
        return {"": _(_GONE).format(id=own.video_id, site=receipt.site)}
    found = dict[str, str]()
    for name, there in target.noticed(record.inputs, own).items():
        was, now = _first_difference(record.inputs.get(name), there)
        values = {"field": name, "site": receipt.site, "there": quoted(now), "sent": quoted(was)}
        found[name] = _(_CHANGED).format(**values)
    return found


def _first_difference(old: Json, new: Json) -> tuple[Json, Json]:
    """Return the values, of texts of several lines the first that differ."""
    if not (isinstance(old, str) and isinstance(new, str)):
        return old, new
    pairs = zip_longest(old.split("\n"), new.split("\n"), fillvalue="")
    return next(((was, now) for was, now in pairs if was != now), (old, new))
