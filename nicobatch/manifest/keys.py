"""Keys that a manifest doesn't know: what was meant, and where a known one belongs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from nicobatch.manifest import lookalikes
from nicobatch.manifest.rules import Fault, fault, shown
from nicobatch.manifest.schema import definitions
from nicobatch.model import Position

LONGEST = 100
"""Characters of a word that another may be near to."""
PUBLISH_AT = "publish: {at: 2026-12-01T20:00:00+09:00}"

HABITS: Mapping[str, tuple[str, ...]] = {
    "file": ("path", "video", "filename", "filepath", "source", "movie"),
    "title": ("name", "caption"),
    "description": ("desc", "detail", "summary", "comment", "text"),
    "tags": ("keywords", "labels"),
    "genre": ("category", "genrekey"),
    "thumbnail": ("thumb", "image", "cover"),
    "timing": ("time", "second", "seconds", "timestamp"),
    "publish": ("public", "visibility", "status", "private", "privacy"),
    PUBLISH_AT: (
        *("schedule", "scheduled", "schedule_at", "scheduled_at", "publish_at", "publishat"),
        *("publish_time", "timer", "date", "reserve", "start_at"),
    ),
    "series": ("playlist", "playlists", "album", "mylist"),
    "permissions": ("permission", "allow", "permissionsettings"),
    "parent_works": ("parents", "parent", "commons", "commonsparentids"),
    "thanks_message": ("thanks", "thank_message"),
    "notify_by_email": ("email", "mail", "notification"),
    "account": ("user", "login", "profile"),
    "videos": ("items", "entries", "list"),
    "defaults": ("default", "common"),
    "at": ("on", "datetime"),
}
NOT_HERE: Mapping[str, tuple[str, ...]] = {
    "no-chapters": ("chapters", "chapter", "timestamps"),
    "no-include": ("include", "includes", "import", "extends"),
    "no-field": (
        *("language", "languages", "lang", "locale", "subtitles", "subtitle", "captions"),
        *("license", "licence", "location", "recording_date", "made_for_kids", "age_restriction"),
    ),
}
"""By advice, what other sites and tools have and niconico's videos have not."""
PICTURES = ("file", "image", "picture", "path", "url", "src")
"""What people give in a thumbnail for a picture of their own."""
ENDED = ("community",)
"""Keys that are understood and of no use any more."""
MEANT: Mapping[str, str] = {habit: key for key, habits in HABITS.items() for habit in habits}


def known(form: str) -> Collection[str]:
    """Return the keys of a definition: `batch`, `single`, `video`, `defaults`."""
    properties: Mapping[str, object] = definitions()[form]["properties"]
    return properties.keys()


def is_free(key: str, part: Mapping[str, Any]) -> bool:
    """Tell whether the key is one of those that a manifest may have as it likes."""
    return any(re.search(each, key) for each in part.get("patternProperties", ()))


def unknown_key(key: str, allowed: Collection[str], place: Position, inside: str) -> Fault:
    """Say of an unknown key what was meant, or where it belongs; `inside` names what it is in."""
    if advice := _elsewhere(key, inside):
        return fault("misplaced-key", place, advice=advice, key=key)
    plain = key.casefold()
    if inside == "thumbnail" and plain in PICTURES:
        return fault("unknown-key", place, advice="picture", key=shown(key))
    if advice := next((each for each, words in NOT_HERE.items() if plain in words), ""):
        return fault("unknown-key", place, advice=advice, key=shown(key))
    suggestion = suggest(key, allowed)
    if found := lookalikes.in_key(key, allowed, suggestion):
        index, meant = found
        return lookalikes.named(key[index], Position(place.line, place.column + index), meant)
    return fault(
        "unknown-key",
        place,
        advice="did-you-mean" if suggestion else "",
        key=shown(key),
        suggestion=suggestion,
        known=", ".join(each for each in allowed if each not in ENDED),
    )


def _elsewhere(key: str, inside: str) -> str:
    advice: Mapping[str, Mapping[str, Collection[str]]] = {
        "batch": {"each": ("file", "id"), "video": known("defaults")},
        "defaults": {"each": ("file", "id"), "top": _top()},
        "video": {"top": _top()},
    }
    return next((name for name, keys in advice.get(inside, {}).items() if key in keys), "")


@cache
def _top() -> Collection[str]:
    return set(known("batch"))


def suggest(word: str, allowed: Collection[str]) -> str:
    """Return which of the words was probably meant; empty if none comes near."""
    if len(word) > LONGEST:
        return ""
    plain = word.strip().casefold().replace("-", "_").replace(" ", "_")
    return next(_candidates(plain, allowed), "")


def _candidates(plain: str, allowed: Collection[str]) -> Iterator[str]:
    meant = MEANT.get(plain, "")
    if meant.partition(":")[0] in allowed:
        yield meant
    by_plain = {each.casefold(): each for each in allowed}
    for match in get_close_matches(plain, by_plain, n=1, cutoff=0.6):
        yield by_plain[match]
