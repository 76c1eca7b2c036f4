"""Video files and pictures: what is in them, whether they can be published, and which they are."""

from nicobatch.media.checking import away, check, check_lengths, check_picture, is_away
from nicobatch.media.choosing import clear_moment
from nicobatch.media.drawing import Picture
from nicobatch.media.files import Stamp, identify, places
from nicobatch.media.frames import cropped_frame, frame_at
from nicobatch.media.pictures import cropped_picture, small_picture
from nicobatch.media.probing import MediaError, probe

__all__ = [
    "MediaError",
    "Picture",
    "Stamp",
    "away",
    "check",
    "check_lengths",
    "check_picture",
    "clear_moment",
    "cropped_frame",
    "cropped_picture",
    "frame_at",
    "identify",
    "is_away",
    "places",
    "probe",
    "small_picture",
]
