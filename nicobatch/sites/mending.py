"""What a person may set of a site without a release: where it is, and how fast it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mendable:
    """The members of a site's profiles that may be given anew."""

    bases: tuple[str, ...] = ()
    """Addresses to which requests go, and the sign-in with them."""
    pages: tuple[str, ...] = ()
    """Addresses that people are shown."""
    texts: tuple[str, ...] = ()
    """Values of headers, versions and the like."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """A number of an account's budget, under the name by which a person gives another one."""

    name: str
    kind: str
    """Of the requests, as `StepSpec.spends` has it."""
    default: int
    seconds: float | None = None
    """In which there may be so many; None: the number is of seconds between two of them."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a person allows each account of a site, by the names of its allowances."""

    numbers: Mapping[str, int] = field(default_factory=dict)
    at_loopback: bool = False
    """Whether it holds where the site is this machine, as in a rehearsal, too."""
