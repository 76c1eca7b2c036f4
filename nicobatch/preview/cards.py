"""Each video as its card shows it, everything in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from types import MappingProxyType
from typing import Final

from nicobatch.language import N_, _, pictured
from nicobatch.model import Json, MediaInfo, Problem, PublishMode, Severity
from nicobatch.plan import FieldChange, Note, Verdict
from nicobatch.preview import wording
from nicobatch.preview.entries import ChosenValue, PreviewedVideo, audience, choices, lists
from nicobatch.preview.figure import Figure, figure
from nicobatch.preview.wording import clock, language_of, size

FLAWED: Final = "flawed"
"""What a video with errors meets instead of a verdict."""
FLAWED_SIGN: Final = "×"
ROWS: Final = frozenset({"publish", "tags", "description"})
"""The fields that a card always has, beside the site's kinds, unless they can't be told."""
VERDICTS: Final = MappingProxyType(
    {
        FLAWED: N_("With errors"),
        Verdict.REFUSE: N_("Refused"),
        Verdict.UPDATE: N_("To update"),
        Verdict.RESUME: N_("To resume"),
        Verdict.CREATE: N_("To create"),
        Verdict.UNCHANGED: N_("Unchanged"),
        Verdict.LEAVE: N_("Left alone"),
    }
)
"""What a video may meet, what needs a look first."""


@dataclass(frozen=True, slots=True)
class Change:
    """A published field that the manifest now wants otherwise, in words."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One video on the page; texts are plain unless they say that they are HTML."""

    anchor: str
    kind: str
    """A verdict, or FLAWED."""
    sign: str
    verdict: str
    key: str
    url: str
    title: str
    is_complete: bool
    rows: frozenset[str]
    """The fields of `ROWS`, and the kinds, that can be told."""
    audience: str
    is_public: bool
    figure: Figure
    description: wording.Shown
    kinds: tuple[ChosenValue, ...]
    """What the site sorts videos by, such as a genre."""
    tags: tuple[str, ...]
    lists: tuple[tuple[str, tuple[str, ...]], ...]
    """The site's own lists, each with what it is called."""
    unusual: tuple[ChosenValue, ...]
    choices: tuple[ChosenValue, ...]
    facts: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]
    hint: str
    steps: str
    changes: tuple[Change, ...]
    notes: tuple[Note, ...]
    """What the site can't do about a field."""
    problems: tuple[Problem, ...]

    @property
    def lang(self) -> str | None:
        """Return the language of its title, if that can be told."""
        return language_of(self.title)


def card(
    number: int, entry: PreviewedVideo, problems: Sequence[Problem], zone: tzinfo | None
) -> Card:
    """Return the card of the entry, its picture taken from the file."""
    video, plan = entry.video, entry.plan
    kind = plan.verdict.value if plan else FLAWED
    chosen = choices(video, entry.site) if entry.is_complete else ()
    return Card(
        anchor=f"video-{number}",
        kind=kind,
        sign=entry.sign if plan else FLAWED_SIGN,
        verdict=_(VERDICTS[kind]),
        key=pictured(video.key if entry.is_complete else f"{video.manifest}:{video.place().line}"),
        url=entry.url,
        title=video.title or pictured(video.file.name),
        is_complete=entry.is_complete,
        rows=_rows(entry, problems),
        audience=entry.site.audience(audience(video, zone), video.options),
        is_public=video.publish.mode is PublishMode.PUBLIC,
        figure=figure(video, entry.media, entry.site),
        description=wording.shown(entry.detail),
        kinds=tuple(_kinds(entry)),
        tags=video.tags,
        lists=tuple(lists(video, entry.site)),
        unusual=tuple(each for each in chosen if not each.is_usual),
        choices=chosen,
        facts=tuple(_facts(entry)),
        reasons=plan.reasons if plan else (),
        hint=plan.hint if plan else "",
        steps=_(", ").join(map(entry.table.label, plan.steps)) if plan else "",
        changes=tuple(map(_change, plan.changes)) if plan else (),
        notes=plan.notes if plan else (),
        problems=tuple(problems),
    )


def _rows(entry: PreviewedVideo, problems: Sequence[Problem]) -> frozenset[str]:
    """Leave out what is at fault and could not be read: its default would mislead."""
    if not entry.is_legible:
        return frozenset()
    kinds = {each.name: not each.is_usual for each in _kinds(entry)}
    if entry.is_complete:
        return ROWS | kinds.keys()
    video, errors = entry.video, [each for each in problems if each.severity is Severity.ERROR]
    at = {(each.line, each.column) for each in errors}
    wrong = {
        name.partition(".")[0]
        for name, place in video.places.items()
        if (place.line, place.column) in at
    }
    read = {"tags": video.tags, "description": video.description, **kinds}
    return frozenset(name for name in ROWS | kinds.keys() if name not in wrong or read.get(name))


def _kinds(entry: PreviewedVideo) -> Iterator[ChosenValue]:
    """Yield what is chosen of the values that the site has names for."""
    for name, known in entry.site.choices.items():
        row, chosen = entry.site.own[name], getattr(entry.video.options, name, None)
        if chosen is not None:
            key = str(chosen)
            label = known.labels.get(key)
            value = _("{label} ({key})").format(label=label, key=key) if label else key
            yield ChosenValue(
                name, _(row.label), value, is_usual=key == row.default and not row.is_example
            )


def _facts(entry: PreviewedVideo) -> Iterator[tuple[str, str]]:
    """Yield what is known of the file, a label and a value each."""
    yield _("File"), pictured(str(entry.video.file))
    if entry.media:
        yield from _media_facts(entry.media)


def _media_facts(info: MediaInfo) -> Iterator[tuple[str, str]]:
    yield _("Length"), clock(info.duration) if info.duration else _("not known")
    yield _("Resolution"), f"{info.width}×{info.height}"
    if info.rotation:
        words = _("turned by {degrees}° clockwise when it is played")
        yield _("Rotation"), words.format(degrees=info.rotation)
    yield _("Size"), size(info.size)
    codecs = (info.video_codec, info.audio_codec or _("no sound"))
    yield _("Format"), f"{info.container.upper()}: {', '.join(filter(None, codecs))}"


def _change(change: FieldChange) -> Change:
    write = _WRITERS.get(change.name, _value)
    return Change(change.name, write(change.old), write(change.new))


def _time(value: Json) -> str:
    return clock(value / 1000) if isinstance(value, int) else _value(value)


def _fingerprint(value: Json) -> str:
    return _value(str(value)[:_COMPARED] if value else value)


_COMPARED: Final = 12
"""Hexadecimal digits of a picture's SHA-256."""
_WRITERS: Final = MappingProxyType({"thumbnail.timing": _time, "thumbnail.file": _fingerprint})


def _value(value: Json) -> str:
    if value is None or value in ("", []):
        return _("(none)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_value(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    return str(value)
