"""The library, as a program uses it: real videos, a real sandbox, and no command line."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import pytest

import nicobatch
from nicobatch import Credentials, Settings, WatchOptions, Workspace, events
from nicobatch.errors import SignInNeeded, Stopped, UsageError
from nicobatch.http import Http
from nicobatch.model import Secret
from nicobatch.plan import Verdict
from nicobatch.sandbox import Sandbox
from tests.support.pages import Page
from tests.unit.cli.conftest import Shelf
from tests.unit.cli.running import MAIN, SECOND

QUICK: Final = Settings(poll_interval=0.05)
PROGRAM: Final = Page("program", "en").block("python").text


@pytest.fixture
def shelf(tmp_path: Path, small_video: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    folder = tmp_path / "videos"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    return Shelf(folder, small_video)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "site", encode_seconds=0) as site:
        yield site


def signed_in(account: str) -> Credentials:
    person = {"main": MAIN, "second": SECOND}[account]
    return Credentials(user_session=Secret(person.user_session))


def test_the_program_of_the_page(shelf: Shelf) -> None:
    shelf.series("a", "b")
    shelf.write("version: 1\nfile: c.mp4\ntitel: x\n", "faulty.yaml")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert f"{Path('videos', 'faulty.yaml')}:3:1:" in done.stdout
    assert done.stdout.count("video_done") == 2
    assert "'state': 'published'" in done.stdout
    assert done.stdout.splitlines()[-1].count("Receipt(") == 2
    assert done.stderr == ""


def test_a_program_that_uses_it_has_its_types_checked(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM + "\n_: list[str] = workspace.delete('sm9')\n", "utf-8")
    command = (sys.executable, "-m", "mypy", "--strict", "--no-incremental", str(program))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (
        0,
        ["Success: no issues found in 1 source file"],
    )


def test_plans_say_what_publishing_does_and_a_second_time_nothing(
    shelf: Shelf, site: Sandbox
) -> None:
    shelf.series("a")
    with Workspace(api_origin=site.url, credentials=signed_in) as workspace:
        plans = workspace.plan(workspace.check(shelf.folder))
        assert [plan.verdict for plan in plans] == [Verdict.CREATE]
        assert site.audit()["requests"] == []
        told = list(workspace.publish(plans, settings=QUICK))
        steps = [each.step for each in told if isinstance(each, events.StepDone)]
        assert steps == list(*(plan.steps for plan in plans))
        again = workspace.plan(workspace.check(shelf.folder))
        assert [plan.verdict for plan in again] == [Verdict.UNCHANGED]
        (path,) = workspace.status(shelf.folder)
        assert path.name == "a.json"


def test_a_plan_that_others_have_overtaken_is_made_anew(shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    with Workspace(api_origin=site.url, credentials=signed_in) as workspace:
        checked = workspace.check(shelf.folder)
        early, late = workspace.plan(checked), workspace.plan(checked)
        workspace.publish(early, settings=QUICK).run()
        (outcome,) = workspace.publish(late, settings=QUICK).run()
    assert outcome.state == "unchanged"
    assert len(site.audit()["entries"]) == 1


def test_a_file_that_changed_since_it_was_planned_is_read_again(
    shelf: Shelf, site: Sandbox
) -> None:
    shelf.series("a")
    with Workspace(api_origin=site.url, credentials=signed_in) as workspace:
        plans = workspace.plan(workspace.check(shelf.folder))
        shelf.add("a.mp4", at_least=300_000)
        (outcome,) = workspace.publish(plans, settings=QUICK).run()
    (entry,) = site.audit()["entries"]
    assert outcome.receipt
    assert entry["sha256"] == outcome.receipt.files[0].sha256


def test_plans_can_be_sent_to_another_process(shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    with Workspace(api_origin=site.url, credentials=signed_in) as workspace:
        plans = pickle.loads(pickle.dumps(workspace.plan(workspace.check(shelf.folder))))
        (outcome,) = workspace.publish(plans, settings=QUICK).run()
        assert pickle.loads(pickle.dumps(outcome)).video == outcome.video


def test_who_leaves_the_loop_stops_the_run_and_another_goes_on(shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", "b", "c")
    with Workspace(api_origin=site.url, credentials=signed_in) as workspace:
        checked = workspace.check(shelf.folder)
        for event in workspace.publish(workspace.plan(checked), settings=QUICK):
            if isinstance(event, events.VideoDone):
                break
        before = len(site.audit()["entries"])
        assert before < 3
        outcomes = workspace.publish(workspace.plan(checked), settings=QUICK).run()
    assert {outcome.error for outcome in outcomes} == {None}
    assert len(site.audit()["entries"]) == 3
    assert threading.active_count() < 5


def test_a_run_can_be_stopped_from_elsewhere(shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", "b")
    with Workspace(api_origin=site.url, credentials=signed_in) as workspace:
        run = workspace.publish(workspace.plan(workspace.check(shelf.folder)), settings=QUICK)
        for each in run:
            if isinstance(each, events.VideoDone):
                run.stop()
        assert isinstance(run.outcomes[1].error, Stopped)


def test_two_at_once_with_accounts_of_their_own(
    shelf: Shelf, site: Sandbox, tmp_path: Path
) -> None:
    shelf.series("a", name="x/m.yaml")
    shelf.series("b", name="y/m.yaml", more="account: second\n")
    before = dict(os.environ)
    with (
        Workspace(api_origin=site.url, credentials={"main": signed_in("main")}) as one,
        Workspace(api_origin=site.url, journal=tmp_path / "j", credentials=signed_in) as other,
    ):
        runs = [
            iter(each.publish(each.plan(each.check(shelf.folder / name)), settings=QUICK))
            for each, name in ((one, "x"), (other, "y"))
        ]
        kinds = [[type(event) for event in pair if event] for pair in zip_longest(*runs)]
    assert [event for pair in kinds for event in pair].count(events.VideoDone) == 2
    assert any(len(pair) == 2 for pair in kinds)
    assert {entry["userId"] for entry in site.audit()["entries"]} == {MAIN.user_id, SECOND.user_id}
    assert (tmp_path / "j").is_dir()
    assert dict(os.environ) == before


def test_a_folder_is_watched_until_nothing_is_left(shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", "b")
    options = WatchOptions(once=True, settle=0)
    with Workspace(api_origin=site.url, credentials=signed_in) as workspace:
        told = list(workspace.watch(shelf.folder, options=options, settings=QUICK))
    assert [each.video for each in told if isinstance(each, events.VideoDone)] == [
        f"{shelf.folder / 'm.yaml'}#{name}" for name in "ab"
    ]


def test_who_leaves_a_watch_ends_it(shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a")
    watch_options = WatchOptions(settle=0, rescan=0.1)
    with Workspace(api_origin=site.url, credentials=signed_in) as workspace:
        watch = workspace.watch(shelf.folder, options=watch_options, settings=QUICK)
        for each in watch:
            if isinstance(each, events.UnitChanged) and each.state == "done":
                break
    assert len(site.audit()["entries"]) == 1
    assert threading.active_count() < 5


def test_nobody_else_s_sign_in_stands_in(shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", more="account: second\n")
    with Workspace(api_origin=site.url, credentials={"main": signed_in("main")}) as workspace:
        (outcome,) = workspace.publish(workspace.plan(workspace.check(shelf.folder))).run()
    assert isinstance(outcome.error, SignInNeeded)
    assert site.audit()["entries"] == []


def test_adopting_and_deleting(shelf: Shelf, site: Sandbox) -> None:
    manifest = shelf.series("a")
    with Workspace(api_origin=site.url, credentials=signed_in) as workspace:
        workspace.publish(workspace.plan(workspace.check(manifest)), settings=QUICK).run()
        ((path, receipt),) = workspace.status(manifest).items()
        path.unlink()
        assert receipt.remote
        assert workspace.adopt(receipt.remote.video_id, str(manifest))["adopted"] is True
        assert workspace.delete(f"{manifest}#a") == [receipt.remote.video_id]
        (plan,) = workspace.plan(workspace.check(manifest))
    assert plan.verdict is Verdict.LEAVE
    assert site.audit()["entries"][0]["deleted"]


def test_no_connection_is_left_open(
    shelf: Shelf, site: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest, closed = shelf.series("a"), list[Http]()
    made = list[Http]()
    begin, end = Http.__init__, Http.close

    def begun(self: Http, **given: Any) -> None:
        made.append(self)
        begin(self, **given)

    def ended(self: Http) -> None:
        closed.append(self)
        end(self)

    with Workspace(api_origin=site.url, credentials=signed_in) as workspace:
        workspace.publish(workspace.plan(workspace.check(manifest)), settings=QUICK).run()
        ((path, receipt),) = workspace.status(manifest).items()
        path.unlink()
        monkeypatch.setattr(Http, "__init__", begun)
        monkeypatch.setattr(Http, "close", ended)
        assert receipt.remote
        workspace.plan(workspace.check(manifest))
        workspace.adopt(receipt.remote.video_id, str(manifest))
        workspace.delete(f"{manifest}#a")
    assert len(made) > 3
    assert [each for each in made if each not in closed] == []


def test_what_there_is_not() -> None:
    with pytest.raises(UsageError, match="garage-2026"):
        Workspace(profile="garage-1999")
    with pytest.raises(AttributeError, match="workspaces"):
        _ = nicobatch.workspaces


def test_a_config_counts_only_where_it_is_given(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(
        "budgets: {bilibili: {submissions_per_day: 2}}\n"
        "profiles: {garage-2026: {garage: 'https://g.nicovideo.jp/api'}}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("NICOBATCH_CONFIG", str(path))
    assert Workspace().access.site().reach.moved == {}
    site = Workspace(config=path).access.site()
    assert site.service.base(site.reach) == "https://g.nicovideo.jp/api"
    assert site.origin == "https://garage.nicovideo.jp"
    target = site.at("bilibili").target("main")
    assert target.rates["submission"][0].most == 2
    target.close()
    path.write_text("budgets: {bilibili: {submissions_a_day: 2}}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"c\.yaml:1:22: the key submissions_a_day is unknown"):
        Workspace(config=path)
