"""The rules whose words stand where they are found, and not in a table of rules.

Each message is the catalogue's, so that it is translated; a test holds both against the package.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nicobatch.language import N_
from nicobatch.media.rules import Rule
from nicobatch.model import Severity

_WARNING: Final = Severity.WARNING
_LOOK: Final = N_(
    "it was changed at niconico, or niconico shows it in another way:"
    " look at the video, and run `nicobatch publish` again after a change of the manifest"
)


def _seen(what: str, message: str, hint: str = "") -> Rule:
    return Rule(id=f"visible-{what}", message=message, hint=hint, severity=_WARNING)


ELSEWHERE: Final[Mapping[str, tuple[Rule, ...]]] = {
    "publishing": (
        Rule(
            id="site-limit",
            message="{field}: {message}",
            hint="",
            severity=_WARNING,
        ),
        Rule(
            id="account-full",
            message=N_(
                "the account has room for {room} more, and {wanted} are to be created: {over} will"
                " not fit"
            ),
            hint=N_("delete some in the garage, or leave the last ones out for now"),
            severity=_WARNING,
        ),
        Rule(
            id="same-title",
            message=N_(
                "the account already has a video of this title, but another length: {videos}"
            ),
            hint=N_(
                "if it is this one, `nicobatch adopt {video_id} {video}{options}` writes its"
                " receipt; to publish another one like it, set allow_duplicate: true"
            ),
            severity=_WARNING,
        ),
        _seen("title-differs", N_("visitors see the title “{title}”"), _LOOK),
        _seen("description-differs", N_("visitors see another description"), _LOOK),
        _seen("tag-missing", N_("visitors don't see the tag “{tag}”"), _LOOK),
        _seen("genre-differs", N_("visitors see the genre {genre}, not {wanted}"), _LOOK),
        _seen("time-differs", N_("visitors see it from {moment} on, not from {wanted} on"), _LOOK),
        _seen("pages-differ", N_("bilibili shows {there} pages, and {sent} were sent")),
        _seen("copyright-differs", N_("bilibili has another {field} than was asked for: {there}")),
        _seen("statement-differs", N_("bilibili has another {field} than was asked for: {there}")),
        Rule(
            id="partition-changed",
            message=N_(
                "bilibili has put it into the partition {there}, and {wanted} was asked for"
            ),
            hint="",
            severity=_WARNING,
        ),
        Rule(
            id="not-announced",
            message=N_("not announced: {reason}"),
            hint="",
            severity=_WARNING,
        ),
        Rule(
            id="rehearsal",
            message=N_("a rehearsal sends nothing to {name}, which would be told: {text}"),
            hint="",
            severity=Severity.NOTE,
        ),
    ),
    "comparing": (
        Rule(
            id="site-differs",
            message=N_("{field} differs on {site} by now: {there}, not {sent}"),
            hint=N_(
                "nothing here was changed: to keep what is there, write it here; `nicobatch adopt`"
                " has the next publish bring back what stands here"
            ),
            severity=_WARNING,
        ),
    ),
    "watching": (
        Rule(
            id="file-outside-folder",
            message=N_("{file} lies outside the watched folder: it is {real}"),
            hint=N_("put the file into the folder, or allow it with --allow-outside"),
        ),
    ),
    "config": (
        Rule(
            id="bad-option",
            message=N_("{field} can't be {value}: {reason}"),
            hint="",
        ),
        Rule(
            id="secret-in-config",
            message=N_("what stands here looks like a secret, and none may lie in this file"),
            hint=N_(
                "delete it: `nicobatch session set` keeps a sign-in, and variables of the"
                " environment give one, a password, a proxy's, or the address that `url_env` names"
            ),
        ),
        Rule(
            id="notify-how",
            message=N_("{field} names {count} ways to reach it: one is needed"),
            hint=N_("write one of: {ways}"),
        ),
        Rule(
            id="strange-host",
            message=N_(
                "{field} leads to {host}, which is not {site}'s, and the sign-in would go there"
            ),
            hint=N_("if you trust it with the sign-in, add to this profile: trust: [{host}]"),
        ),
        Rule(
            id="not-private",
            message=N_("{scheme}://{netloc} is neither https nor this machine"),
            hint=N_("a sign-in is sent over https or to 127.0.0.1 only"),
        ),
    ),
}
"""By when they are found."""
