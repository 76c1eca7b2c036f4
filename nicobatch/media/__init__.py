"""Video files: what is in them, whether they can be published, and whether they are the same."""

from nicobatch.media.checking import away, check, is_away
from nicobatch.media.choosing import clear_moment
from nicobatch.media.files import Stamp, identify, places
from nicobatch.media.frames import Picture, cropped_frame, cropped_picture, frame_at
from nicobatch.media.probing import MediaError, aspect, probe

__all__ = [
    "MediaError",
    "Picture",
    "Stamp",
    "aspect",
    "away",
    "check",
    "clear_moment",
    "cropped_frame",
    "cropped_picture",
    "frame_at",
    "identify",
    "is_away",
    "places",
    "probe",
]
