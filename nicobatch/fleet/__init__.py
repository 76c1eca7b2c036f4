"""The fleet: many accounts on many machines, kept in one PostgreSQL database.

The journal and the locks have their second home here: receipts are rows, and an account's epoch is
what its turn holds. Procrastinate is the queue, whose jobs are accounts' turns.
"""

from __future__ import annotations

from typing import Final

VARIABLE: Final = "NICOBATCH_FLEET_DSN"
"""The environment's, which has the database's connection string."""
