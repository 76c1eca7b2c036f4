"""Every field of a published video: edited, planned, published, and looked at on the site."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import reduce
from pathlib import Path
from typing import Any, Final

import pytest

from nicobatch import manifest
from nicobatch.actions import checking, publishing
from nicobatch.sandbox import Sandbox
from nicobatch.sites.niconico import metadata
from nicobatch.sites.niconico.cropping import Aspect
from nicobatch.sites.niconico.fields import SITE
from tests.unit.cli.conftest import Cli, Shelf
from tests.unit.cli.running import MAIN

Audit = Callable[[], list[dict[str, Any]]]
PAST: Final = datetime.fromisoformat("2020-01-01T00:00:00+09:00")
LATER: Final = "2027-06-01T20:00:00+09:00"
LATEST: Final = "2027-07-01T20:00:00+09:00"


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A change of one key, what is planned for it, and what the site has afterwards."""

    name: str
    new: Any
    old: Any = None
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """By field, its old and its new value, where they are not those of the manifest."""
    site: Mapping[str, Any]
    """By the dotted name in the audit's entry, what is there in the end."""
    note: str = ""


EDITS: Final = (
    Edit(name="title", new="第2回", old="第1回", site={"metadata.title": "第2回"}),
    Edit(
        name="description",
        new="山\n海\n",
        changes={"description": ("", "山\n海")},
        site={"metadata.detail": "山<br>海"},
    ),
    Edit(name="tags", old=["a", "b"], new=["b", "c"], site={"metadata.tags": ["b", "c"]}),
    Edit(name="tags", old=["a", "b"], new=["b", "a"], site={"metadata.tags": ["b", "a"]}),
    Edit(
        name="tags", old=["a"], changes={"tags": (["a"], [])}, new=None, site={"metadata.tags": []}
    ),
    Edit(name="genre", old="game", new="anime", site={"metadata.genreKey": "anime"}),
    Edit(
        name="thumbnail",
        old={"timing": 0.5},
        new={"timing": 1.25},
        changes={"thumbnail.timing": (500, 1250)},
        site={"thumbnails": {"0": 1250}},
    ),
    Edit(
        name="thumbnail",
        new={"timing": 1.25},
        changes={"thumbnail.timing": (None, 1250)},
        site={"thumbnails": {"0": 1250}},
    ),
    Edit(
        name="thumbnail",
        old={"timing": 0.5},
        new=None,
        changes={"thumbnail.timing": (500, None)},
        site={"thumbnails": {"0": 500}},
        note="thumbnail.timing: niconico keeps the thumbnail that it has:"
        " only another timing changes it",
    ),
    Edit(
        name="thumbnail",
        old={"aspect": "tall"},
        new={"aspect": "wide"},
        changes={"thumbnail.aspect": ("tall", "wide")},
        site={"metadata.thumbnail.aspectBias": "WIDE", "metadata.thumbnail.cropMode": 2},
    ),
    Edit(
        name="thumbnail",
        old={"aspect": "tall"},
        new={"aspect": "tall", "position": 3},
        changes={"thumbnail.position": (0, 3)},
        site={"metadata.thumbnail.position": 3},
    ),
    Edit(
        name="publish",
        old=True,
        new=False,
        changes={"publish": ("public", "private")},
        site={"visibility": "private"},
    ),
    Edit(
        name="publish",
        old=False,
        new=True,
        changes={"publish": ("private", "public")},
        site={"visibility": "public"},
    ),
    Edit(
        name="publish",
        old=True,
        new={"at": LATER},
        changes={"publish": ("public", "scheduled"), "publish.at": (None, LATER)},
        site={"visibility": "scheduled", "metadata.publishTimer.registeredAt": LATER},
        note="publish: visitors see it already, and nobody has tried whether a timer hides it"
        " again",
    ),
    Edit(
        name="publish",
        old={"at": LATER},
        new=True,
        changes={"publish": ("scheduled", "public"), "publish.at": (LATER, None)},
        site={"visibility": "public", "metadata.publishTimer.use": False},
    ),
    Edit(
        name="publish",
        old={"at": LATER},
        new=False,
        changes={"publish": ("scheduled", "private"), "publish.at": (LATER, None)},
        site={"visibility": "private", "metadata.publishTimer.use": False},
    ),
    Edit(
        name="publish",
        old={"at": LATER},
        new={"at": LATEST},
        changes={"publish.at": (LATER, LATEST)},
        site={"visibility": "scheduled", "metadata.publishTimer.registeredAt": LATEST},
        note="publish.at: if the old time has passed, visitors see it already, and nobody has"
        " tried whether a new one hides it again",
    ),
    Edit(
        name="publish",
        old="draft",
        new=True,
        changes={"publish": ("draft", "public")},
        site={"visibility": "public", "draft": False, "published": True},
    ),
    Edit(
        name="publish",
        old="draft",
        new=False,
        changes={"publish": ("draft", "private")},
        site={"visibility": "private", "published": True},
    ),
    Edit(
        name="publish",
        old="draft",
        new={"at": LATER},
        changes={"publish": ("draft", "scheduled"), "publish.at": (None, LATER)},
        site={"visibility": "scheduled", "published": True},
    ),
    *(
        Edit(
            name="permissions",
            new={name: False},
            changes={f"permissions.{name}": (True, False)},
            site={f"metadata.permissionSettings.{flag}": False},
        )
        for name, flag in metadata.PERMISSION_FLAGS.items()
    ),
    Edit(
        name="series",
        new={"id": 12},
        changes={"series": (None, {"id": 12, "add_to_head": False})},
        site={"metadata.series": {"id": 12, "addToHead": False}},
    ),
    Edit(
        name="series",
        old={"id": 12},
        new={"id": 13, "add_to_head": True},
        changes={
            "series": ({"id": 12, "add_to_head": False}, {"id": 13, "add_to_head": True}),
        },
        site={"metadata.series": {"id": 13, "addToHead": True}},
    ),
    Edit(
        name="series",
        old={"id": 12},
        new=None,
        changes={"series": ({"id": 12, "add_to_head": False}, None)},
        site={"metadata.series": None},
        note="series: nobody has tried whether niconico takes a video out of its series this way:"
        " look at it in the garage",
    ),
    Edit(name="signature", old=False, new=True, site={"metadata.signature.display": True}),
    Edit(
        name="notify_by_email",
        old=False,
        new=True,
        site={"metadata.notification.email": True},
        note="notify_by_email: niconico sends its mail when a video is published, and this one"
        " is already",
    ),
    Edit(
        name="exclude_from_upload_list",
        old=False,
        new=True,
        site={"metadata.excludeFromUploadList": True},
    ),
    Edit(
        name="thanks_message",
        new="ありがとう",
        changes={"thanks_message": ("", "ありがとう")},
        site={"metadata.thanksMessage": {"isVisible": True, "content": "ありがとう"}},
    ),
    Edit(
        name="parent_works",
        new=["sm9"],
        changes={"parent_works": ([], ["sm9"])},
        site={"metadata.commonsParentIds": ["sm9"]},
    ),
)
"""With the default profile; a value of None leaves the key out of the manifest."""


def named(edit: Edit) -> str:
    return f"{edit.name} {edit.old} to {edit.new}"


def write(shelf: Shelf, **keys: Any) -> None:
    """Write a manifest of one video with these keys, those of None left out."""
    video = {"version": 1, "file": "a.mp4", "title": "第1回", **keys}
    kept = {name: value for name, value in video.items() if value is not None}
    shelf.write(json.dumps(kept, ensure_ascii=False, indent=2))


def found(entry: Mapping[str, Any], name: str) -> Any:
    """Return the member of the dotted name, None where there is none."""
    return reduce(lambda value, each: (value or {}).get(each), name.split("."), entry)  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize("edit", EDITS, ids=named)
def test_an_edited_field(edit: Edit, cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit) -> None:
    shelf.add("a.mp4")
    write(shelf, **{edit.name: edit.old})
    assert cli("publish", ".").code == 0
    write(shelf, **{edit.name: edit.new})

    changes = edit.changes or {edit.name: (edit.old, edit.new)}
    planned = cli("plan", ".", "--format", "json", "--exit-code")
    assert planned.code == 6
    (plan,) = planned.of("plan")
    assert plan["verdict"] == "update"
    assert {each["name"]: (each["old"], each["new"]) for each in plan["changes"]} == changes
    notes = [f"{each['name']}: {each['message']}" for each in plan["notes"]]
    assert notes == [edit.note] * bool(edit.note)

    published = cli("publish", ".", "--format", "json")
    assert published.code == 0
    assert published.of("video_started")[0]["steps"] == plan["steps"]
    assert published.of("video_done")[0]["state"] == ("updated")
    said = [each["message"] for each in published.of("problem") if each["rule"] == "site-limit"]
    assert said == notes
    (entry,) = audit()
    assert {name: found(entry, name) for name in edit.site} == dict(edit.site)
    assert cli("plan", ".", "--exit-code").code == 0


def test_every_field_was_edited() -> None:
    changed = {name for edit in EDITS for name in edit.changes or [edit.name]}
    assert set(metadata.KEYS) - changed == {"community"}


# What can't be updated


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An edit that is refused, and the words for it."""

    old: Mapping[str, Any] = field(default_factory=dict)
    new: Mapping[str, Any]
    reason: str
    hint: str


REFUSALS: Final = {
    "another file": Refusal(
        new={"file": "b.mp4", "id": "a"},
        reason="b.mp4 is not the file that was uploaded to ",
        hint="niconico can't replace a video's file: put the old file back,"
        " or give the new one an id of its own to publish it as another video",
    ),
    "another id": Refusal(
        new={"id": "z"},
        reason="the same video file is taken by m.yaml#a",
        hint="leave it out here, or set allow_duplicate: true;"
        " if the video has a new name, `nicobatch move OLD NEW` gives it to its receipt, too",
    ),
    "another account": Refusal(
        new={"account": "second"},
        reason="its receipt says account main, and the manifest says second",
        hint="set account: main, or give the video another id",
    ),
    "a draft again": Refusal(
        new={"publish": "draft"},
        reason="it is published, and a published video can't become a draft again",
        hint="publish: false makes it private",
    ),
}


@pytest.mark.parametrize("case", REFUSALS.values(), ids=REFUSALS)
def test_an_edit_that_is_refused(
    case: Refusal, cli: Cli, shelf: Shelf, site: Sandbox, audit: Audit
) -> None:
    shelf.add("a.mp4")
    shelf.add("b.mp4")
    write(shelf, **case.old)
    assert cli("publish", ".").code == 0
    before = audit()
    write(shelf, **case.new)

    planned = cli("plan", ".", "--format", "json", "--exit-code")
    assert planned.code == 1
    (plan,) = planned.of("plan")
    assert (plan["sign"], plan["verdict"], plan["steps"]) == ("!", "refuse", [])
    assert plan["reasons"][0].startswith(case.reason)
    assert plan["hint"] == case.hint

    published = cli("publish", ".", "--format", "json")
    assert published.code == 1
    (failed,) = published.of("video_failed")
    assert (failed["message"], failed["hint"]) == (plan["reasons"][0], plan["hint"])
    assert audit() == before


# Timers


@pytest.fixture
def fired(
    cli: Cli, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Audit]:
    """Publish with a timer, let it fire, and return the way to look at the site."""
    days = [-1]

    def clock() -> float:
        return (PAST + timedelta(days=days[0])).timestamp()

    class Then(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Then:
            return cls.fromtimestamp(clock(), tz)

    with Sandbox(tmp_path / "past", encode_seconds=0, clock=clock) as site:
        monkeypatch.setenv("NICOBATCH_API_ORIGIN", site.url)
        monkeypatch.setenv("NICOBATCH_USER_SESSION", MAIN.user_session)
        shelf.add("a.mp4")
        write(shelf, publish={"at": PAST.isoformat()})
        with monkeypatch.context() as patch:
            patch.setattr(checking, "datetime", Then)
            patch.setattr(publishing, "datetime", Then)
            assert cli("publish", ".").code == 0
        assert site.audit()["entries"][0]["visibility"] == "scheduled"
        days[0] = 1
        assert site.audit()["entries"][0]["visibility"] == "public"
        yield lambda: list(site.audit()["entries"])


def test_a_timer_that_has_fired_is_left_alone(cli: Cli, fired: Audit) -> None:
    assert cli("plan", ".", "--exit-code").code == 0


def test_a_video_whose_timer_has_fired_can_be_edited(cli: Cli, shelf: Shelf, fired: Audit) -> None:
    write(shelf, title="第2回", publish={"at": PAST.isoformat()})
    assert "title: 第1回 -> 第2回" in cli("plan", ".").out
    assert cli("publish", ".").code == 0
    (entry,) = fired()
    assert (entry["metadata"]["title"], entry["visibility"]) == ("第2回", "public")


def test_a_timer_that_has_fired_can_not_fire_at_another_time_that_is_past(
    cli: Cli, shelf: Shelf, fired: Audit
) -> None:
    write(shelf, publish={"at": "2021-01-01T00:00:00+09:00"})
    for command in ("plan", "publish"):
        result = cli(command, ".")
        assert result.code == 1
        assert "[publish-at-past]" in result.out


def test_a_timer_that_has_fired_may_go(cli: Cli, shelf: Shelf, fired: Audit) -> None:
    write(shelf, publish=True)
    assert "publish: scheduled -> public" in cli("plan", ".").out
    assert cli("publish", ".").code == 0
    assert fired()[0]["visibility"] == "public"


def test_a_timer_that_has_fired_may_be_set_anew(cli: Cli, shelf: Shelf, fired: Audit) -> None:
    write(shelf, publish={"at": LATER})
    assert "visitors see it already" in cli("plan", ".").out
    result = cli("publish", ".")
    assert result.code == 0
    assert "m.yaml:6:" in result.err
    assert "[site-limit]" in result.err
    assert fired()[0]["visibility"] == "scheduled"


def test_the_same_moment_in_another_zone(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.add("a.mp4")
    write(shelf, publish={"at": LATER})
    assert cli("publish", ".").code == 0
    moment = datetime.fromisoformat("2027-06-01T11:00:00+00:00")
    assert moment == datetime.fromisoformat(LATER)
    write(shelf, publish={"at": moment.isoformat()})
    assert cli("plan", ".", "--exit-code").code == 0


# Profiles


@pytest.mark.parametrize(
    ("keys", "field", "told"),
    [
        ({"series": {"id": 12}}, "series", True),
        ({"parent_works": ["sm9"]}, "parent_works", True),
        ({"permissions": {"gift": False}}, "permissions.gift", True),
        ({"permissions": {"ng_share": False}}, "permissions.ng_share", False),
        ({"community": {"id": 10}}, "community", False),
        ({"title": "第2回"}, "title", False),
    ],
)
def test_what_the_profile_does_not_know_is_said(
    keys: Mapping[str, Any],
    field: str,
    *,
    told: bool,
    cli: Cli,
    shelf: Shelf,
    site: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NICOBATCH_MAIL", MAIN.mail)
    monkeypatch.setenv("NICOBATCH_PASSWORD", "sandbox")
    shelf.add("a.mp4")
    write(shelf, **keys)
    message = f"the profile article-2021 knows no {field}, so nothing is sent for it"
    expected = [{"name": field, "message": message}] if told else []

    def notes() -> list[dict[str, str]]:
        (plan,) = cli("plan", ".", "--profile", "article-2021", "--format", "json").of("plan")
        lines = (shelf.folder / "m.yaml").read_text("utf-8").splitlines()
        for note in plan["notes"]:
            assert field.rpartition(".")[2] in lines[note.pop("line") - 1]
            assert note.pop("column") > 1
        return list(plan["notes"])

    assert notes() == expected, "at the creation"
    write(shelf)
    assert cli("publish", ".", "--profile", "article-2021").code == 0
    write(shelf, **keys)
    assert notes() == expected, "at an update"
    result = cli("publish", ".", "--profile", "article-2021")
    assert result.code == 0
    assert (f"{field}: {message} [site-limit]" in result.err) is told


def test_the_fields_are_those_that_the_metadata_rests_on(shelf: Shelf, cli: Cli) -> None:
    shelf.add("a.mp4")
    write(shelf)
    (video,) = manifest.load(
        ["m.yaml"], sites={SITE.name: SITE}, now=datetime.fromisoformat(LATER)
    ).videos
    assert set(metadata.inputs(video, Aspect.WIDE)) == set(metadata.KEYS)
