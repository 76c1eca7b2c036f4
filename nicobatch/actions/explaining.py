"""Where each value of a plan comes from: the line of the manifest, and the layer it is in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from nicobatch.actions.publishing import Plans
from nicobatch.model import Video
from nicobatch.plan import Plan, Source

_FILE = "description.file"


def explained(plans: Plans) -> tuple[Plan, ...]:
    """Return the plans with the source of each value of their videos."""
    videos = {each.video.key: each.video for each in plans.checked.ready}
    return tuple(replace(plan, sources=tuple(sources(videos[plan.video]))) for plan in plans.plans)


def sources(video: Video) -> Iterator[Source]:
    """Yield where each value stands that the manifest gives the video, in the manifest's order."""
    places = {name: place for name, place in video.places.items() if _is_leaf(name, video)}
    if "id" not in places:
        places["id"] = video.place("file")
    for name, place in sorted(places.items(), key=lambda each: (each[1], each[0])):
        yield Source(
            name=name,
            line=place.line,
            column=place.column,
            layer=place.layer,
            made=name in video.made or name.partition(".")[0] in video.made,
            file=_named(video.shared[0], video) if name == _FILE and video.shared else "",
        )


def _is_leaf(name: str, video: Video) -> bool:
    """Tell whether a value stands there that is no mapping; the members of a list count as one."""
    if not name or any(step.isdecimal() for step in name.split(".")):
        return False
    within = (other for other in video.places if other.startswith(f"{name}."))
    return all(other[len(name) + 1 :].partition(".")[0].isdecimal() for other in within)


def _named(file: Path, video: Video) -> str:
    return Path(os.path.relpath(file, video.manifest.parent)).as_posix()
