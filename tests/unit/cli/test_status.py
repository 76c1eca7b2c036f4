from __future__ import annotations

import json

import pytest

from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Cli, Shelf


@pytest.fixture
def published(cli: Cli, shelf: Shelf, site: Sandbox) -> Shelf:
    """Two manifests in two folders, published; the second one is gone since."""
    shelf.series("a", "b")
    gone = shelf.series("c", name="連載/gone.yaml")
    shelf.series("d", name="連載/n.yaml")
    assert cli("publish", ".").code == 0
    gone.unlink()
    return shelf


def names(out: str) -> list[str]:
    return [line.split()[0] for line in out.splitlines()[1:]]


def test_without_receipts(cli: Cli, shelf: Shelf) -> None:
    shelf.series("a")
    result = cli("status")
    assert result.code == 0
    assert result.out == "no receipts: nothing was published from here yet\n"
    assert cli("status", "--format", "json").out == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("m.yaml#bb", "m.yaml has no video bb"),
        ("m.yaml#c", "m.yaml has no video c"),
        ("m.yaml#b@bilibili", "b is not for bilibili"),
        ("m.yaml#", "no video is named after the #"),
    ],
)
def test_a_video_that_is_nobodys_is_told_as_that(
    cli: Cli, published: Shelf, name: str, words: str
) -> None:
    published.series("a", "b", "new")
    result = cli("status", name)
    assert result.code == 2
    assert words in result.err
    assert cli("status", "m.yaml#new").out.startswith("no receipts")
    assert cli("status", "連載/gone.yaml#c").code == 0


@pytest.mark.parametrize("path", [".", "m.yaml"])
def test_receipts_of_the_other_kind_are_hinted_at(cli: Cli, shelf: Shelf, path: str) -> None:
    shelf.series("a")
    assert cli("publish", ".", "--sandbox", "--no-wait").code == 0
    result = cli("status", path)
    assert result.out == "no receipts: nothing was published from here yet\n"
    assert result.err == "what was rehearsed has receipts of its own: add --sandbox to see them\n"
    assert cli("status", path, "-q").err == ""
    shown = cli("status", path, "--sandbox")
    assert (names(shown.out), shown.err) == (["m.yaml#a"], "")


def test_receipts_of_niconico_are_hinted_at(
    cli: Cli, published: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NICOBATCH_API_ORIGIN")
    result = cli("status", "--sandbox")
    assert result.err == "what was published to niconico is shown without --sandbox\n"


def test_a_folder_has_all_receipts_below_it(cli: Cli, published: Shelf) -> None:
    result = cli("status")
    assert result.code == 0
    assert result.err == ""
    everything = ["m.yaml#a", "m.yaml#b", "連載/gone.yaml#c", "連載/n.yaml#d"]
    assert names(result.out) == everything
    assert names(cli("status", ".", "./m.yaml", "連載").out) == everything
    assert names(cli("status", "連載").out) == everything[2:]
    assert "published" in result.out
    assert "/watch/sm39130867" in result.out


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("m.yaml", ["m.yaml#a", "m.yaml#b"]),
        ("連載/n.yaml", ["連載/n.yaml#d"]),
        ("連載/gone.yaml", ["連載/gone.yaml#c"]),
        ("連載/*.yaml", ["連載/n.yaml#d"]),
    ],
)
def test_a_manifest_has_its_own_receipts(
    cli: Cli, published: Shelf, path: str, shown: list[str]
) -> None:
    assert names(cli("status", path).out) == shown


def test_for_programs(cli: Cli, published: Shelf) -> None:
    events = cli("status", "m.yaml", "--format", "json").events
    assert [(each["event"], each["video"]) for each in events] == [
        ("receipt", "a"),
        ("receipt", "b"),
    ]
    assert events[0]["id"] == "sm39130867"
    assert events[0]["steps"]["metadata"] == "done"


def test_what_is_not_there_is_wrong_usage(cli: Cli, published: Shelf) -> None:
    result = cli("status", "nowhere.yaml")
    assert result.code == 2
    assert "nowhere.yaml does not exist" in result.err


def test_receipts_kept_elsewhere(cli: Cli, shelf: Shelf, site: Sandbox) -> None:
    shelf.series("a", name="deep/m.yaml")
    shelf.series("b", name="deep/n.yaml")
    assert cli("publish", ".", "--journal", "receipts").code == 0
    assert names(cli("status", "--journal", "receipts").out) == ["m.yaml#a", "n.yaml#b"]
    assert names(cli("status", "deep/n.yaml", "--journal", "receipts").out) == ["n.yaml#b"]
    assert cli("status").out.startswith("no receipts")


def test_rehearsals_are_kept_apart(cli: Cli, published: Shelf) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NICOBATCH_API_ORIGIN")
        assert cli("status", "--sandbox").out.startswith("no receipts")


@pytest.mark.parametrize("options", [(), ("--format", "json")], ids=["text", "json"])
def test_a_damaged_receipt(cli: Cli, published: Shelf, options: tuple[str, ...]) -> None:
    receipt = published.folder / ".nicobatch" / "m.yaml" / "a.json"
    data = json.loads(receipt.read_text("utf-8"))
    receipt.write_text(json.dumps({**data, "account": "other"}), "utf-8")
    result = cli("status", *options)
    assert result.code == 1
    assert "is damaged" in result.err
    assert "restore it" in result.err
    if options:
        assert result.of("error")[0]["message"].endswith("is damaged")
