"""The journal: one small JSON receipt a video, so that nothing is published twice."""

from nicobatch.journal.files import FOLDER, REHEARSAL, Journal

__all__ = ["FOLDER", "REHEARSAL", "Journal"]
