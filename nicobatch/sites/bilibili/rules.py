"""What keeps bilibili from taking a video, as data: by rule, how much it matters, and the words.

Every message is a whole sentence with named placeholders, ready for translation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nicobatch.language import N_
from nicobatch.model import Severity

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
_SHORTEN: Final = N_("shorten it, or give bilibili.{key}")
RULES: Final[Mapping[str, tuple[Severity, str, str]]] = {
    "bilibili-title-may-be-too-long": (
        _WARNING,
        N_("the title may be too long: its {count} characters count as {units} in UTF-16"),
        _SHORTEN,
    ),
    "bilibili-description-empty": (
        _WARNING,
        N_("bilibili was seen to refuse own works without a description"),
        N_("write a sentence about it"),
    ),
    "bilibili-description-html": (
        _WARNING,
        N_("bilibili shows plain text: {tags} will be dropped from the description"),
        N_("give bilibili.description without HTML"),
    ),
    "bilibili-no-tags": (
        _ERROR,
        N_("bilibili wants at least one tag"),
        N_("give tags, or bilibili.tags"),
    ),
    "bilibili-tag-comma": (
        _ERROR,
        N_("bilibili takes no comma in a tag: {tag}"),
        N_("make two tags of it"),
    ),
    "bilibili-tag-latin": (
        _WARNING,
        N_("bilibili has refused tags of {count} Latin letters at times: {tag}"),
        N_("shorten it, or give bilibili.tags"),
    ),
    "bilibili-tag-blank": (
        _NOTE,
        N_("the blank at an end of the tag {tag} is not sent: bilibili would count it"),
        "",
    ),
    "bilibili-timing-idle": (
        _NOTE,
        N_("bilibili takes the picture {file}: the moment is for sites that take none"),
        N_("leave timing out, unless the video goes to such a site as well"),
    ),
    "bilibili-draft": (
        _ERROR,
        N_("bilibili keeps no drafts that a program could save"),
        N_("give bilibili.publish: true, false (only me), or a time"),
    ),
    "bilibili-time-too-soon": (
        _ERROR,
        N_("bilibili takes times from {least} hours after the submission on, and this is {at}"),
        N_("write a later time, or give bilibili.publish"),
    ),
    "bilibili-time-too-late": (
        _ERROR,
        N_("bilibili takes times up to {most} days ahead, and this is {at}"),
        N_("write an earlier time, or give bilibili.publish"),
    ),
    "bilibili-source-missing": (
        _ERROR,
        N_("a repost needs its source"),
        N_("give bilibili.source: the address, or who made it"),
    ),
    "bilibili-source-unused": (
        _WARNING,
        N_("a source is given, and the video goes as an own work"),
        N_("if it is a repost, give bilibili.copyright: repost"),
    ),
    "bilibili-source-too-long": (
        _ERROR,
        N_("the source has {count} characters, and bilibili takes {limit}"),
        N_("shorten it"),
    ),
    "bilibili-dynamic-too-long": (
        _ERROR,
        N_("the text for followers has {count} characters, and bilibili takes {limit}"),
        N_("shorten it"),
    ),
    "bilibili-statement-missing": (
        _ERROR,
        N_("copyright: other needs a statement"),
        N_("give bilibili.statement: ai, fiction, marketing or opinion"),
    ),
    "bilibili-reprint-unused": (
        _WARNING,
        N_("only own works can forbid others to repost them"),
        N_("delete no_reprint"),
    ),
    "bilibili-tid-unknown": (
        _WARNING,
        N_("no partition of the number {tid} is known to take videos"),
        N_("bilibili chooses another one if there is none; leave tid out, and give partition"),
    ),
    "bilibili-tid-reposts": (
        _WARNING,
        N_("the partition {name} was seen to take reposts alone"),
        N_("choose another one, or leave tid out"),
    ),
    "bilibili-page-title-too-long": (
        _ERROR,
        N_("the page's title {title} has {count} characters, and bilibili takes {limit}"),
        N_("give the page a title of its own: pages: [{{file: …, title: …}}]"),
    ),
    "bilibili-page-title-control": (
        _ERROR,
        N_("the page's title {title} has an invisible character"),
        N_("delete it"),
    ),
    "bilibili-page-twice": (
        _ERROR,
        N_("the file {file} is a page of the video twice"),
        N_("delete one of the two"),
    ),
    "bilibili-too-many-pages": (
        _ERROR,
        N_("there are {count} pages, and bilibili takes {limit} at once"),
        N_("publish {limit} now, and add the others once the video is through its review"),
    ),
    "bilibili-many-pages": (
        _WARNING,
        N_("there are {count} pages, and the partition {name} is known to take {limit}"),
        N_("choose another tid, or split the video"),
    ),
    "bilibili-extension": (
        _ERROR,
        N_("bilibili's page takes no files named like {file}"),
        N_("MP4, MOV and MKV are what it recommends"),
    ),
    "bilibili-mention-unused": (
        _WARNING,
        N_("the description does not name @{name}"),
        N_("write @{name} in it, or delete the mention"),
    ),
    "bilibili-extra-reserved": (
        _ERROR,
        N_("{key} can't be given in extra"),
        N_("it has a key of its own, or is nicobatch's"),
    ),
    "bilibili-line": (
        _ERROR,
        N_("{line} is no name of a line"),
        N_("write auto, or a name such as bda2"),
    ),
}
