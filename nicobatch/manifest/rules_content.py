"""Rules about what a manifest says: its keys, the types of its values, and their meaning.

Every message is a whole sentence with named placeholders, ready for translation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nicobatch.model import Severity

ERROR: Final = Severity.ERROR
WARNING: Final = Severity.WARNING

SHAPE: Mapping[str, tuple[Severity, str, str]] = {
    "not-a-manifest": (
        ERROR,
        "this is not a manifest: {value}",
        "a manifest begins with `version: 1`, followed by a video's keys or by `videos:`",
    ),
    "version-missing": (ERROR, "the version is missing", "add `version: 1` as the first line"),
    "version-newer": (
        ERROR,
        "the manifest is of version {value}, which is newer than this nicobatch",
        "upgrade nicobatch: pip install --upgrade nicobatch",
    ),
    "version-unknown": (ERROR, "the version must be 1, not {value}", "write `version: 1`"),
    "missing-key": (ERROR, "{key} is missing", "add a line: {example}"),
    "unknown-key": (ERROR, "the key {key} is unknown", "known here: {known}"),
    "misplaced-key": (
        ERROR,
        "the key {key} does not belong here",
        "move it to where it belongs",
    ),
    "empty-value": (
        ERROR,
        "{field} is empty",
        "write a value behind it, or delete the key",
    ),
    "not-text": (ERROR, "{field} must be text, not {value}", "for example: {example}"),
    "not-boolean": (
        ERROR,
        "{field} must be true or false, not {value}",
        "write true or false, in small letters and without quotes",
    ),
    "not-integer": (
        ERROR,
        "{field} must be a whole number, not {value}",
        "write it without quotes, for example: {example}",
    ),
    "too-small": (ERROR, "{field} must be {limit} or more, not {value}", "for example: {example}"),
    "not-list": (ERROR, "{field} must be a list, not {value}", "for example: {example}"),
    "not-mapping": (
        ERROR,
        "{field} must have keys of its own, and is {value}",
        "for example: {example}",
    ),
    "unknown-value": (ERROR, "{field} can't be {value}", "it can be: {known}"),
    "no-videos": (ERROR, "there is no video under `videos:`", "add one: `- file: video.mp4`"),
}

TITLES: Mapping[str, tuple[Severity, str, str]] = {
    "title-blank": (ERROR, "the title is blank", "give the video a title"),
    "title-newline": (
        ERROR,
        "the title has more than one line",
        "write it in one line; for a list of lines there is `description`",
    ),
    "title-too-long": (
        ERROR,
        "the title has {count} characters, and {limit} are allowed",
        "shorten it by {excess}",
    ),
    "text-control-character": (
        ERROR,
        "{field} holds the invisible character {character}",
        "delete it, or its escape",
    ),
    "description-too-long": (
        WARNING,
        "the description has {count} characters, and {limit} are allowed",
        "shorten it by {excess}; tags count too, and a newline counts 4, as it becomes <br>",
    ),
    "mojibake": (
        WARNING,
        "{field} looks garbled, as if it was saved in a wrong encoding",
        "it probably was: {repaired}",
    ),
}

TAGS: Mapping[str, tuple[Severity, str, str]] = {
    "too-many-tags": (
        ERROR,
        "there are {count} tags, and {limit} are allowed",
        "this one and those behind it are too many",
    ),
    "tag-repeated": (
        ERROR,
        "the tag {tag} is there already, as {first}",
        "niconico tells apart neither small from capital letters nor full from half width",
    ),
    "tag-empty": (ERROR, "a tag is empty", "delete it"),
    "tag-with-blank": (ERROR, "a blank can't stand in the tag {tag}", "write {suggestion}"),
    "tag-with-hash": (ERROR, "the tag {tag} begins with a #", "write {suggestion}"),
    "tag-too-wide": (
        ERROR,
        "the tag {tag} is {count} half-width characters wide, and {limit} are allowed",
        "shorten it; a full-width character counts 2",
    ),
}

CHOICES: Mapping[str, tuple[Severity, str, str]] = {
    "unknown-genre": (WARNING, "the genre {value} is unknown", "known: {known}"),
    "bad-timing": (
        ERROR,
        "{value} is no time in a video",
        "write seconds such as 20.263, or text such as '1:30.500' or '1:02:03'",
    ),
    "publish-unknown": (
        ERROR,
        "publish can't be {value}",
        "it can be: true, false, draft, or {{at: 2026-12-01T20:00:00+09:00}}",
    ),
    "publish-at-invalid": (
        ERROR,
        "{value} is no date and time",
        "write it as 2026-12-01T20:00:00+09:00",
    ),
    "publish-at-zone": (ERROR, "{value} has no time zone", "for Japan write {value}+09:00"),
    "publish-at-past": (
        ERROR,
        "{value} is past",
        "write a time to come, or `publish: true` for at once",
    ),
    "publish-at-far": (WARNING, "{value} is more than a year away", "check the year"),
    "parent-work": (
        ERROR,
        "{value} is no id of a work",
        "an id is two small letters and digits, such as sm9 or nc12345",
    ),
    "community-ended": (
        ERROR,
        "communities ended on 2024-08-05, and niconico takes none any more",
        "delete `community`; only the profile article-2021 knows it",
    ),
}

IDENTITY: Mapping[str, tuple[Severity, str, str]] = {
    "account-name": (
        ERROR,
        "{value} is no name of an account",
        "use letters, digits, - and _ (it is the name that you signed in under, not a mail)",
    ),
    "file-empty": (ERROR, "the name of the file is empty", "for example: file: video.mp4"),
    "file-character": (
        ERROR,
        "the invisible character {character} can't stand in the name of a file",
        "delete it; between double quotes a backslash begins an escape, so use '…'",
    ),
    "file-repeated": (
        ERROR,
        "the file {file} is given twice",
        "it is in {first} already; `allow_duplicate: true` if it is to be posted twice",
    ),
    "id-character": (
        ERROR,
        "the id {id} holds {character}, which can't stand in the name of a file",
        "use letters, digits, - and _",
    ),
    "id-edge": (
        ERROR,
        "the id {id} begins or ends with a dot or a blank",
        "begin and end it with a letter or a digit",
    ),
    "id-reserved": (
        ERROR,
        "the id {id} is a name that Windows keeps for itself",
        "choose another, such as video-{id}",
    ),
    "id-too-long": (
        ERROR,
        "the id {id} is too long for the name of a file",
        "use at most {limit} characters ({bytes} bytes of UTF-8)",
    ),
    "id-empty": (ERROR, "the id is empty", "give it a value, or delete the key"),
    "id-repeated": (
        ERROR,
        "the id {id} is there already, in line {first}",
        "each video of a manifest needs an id of its own; capital letters make no difference",
    ),
}

CONTENT: Mapping[str, tuple[Severity, str, str]] = {
    **SHAPE,
    **TITLES,
    **TAGS,
    **CHOICES,
    **IDENTITY,
}
