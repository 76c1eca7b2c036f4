"""Publish videos to the sites that YAML manifests name: `Workspace` is the library's front door."""

from __future__ import annotations

TYPE_CHECKING = False  # and not `typing`'s: to load that takes longer than all of --version
if TYPE_CHECKING:
    from typing import Any

    from nicobatch.actions.workspace import Workspace
    from nicobatch.settings import Settings
    from nicobatch.sites.session import Credentials
    from nicobatch.watch.backend import WatchOptions

__all__ = ["Credentials", "Settings", "WatchOptions", "Workspace", "__version__"]
__version__ = "0.1.0"

_HOMES = {
    "Credentials": "nicobatch.sites.session",
    "Settings": "nicobatch.settings",
    "WatchOptions": "nicobatch.watch.backend",
    "Workspace": "nicobatch.actions.workspace",
}
"""Where each name is at home: it is imported when it is used, as a version needs none of them."""


def __getattr__(name: str) -> Any:
    """Return what the library offers under the name."""
    if name not in _HOMES:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
