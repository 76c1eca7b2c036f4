"""The sites that videos are published to, each a folder of its own."""

from __future__ import annotations

import importlib
from types import MappingProxyType
from typing import Final

from nicobatch.model import DEFAULT_SITE
from nicobatch.sites.base import Site

SITES: Final = MappingProxyType({"niconico": "nicobatch.sites.niconico.fields"})
"""By name the module that describes each site, loaded when it is asked for."""


def site(name: str = DEFAULT_SITE) -> Site:
    """Return what the site of that name takes; KeyError if there is none."""
    found: Site = importlib.import_module(SITES[name]).SITE
    return found
