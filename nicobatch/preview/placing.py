"""Which finding belongs to which video: those at a place that the video's entry is made of."""

from __future__ import annotations

from collections.abc import Sequence

from nicobatch.model import Problem, Video


def placed(videos: Sequence[Video], problems: Sequence[Problem]) -> list[list[Problem]]:
    """Return the problems of each video; one of `defaults` belongs to all that take it over.

    What belongs to no video, such as a broken manifest, is in none of the lists.
    """
    found: list[list[Problem]] = [[] for each in videos]
    for problem in problems:
        for index in _owners(videos, problem):
            found[index].append(problem)
    return found


def _owners(videos: Sequence[Video], problem: Problem) -> list[int]:
    """Return the indices of those with the very place, else of those with its line."""
    here = [index for index, video in enumerate(videos) if video.manifest == problem.path]
    at = (problem.line, problem.column)
    exact = [
        index
        for index in here
        if any((each.line, each.column) == at for each in videos[index].places.values())
    ]
    return exact or [
        index
        for index in here
        if any(each.line == problem.line for each in videos[index].places.values())
    ]
