"""Locks between runs, on one machine or over a shared folder: each thing is one run's at a time."""

from nicobatch.locks.holding import TTL, Lease, Locks
from nicobatch.locks.rights import Right, Rights

__all__ = ["TTL", "Lease", "Locks", "Right", "Rights"]
