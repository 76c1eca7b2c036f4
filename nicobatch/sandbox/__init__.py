"""Local imitations of the sites, strict and over real HTTP, to rehearse and to test against.

They share no code with the clients: what both believed wrongly would otherwise never show. Here
is what serves any of them; what a site itself does lies in the site's folder.
"""

from __future__ import annotations

from nicobatch.sandbox.server import Sandbox
from nicobatch.sandbox.state import (
    AlreadyRunning,
    Holding,
    SandboxError,
    clean,
    holding,
    running,
)
from nicobatch.sandbox.world import DEFAULT_ACCOUNTS, Account, numbered

__all__ = [
    "DEFAULT_ACCOUNTS",
    "Account",
    "AlreadyRunning",
    "Holding",
    "Sandbox",
    "SandboxError",
    "clean",
    "holding",
    "numbered",
    "running",
]
