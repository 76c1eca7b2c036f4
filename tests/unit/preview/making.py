"""Pages to look at: entries with hand-made data, and texts that mean harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields as members
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from nicobatch import media
from nicobatch.model import MediaInfo, Position, Problem, Severity, Video
from nicobatch.plan import Plan, Verdict
from nicobatch.preview import Preview, PreviewedVideo
from nicobatch.reports import words
from nicobatch.sites.niconico.fields import SITE, Options

MANIFEST: Final = Path("m.yaml")
NOW: Final = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
SIGNS: Final = {each.value: sign for each, sign in words.SIGNS.items()}

HOSTILE: Final = {
    "script": "<script>alert(1)</script>",
    "attribute": "\"'><img src=x onerror=alert(1)>",
    "event": '" onmouseover="alert(1)" style="position:fixed;inset:0" x="',
    "style": "</style><style>*{display:none!important}</style><script>alert(1)</script>",
    "closing": "</title></head></li></ol></main></html><script>alert(1)</script>",
    "comment": "<!-- --!> <!--",
    "template": "{{ 7*7 }}{% for x in y %}{# #}${7*7}",
    "entity": "&lt;script&gt;alert(1)&lt;/script&gt;&#60;img src=x onerror=alert(1)&#62;",
    "right to left": "\u202egpj.exe\u2066\u2067 \u05d0\u05d1\u05d2",
    "long word": "w" * 10_000,
    "long text": "冒険" * 5_000,
    "zalgo": "Z" + "\u0300\u0316\u0489" * 300 + "algo",
    "emoji": "👨‍👩‍👧‍👦" * 60,
    "link": '<a href="javascript:alert(1)">x</a> https://evil.example/x"onx=alert(1)',
    "svg": "<svg onload=alert(1)><use href='data:image/svg+xml,<svg/>'></svg><math><mi//x>",
    "frame": "<iframe src=https://evil.example></iframe><object data=x><embed src=x>",
    "meta": '<meta http-equiv="refresh" content="0;url=https://evil.example"><base href=//x>',
    "font": '<font color="red\'><b onclick=alert(1)>" size="9"><font color="a>sm9">x</font>',
    "breaks": "a\u2028b\u2029c\u200b\u00a0\t" + "\n" * 30,
}


def video(file: Path, **given: Any) -> Video:
    """Make a video with the title and id of nobody, and a place for each field."""
    fields = {"manifest": MANIFEST, "id": "a", "title": "第1回", "places": {"": Position(3, 5)}}
    own = {each.name: given.pop(each.name) for each in members(Options) if each.name in given}
    return Video(file=file, options=Options(**own), **{**fields, **given})


def entry(
    made: Video, info: MediaInfo | None, verdict: Verdict | None = Verdict.CREATE
) -> PreviewedVideo:
    detail = made.description.replace("\n", "<br>")
    if verdict is None:
        return PreviewedVideo(video=made, site=SITE, media=info, detail=detail)
    plan = Plan(video=made.key, verdict=verdict, reasons=("not published before",))
    return PreviewedVideo(
        video=made, site=SITE, media=info, detail=detail, plan=plan, sign=SIGNS[verdict]
    )


def page(
    entries: Sequence[PreviewedVideo], problems: Sequence[Problem] = (), **given: Any
) -> Preview:
    fields = {
        "summary": f"{len(entries)} videos",
        "site": "https://garage.example",
        "is_fine": not problems,
        "now": NOW,
        "zone": ZoneInfo("Asia/Tokyo"),
    }
    return Preview(entries=entries, problems=problems, **{**fields, **given})


def problem(line: int = 3, column: int = 5, **given: Any) -> Problem:
    fields = {"rule": "some-rule", "message": "it is wrong", "hint": "make it right"}
    return Problem(path=MANIFEST, line=line, column=column, **{**fields, **given})


def warning(**given: Any) -> Problem:
    return problem(severity=Severity.WARNING, **given)


def info_of(path: Path) -> MediaInfo:
    return media.probe(path)
