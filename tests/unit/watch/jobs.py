"""Jobs that are made by hand, with real files behind them."""

from __future__ import annotations

from pathlib import Path

from nicobatch.media import Stamp
from nicobatch.model import MediaInfo, Video
from nicobatch.pipeline import CheckedVideo
from nicobatch.watch.judging import WatchJob

MEDIA = MediaInfo(container="mp4", size=1, duration=1.0, width=64, height=36)


def job(folder: Path, name: str = "m", accounts: str = "main") -> WatchJob:
    """Write a manifest with a video for each of the accounts, and return the job."""
    manifest = folder / f"{name}.yaml"
    manifest.write_text("version: 1\n")
    ready = []
    for index, account in enumerate(accounts.split()):
        file = folder / f"{name}-{index}.mp4"
        file.write_bytes(f"{name} {index}".encode())
        video = Video(manifest=manifest, id=file.stem, file=file, title=name, account=account)
        ready.append(CheckedVideo(video, (MEDIA,)))
    return again(manifest, *ready)


def again(manifest: Path, *ready: CheckedVideo) -> WatchJob:
    """Return the job as its files are now."""
    files = [manifest, *(each.video.file for each in ready)]
    signature = {path: stamp for path in files if (stamp := Stamp.of(path))}
    return WatchJob(manifest, tuple(ready), signature)
