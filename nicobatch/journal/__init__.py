"""The journal: one small JSON receipt a video, so that nothing is published twice."""

from nicobatch.journal.files import FOLDER, REHEARSAL, Journal, demand_within
from nicobatch.journal.receipts import Receipts

__all__ = ["FOLDER", "REHEARSAL", "Journal", "Receipts", "demand_within"]
