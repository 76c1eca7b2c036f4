"""What the rooms below have to know of a site to read and check what is meant for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nicobatch.model import Problem, Severity, Video
from nicobatch.sites.fields import Choices, Field, Limits
from nicobatch.sites.mending import Allowance, Mendable
from nicobatch.sites.pictures import Crop
from nicobatch.sites.session import Session

if TYPE_CHECKING:
    from nicobatch.receipt import Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site; what it does stands in its folder."""

    name: str
    limits: Limits
    fields: tuple[Field, ...]
    """The common keys in the site's words and its own, in the order that `init` has them."""
    profiles: tuple[str, ...]
    """The versions of its interface; the first is used where none is named."""
    session: Session
    mendable: Mendable = field(default_factory=Mendable)
    allowances: tuple[Allowance, ...] = ()
    video_id: Callable[[str], str | None] = lambda text: text
    """Returns the id that the calls take of what viewers call a video; None if it is none."""
    shown_id: Callable[[str], str] = str
    """Returns such an id as viewers know it."""
    html: Callable[[str], str]
    """Returns a description as visitors are shown it, before anything in it is made harmless."""
    make: Callable[[Mapping[str, Any]], Any]
    """Makes the options of a video of data that passed every check; it takes what it knows."""
    several: bool = False
    """Whether a video may have several files: the key `pages`."""
    rules: Mapping[str, tuple[Severity, str, str]] = field(default_factory=dict)
    """What `check` may find, by rule: how much it matters, message and hint, as templates."""
    check: Callable[[Video, datetime], Iterable[Problem]] = lambda video, now: ()  # noqa: ARG005
    """Yields what rows can't say of a video in which they find nothing wrong."""
    unseen: Callable[[Video, Receipt], Video | None] = lambda video, receipt: video  # noqa: ARG005
    """Returns the video with what was sent in place of what its file tells; None if nothing was."""
    crops: Callable[[Video, int, int], Sequence[Crop]] = lambda video, width, height: ()  # noqa: ARG005
    """Returns what is shown of the picture that stands for the video, which is of that size."""
    audience: Callable[[str, Any], str] = lambda words, options: words  # noqa: ARG005
    """Returns who is to see a video with these options, of the words for what `publish` says."""
    absent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By advice, the keys of other sites' videos that it has nothing of."""

    @property
    def label(self) -> str:
        """Return what people call it."""
        return self.limits.site

    @property
    def own(self) -> Mapping[str, Field]:
        """Return the keys that are not common, those within mappings aside."""
        return {each.name: each for each in self.fields if each.kind and "." not in each.name}

    @property
    def ended(self) -> frozenset[str]:
        """Return the keys that are understood, and of no use any more."""
        return frozenset(each.name for each in self.fields if each.is_ended)

    @property
    def choices(self) -> Mapping[str, Choices]:
        """Return the fields that have choices."""
        return {each.name: each.choices for each in self.fields if each.choices}

    @property
    def habits(self) -> Mapping[str, tuple[str, ...]]:
        """Return by key what else it is called."""
        return {each.name: each.habits for each in self.fields if each.habits}

    def still(self, *names: str) -> Site:
        """Return the site at a time when these ended keys were of use."""
        told = (
            replace(each, is_ended=each.is_ended and each.name not in names) for each in self.fields
        )
        return replace(self, fields=tuple(told))
