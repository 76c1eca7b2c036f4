"""A first manifest for video files: what can be told is written, all else stands there to choose.

Pure: from what is known of the videos to the manifest's text, which passes every check.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import PurePosixPath
from typing import Final

from nicobatch import disk
from nicobatch.language import _
from nicobatch.manifest import encoding, identity, semantics, windows
from nicobatch.manifest.times import format_clock
from nicobatch.model import DEFAULT_SITE, Json, MediaInfo
from nicobatch.sites.description import Site
from nicobatch.sites.fields import Field

FALLBACK = "video"
# What begins with a letter, is made of these and is none of the words is text to every YAML.
SAFE = r"[\w./【】「」『』（）・！？～〜ー-]"
PLAIN = re.compile(rf"(?=[^\W\d_]|[【「『（]){SAFE}+( {SAFE}+)*")
NO_TEXT = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
"""What YAML 1.1 takes for something else than text, in any capitals."""
UNPRINTABLE = re.compile(f"{encoding.INVISIBLE.pattern}|[\n\r\ufeff]")


def is_nameable(file: str) -> bool:
    """Tell whether a manifest can name the file: no control characters, nothing but Unicode."""
    return not identity.FILE_FORBIDDEN.search(file)


def title_of(file: str, longest: int) -> tuple[str, bool]:
    """Return a title_of of so many characters for the file, and whether it had to be cut off."""
    stem = _stem(file).replace("_", " ")
    text = " ".join(semantics.INVISIBLE.sub(" ", stem).split())
    cut = text[:longest].rstrip()
    return cut or _("untitled"), len(text) > len(cut)


def video_id(file: str, taken: Collection[str]) -> str:
    """Return an id for the file that any system takes and that is none of `taken`, folded."""
    name = identity.ID_FORBIDDEN.sub("-", _stem(file))
    name = _shortened(name, identity.ID_LENGTH - 5, identity.ID_BYTES - 5)  # room for a number
    if not name or windows.RESERVED.fullmatch(name):
        name = f"{FALLBACK}-{name}".rstrip("-")
    numbered = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(each for each in numbered if disk.fold(each) not in taken)


def _stem(file: str) -> str:
    return unicodedata.normalize("NFC", PurePosixPath(file).stem)


def _shortened(name: str, characters: int, size: int) -> str:
    short = name[:characters].encode()[:size].decode(errors="ignore")
    return short.strip(" .")


def scalar(text: str) -> str:
    """Write a text in YAML: plain where no reader takes it for anything else, or in quotes."""
    if PLAIN.fullmatch(text) and text.casefold() not in NO_TEXT:
        return text
    if UNPRINTABLE.search(text):
        quoted = json.dumps(text, ensure_ascii=False)
        return UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
    return "'" + text.replace("'", "''") + "'"


URL: Final = (
    "https://raw.githubusercontent.com/nicobatch/nicobatch/main/schemas/manifest.schema.json"
)
"""Where the schema is published; its `$id`."""
COLUMN: Final = 36
"""Where the words behind a key begin."""
MEGA: Final = 1_000_000
_THUMBNAIL: Final = "thumbnail"
"""The common key in which a site may have keys of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What is known of one video file."""

    file: str
    """As seen from the manifest's folder, with `/`."""
    media: MediaInfo
    timing: int | None
    """Milliseconds of a frame that is worth being the thumbnail, if there is one."""


def skeleton(clips: Sequence[Clip], site: Site, *, schema: str = URL) -> str:
    """Return the text of a manifest; `schema` is where editors find the JSON Schema."""
    body = _single(clips[0], site) if len(clips) == 1 else _batch(clips, site)
    lines = [*_head(schema, site), *body]
    return "\n".join(lines) + "\n"


def _head(schema: str, site: Site) -> Iterator[str]:
    yield f"# yaml-language-server: $schema={schema}"
    if schema == URL:
        yield "# " + _(
            "(for editors without a network: `nicobatch schema > manifest.schema.json`, and"
            " `$schema=manifest.schema.json` in the line above)"
        )
    yield "#"
    yield "# " + _('Lines with "# " in front hold the defaults; take it away to change one.')
    yield "version: 1"
    if site.name != DEFAULT_SITE:
        yield f"sites: [{site.name}]"
    yield _noted("# account: main", _("which sign-in to use"))
    yield ""


def _single(clip: Clip, site: Site) -> Iterator[str]:
    yield from _video(clip, video_id(clip.file, ()), site.limits.title)
    yield from _thumbnail(clip, site)
    yield ""
    yield from _options(site)


def _batch(clips: Sequence[Clip], site: Site) -> Iterator[str]:
    yield _noted("# defaults:", _("for all videos, which may say otherwise"))
    yield from _options(site, "  ")
    yield ""
    yield "videos:"
    taken: set[str] = set()
    for number, clip in enumerate(clips):
        name = video_id(clip.file, taken)
        taken.add(disk.fold(name))
        if number:
            yield ""
        head = _video(clip, name, site.limits.title, told=bool(number))
        first, *rest = [*head, *_thumbnail(clip, site)]
        yield f"  {first}"
        yield f"  - {rest[0]}"
        yield from (f"    {line}" for line in rest[1:])


def _options(site: Site, indent: str = "") -> Iterator[str]:
    """Yield a line a field: the common ones, and those that another site has in its own block."""
    aside = {*site.ended, _THUMBNAIL}  # each video has its own
    rows = [each for each in site.fields if each.name.partition(".")[0] not in aside]
    block = {} if site.name == DEFAULT_SITE else site.own
    within = [each for each in rows if each.name.partition(".")[0] in block]
    for each in rows:
        if each not in within:
            yield _noted(f"# {indent}{_option(each)}", _(each.note))
    words = _("who is told once it can be seen: Livetube, or whatever apprise reaches")
    yield _noted(f"# {indent}announce: []", words)
    if within:
        yield f"# {indent}{site.name}:"
    for each in within:
        yield _noted(f"# {indent}  {_option(each)}", _(each.note))


def _option(field: Field) -> str:
    """Return the line of a field and its default, set in by the mapping that it lies in."""
    *around, key = field.name.split(".")
    return f"{'  ' * len(around)}{key}: {_written(field.default)}".rstrip()


def _written(default: Json) -> str:
    if default is None:
        return ""
    if isinstance(default, str):
        return scalar(default)
    return json.dumps(default)


def _video(clip: Clip, name: str, longest: int, *, told: bool = False) -> Iterator[str]:
    """Yield the facts, and the keys that make a video; what an id is was `told` before."""
    yield f"# {_facts(clip.media)}"
    yield f"file: {scalar(clip.file)}"
    line = f"id: {scalar(name)}"
    yield line if told else _noted(line, _("stays, even if the file or the title changes"))
    title, is_cut = title_of(clip.file, longest)
    words = _("cut off: the file's name is longer than {limit} characters")
    line = f"title: {scalar(title)}"
    yield _noted(line, words.format(limit=longest)) if is_cut else line


def _facts(media: MediaInfo) -> str:
    size = f"{media.size / MEGA:,.1f} MB"
    shape = f"{media.width}x{media.height}"
    if not media.duration:
        return _("{shape}, {size}").format(shape=shape, size=size)
    duration = format_clock(round(media.duration * 1000))
    return _("{duration}, {shape}, {size}").format(duration=duration, shape=shape, size=size)


def _thumbnail(clip: Clip, site: Site) -> Iterator[str]:
    if clip.timing is None:
        words = _("no clear picture was found: {site} chooses one").format(site=site.label)
        sign, timing = "# ", "0"
    else:
        sign, timing = "", f"{clip.timing / 1000:.3f}".rstrip("0").rstrip(".")
        words = _("in seconds; a sharp picture, neither black nor blank")
    yield f"{sign}thumbnail:"
    yield _noted(f"{sign}  timing: {timing}", words)
    before = "#   " if sign else "  # "
    if site.limits.picture:
        words = _("or a picture, at least {width}×{height} pixels")
        width, height = site.limits.picture
        yield _noted(f"{before}file: cover.jpg", words.format(width=width, height=height))
    for each in site.fields:
        if each.name.startswith(f"{_THUMBNAIL}."):
            words = each.note_of(clip.media) if each.note_of else each.note
            yield _noted(before + _option(each).strip(), _(words))


def _noted(line: str, words: str) -> str:
    blanks = max(COLUMN - semantics.width(line), 2)
    return f"{line}{' ' * blanks}# {words}"
