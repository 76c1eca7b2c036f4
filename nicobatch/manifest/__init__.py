"""Manifests: what to publish, read from YAML, checked, and every finding with its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from nicobatch.manifest.schema import schema_path, schema_text
from nicobatch.model import Inputs, Problem, Video
from nicobatch.sites.description import Site

__all__ = ["Loaded", "load", "schema_path", "schema_text"]


@dataclass(frozen=True)
class Loaded:
    """What was found under the paths: manifests, their sound videos, and all problems in order."""

    manifests: tuple[Path, ...]
    videos: tuple[Video, ...]
    """Those without an error, in an otherwise sound manifest."""
    problems: tuple[Problem, ...]
    flawed: tuple[Video, ...] = ()
    """The others that name a file: good for nothing but a look at it."""
    patterns: tuple[str, ...] = ()
    """Those that were searched for: with other files around, the videos would be others."""


def load(  # noqa: PLR0913 - each of them may be left out
    paths: Sequence[str],
    *,
    sites: Mapping[str, Site],
    now: datetime,
    exclude: Sequence[str] = (),
    chosen: bool = True,
    means: Callable[[str], bool] = lambda site: True,  # noqa: ARG005
    stands: Callable[[str, Path, str], Inputs] = lambda *asked: {},  # noqa: ARG005
    sent: Callable[[str, Path], Mapping[str, datetime]] = lambda *asked: {},  # noqa: ARG005
    refused: Callable[[str, str], Path | None] = lambda site, value: None,  # noqa: ARG005
    told: Callable[[int, int], None] = lambda done, total: None,  # noqa: ARG005
) -> Loaded:
    """Read and check manifests, folders of them and globs; what is wrong is told, never raised.

    Of `MANIFEST#VIDEO` or `MANIFEST#VIDEO@SITE`, that video alone is read, and nothing is told of
    the others but that they are in its way.

    `sites` are all that there are, by their names; `now` has its zone; `exclude` are globs of what
    is passed over where folders are searched.
    `chosen` says whether a person has chosen the paths: else a file may be no manifest at all.
    `means` says of a site whether its part of manifests is to be read.
    `stands` returns what a manifest's video of that id was published with on the site: its timer
    may be past, and a text that the site has may stay as it is.
    `sent` returns which times the site was sent for a manifest's videos, by their ids.
    `refused` returns the file that remembers of an unknown genre that the site has refused it.
    `told` is told before each manifest how many have been read, of how many.
    """
    from nicobatch.manifest.discover import discover
    from nicobatch.manifest.loading import Loader

    found, problems = discover(paths, exclude)
    loader = Loader(
        sites=sites,
        now=now,
        means=means,
        stands=stands,
        sent=sent,
        refused=refused,
        problems=dict.fromkeys(problems),
    )
    for number, each in enumerate(found):
        told(number, len(found))
        loader.read(each if chosen else replace(each, named=False))
    if chosen:
        loader.close(paths)
    return Loaded(
        manifests=tuple(loader.manifests),
        videos=tuple(loader.videos),
        flawed=tuple(loader.flawed),
        patterns=tuple(loader.patterns),
        problems=tuple(sorted(loader.problems, key=_in_order)),
    )


def _in_order(found: Problem) -> tuple[str, int, int, str, str]:
    return str(found.path), found.line, found.column, found.rule, found.message
