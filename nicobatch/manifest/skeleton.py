"""A first manifest for video files: what can be told is written, all else stands there to choose.

Pure: from what is known of the videos to the manifest's text, which passes every check.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nicobatch import limits
from nicobatch.language import N_, _
from nicobatch.manifest import identity, naming, semantics
from nicobatch.manifest.duration import format_clock
from nicobatch.manifest.naming import scalar
from nicobatch.model import Aspect, MediaInfo

URL: Final = (
    "https://raw.githubusercontent.com/nicobatch/nicobatch/main/schemas/manifest.schema.json"
)
"""Where the schema is published; its `$id`."""
COLUMN: Final = 36
"""Where the words behind a key begin."""
MEGA: Final = 1_000_000

SHAPES: Mapping[Aspect, str] = {
    Aspect.STANDARD: N_("auto is standard for this video: 16:9"),
    Aspect.TALL: N_("auto is tall for this video: narrower than 16:9"),
    Aspect.WIDE: N_("auto is wide for this video: wider than 16:9"),
    Aspect.AUTO: N_("auto, standard, tall or wide; auto follows the video's own shape"),
}
OPTIONS: tuple[tuple[str, str], ...] = (
    ("description: ''", N_("HTML is allowed; for several lines write | and indent them below")),
    ("tags: []", N_("at most 6, for example [ゲーム, 実況プレイ動画]")),
    ("genre: none", N_("for example game, music_sound or entertainment")),
    ("publish: true", N_("true, false (private), draft, or {at: 2026-12-01T20:00:00+09:00}")),
    ("permissions:", N_("what viewers may do with the video")),
    ("  ng_share: true", N_("share NG settings with viewers")),
    ("  outside_player: true", N_("play the video on other sites")),
    ("  uad: true", N_("advertise the video (Nico-Ad)")),
    ("  nicolive: true", N_("quote the video in live programmes")),
    ("  user_translate: true", N_("translate the comments")),
    ("  regular_user_tag_edit: true", N_("edit the tags, also as regular members")),
    ("  capture_tweet: true", N_("post stills")),
    ("  clip_tweet: true", N_("post clips")),
    ("  gift: true", N_("send gifts")),
    ("series:", N_("the series that the video joins")),
    ("  id: 12345", N_("the number in the series' address")),
    ("  add_to_head: false", N_("put the video first in it")),
    ("signature: false", N_("show the account's common text below the description")),
    ("notify_by_email: false", N_("mail me when the video is ready")),
    ("exclude_from_upload_list: false", N_("leave the video out of the account's public list")),
    ("thanks_message: ''", N_("shown to those who press like")),
    ("parent_works: []", N_("ids of works that this one uses, for example [sm9, nc12345]")),
    ("allow_duplicate: false", N_("publish the file even if it was published before")),
)
"""What a video may have, with its default, and what that means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What is known of one video file."""

    file: str
    """As seen from the manifest's folder, with `/`."""
    media: MediaInfo
    aspect: Aspect
    """The shape that `auto` comes to."""
    timing: int | None
    """Milliseconds of a frame that is worth being the thumbnail, if there is one."""


def skeleton(clips: Sequence[Clip], *, schema: str = URL) -> str:
    """Return the text of a manifest; `schema` is where editors find the JSON Schema."""
    lines = [*_head(schema), *(_single(clips[0]) if len(clips) == 1 else _batch(clips))]
    return "\n".join(lines) + "\n"


def _head(schema: str) -> Iterator[str]:
    yield f"# yaml-language-server: $schema={schema}"
    if schema == URL:
        yield "# " + _(
            "(for editors without a network: `nicobatch schema > manifest.schema.json`, and"
            " `$schema=manifest.schema.json` in the line above)"
        )
    yield "#"
    yield "# " + _('Lines with "# " in front hold the defaults; take it away to change one.')
    yield "version: 1"
    yield _noted("# account: main", _("which sign-in to use"))
    yield ""


def _single(clip: Clip) -> Iterator[str]:
    yield from _video(clip, naming.video_id(clip.file, ()))
    yield from _thumbnail(clip)
    yield ""
    yield from _options()


def _batch(clips: Sequence[Clip]) -> Iterator[str]:
    yield _noted("# defaults:", _("for all videos, which may say otherwise"))
    yield from _options("  ")
    yield ""
    yield "videos:"
    taken: set[str] = set()
    for number, clip in enumerate(clips):
        name = naming.video_id(clip.file, taken)
        taken.add(identity.fold(name))
        if number:
            yield ""
        first, *rest = [*_video(clip, name, told=bool(number)), *_thumbnail(clip)]
        yield f"  {first}"
        yield f"  - {rest[0]}"
        yield from (f"    {line}" for line in rest[1:])


def _options(indent: str = "") -> Iterator[str]:
    return (_noted(f"# {indent}{option}", _(words)) for option, words in OPTIONS)


def _video(clip: Clip, name: str, *, told: bool = False) -> Iterator[str]:
    """Yield the facts, and the keys that make a video; what an id is was `told` before."""
    yield f"# {_facts(clip.media)}"
    yield f"file: {scalar(clip.file)}"
    line = f"id: {scalar(name)}"
    yield line if told else _noted(line, _("stays, even if the file or the title changes"))
    title, is_cut = naming.title(clip.file)
    words = _("cut off: the file's name is longer than {limit} characters")
    line = f"title: {scalar(title)}"
    yield _noted(line, words.format(limit=limits.TITLE_LENGTH)) if is_cut else line


def _facts(media: MediaInfo) -> str:
    size = f"{media.size / MEGA:,.1f} MB"
    shape = f"{media.width}x{media.height}"
    if not media.duration:
        return _("{shape}, {size}").format(shape=shape, size=size)
    duration = format_clock(round(media.duration * 1000))
    return _("{duration}, {shape}, {size}").format(duration=duration, shape=shape, size=size)


def _thumbnail(clip: Clip) -> Iterator[str]:
    if clip.timing is None:
        sign, timing, words = "# ", "0", _("no clear picture was found: niconico chooses one")
    else:
        sign, timing = "", f"{clip.timing / 1000:.3f}".rstrip("0").rstrip(".")
        words = _("in seconds; a sharp picture, neither black nor blank")
    yield f"{sign}thumbnail:"
    yield _noted(f"{sign}  timing: {timing}", words)
    yield _noted("#   aspect: auto" if sign else "  # aspect: auto", _(SHAPES[clip.aspect]))
    yield _noted("#   position: 0" if sign else "  # position: 0", _("where the frame is cropped"))


def _noted(line: str, words: str) -> str:
    blanks = max(COLUMN - semantics.width(line), 2)
    return f"{line}{' ' * blanks}# {words}"
