"""Rules about what a manifest says: its keys, the types of its values, their meaning, and patterns.

Every message is a whole sentence with named placeholders; a doubled brace stands for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nicobatch.language import N_
from nicobatch.manifest.rules_text import Row
from nicobatch.model import Severity

WARNING: Final = Severity.WARNING
NOTE: Final = Severity.NOTE

CONTENT: Mapping[str, Row] = {
    # shape
    "not-a-manifest": (
        N_("this is not a manifest: {value}"),
        N_("a manifest begins with `version: 1`, followed by a video's keys or by `videos:`"),
    ),
    "version-missing": (N_("the version is missing"), N_("add `version: 1` as the first line")),
    "version-newer": (
        N_("the manifest is of version {value}, which is newer than this nicobatch"),
        N_("upgrade nicobatch: {command}"),
    ),
    "version-unknown": (N_("the version must be 1, not {value}"), N_("write `version: 1`")),
    "missing-key": (N_("{key} is missing"), N_("add a line: {example}")),
    "unknown-key": (N_("the key {key} is unknown"), N_("known here: {known}")),
    "misplaced-key": (N_("the key {key} does not belong here"), N_("move it to where it belongs")),
    "empty-value": (N_("{field} is empty"), N_("write a value behind it, or delete the key")),
    "not-text": (N_("{field} must be text, not {value}"), N_("for example: {example}")),
    "not-boolean": (
        N_("{field} must be true or false, not {value}"),
        N_("write true or false, in small letters"),
    ),
    "not-integer": (
        N_("{field} must be a whole number, not {value}"),
        N_("for example: {example}"),
    ),
    "too-small": (N_("{field} must be {limit} or more, not {value}"), N_("for example: {example}")),
    "not-list": (N_("{field} must be a list, not {value}"), N_("for example: {example}")),
    "not-mapping": (
        N_("{field} must have keys of its own, not {value}"),
        N_("for example: {example}"),
    ),
    "site-idle": (
        N_("{site} has keys here, and no video goes there"),
        N_("write `sites: [{sites}]`, or delete them"),
        WARNING,
    ),
    "unknown-value": (N_("{field} can't be {value}"), N_("it can be: {known}")),
    "no-videos": (N_("there is no video under `videos:`"), N_("add one: `- file: video.mp4`")),
    # titles and texts
    "title-blank": (N_("the title is blank"), N_("give the video a title")),
    "title-newline": (
        N_("the title has more than one line"),
        N_("write it in one line; for a list of lines there is `description`"),
    ),
    "title-too-long": (
        N_("the title has {count} characters, and {limit} are allowed"),
        N_("shorten it by {excess}"),
    ),
    "text-control-character": (
        N_("{field} holds the invisible character {character}"),
        N_("delete it, or its escape"),
    ),
    "description-too-long": (
        N_("the description has {count} characters, and {limit} are allowed"),
        N_("shorten it by {excess}; tags count too, and a newline counts 4, as it becomes <br>"),
        WARNING,
    ),
    "text-too-long": (
        N_("{field} has {count} characters, and {limit} are allowed"),
        N_("shorten it by {excess}"),
    ),
    "unfit-value": (N_("{field} can't be {value}"), N_("for example: {example}")),
    "mojibake": (
        N_("{field} looks garbled, as if it was saved in a wrong encoding"),
        N_("it probably was: {repaired}"),
        WARNING,
    ),
    # tags
    "too-many-tags": (
        N_("there are {count} tags, and {limit} are allowed"),
        N_("keep {limit} of them"),
    ),
    "tag-repeated": (
        N_("the tag {tag} is there already, as {first}"),
        N_("to niconico, small and capital letters are the same, and so are full and half width"),
    ),
    "tag-empty": (N_("a tag is empty"), N_("delete it")),
    "tag-with-blank": (N_("a blank can't stand in the tag {tag}"), N_("write {suggestion}")),
    "tag-with-hash": (N_("the tag {tag} begins with a #"), N_("write {suggestion}")),
    "tag-too-wide": (
        N_("the tag {tag} is {count} half-width characters wide, and {limit} are allowed"),
        N_("shorten it; a full-width character counts 2"),
    ),
    "tag-too-long": (
        N_("the tag {tag} has {count} characters, and {limit} are allowed"),
        N_("shorten it by {excess}"),
    ),
    # choices and times
    "unknown-choice": (N_("{field} can't be {value}"), N_("it can be: {known}")),
    "unlisted-choice": (N_("{field} {value} is unknown"), N_("known: {known}"), WARNING),
    "unknown-genre": (N_("the genre {value} is unknown"), N_("known: {known}"), WARNING),
    "refused-genre": (
        N_("the genre {value} is unknown, and was refused before"),
        N_("known: {known}; if there are more by now, delete {file}, which remembers it"),
    ),
    "bad-timing": (
        N_("{value} is no time in a video"),
        N_("write seconds such as 20.263, or text such as '1:30.500' or '1:02:03'"),
    ),
    "picture-unused": (
        N_("how {site} takes a picture is not known: it gets the frame at timing, or chooses one"),
        N_(
            "name a moment of the video, such as timing: 20.263, and give the picture to a site"
            " that takes it, in its own block"
        ),
        WARNING,
    ),
    "publish-unknown": (
        N_("publish can't be {value}"),
        N_("it can be: true, false, draft, or {{at: 2026-12-01T20:00:00+09:00}}"),
    ),
    "publish-at-invalid": (
        N_("{value} is no date and time"),
        N_("write it as 2026-12-01T20:00:00+09:00"),
    ),
    "publish-at-zone": (N_("{value} has no time zone"), N_("for Japan write {value}+09:00")),
    "publish-at-past": (
        N_("{value} is in the past"),
        N_("write a time in the future, or `publish: true` to publish at once"),
    ),
    "publish-at-far": (N_("{value} is more than a year away"), N_("check the year"), WARNING),
    "parent-work": (
        N_("{value} is no id of a work"),
        N_("an id is two small letters and digits, such as sm9 or nc12345"),
    ),
    "community-ended": (
        N_("communities ended on 2024-08-05, and niconico takes none any more"),
        N_("delete `community`; only the profile article-2021 knows it"),
    ),
    # accounts, files and ids
    "account-name": (
        N_("{value} is no name of an account"),
        N_("use letters, digits, - and _ (it is the name that you signed in under, not a mail)"),
    ),
    "file-empty": (N_("the name of the file is empty"), N_("for example: file: video.mp4")),
    "file-is-address": (
        N_("{file} is an address, and nicobatch uploads files from your disk"),
        N_("download it first, and write the name of the file"),
    ),
    "file-in-home": (
        N_("~ is not replaced here: {file}"),
        N_("write the path as seen from the manifest's folder, or the whole path"),
    ),
    "file-character": (
        N_("the invisible character {character} can't stand in the name of a file"),
        N_("delete it; between double quotes a backslash begins an escape, so use '…'"),
    ),
    "file-too-long": (
        N_("the name of the file is longer than a system takes"),
        N_("use at most {limit} characters, in a pattern {step} between two /"),
    ),
    "file-misnamed": (
        N_("{file} names no file on Windows"),
        N_("rename the file"),
    ),
    "file-unportable": (
        N_("{file} means something else on Windows"),
        N_("rename the file, if the manifest may be read there"),
        NOTE,
    ),
    "file-repeated": (
        N_("the file {file} is given twice"),
        N_("it is in {first} already; write `allow_duplicate: true` to post it twice"),
    ),
    "id-character": (
        N_("the id {id} holds {character}, which can't stand in the name of a file"),
        N_("use letters, digits, - and _"),
    ),
    "id-edge": (
        N_("the id {id} begins or ends with a dot or a blank"),
        N_("begin and end it with a letter or a digit"),
    ),
    "id-reserved": (
        N_("the id {id} is a name that Windows keeps for itself"),
        N_("choose another, such as video-{id}"),
    ),
    "id-too-long": (
        N_("the id {id} is too long for the name of a file"),
        N_("use at most {limit} characters ({bytes} bytes of UTF-8)"),
    ),
    "id-empty": (N_("the id is empty"), N_("give it a value, or delete the key")),
    "id-repeated": (
        N_("the id {id} is there already, in line {first}"),
        N_("each video of a manifest needs an id of its own; capital letters make no difference"),
    ),
    # addresses on other sites
    "address-unknown": (N_("{written} names no site"), N_("there are: {known}")),
    "address-own": (
        N_("{written} is the address of the very video on {site}, which has none yet"),
        N_("leave it out there, or give {site} a text of its own"),
    ),
    "address-elsewhere": (
        N_("{written} is of {site}, where the video does not go"),
        N_("add {site} to `sites:`, or leave it out"),
    ),
    "address-circle": (
        N_("{written} is waited for, and what is there waits for {site}"),
        N_("name the address in the text of one of the sites only"),
    ),
    # patterns and placeholders
    "pattern-unmatched": (
        N_("no file matches {pattern}"),
        N_(
            "write the pattern as seen from the manifest's folder; hidden and unfinished files"
            " don't count"
        ),
    ),
    "pattern-conflict-copy": (
        N_("{pattern} leaves out {file}: a program that syncs folders made this conflict copy"),
        N_("compare it with the other one, keep the right one under its name, and delete the copy"),
        NOTE,
    ),
    "pattern-case": (
        N_("{file} is left out of {pattern}, which differs in capital and small letters"),
        N_("rename the file, or give it an entry of its own"),
        WARNING,
    ),
    "pattern-unreadable": (
        N_("the folder {path} can't be searched: {reason}"),
        N_("let it be read, or write a pattern that leaves it out"),
    ),
    "pattern-too-wide": (
        N_("more than {limit} files and folders lie where {pattern} searches"),
        N_("begin the pattern with the folder that the videos are in"),
    ),
    "id-of-several": (
        N_("{count} files match, and the id {id} can be that of one video"),
        N_("add {{stem}} or {{index}} to the id"),
    ),
    "id-by-index": (
        N_("the id rests on {{index}}, which moves when files are added, removed or renamed"),
        N_("use {{stem}}, or leave the id out: it tells what was published before"),
        WARNING,
    ),
    "title-of-several": (
        N_("{count} videos get the same title: {title}"),
        N_("add {{stem}} or {{index}} to the title"),
        WARNING,
    ),
}
