"""What a video may have on niconico: a row a field, and the site as the rooms below know it.

A field's place on the wire is in `metadata`; the sandbox has its own rule of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from nicobatch.language import N_, _
from nicobatch.model import Video
from nicobatch.sites.description import Site
from nicobatch.sites.fields import maker, option, rows
from nicobatch.sites.niconico.cropping import Aspect, Cropping, crop
from nicobatch.sites.niconico.limits import ALLOWANCES, CHOICES, LIMITS
from nicobatch.sites.niconico.profiles import MENDABLE, PROFILES, SESSION

if TYPE_CHECKING:
    from nicobatch.receipt import Receipt

ALLOWED: Final = (N_("allowed"), N_("not allowed"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What viewers may do with the video; the defaults are the upload page's."""

    ng_share: bool = option(
        default=True,
        label=N_("Sharing NG settings"),
        note=N_("share NG settings with viewers"),
        words=ALLOWED,
        editors=(N_("NG sharing"), N_("Share the NG settings with viewers.")),
    )
    outside_player: bool = option(
        default=True,
        label=N_("Playing it on other sites"),
        note=N_("play the video on other sites"),
        words=ALLOWED,
        editors=(N_("Outside player"), N_("Let other sites play the video.")),
    )
    uad: bool = option(
        default=True,
        label=N_("Advertising it (Nico-Ad)"),
        note=N_("advertise the video (Nico-Ad)"),
        words=ALLOWED,
        editors=(N_("Ads by viewers"), N_("Let viewers advertise the video.")),
    )
    nicolive: bool = option(
        default=True,
        label=N_("Quoting it in live programmes"),
        note=N_("quote the video in live programmes"),
        words=ALLOWED,
        editors=(N_("Nicolive quotation"), N_("Let live programmes quote the video.")),
    )
    user_translate: bool = option(
        default=True,
        label=N_("Translating its comments"),
        note=N_("translate the comments"),
        words=ALLOWED,
        editors=(N_("Translation"), N_("Let viewers translate the comments.")),
    )
    regular_user_tag_edit: bool = option(
        default=True,
        label=N_("Editing of tags by viewers"),
        note=N_("edit the tags, also as regular members"),
        words=ALLOWED,
        editors=(N_("Tag edits"), N_("Let regular members edit the tags.")),
    )
    capture_tweet: bool = option(
        default=True,
        label=N_("Posting stills of it"),
        note=N_("post stills"),
        words=ALLOWED,
        editors=(N_("Share stills"), N_("Let viewers post stills.")),
    )
    clip_tweet: bool = option(
        default=True,
        label=N_("Posting clips of it"),
        note=N_("post clips"),
        words=ALLOWED,
        editors=(N_("Share clips"), N_("Let viewers post clips.")),
    )
    gift: bool = option(
        default=True,
        label=N_("Gifts"),
        note=N_("send gifts"),
        words=ALLOWED,
        editors=(N_("Gifts"), N_("Let viewers send gifts.")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The series that the video joins."""

    id: int = option(
        example=12345,
        note=N_("the number in the series' address"),
        editors=(N_("Series id"), N_("The number in the series' address.")),
        schema={"minimum": 1, "examples": [12345]},
    )
    add_to_head: bool = option(
        default=False,
        note=N_("put the video first in it"),
        editors=(N_("Add to the head"), N_("Put the video first in the series.")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """The community that the video belongs to; communities ended on 2024-08-05."""

    id: int = option(
        example=12345,
        note="",
        editors=(N_("Community id"), N_("The number behind co.")),
        schema={"minimum": 1, "examples": [10]},
    )
    only: bool = option(
        default=False,
        note="",
        editors=(N_("Members only"), N_("Let only members see the video.")),
    )
    group_work: bool = option(
        default=False,
        note="",
        editors=(N_("Group work"), N_("Let members edit the owner's comments.")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What only niconico has of a video."""

    genre: str = option(
        default="none",
        label=N_("Genre"),
        note=N_("for example game, music_sound or entertainment"),
        editors=(N_("Genre"), N_("Its key or label; an unknown one is a warning.")),
        schema={"examples": ["game"]},
        choices=CHOICES,
        habits=("category", "genrekey"),
        after="tags",
    )
    permissions: Permissions = option(
        default=Permissions(),
        note=N_("what viewers may do with the video"),
        editors=(N_("Permissions"), N_("What viewers may do with the video.")),
        schema={"examples": [{"clip_tweet": False}]},
        habits=("permission", "allow", "permissionsettings"),
    )
    series: Series | None = option(
        default=None,
        label=N_("Series"),
        note=N_("the series that the video joins"),
        show=lambda series: _("{id}, {place}").format(
            id=series.id, place=_("at its beginning") if series.add_to_head else _("at its end")
        ),
        editors=(N_("Series"), N_("The series that the video joins.")),
        schema={"examples": [{"id": 12345, "add_to_head": False}]},
        habits=("playlist", "playlists", "album", "mylist"),
    )
    community: Community | None = option(
        default=None,
        label=N_("Community"),
        note="",
        show=lambda community: str(community.id),
        editors=(N_("Community"), N_("Of profile article-2021; they have ended.")),
        schema={"examples": [{"id": 10, "only": True, "group_work": False}]},
        is_ended=True,
    )
    cropping: Cropping = option(default=Cropping(), within="thumbnail")
    signature: bool = option(
        default=False,
        label=N_("Your common description below it"),
        note=N_("show the account's common text below the description"),
        editors=(N_("Signature"), N_("Show the account's common text below the description.")),
    )
    notify_by_email: bool = option(
        default=False,
        label=N_("Mail when it is published"),
        note=N_("mail me when the video is ready"),
        editors=(N_("Mail"), N_("Mail me when the video is ready.")),
        habits=("email", "mail", "notification"),
    )
    exclude_from_upload_list: bool = option(
        default=False,
        label=N_("Kept out of the list of uploads"),
        note=N_("leave the video out of the account's public list"),
        editors=(N_("Hide from the list"), N_("Leave the video out of the account's public list.")),
    )
    thanks_message: str = option(
        default="",
        label=N_("Thanks for a like"),
        note=N_("shown to those who press like"),
        editors=(N_("Thanks"), N_("Shown to those who press like.")),
        schema={"examples": ["いいねありがとう"]},
        habits=("thanks", "thank_message"),
    )
    parent_works: tuple[str, ...] = option(
        default=(),
        label=N_("Parent works"),
        note=N_("ids of works that this one uses, for example [sm9, nc12345]"),
        editors=(N_("Parent works"), N_("Ids of the works that this one uses.")),
        schema={"pattern": "[a-z]{2}[0-9]+", "examples": ["sm9", "nc12345"]},
        rule="parent-work",
        habits=("parents", "parent", "commons", "commonsparentids"),
    )


def html_lines(description: str) -> str:
    """Return the description with newlines as the `<br>` that niconico shows them by."""
    return description.rstrip("\n").replace("\n", "<br>")


def _audience(words: str, options: Options | None) -> str:
    if options is None or not (options.community and options.community.only):
        return words
    only = _("{audience}, among the members of community {id}")
    return only.format(audience=words, id=options.community.id)


def _unseen(video: Video, receipt: Receipt) -> Video | None:
    """Return the video with the aspect that was sent, unless it has one of its own."""
    own = options(video)
    if own.cropping.aspect is not Aspect.AUTO:
        return video
    sent = (str(record.inputs.get("thumbnail.aspect")) for record in receipt.steps.values())
    found = next((Aspect(each) for each in sent if each in set(Aspect)), None)
    if found is None:
        return None
    return replace(video, options=replace(own, cropping=replace(own.cropping, aspect=found)))


def options(video: Video) -> Options:
    """Return what the video has for niconico alone."""
    return video.options if isinstance(video.options, Options) else Options()


def _video_id(text: str) -> str | None:
    """Return the number of `sm9` or `9`, which the calls take."""
    found = re.fullmatch(r"(?:sm)?([0-9]{1,18})", text, re.IGNORECASE)
    return str(int(found[1])) if found else None


SITE: Final = Site(
    name="niconico",
    limits=LIMITS,
    allowances=ALLOWANCES,
    profiles=tuple(PROFILES),
    session=SESSION,
    mendable=MENDABLE,
    video_id=_video_id,
    shown_id="sm{}".format,
    html=html_lines,
    make=maker(Options),
    audience=_audience,
    unseen=_unseen,
    crops=lambda video, width, height: (crop(options(video).cropping, width, height),),
    fields=rows(
        Options,
        {
            "description": N_("HTML is allowed; for several lines write | and indent them below"),
            "tags": N_("at most 6, for example [ゲーム, 実況プレイ動画]"),
            "publish": N_("true, false (private), draft, or {at: 2026-12-01T20:00:00+09:00}"),
            "allow_duplicate": N_("publish the file even if it was published before"),
        },
    ),
    absent=MappingProxyType(
        {
            "no-chapters": ("chapters", "chapter", "timestamps"),
            "no-field": (
                *("language", "languages", "lang", "locale", "subtitles", "subtitle", "captions"),
                *("license", "licence", "location", "recording_date"),
                *("made_for_kids", "age_restriction"),
            ),
        }
    ),
)
