"""Rules about what a manifest says: its keys, the types of its values, and their meaning.

Every message is a whole sentence with named placeholders, ready for translation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nicobatch.language import N_
from nicobatch.model import Severity

ERROR: Final = Severity.ERROR
WARNING: Final = Severity.WARNING

SHAPE: Mapping[str, tuple[Severity, str, str]] = {
    "not-a-manifest": (
        ERROR,
        N_("this is not a manifest: {value}"),
        N_("a manifest begins with `version: 1`, followed by a video's keys or by `videos:`"),
    ),
    "version-missing": (
        ERROR,
        N_("the version is missing"),
        N_("add `version: 1` as the first line"),
    ),
    "version-newer": (
        ERROR,
        N_("the manifest is of version {value}, which is newer than this nicobatch"),
        N_("upgrade nicobatch: {command}"),
    ),
    "version-unknown": (ERROR, N_("the version must be 1, not {value}"), N_("write `version: 1`")),
    "missing-key": (ERROR, N_("{key} is missing"), N_("add a line: {example}")),
    "unknown-key": (ERROR, N_("the key {key} is unknown"), N_("known here: {known}")),
    "misplaced-key": (
        ERROR,
        N_("the key {key} does not belong here"),
        N_("move it to where it belongs"),
    ),
    "empty-value": (
        ERROR,
        N_("{field} is empty"),
        N_("write a value behind it, or delete the key"),
    ),
    "not-text": (ERROR, N_("{field} must be text, not {value}"), N_("for example: {example}")),
    "not-boolean": (
        ERROR,
        N_("{field} must be true or false, not {value}"),
        N_("write true or false, in small letters"),
    ),
    "not-integer": (
        ERROR,
        N_("{field} must be a whole number, not {value}"),
        N_("for example: {example}"),
    ),
    "too-small": (
        ERROR,
        N_("{field} must be {limit} or more, not {value}"),
        N_("for example: {example}"),
    ),
    "not-list": (ERROR, N_("{field} must be a list, not {value}"), N_("for example: {example}")),
    "not-mapping": (
        ERROR,
        N_("{field} must have keys of its own, not {value}"),
        N_("for example: {example}"),
    ),
    "site-idle": (
        WARNING,
        N_("{site} has keys here, and no video goes there"),
        N_("write `sites: [{sites}]`, or delete them"),
    ),
    "unknown-value": (ERROR, N_("{field} can't be {value}"), N_("it can be: {known}")),
    "no-videos": (
        ERROR,
        N_("there is no video under `videos:`"),
        N_("add one: `- file: video.mp4`"),
    ),
}

TITLES: Mapping[str, tuple[Severity, str, str]] = {
    "title-blank": (ERROR, N_("the title is blank"), N_("give the video a title")),
    "title-newline": (
        ERROR,
        N_("the title has more than one line"),
        N_("write it in one line; for a list of lines there is `description`"),
    ),
    "title-too-long": (
        ERROR,
        N_("the title has {count} characters, and {limit} are allowed"),
        N_("shorten it by {excess}"),
    ),
    "text-control-character": (
        ERROR,
        N_("{field} holds the invisible character {character}"),
        N_("delete it, or its escape"),
    ),
    "description-too-long": (
        WARNING,
        N_("the description has {count} characters, and {limit} are allowed"),
        N_("shorten it by {excess}; tags count too, and a newline counts 4, as it becomes <br>"),
    ),
    "text-too-long": (
        ERROR,
        N_("{field} has {count} characters, and {limit} are allowed"),
        N_("shorten it by {excess}"),
    ),
    "unfit-value": (ERROR, N_("{field} can't be {value}"), N_("for example: {example}")),
    "mojibake": (
        WARNING,
        N_("{field} looks garbled, as if it was saved in a wrong encoding"),
        N_("it probably was: {repaired}"),
    ),
}

TAGS: Mapping[str, tuple[Severity, str, str]] = {
    "too-many-tags": (
        ERROR,
        N_("there are {count} tags, and {limit} are allowed"),
        N_("keep {limit} of them"),
    ),
    "tag-repeated": (
        ERROR,
        N_("the tag {tag} is there already, as {first}"),
        N_("to niconico, small and capital letters are the same, and so are full and half width"),
    ),
    "tag-empty": (ERROR, N_("a tag is empty"), N_("delete it")),
    "tag-with-blank": (ERROR, N_("a blank can't stand in the tag {tag}"), N_("write {suggestion}")),
    "tag-with-hash": (ERROR, N_("the tag {tag} begins with a #"), N_("write {suggestion}")),
    "tag-too-wide": (
        ERROR,
        N_("the tag {tag} is {count} half-width characters wide, and {limit} are allowed"),
        N_("shorten it; a full-width character counts 2"),
    ),
    "tag-too-long": (
        ERROR,
        N_("the tag {tag} has {count} characters, and {limit} are allowed"),
        N_("shorten it by {excess}"),
    ),
}

CHOICES: Mapping[str, tuple[Severity, str, str]] = {
    "unknown-choice": (WARNING, N_("{field} can't be {value}"), N_("it can be: {known}")),
    "unknown-genre": (WARNING, N_("the genre {value} is unknown"), N_("known: {known}")),
    "refused-genre": (
        ERROR,
        N_("the genre {value} is unknown, and was refused before"),
        N_("known: {known}; if there are more by now, delete {file}, which remembers it"),
    ),
    "bad-timing": (
        ERROR,
        N_("{value} is no time in a video"),
        N_("write seconds such as 20.263, or text such as '1:30.500' or '1:02:03'"),
    ),
    "publish-unknown": (
        ERROR,
        N_("publish can't be {value}"),
        N_("it can be: true, false, draft, or {{at: 2026-12-01T20:00:00+09:00}}"),
    ),
    "publish-at-invalid": (
        ERROR,
        N_("{value} is no date and time"),
        N_("write it as 2026-12-01T20:00:00+09:00"),
    ),
    "publish-at-zone": (ERROR, N_("{value} has no time zone"), N_("for Japan write {value}+09:00")),
    "publish-at-past": (
        ERROR,
        N_("{value} is in the past"),
        N_("write a time in the future, or `publish: true` to publish at once"),
    ),
    "publish-at-far": (WARNING, N_("{value} is more than a year away"), N_("check the year")),
    "parent-work": (
        ERROR,
        N_("{value} is no id of a work"),
        N_("an id is two small letters and digits, such as sm9 or nc12345"),
    ),
    "community-ended": (
        ERROR,
        N_("communities ended on 2024-08-05, and niconico takes none any more"),
        N_("delete `community`; only the profile article-2021 knows it"),
    ),
}

IDENTITY: Mapping[str, tuple[Severity, str, str]] = {
    "account-name": (
        ERROR,
        N_("{value} is no name of an account"),
        N_("use letters, digits, - and _ (it is the name that you signed in under, not a mail)"),
    ),
    "file-empty": (ERROR, N_("the name of the file is empty"), N_("for example: file: video.mp4")),
    "file-is-address": (
        ERROR,
        N_("{file} is an address, and nicobatch uploads files from your disk"),
        N_("download it first, and write the name of the file"),
    ),
    "file-in-home": (
        ERROR,
        N_("~ is not replaced here: {file}"),
        N_("write the path as seen from the manifest's folder, or the whole path"),
    ),
    "file-character": (
        ERROR,
        N_("the invisible character {character} can't stand in the name of a file"),
        N_("delete it; between double quotes a backslash begins an escape, so use '…'"),
    ),
    "file-too-long": (
        ERROR,
        N_("the name of the file is longer than a system takes"),
        N_("use at most {limit} characters, in a pattern {step} between two /"),
    ),
    "file-repeated": (
        ERROR,
        N_("the file {file} is given twice"),
        N_("it is in {first} already; write `allow_duplicate: true` to post it twice"),
    ),
    "id-character": (
        ERROR,
        N_("the id {id} holds {character}, which can't stand in the name of a file"),
        N_("use letters, digits, - and _"),
    ),
    "id-edge": (
        ERROR,
        N_("the id {id} begins or ends with a dot or a blank"),
        N_("begin and end it with a letter or a digit"),
    ),
    "id-reserved": (
        ERROR,
        N_("the id {id} is a name that Windows keeps for itself"),
        N_("choose another, such as video-{id}"),
    ),
    "id-too-long": (
        ERROR,
        N_("the id {id} is too long for the name of a file"),
        N_("use at most {limit} characters ({bytes} bytes of UTF-8)"),
    ),
    "id-empty": (ERROR, N_("the id is empty"), N_("give it a value, or delete the key")),
    "id-repeated": (
        ERROR,
        N_("the id {id} is there already, in line {first}"),
        N_("each video of a manifest needs an id of its own; capital letters make no difference"),
    ),
}

CONTENT: Mapping[str, tuple[Severity, str, str]] = {
    **SHAPE,
    **TITLES,
    **TAGS,
    **CHOICES,
    **IDENTITY,
}
