"""What the outcome of each step rests on; None where a video has no need of the step."""

from __future__ import annotations

from nicobatch import media
from nicobatch.model import FileIdentity, Inputs, MediaInfo, PublishMode, Video
from nicobatch.sites.niconico import metadata


def always(video: Video, info: MediaInfo, file: FileIdentity) -> Inputs:  # noqa: ARG001
    """Rest on nothing."""
    return {}


def content(video: Video, info: MediaInfo, file: FileIdentity) -> Inputs:  # noqa: ARG001
    """Rest on the file's bytes."""
    return {"sha256": file.sha256}


def timing(video: Video, info: MediaInfo, file: FileIdentity) -> Inputs | None:  # noqa: ARG001
    """Rest on the frame that the manifest chose for the thumbnail, if it did."""
    chosen = video.thumbnail.timing
    return None if chosen is None else {"thumbnail.timing": chosen}


def draft(video: Video, info: MediaInfo, file: FileIdentity) -> Inputs | None:  # noqa: ARG001
    """Rest on all metadata of what is to be a draft."""
    return _document(video, info) if video.publish.mode is PublishMode.DRAFT else None


def published(video: Video, info: MediaInfo, file: FileIdentity) -> Inputs | None:  # noqa: ARG001
    """Rest on all metadata of what is not to be a draft."""
    return None if video.publish.mode is PublishMode.DRAFT else _document(video, info)


def seen(video: Video, info: MediaInfo, file: FileIdentity) -> Inputs | None:  # noqa: ARG001
    """Rest on all metadata of what visitors are to see, be it later."""
    public = video.publish.mode in {PublishMode.PUBLIC, PublishMode.SCHEDULED}
    return _document(video, info) if public else None


def _document(video: Video, info: MediaInfo) -> Inputs:
    return metadata.inputs(video, media.aspect(info, video.thumbnail.aspect))
