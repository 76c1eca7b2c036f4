"""What is to be done for a video, decided from what is known: no I/O, no clock.

`publish` acts on the very plans that `plan` prints.
"""

from nicobatch.plan.deciding import decide, digest, needs, only_adds, untold
from nicobatch.plan.known import Known, KnownFiles, Taker, content
from nicobatch.plan.verdicts import FieldChange, Note, Plan, Source, Verdict, Wanted

__all__ = [
    "FieldChange",
    "Known",
    "KnownFiles",
    "Note",
    "Plan",
    "Source",
    "Taker",
    "Verdict",
    "Wanted",
    "content",
    "decide",
    "digest",
    "needs",
    "only_adds",
    "untold",
]
