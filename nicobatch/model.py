"""What nicobatch talks about: videos and their media, findings, and receipts.

Frozen values and nothing else: no I/O, no clock, no knowledge of any one site's API.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeAlias

from nicobatch.language import N_

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
DEFAULT_SITE: Final = "niconico"
"""Where a manifest goes that names no site; its keys and its receipts lie at the top."""
DEFAULT_ACCOUNT: Final = "main"
"""Whose a video is where its manifest names nobody."""
Inputs: TypeAlias = Mapping[str, Json]
"""What the outcome of a step depends on, under the manifest's own names."""


class Secret:
    """A credential whose text is shown by `reveal` alone: never by `repr`, `str` or a format."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the text itself, for the one request that carries it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


# Findings


class Severity(StrEnum):
    """How much a finding matters: an error stops its video, a warning if wished, a note never."""

    ERROR = N_("error")
    WARNING = N_("warning")
    NOTE = N_("note")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text file; both numbers count from 1, columns in characters."""

    line: int
    column: int
    layer: str = field(default="", compare=False)
    """Which part of a manifest it is in: `defaults`, `video`, and `defaults.SITE` and so on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding: what is wrong (`message`), what would be right (`hint`), and where."""

    rule: str
    message: str
    path: Path
    line: int = 1
    column: int = 1
    hint: str = ""
    severity: Severity = Severity.ERROR
    site: str = field(default="", compare=False)
    """For which site's video it was found first, as far as that is known."""

    def stops(self, *, strict: bool = False) -> bool:
        """Tell whether it keeps its video from being published; `strict`: as warnings do, too."""
        return self.severity is Severity.ERROR or (strict and self.severity is Severity.WARNING)


# Media


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInfo:
    """What a look into a video file found. `width` and `height` are as shown, after `rotation`."""

    container: str
    size: int
    """Bytes."""
    duration: float
    """Seconds."""
    width: int
    height: int
    rotation: int = 0
    """Degrees clockwise that a player turns the picture by: 0, 90, 180 or 270."""
    video_codec: str = ""
    audio_codec: str | None = None


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """What makes a file the same file wherever it lies: its name is for people only."""

    name: str
    size: int
    sha256: str


# Videos, as a manifest asks for them


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """What stands for the video: one of its frames, or a picture of its own."""

    timing: int | None = None
    """Milliseconds from the start; without it and a picture, the site chooses."""
    file: Path | None = None
    """The picture, ready to be opened; only where the site takes one."""
    sha256: str = ""
    """Of the picture, once it was looked at."""


class PublishMode(StrEnum):
    """Who is to see the video once it is published."""

    PUBLIC = "public"
    PRIVATE = "private"
    DRAFT = "draft"
    SCHEDULED = "scheduled"


@dataclass(frozen=True, slots=True)
class Publish:
    """The manifest's `publish`: true, false, `draft`, or a mapping with `at`."""

    mode: PublishMode = PublishMode.PUBLIC
    at: datetime | None = None
    """With its zone; given for SCHEDULED only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One of the files that make up a video, on a site where several can."""

    file: Path
    title: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Where others are to be told of the video once they can see it, and in which words."""

    kind: str
    """`livetube`, or `apprise`."""
    to: str
    """The address of a broadcast's page; the environment variable that holds an address."""
    text: str
    """`{url}` stands in it for the video's address, `{SITE.url}` for that on another site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """One video of a manifest on one site: all merged, and every value in its final type."""

    manifest: Path
    """As the user named it or as it was found, for messages."""
    id: str
    file: Path
    """Ready to be opened: the manifest's folder joined with its `file`; of several the first."""
    title: str
    site: str = DEFAULT_SITE
    account: str = DEFAULT_ACCOUNT
    description: str = ""
    tags: tuple[str, ...] = ()
    thumbnail: Thumbnail = field(default_factory=Thumbnail)
    publish: Publish = field(default_factory=Publish)
    allow_duplicate: bool = False
    options: Any = None
    """The site's own, of the class that its description names; None leaves all at its default."""
    pages: tuple[Page, ...] = ()
    """Of a video of several files, in order."""
    announce: tuple[Announcement, ...] = ()
    previous_id: str = ""
    """Of the video before it in the manifest that goes to the same site, where a text names it."""
    next_id: str = ""
    """Likewise of the one behind it."""
    shared: tuple[Path, ...] = ()
    """The files beside the manifest that its texts are taken from."""
    made: frozenset[str] = field(default=frozenset(), compare=False)
    """The fields whose values were made of what stands there: of a pattern, a series, and so on."""
    places: Mapping[str, Position] = field(default_factory=dict, compare=False, repr=False)
    """Where each field stands: dotted names (`thumbnail.timing`, `tags.0`); `""` is the video."""

    @property
    def files(self) -> tuple[Path, ...]:
        """Return its files, one a page."""
        return tuple(page.file for page in self.pages) or (self.file,)

    @property
    def named(self) -> tuple[Path, ...]:
        """Return all that its entry names: its files, and the picture that stands for it."""
        return (*self.files, *filter(None, [self.thumbnail.file]))

    @property
    def key(self) -> str:
        """Name the video as commands take it: `MANIFEST#VIDEO`, and `@SITE` where it is another."""
        return key_of(self.manifest, self.id, self.site)

    @property
    def named_addresses(self) -> tuple[str, ...]:
        """Return whose addresses its texts name: its own on a site, `previous`, and `next`."""
        texts = (self.title, self.description, *self.tags)
        return tuple(dict.fromkeys(name for text in texts for name in ADDRESS.findall(text)))

    def naming(self, addresses: Mapping[str, str]) -> Video:
        """Return the video with these addresses in the places that name them: `{NAME.url}`."""
        if not addresses:
            return self

        def filled(text: str) -> str:
            return ADDRESS.sub(lambda found: addresses.get(found[1], found[0]), text)

        return replace(
            self,
            title=filled(self.title),
            description=filled(self.description),
            tags=tuple(map(filled, self.tags)),
            announce=tuple(replace(each, text=filled(each.text)) for each in self.announce),
        )

    def without_next(self) -> Video:
        """Return the video without the lines that name the next one's address, as none is there."""
        lines = self.description.split("\n")
        kept = (line for line in lines if NEXT not in ADDRESS.findall(line))
        return replace(self, description="\n".join(kept))

    def place(self, name: str = "") -> Position:
        """Return where the field stands, or the nearest thing around it that has a place."""
        while name and name not in self.places:
            name = name.rpartition(".")[0]
        return self.places.get(name, Position(1, 1))

    def problem(
        self,
        field: str,
        rule: str,
        message: str,
        hint: str = "",
        severity: Severity = Severity.WARNING,
    ) -> Problem:
        """Return what is to be said of the field, at its place in the manifest."""
        at = self.place(field)
        return Problem(
            rule=rule,
            message=message,
            path=self.manifest,
            line=at.line,
            column=at.column,
            hint=hint,
            severity=severity,
            site=self.site,
        )

    def where(self, name: str = "") -> str:
        """Return the field's place as messages begin with it: `MANIFEST:LINE:COLUMN`."""
        at = self.place(name)
        return f"{self.manifest}:{at.line}:{at.column}"


def on_site(site: str) -> str:
    """Return what a video's name ends with to tell its site; nothing for the default one."""
    return "" if site == DEFAULT_SITE else f"@{site}"


def key_of(manifest: object, video_id: str, site: str) -> str:
    """Name a video as commands and messages do: `MANIFEST#VIDEO`, and its site as `on_site`."""
    return f"{manifest}#{video_id}{on_site(site)}"


ADDRESS: Final = re.compile(r"\{([a-z][a-z0-9]*)\.url\}")
"""Stands in a text for the video's address on the site of that name, or for a neighbour's."""
PREVIOUS: Final = "previous"
NEXT: Final = "next"
LONGEST_ADDRESS: Final = 50
"""Characters of a video's address, on whichever site."""
_KEY: Final = re.compile(r"(.*?\.ya?ml)#(.*)", re.IGNORECASE | re.DOTALL)


def split_key(key: str) -> tuple[str, str]:
    """Return the manifest and the id of a video's key; either may have a `#` of its own."""
    found = _KEY.fullmatch(key)
    manifest, _, video_id = key.partition("#")
    return (found[1], found[2]) if found else (manifest, video_id)
