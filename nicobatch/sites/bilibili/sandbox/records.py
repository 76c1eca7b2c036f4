"""What bilibili knows: uploads, covers, archives, seasons and sign-ins, in one store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from nicobatch.sandbox.media import MediaFacts
from nicobatch.sandbox.world import Store

FIRST_ID: Final = 112_861_976_201_494
"""Beyond 32 bits, as the site's numbers are today."""

_DIGITS: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file, from its preupload on; `id` is its biz_id and cid. Times are epoch seconds."""

    id: int
    user_id: int
    kind: str = "upload"
    name: str
    """As the client gave it."""
    size: int
    profile: str
    bucket: str
    key: str
    """The file's name at the site, with its extension."""
    chunk_size: int
    auth: str
    issued_at: float
    upload_id: str = ""
    """Of the newest init; parts of an older one are gone."""
    inits: int = 0
    held: tuple[int, ...] = ()
    """Numbers of the parts whose bytes are in the file."""
    begun: Mapping[str, int] = field(default_factory=dict)
    """How often each part began to arrive."""
    accepted: tuple[int, ...] = ()
    """Numbers of the parts as they were taken, oldest first, repeats included."""
    completes: int = 0
    """How often it was asked to be completed."""
    completed_at: float | None = None
    sha256: str = ""
    media: MediaFacts | None = None
    """None where no frame could be decoded."""

    @property
    def filename(self) -> str:
        """What a submission calls it."""
        return self.key.rpartition(".")[0] or self.key

    @property
    def parts(self) -> int:
        """How many parts make it up."""
        return -(-self.size // self.chunk_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """A picture that was sent, or that the site took from the video."""

    id: int
    user_id: int
    kind: str = "cover"
    name: str
    """40 hex digits, of its bytes."""
    mimetype: str
    size: int
    sha256: str
    taken: bool = False
    """Whether the site took it itself."""

    @property
    def path(self) -> str:
        """Where it is shown, below the site's paths."""
        return f"/bfs/archive/{self.name}.jpg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of an archive: an upload and what was said of it."""

    cid: int
    filename: str
    title: str
    desc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the review comes to, where a test asked for it."""

    state: int | None = None
    reason: str = ""
    tid: int | None = None
    hidden: int = 0
    """The page, from 1, that View never lists."""
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """One submission; `id` is its aid, `body` what was sent last, without its videos."""

    id: int
    user_id: int
    kind: str = "archive"
    body: Mapping[str, Any]
    pages: tuple[Page, ...]
    submitted_at: float
    changed_at: float
    """When its last review began."""
    edits: int = 0
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def bvid(self) -> str:
        """The id that viewers know."""
        number, digits = self.id, ""
        for _ in range(9):
            number, digit = divmod(number, len(_DIGITS))
            digits = _DIGITS[digit] + digits
        return f"BV1{digits}"

    @property
    def title(self) -> str:
        """Its title."""
        return str(self.body["title"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """A series of archives, with its one section."""

    id: int
    user_id: int
    kind: str = "season"
    asked: int = 0
    """The number that it was asked for by, before it was there."""
    title: str
    desc: str = ""
    cover: str = ""
    episodes: tuple[Mapping[str, Any], ...] = ()

    @property
    def number(self) -> int:
        """What its account calls it by."""
        return self.asked or self.id

    @property
    def section_id(self) -> int:
        """Its section's number."""
        return self.number + 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in: the cookies, and the token that renews them."""

    id: int
    user_id: int
    kind: str = "session"
    sessdata: str
    bili_jct: str
    refresh_token: str
    created_at: float
    expires_at: float
    alive: bool = True


Entry = Upload | Cover | Archive | Season | Session
_KINDS: Final[Mapping[str, type[Entry]]] = {
    "upload": Upload,
    "cover": Cover,
    "archive": Archive,
    "season": Season,
    "session": Session,
}


class Records(Store[Entry]):
    """All of them; ids are given once among all kinds."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, _read, first_id=FIRST_ID)

    def put(self, entry: Entry) -> None:
        """Replace a record; who read it first holds the lock."""
        self.update(entry.id, lambda _known: entry)


def facts(entry: Entry) -> dict[str, Any]:
    """Return a record as plain JSON, with what is derived from it."""
    derived: dict[str, Any] = {}
    if isinstance(entry, Upload):
        derived = {"filename": entry.filename, "chunks": entry.parts}
    elif isinstance(entry, Archive):
        derived = {"bvid": entry.bvid, "title": entry.title}
    return {**asdict(entry), **derived}


def _read(data: dict[str, Any]) -> Entry:
    for name in ("held", "accepted", "episodes"):
        if name in data:
            data[name] = tuple(data[name])
    if data.get("media"):
        data["media"] = MediaFacts(**data["media"])
    if "pages" in data:
        data["pages"] = tuple(Page(**page) for page in data["pages"])
        data["verdict"] = Verdict(**data["verdict"])
    return _KINDS[data["kind"]](**data)
