"""The pipeline: drives videos through a target's steps, and keeps the journal true on the way.

Here is what goes in; who publishes takes the rest from its module: to check needs none of it.
"""

from nicobatch.pipeline.checked import Checked, CheckedVideo
from nicobatch.pipeline.owner import Owner

__all__ = ["Checked", "CheckedVideo", "Owner"]
