"""Video files: what is in them, whether they can be published, and whether they are the same."""

from nicobatch.media.checking import away, check, is_away
from nicobatch.media.choosing import clear_moment
from nicobatch.media.frames import Picture, cropped_frame, frame_at
from nicobatch.media.identity import Stamp, identify
from nicobatch.media.neighbours import places
from nicobatch.media.probing import MediaError, probe
from nicobatch.media.shape import aspect

__all__ = [
    "MediaError",
    "Picture",
    "Stamp",
    "aspect",
    "away",
    "check",
    "clear_moment",
    "cropped_frame",
    "frame_at",
    "identify",
    "is_away",
    "places",
    "probe",
]
