from __future__ import annotations

from dataclasses import replace

import pytest

from nicobatch.model import FileIdentity, Position, Video
from nicobatch.plan import KnownFiles, Plan, Verdict, Wanted, untold
from nicobatch.receipt import DELETION, READING, Receipt, StepState
from nicobatch.sites.base import Role, StepSpec, StepTable
from tests.unit.plan.making import (
    DRAFT,
    DRAFT_STEPS,
    FILE,
    METADATA,
    OTHER_FILE,
    REAL,
    REMOTE,
    STEPS,
    decide,
    lies,
    receipt,
    record,
    taken,
    video,
    wanted,
)

# Drafts


@pytest.mark.parametrize("before", [receipt(*STEPS), receipt(*STEPS[:5], opened="metadata")])
def test_what_may_be_published_is_no_draft_again(before: Receipt) -> None:
    assert decide(wanted(metadata=DRAFT, steps=DRAFT_STEPS), before) == Plan(
        video=video().key,
        verdict=Verdict.REFUSE,
        reasons=("it is published, and a published video can't become a draft again",),
        hint="publish: false makes it private",
    )


# Changed files


@pytest.mark.parametrize(
    ("before", "steps"),
    [
        (receipt(opened="create", remote=None), STEPS),
        (receipt("create"), STEPS[1:]),
        (receipt("create", "stream", parts=frozenset({0})), STEPS[1:]),
        (receipt("create", "stream", "chunks"), STEPS[1:]),
    ],
)
def test_a_file_that_changed_in_time_is_sent_from_its_beginning(
    before: Receipt, steps: tuple[str, ...]
) -> None:
    verdict = decide(wanted(file=OTHER_FILE), before)
    assert (verdict.verdict, verdict.steps) == (Verdict.RESUME, steps)
    assert verdict.reasons == (
        "the video file changed before its upload was complete: all parts are sent again",
    )
    assert verdict.changes == ()


@pytest.mark.parametrize(
    ("before", "where"),
    [
        (receipt(*STEPS[:3], opened="done"), REMOTE.url),
        (receipt(*STEPS[:4]), REMOTE.url),
        (receipt(*STEPS), REMOTE.url),
        (receipt(*STEPS, remote=None), "the site"),
    ],
)
def test_a_file_that_may_have_been_taken_can_not_be_another_one(
    before: Receipt, where: str
) -> None:
    verdict = decide(wanted(file=OTHER_FILE), before)
    assert (verdict.verdict, verdict.steps) == (Verdict.REFUSE, ())
    assert verdict.reasons == (f"ep1.mp4 is not the file that was uploaded to {where}",)
    assert "put the old file back" in verdict.hint
    assert "an id of its own" in verdict.hint


def test_a_renamed_file_is_the_same_file() -> None:
    renamed = replace(FILE, name="final.mp4")
    assert decide(wanted(file=renamed), receipt(*STEPS)).verdict is Verdict.UNCHANGED


# Other owners


@pytest.mark.parametrize("before", [receipt("create"), receipt(*STEPS)])
def test_a_receipt_of_another_site_is_refused(before: Receipt) -> None:
    verdict = decide(wanted(origin="http://127.0.0.1:8025"), before)
    assert verdict.verdict is Verdict.REFUSE
    assert verdict.reasons == (f"its receipt belongs to {REAL}, not to http://127.0.0.1:8025",)
    assert "--journal DIR" in verdict.hint


@pytest.mark.parametrize("before", [receipt("create"), receipt(*STEPS)])
def test_a_receipt_of_another_account_is_refused(before: Receipt) -> None:
    verdict = decide(wanted(video(account="second")), before)
    assert verdict.verdict is Verdict.REFUSE
    assert verdict.reasons == ("its receipt says account main, and the manifest says second",)
    assert verdict.hint == "set account: main, or give the video another id"
    asked = decide(replace(wanted(video(account="second")), by_option=True), before)
    assert asked.verdict is Verdict.REFUSE
    assert asked.reasons == ("its receipt says account main, and --account says second",)
    assert asked.hint == "leave --account second out, or give the video another id"


@pytest.mark.parametrize(
    ("before", "verdict"),
    [
        (None, Verdict.REFUSE),
        (receipt("create", "stream", "chunks"), Verdict.REFUSE),
        (receipt(*STEPS[:3], opened="done"), Verdict.REFUSE),
        (receipt(*STEPS[:4]), Verdict.RESUME),
        (receipt(*STEPS), Verdict.UNCHANGED),
    ],
)
def test_a_file_that_is_away_is_needed_until_it_is_uploaded(
    before: Receipt | None, verdict: Verdict
) -> None:
    decided = decide(replace(wanted(), is_away=True), before)
    assert decided.verdict is verdict
    assert ("ep1.mp4 is not here" in decided.reasons[0]) is (verdict is Verdict.REFUSE)


def test_a_text_is_changed_without_the_file_where_the_step_that_seals_publishes() -> None:
    before = published(pages(PAGES[0]))
    goal = replace(pages(PAGES[0]), is_away=True)
    steps = {name: {**inputs, "title": "another"} for name, inputs in goal.steps.items()}
    assert decide(replace(goal, steps=steps), before).verdict is Verdict.UPDATE


@pytest.mark.parametrize(("places", "verdict"), [((), Verdict.REFUSE), (("tags",), Verdict.UPDATE)])
def test_what_could_not_be_read_is_sent_once_the_manifest_has_it(
    places: tuple[str, ...], verdict: Verdict
) -> None:
    reading = record({"unread": ["tags"], "assumed": ["permissions"]})
    before = replace(receipt(*STEPS), steps={**receipt(*STEPS).steps, READING: reading})
    assert decide(wanted(), before).verdict is Verdict.UNCHANGED
    goal = wanted(metadata={**METADATA, "title": "another"})
    stated = replace(goal.video, places={each: Position(1, 1) for each in places})
    goal = replace(goal, video=stated)
    decided = decide(goal, before)
    assert decided.verdict is verdict
    assert ("write them into the manifest" in decided.hint) is (verdict is Verdict.REFUSE)
    assert untold(goal, before, "assumed") == ("permissions",)
    odd = replace(before, steps={READING: record({"assumed": "tags"})})  # by another's hand
    assert untold(goal, odd, "assumed") == ()


# Deleted videos

GONE = replace(receipt(*STEPS), steps={**receipt(*STEPS).steps, DELETION: record({})})
GOING = replace(GONE, steps={**GONE.steps, DELETION: record({}, StepState.OPEN)})


@pytest.mark.parametrize("goal", [wanted(), wanted(file=OTHER_FILE), wanted(metadata=DRAFT)])
def test_a_deleted_video_is_left_alone(goal: Wanted) -> None:
    assert decide(goal, GONE, taken(GONE)) == Plan(
        video=video().key,
        verdict=Verdict.LEAVE,
        reasons=("it was deleted on 2026-11-21",),
        hint="remove its entry from the manifest; to publish it again, give the video another id",
    )


def test_a_deletion_that_may_have_happened_is_settled_first() -> None:
    assert decide(wanted(), GOING, taken(GOING)) == Plan(
        video=video().key,
        verdict=Verdict.REFUSE,
        reasons=("its deletion began on 2026-11-21, and how it ended is not known",),
        hint="run `nicobatch delete` for it again: it asks niconico first",
    )


def test_a_deleted_draft_is_not_brought_back_either() -> None:
    draft = receipt(*DRAFT_STEPS, metadata=DRAFT)
    gone = replace(draft, steps={**draft.steps, DELETION: record({})})
    goal = wanted(metadata=DRAFT, steps=DRAFT_STEPS)
    assert decide(goal, gone).reasons == ("it was deleted on 2026-11-21",)


@pytest.mark.parametrize(("before", "verdict"), [(GONE, Verdict.CREATE), (GOING, Verdict.REFUSE)])
def test_the_file_of_a_deleted_video_is_free_again(before: Receipt, verdict: Verdict) -> None:
    assert decide(wanted(video("ep2")), None, taken(before)).verdict is verdict


# Duplicates


@pytest.mark.parametrize("each", [video("ep1-again"), video(manifest="renamed.yaml")])
def test_the_same_bytes_under_another_name_are_refused(each: Video) -> None:
    assert decide(wanted(each), None, taken(receipt(*STEPS))) == Plan(
        video=each.key,
        verdict=Verdict.REFUSE,
        reasons=("the same video file is taken by m.yaml#ep1",),
        hint="leave it out here, or set allow_duplicate: true;"
        " if the video has a new name, `nicobatch move OLD NEW` gives it to its receipt, too",
    )


def test_a_file_name_does_not_hide_a_duplicate() -> None:
    goal = wanted(video("ep2"), replace(FILE, name="ep2.mp4"))
    assert decide(goal, None, taken(receipt(*STEPS))).verdict is Verdict.REFUSE


@pytest.mark.parametrize("before", [receipt(opened="create", remote=None), receipt("create")])
def test_what_was_merely_begun_counts_as_taken(before: Receipt) -> None:
    assert decide(wanted(video("ep2")), None, taken(before)).verdict is Verdict.REFUSE


def test_a_duplicate_that_is_wanted_is_created() -> None:
    goal = wanted(video("ep2", allow=True))
    assert decide(goal, None, taken(receipt(*STEPS))).verdict is Verdict.CREATE


@pytest.mark.parametrize(
    "other",
    [
        receipt(*STEPS, file=OTHER_FILE),
        replace(receipt(*STEPS), account="second"),
        replace(receipt(*STEPS), origin="http://127.0.0.1:8025"),
        replace(receipt(remote=None), abandoned=("9",)),
        receipt(*STEPS),
    ],
    ids=["other bytes", "other account", "other site", "nothing begun", "its own"],
)
def test_what_is_no_duplicate_is_created(other: Receipt) -> None:
    each = video("ep2") if other != receipt(*STEPS) else video()
    assert decide(wanted(each), None, taken(other)).verdict is Verdict.CREATE


def test_a_duplicate_that_is_there_already_is_left_alone() -> None:
    mine = replace(receipt(*STEPS), video="ep2", remote=replace(REMOTE, id="10"))
    known = taken(receipt(*STEPS), mine)
    assert decide(wanted(video("ep2")), mine, known).verdict is Verdict.UNCHANGED


@pytest.mark.parametrize("file", [FILE, OTHER_FILE], ids=["copy", "forgery"])
@pytest.mark.parametrize("mine", [receipt(*STEPS), receipt("create")], ids=["done", "begun"])
def test_two_receipts_of_one_video_are_both_refused(file: FileIdentity, mine: Receipt) -> None:
    other = replace(receipt(*STEPS, file=file), video="ep2", manifest="n.yaml")
    known = taken(mine, other)
    verdicts = (
        decide(wanted(), mine, known),
        decide(wanted(video("ep2", "n.yaml"), file), other, known),
    )
    assert [each.verdict for each in verdicts] == [Verdict.REFUSE] * 2
    assert verdicts[0].reasons == ("its receipt names sm9, and so does the receipt of n.yaml#ep2",)
    paths = (lies(video()), lies(video("ep2", "n.yaml")))
    assert all(path in verdicts[0].hint for path in paths)


@pytest.mark.parametrize(
    "other",
    [
        replace(receipt(*STEPS), origin="sandbox"),
        replace(receipt(*STEPS), remote=replace(REMOTE, id="10")),
        replace(receipt(*STEPS), steps={DELETION: record({})}),
    ],
    ids=["other site", "other video", "tombstone"],
)
def test_what_is_no_second_receipt(other: Receipt) -> None:
    known = taken(receipt(*STEPS), replace(other, video="ep2", manifest="n.yaml"))
    assert decide(wanted(), receipt(*STEPS), known).verdict is Verdict.UNCHANGED


def test_an_upload_whose_file_was_swapped_for_a_published_one_is_refused() -> None:
    mine = replace(receipt("create", file=OTHER_FILE), video="ep2")
    known = taken(receipt(*STEPS), mine)
    assert decide(wanted(video("ep2")), mine, known).verdict is Verdict.REFUSE


def test_a_duplicate_whose_creation_is_not_known_is_refused() -> None:
    mine = replace(receipt(opened="create", remote=None), video="ep2")
    known = taken(receipt(*STEPS), mine)
    assert decide(wanted(video("ep2")), mine, known).verdict is Verdict.REFUSE


def test_the_second_of_two_new_videos_with_one_file_is_refused() -> None:
    known = KnownFiles()
    first = wanted(video("ep1"))
    assert decide(first, None, known).verdict is Verdict.CREATE
    known.claim(first)
    assert decide(first, None, known).verdict is Verdict.CREATE
    second = decide(wanted(video("ep2")), None, known)
    assert second.verdict is Verdict.REFUSE
    assert second.reasons == ("the same video file is taken by m.yaml#ep1",)


def test_all_names_of_a_file_are_known_and_the_first_is_said() -> None:
    known = taken(replace(receipt(*STEPS), video="z"), replace(receipt(*STEPS), video="a"))
    goal = wanted(video("new"))
    assert known.others(goal) == ("m.yaml#a", "m.yaml#z")
    assert decide(goal, None, known).reasons[0].endswith("m.yaml#a")


def test_manifests_of_one_name_in_two_folders_are_two() -> None:
    elsewhere = "others/.nicobatch/m.yaml/ep1.json"
    known = KnownFiles.of([(elsewhere, receipt(*STEPS))])
    assert decide(wanted(), None, known).verdict is Verdict.REFUSE


# Several files


PAGES = (FILE, replace(OTHER_FILE, name="ep2.mp4"))
APPENDING = StepTable(
    (
        StepSpec(name="chunks", roles=frozenset({Role.SENDS})),
        StepSpec(
            name="metadata",
            roles=frozenset({Role.SEALS, Role.CLOSES, Role.PUBLISHES, Role.APPENDS}),
        ),
    )
)


def pages(*files: FileIdentity, table: StepTable = APPENDING) -> Wanted:
    inputs = {"pages": [each.sha256 for each in files]}
    steps = {"chunks": inputs, "metadata": inputs}
    return replace(wanted(steps=()), files=files, steps=steps, table=table)


def published(goal: Wanted) -> Receipt:
    steps = {name: record(inputs) for name, inputs in goal.steps.items()}
    return replace(receipt(), files=goal.files, steps=steps)


def test_files_that_are_added_are_appended_where_the_site_can() -> None:
    before = published(pages(PAGES[0]))
    decided = decide(pages(*PAGES), before)
    assert (decided.verdict, decided.steps) == (Verdict.UPDATE, ("chunks", "metadata"))


@pytest.mark.parametrize(
    ("files", "away", "name"),
    [
        (PAGES[::-1], False, "ep2.mp4"),
        ((PAGES[0], replace(FILE, name="c.mp4")), True, "c.mp4"),
    ],
)
def test_a_file_that_is_another_or_gone_is_refused_by_its_name(
    files: tuple[FileIdentity, ...], away: bool, name: str
) -> None:
    decided = decide(replace(pages(*files), is_away=away), published(pages(*PAGES)))
    assert decided.verdict is Verdict.REFUSE
    assert decided.reasons[0].startswith(f"{name} is not the file that was uploaded to ")


def test_a_file_that_is_added_where_the_site_appends_none_is_refused_by_its_name() -> None:
    chunks, metadata = APPENDING
    whole = StepTable((chunks, replace(metadata, roles=metadata.roles - {Role.APPENDS})))
    decided = decide(pages(*PAGES, table=whole), published(pages(PAGES[0])))
    assert decided.verdict is Verdict.REFUSE
    assert decided.reasons[0].startswith("ep2.mp4 is not the file that was uploaded to ")


def test_a_page_that_is_gone_from_the_manifest_is_told_as_that() -> None:
    decided = decide(pages(PAGES[0]), published(pages(*PAGES)))
    assert decided.verdict is Verdict.REFUSE
    site = pages(*PAGES).video.site
    assert decided.reasons == (
        f"{site} has the page {PAGES[1].name}, which the manifest has no more",
    )
    assert decided.hint.startswith("no page can be taken away here: put it back")


def test_a_page_that_is_gone_is_told_of_though_another_has_its_content() -> None:
    again = replace(PAGES[0], name="ep3.mp4")
    decided = decide(pages(*PAGES), published(pages(*PAGES, again)))
    assert "has the page ep3.mp4, which" in decided.reasons[0]
