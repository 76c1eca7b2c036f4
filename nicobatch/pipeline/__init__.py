"""The pipeline: drives videos through a target's steps, and keeps the journal true on the way."""

from nicobatch.pipeline.batch import Batch
from nicobatch.pipeline.checked import Checked, CheckedVideo
from nicobatch.pipeline.deciding import PlannedVideo, decide, identify, without_file
from nicobatch.pipeline.locking import Owner
from nicobatch.pipeline.outcome import Outcome, State
from nicobatch.pipeline.prefetch import Reader
from nicobatch.pipeline.session import Run

__all__ = [
    "Batch",
    "Checked",
    "CheckedVideo",
    "Outcome",
    "Owner",
    "PlannedVideo",
    "Reader",
    "Run",
    "State",
    "decide",
    "identify",
    "without_file",
]
