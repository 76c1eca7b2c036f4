"""What the tests of `delete` look at: the site's entries, the receipts, and what is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from nicobatch.journal import Journal
from nicobatch.receipt import Receipt
from nicobatch.sandbox import Sandbox
from tests.unit.cli.conftest import Shelf
from tests.unit.sites.niconico.sandbox.client import Client

FIRST: Final = "sm39130867"
SECOND_ID: Final = "sm39130868"
DELETE: Final = r"DELETE /v1/users/me/videos/sm\d+\?"
LIST: Final = "GET /v2/users/me/videos.*"


class Sit(Protocol):
    def __call__(self, *, yes: bool, meanwhile: Callable[[], object] = ...) -> list[str]: ...


def receipt(shelf: Shelf, name: str = "a") -> Receipt:
    """Return the receipt of a video of m.yaml."""
    found = dict(Journal().receipts(shelf.folder / "m.yaml"))
    return found[shelf.folder / ".nicobatch" / "m.yaml" / f"{name}.json"]


def deletions(site: Sandbox) -> int:
    """Return how many requests to delete something arrived."""
    return sum(each["method"] == "DELETE" for each in site.audit()["requests"])


def left(site: Sandbox) -> list[str]:
    return [each["videoId"] for each in site.audit()["entries"] if not each["deleted"]]


def after(video: str = "m.yaml#a", name: str = "a") -> str:
    """Return what is said of the time after the deletion."""
    path = Path(".nicobatch/m.yaml") / f"{name}.json"
    return f"publish leaves {video} alone from now on: to publish it again, remove {path}"


def by_hand(site: Sandbox, video_id: str) -> None:
    """Delete a video as its owner does in a browser."""
    with Client(site.url) as client:
        assert client.delete(int(video_id[2:])).ok
