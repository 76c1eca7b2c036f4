"""What every route needs: the entries, the time, who asks, and the genres."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from nicobatch.sites.niconico.sandbox.entries import Entries, Entry, Lifecycle

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from nicobatch.sandbox.world import Account, Refusal, World

UNSET: Final = "none"
"""Known to the upload API alone; the list of genres leaves it out."""

GENRES: Final = MappingProxyType(
    {
        "entertainment": "エンターテイメント",
        "radio": "ラジオ",
        "music_sound": "音楽・サウンド",
        "dance": "ダンス",
        "animal": "動物",
        "nature": "自然",
        "cooking": "料理",
        "traveling_outdoor": "旅行・アウトドア",
        "vehicle": "乗り物",
        "sports": "スポーツ",
        "society_politics_news": "社会・政治・時事",
        "technology_craft": "技術・工作",
        "commentary_lecture": "解説・講座",
        "anime": "アニメ",
        "game": "ゲーム",
        "other": "その他",
        "r18": "R-18",
    }
)
"""The genres a video can have: `GET nvapi /v2/genres`, as stored in 2022."""


class Site:
    """The imitation behind one origin."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.store = Entries(world.state)

    @property
    def lifecycle(self) -> Lifecycle:
        """The rules, as of this moment."""
        return Lifecycle(self.world.clock(), self.world.encode_seconds)

    def visitor(self, request: Request) -> Account | None:
        """Return whose session the request carries; None for a guest."""
        session = request.cookies.get("user_session")
        return next((who for who in self.world.accounts if who.user_session == session), None)

    def user(self, request: Request, refuse: Callable[[int, str], Refusal]) -> Account:
        """Return who is signed in, or refuse the request with 401."""
        account = self.visitor(request)
        if account is None:
            raise refuse(401, "UNAUTHORIZED")
        return account

    def owner(self, entry: Entry) -> Account | None:
        """Return whose video it is; None once the account is no longer among ours."""
        return next((who for who in self.world.accounts if who.user_id == entry.user_id), None)
