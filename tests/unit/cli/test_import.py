"""A channel that was there before: read into manifests, changed there, and sent back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nicobatch import Workspace
from nicobatch.actions.access import Access
from nicobatch.actions.importing import Import, Imported
from nicobatch.journal import Journal
from nicobatch.model import Secret
from nicobatch.receipt import READING
from nicobatch.sites.session import Credentials
from tests.support.channel import FIRST, Channel
from tests.unit.cli.conftest import Cli
from tests.unit.cli.running import MAIN, Result

ODD = {
    "quotes": """'"' "a": {b} [c], # d""",
    "blanks": "\u3000 二つ ",
    "no text": "yes",
    "a number": "1.0",
    "emoji": "👨‍👩‍👧 🇯🇵",
    "a line's end that YAML knows": "上\u0085下\u2028終",
    "controls": "a\x07b\x1bc",
    "a mark": "\ufeff題",
    "placeholders": "{stem} {index:02}",
    "too long": "長" * 130,
}


@pytest.fixture
def channel(tmp_path: Path) -> Channel:
    return Channel(tmp_path / "site")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    folder = tmp_path / "机"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NICOBATCH_USER_SESSION", MAIN.user_session)
    return folder


@pytest.fixture
def online(channel: Channel, cli: Cli, desk: Path) -> Callable[..., Result]:
    """Run the command while the channel is served."""

    def command(*arguments: str) -> Result:
        with channel.served() as server:
            return cli(*arguments, "--api-origin", server.url)

    return command


def shelf(folder: Path) -> dict[str, bytes]:
    """Return every file in the folder and below, by its name, locks aside."""
    files = (each for each in folder.rglob("*") if each.is_file() and each.suffix != ".lock")
    return {str(each.relative_to(folder)): each.read_bytes() for each in files}


def verdicts(result: Result) -> dict[str, int]:
    [planned] = result.of("planned")
    return dict(planned["verdicts"])


def test_a_channel_is_brought_in_changed_and_sent(
    online: Callable[..., Result], channel: Channel, desk: Path
) -> None:
    for index in range(110):
        channel.put(index, publish=index % 9 != 8)
    result = online("import")
    assert result.code == 0
    assert result.out == (
        "new: 110, in niconico/2014.yaml, niconico/2014-2.yaml; see `nicobatch plan niconico`\n"
    )
    first = (desk / "niconico" / "2014.yaml").read_text("utf-8")
    assert (
        "  - file: sm39000000.mp4\n"
        "    id: sm39000000\n"
        "    title: 【実況】第0回\n"
        "    description: |\n"
        "      一行目\n"
        "      <b>二</b>行目\n"
        "    tags: [ゲーム, 実況プレイ動画]\n"
        "    genre: game\n"
    ) in first
    assert "permissions" in first.partition("version: 1")[0]  # what is not told is said
    assert online("check", ".").code == 0
    planned = online("plan", "niconico", "--exit-code", "--format", "json")
    assert (planned.code, verdicts(planned)) == (0, {"unchanged": 110})

    edited = set(range(30, 80))
    for path in (desk / "niconico").glob("*.yaml"):
        text = path.read_text("utf-8")
        for index in edited:
            text = text.replace(f"第{index}回\n", f"その{index}\n")
        path.write_text(text, "utf-8")
    planned = online("plan", "niconico", "--format", "json")
    assert verdicts(planned) == {"unchanged": 60, "update": 50}
    one = next(each for each in planned.of("plan") if each["verdict"] == "update")
    assert [each["name"] for each in one["changes"]] == ["title"]
    assert "defaults are sent" in one["notes"][0]["message"]
    assert online("publish", "niconico").code == 0
    for index in range(110):
        kept = channel.get(index)
        assert kept["received"].get("edit", 0) == (index in edited)
        was = f"【実況】第{index}回"
        assert kept["metadata"]["title"] == (f"【実況】その{index}" if index in edited else was)
        assert kept["metadata"]["detail"] == "一行目<br><b>二</b>行目"
    again = online("plan", "niconico", "--exit-code", "--format", "json")
    assert verdicts(again) == {"unchanged": 110}


def test_again_it_brings_what_is_new_and_shows_what_is_other(
    online: Callable[..., Result], channel: Channel, desk: Path
) -> None:
    for index in range(4):
        channel.put(index)
    assert online("import").code == 0
    before = shelf(desk)
    assert online("import").out == "nothing new\nknown here already: 4\n"
    assert shelf(desk) == before

    channel.put(4)
    channel.put(0, title="別の題", detail="一行目<br>三行目", publish=False)
    channel.change(1, deleted_at=0.0)
    result = online("import")
    assert result.code == 0
    assert result.out == (
        "new: 1, in niconico/2014-2.yaml; see `nicobatch plan niconico`\nknown here already: 3\n"
    )  # one of them is not listed any more
    assert (
        "niconico/2014.yaml:10:12: warning: title differs on niconico by now: '別の題', not"
        " '【実況】第0回' [site-differs]"
    ) in result.err
    assert "description differs on niconico by now: '三行目', not '<b>二</b>行目'" in result.err
    assert "publish differs on niconico by now: 'private', not 'public'" in result.err
    after = shelf(desk)
    assert {name: after[name] for name in before} == before
    assert online("import", "--strict").code == 1
    kept = verdicts(online("plan", "niconico", "--format", "json"))
    assert kept == {"unchanged": 5}


def test_as_the_site_says(online: Callable[..., Result], channel: Channel, desk: Path) -> None:
    at = "2099-12-01T20:00:00+09:00"
    channel.put(0, publish=False)
    channel.put(1, publishTimer={"use": True, "registeredAt": at})
    channel.put(2, series={"id": 12, "addToHead": False}, excludeFromUploadList=True)
    channel.put(3, genreKey="none", tags=[], detail="")
    assert online("import", "-o", "all", "--format", "json").code == 0
    texts = "".join(path.read_text("utf-8") for path in sorted((desk / "all").glob("*.yaml")))
    private, series, bare, timed = texts.split("  - file:")[1:]
    assert "    publish: false\n" in private
    assert "    series:\n      id: 12\n" in series
    assert "    exclude_from_upload_list: true\n" in series
    assert [line.split(":")[0].strip() for line in bare.strip().splitlines()[:3]][1:] == [
        "id",
        "title",
    ]
    assert f"    publish:\n      at: '{at}'\n" in timed
    assert "could not be read, and must stand here before a change is sent: tags, genre" in texts
    planned = online("plan", "all", "--format", "json")
    assert verdicts(planned) == {"unchanged": 4}

    later = desk / "all" / "2099.yaml"
    text = later.read_text("utf-8").replace("第1回", "第一回")
    later.write_text(text, "utf-8")
    refused = online("plan", "all")
    assert "refuse, tags, genre could not be read" in refused.out
    later.write_text(f"{text}    tags: [ゲーム]\n    genre: game\n", "utf-8")
    assert verdicts(online("plan", "all", "--format", "json")) == {"unchanged": 3, "update": 1}
    assert online("publish", "all").code == 0
    assert channel.get(1)["metadata"]["tags"] == ["ゲーム"]
    [(_, receipt)] = [
        pair for pair in Journal().receipts(later) if pair[1].video == f"sm{FIRST + 1}"
    ]
    assert READING not in receipt.steps


def test_texts_that_yaml_would_lose_or_the_checks_refuse(
    online: Callable[..., Result], channel: Channel, desk: Path
) -> None:
    for index, text in enumerate(ODD.values()):
        channel.put(index, title=text, detail=text, tags=[text, "#", "a b"])
    result = online("import", "--format", "json")
    assert result.code == 0
    planned = online("plan", "niconico", "--format", "json")
    assert verdicts(planned) == {"unchanged": len(ODD)}
    receipts = [each for _, each in Journal().receipts(desk / "niconico" / "x")]
    sent = sorted((each.remote.id, each) for each in receipts if each.remote)
    assert [each.steps["metadata"].inputs["title"] for _, each in sent] == list(ODD.values())
    path = desk / "niconico" / "2014.yaml"
    path.write_text(path.read_text("utf-8").replace("a\\u0007b", "ab\\u0007b"), "utf-8")
    assert "[text-control-character]" in online("plan", "niconico").out


class _Cut(BaseException):
    """What no code catches: the run ends here."""


def cut(desk: Path, url: str, *, after: int) -> Imported | None:
    """Run the import, and cut it off before that many videos are read; 0 lets it end."""

    def told(done: int, total: int) -> None:
        if done == after:
            raise _Cut

    access = Access(
        api_origin=url, credentials=lambda _: Credentials(user_session=Secret(MAIN.user_session))
    )
    try:
        return Import(
            site=access.site(),
            account="main",
            folder=desk / "niconico",
            journal=Journal(),
            listen=lambda event: None,
            told=told,
        ).run()
    except _Cut:
        return None


def test_a_run_that_is_cut_off_goes_on_with_nothing_twice(
    online: Callable[..., Result], channel: Channel, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nicobatch.actions.importing.MOST", 3)
    for index in range(10):
        channel.put(index)
    with channel.served() as server:
        for after in (2, 3, 1):
            assert cut(desk, server.url, after=after) is None
        half = sorted((desk / "niconico").rglob("sm*.json"))
        for each in half[1::2]:
            each.unlink()  # a kill between a manifest and its receipts
        manifests = {name: it for name, it in shelf(desk).items() if name.endswith(".yaml")}
        done = cut(desk, server.url, after=0)
        assert done
        assert {name: shelf(desk)[name] for name in manifests} == manifests
        assert cut(desk, server.url, after=0) == Imported(known=10)
    assert verdicts(online("plan", "niconico", "--format", "json")) == {"unchanged": 10}
    named = [
        each.remote.id for _, each in Journal().receipts(desk / "niconico" / "x") if each.remote
    ]
    assert sorted(named) == [str(FIRST + index) for index in range(10)]


def test_what_was_published_from_here_is_left_alone(
    cli: Cli, desk: Path, channel: Channel, small_video: Path
) -> None:
    (desk / "a.mp4").write_bytes(small_video.read_bytes())
    (desk / "m.yaml").write_text("version: 1\nfile: a.mp4\ntitle: 第1回\n", "utf-8")
    with channel.served() as server:
        assert cli("publish", "m.yaml", "--api-origin", server.url).code == 0
        result = cli("import", "--api-origin", server.url)
    assert result.out == "nothing new\nknown here already: 1\n"
    assert not (desk / "niconico").exists()


def test_for_programs(channel: Channel, desk: Path) -> None:
    channel.put(0)
    with channel.served() as server, Workspace(api_origin=server.url) as ws:
        found = ws.import_("mine")
        assert found.videos == [f"mine/2014.yaml#sm{FIRST}"]
        assert found.manifests == [Path("mine/2014.yaml")]
        [plan] = ws.plan(ws.check("mine"))
    assert plan.verdict == "unchanged"


def test_a_folder_that_can_t_be_written(
    online: Callable[..., Result], channel: Channel, desk: Path
) -> None:
    channel.put(0)
    (desk / "niconico").write_text("", "utf-8")
    result = online("import")
    assert result.code == 2
    assert "Traceback" not in result.err
