"""Video files: what is in them, whether they can be published, and whether they are the same."""

from nicobatch.media.checking import check
from nicobatch.media.identity import Stamp, identify, stamp, unchanged
from nicobatch.media.probing import MediaError, probe
from nicobatch.media.shape import aspect

__all__ = ["MediaError", "Stamp", "aspect", "check", "identify", "probe", "stamp", "unchanged"]
