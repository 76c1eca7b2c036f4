"""The journal: one small JSON receipt a video, so that nothing is published twice."""

from nicobatch.journal.files import FOLDER, REHEARSAL, Journal, demand_within

__all__ = ["FOLDER", "REHEARSAL", "Journal", "demand_within"]
