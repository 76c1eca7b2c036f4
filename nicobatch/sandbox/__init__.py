"""A local imitation of niconico, strict and over real HTTP, to rehearse and to test against.

It shares no code with the client: what both believed wrongly would otherwise never show.
"""

from __future__ import annotations

from nicobatch.sandbox.accounts import DEFAULT_ACCOUNTS, Account
from nicobatch.sandbox.cleaning import Holding, clean, holding
from nicobatch.sandbox.lock import AlreadyRunning, SandboxError, running
from nicobatch.sandbox.server import Sandbox

__all__ = [
    "DEFAULT_ACCOUNTS",
    "Account",
    "AlreadyRunning",
    "Holding",
    "Sandbox",
    "SandboxError",
    "clean",
    "holding",
    "running",
]
