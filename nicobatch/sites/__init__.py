"""The sites that videos are published to, each a folder of its own."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

from nicobatch.model import DEFAULT_SITE
from nicobatch.sites.description import Site

if TYPE_CHECKING:
    from nicobatch.sites.base import StepTable
    from nicobatch.sites.service import Service

SITES: Final = MappingProxyType(
    {"niconico": "nicobatch.sites.niconico", "bilibili": "nicobatch.sites.bilibili"}
)
"""By name the folder of each site: `fields` describes it, `steps` has what its steps are,
`service` is how it is reached."""


@functools.cache
def site(name: str = DEFAULT_SITE) -> Site:
    """Return what the site of that name takes; KeyError if there is none."""
    found: Site = importlib.import_module(f"{SITES[name]}.fields").SITE
    return found


def profiles() -> tuple[str, ...]:
    """Return the names of all versions of the sites' interfaces."""
    modules = (importlib.import_module(f"{each}.profiles") for each in SITES.values())
    return tuple(name for each in modules for name in each.PROFILES)


def table(name: str = DEFAULT_SITE) -> StepTable:
    """Return the steps of the site of that name; none where this version knows no such site.

    All of HTTP may be loaded with them.
    """
    if name not in SITES:
        from nicobatch.sites.base import StepTable

        return StepTable()
    found: StepTable = importlib.import_module(f"{SITES[name]}.steps").TABLE
    return found


def service_of(name: str = DEFAULT_SITE) -> Service:
    """Return by what the site of that name is reached; KeyError if there is none."""
    return cast("Service", importlib.import_module(f"{SITES[name]}.service"))


class Described(Mapping[str, Site]):
    """Every site of the table by its name, loaded when it is asked for."""

    def __getitem__(self, name: str) -> Site:
        return site(name)

    def __iter__(self) -> Iterator[str]:
        return iter(SITES)

    def __len__(self) -> int:
        return len(SITES)
