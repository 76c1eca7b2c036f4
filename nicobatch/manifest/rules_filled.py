"""Rules about what is filled in: series in time, placeholders, texts in files, and templates.

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

FILLED: Mapping[str, Row] = {
    # series in time
    "publish-at-kept": (
        N_("{file} keeps {at}, which was sent: a series moves no time that the site has"),
        N_("to move it as well, give the video an entry with a time of its own"),
        NOTE,
    ),
    "bad-every": (
        N_("every can't be {value}"),
        N_("write days such as 7d, hours such as 36h, or days of the week such as [fri, sun]"),
    ),
    "publish-every-start": (
        N_("{at} is a {day}, which is none of the days of `every`"),
        N_("begin it with the first one: at: {moment}"),
    ),
    "publish-every-end": (
        N_("the series goes on beyond the last year that there is"),
        N_("make `every` shorter"),
    ),
    "publish-zone": (
        N_("the time zone {zone} is unknown"),
        N_("write it as Asia/Tokyo, or leave it out: at has a zone of its own"),
    ),
    # placeholders
    "placeholder-unknown": (
        N_("{written} is no placeholder"),
        N_(
            "there are {known}, and {{index:02}}; where one of them stands, {{{{ and }}}} are the"
            " braces themselves"
        ),
    ),
    "placeholder-format": (
        N_("{written} asks for a form that {placeholder} doesn't have"),
        N_("write {{stem}}, {{index}} for 1, 2, 3, or {{index:02}} for 01, 02, 03"),
    ),
    "placeholder-brace": (
        N_("{field} has a single {brace}"),
        N_("beside a pattern, {{{{ and }}}} stand for the braces themselves"),
    ),
    "placeholder-misplaced": (
        N_("{written} can't stand in a {field}"),
        N_("put it into the description; here there are {known}"),
    ),
    "placeholder-date": (
        N_("{written} is the day of publication, and the video has no time for that"),
        N_("give it one, such as publish: {{at: 2026-12-01T20:00:00+09:00}}, or write the day"),
    ),
    "placeholder-unfilled": (
        N_("{written} is not filled in: the video's file is no pattern"),
        N_("write the text itself, or a pattern as file, for example clips/*.mp4"),
        WARNING,
    ),
    "placeholder-idle": (
        N_("{written} stays as it is in {field}: it is no placeholder there"),
        N_("write the text itself"),
        WARNING,
    ),
    # announcements
    "announce-kind": (
        N_("each announcement is for one place"),
        N_(
            "give each an item of its own: `- livetube: {{page: …, text: …}}`, or"
            " `- apprise: {{url_env: …, text: …}}`"
        ),
    ),
    "announce-page": (
        N_("the page is no address of a broadcast"),
        N_("write it like http://livetube.cc/USER/TITLE"),
    ),
    "announce-variable": (
        N_("url_env is no name of an environment variable"),
        N_("write a name such as DISCORD_URL, and the address into the variable of that name"),
    ),
    "announce-secret": (
        N_("apprise takes no address here: it may hold a password, which no manifest should"),
        N_("write apprise: {{url_env: NAME, text: …}}, and set the variable NAME to the address"),
    ),
    "announce-repeated": (
        N_("the same place is told twice"),
        N_("write both texts into one announcement, or delete one of them"),
    ),
    # texts in files
    "text-file-outside": (
        N_("{file} does not lie in the manifest's folder"),
        N_("put it beside the manifest or in a folder there, and write its path from there"),
    ),
    "text-file-missing": (
        N_("there is no file {file} for the text"),
        N_("write its path as seen from the manifest's folder"),
    ),
    "text-file-too-large": (
        N_("{file} is larger than any text: {limit} bytes are read"),
        N_("name a text file"),
    ),
    # templates of a watched folder
    "template-several": (
        N_("a template is for one video at a time"),
        N_("leave a single entry under `videos:`"),
    ),
    "template-pages": (
        N_("a template lists no pages: each file that comes is a video"),
        N_("leave `pages` out"),
    ),
    "template-file": (
        N_("{file} is no pattern for names in the watched folder"),
        N_("leave `file` out, or write a pattern such as *.mp4"),
    ),
    "template-others": (
        N_("{written} can't be filled in: each video has a manifest of its own"),
        N_("leave it out of the template"),
    ),
}
