"""What a video may have on niconico: a row a field, and the site as the rooms below know it.

A field's place on the wire is in `metadata`; the sandbox has its own rule of it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from nicobatch.language import N_
from nicobatch.sites.base import Field, Site
from nicobatch.sites.niconico.limits import CHOICES, LIMITS
from nicobatch.sites.niconico.profiles import PROFILES
from nicobatch.sites.niconico.session import SESSION

FIELDS: Final = (
    Field(
        name="description",
        default="",
        note=N_("HTML is allowed; for several lines write | and indent them below"),
    ),
    Field(name="tags", default=(), note=N_("at most 6, for example [ゲーム, 実況プレイ動画]")),
    Field(
        name="genre",
        default="none",
        note=N_("for example game, music_sound or entertainment"),
        choices=CHOICES,
        habits=("category", "genrekey"),
    ),
    Field(
        name="publish",
        default=True,
        note=N_("true, false (private), draft, or {at: 2026-12-01T20:00:00+09:00}"),
    ),
    Field(
        name="permissions",
        default=None,
        note=N_("what viewers may do with the video"),
        habits=("permission", "allow", "permissionsettings"),
    ),
    Field(name="permissions.ng_share", default=True, note=N_("share NG settings with viewers")),
    Field(
        name="permissions.outside_player", default=True, note=N_("play the video on other sites")
    ),
    Field(name="permissions.uad", default=True, note=N_("advertise the video (Nico-Ad)")),
    Field(name="permissions.nicolive", default=True, note=N_("quote the video in live programmes")),
    Field(name="permissions.user_translate", default=True, note=N_("translate the comments")),
    Field(
        name="permissions.regular_user_tag_edit",
        default=True,
        note=N_("edit the tags, also as regular members"),
    ),
    Field(name="permissions.capture_tweet", default=True, note=N_("post stills")),
    Field(name="permissions.clip_tweet", default=True, note=N_("post clips")),
    Field(name="permissions.gift", default=True, note=N_("send gifts")),
    Field(
        name="series",
        default=None,
        note=N_("the series that the video joins"),
        habits=("playlist", "playlists", "album", "mylist"),
    ),
    Field(name="series.id", default=12345, note=N_("the number in the series' address")),
    Field(name="series.add_to_head", default=False, note=N_("put the video first in it")),
    Field(
        name="signature",
        default=False,
        note=N_("show the account's common text below the description"),
    ),
    Field(
        name="notify_by_email",
        default=False,
        note=N_("mail me when the video is ready"),
        habits=("email", "mail", "notification"),
    ),
    Field(
        name="exclude_from_upload_list",
        default=False,
        note=N_("leave the video out of the account's public list"),
    ),
    Field(
        name="thanks_message",
        default="",
        note=N_("shown to those who press like"),
        habits=("thanks", "thank_message"),
    ),
    Field(
        name="parent_works",
        default=(),
        note=N_("ids of works that this one uses, for example [sm9, nc12345]"),
        habits=("parents", "parent", "commons", "commonsparentids"),
    ),
    Field(
        name="allow_duplicate",
        default=False,
        note=N_("publish the file even if it was published before"),
    ),
)


def html_lines(description: str) -> str:
    """Return the description with newlines as the `<br>` that niconico shows them by."""
    return description.rstrip("\n").replace("\n", "<br>")


SITE: Final = Site(
    name="niconico",
    limits=LIMITS,
    fields=FIELDS,
    profiles=tuple(PROFILES),
    session=SESSION,
    html=html_lines,
    ended=frozenset({"community"}),
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
