"""What a plan says, and what it is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nicobatch.language import N_
from nicobatch.model import FileIdentity, Inputs, Json, Video


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
