"""How a user names a video: by an id or an address at a site, or by `MANIFEST#VIDEO`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from nicobatch import sites
from nicobatch.actions.access import Site
from nicobatch.actions.receipts import below, of_video
from nicobatch.errors import UsageError, VideoFailed
from nicobatch.journal import Journal
from nicobatch.language import N_, _
from nicobatch.manifest import naming
from nicobatch.manifest.naming import Named
from nicobatch.manifest.rules import RULES
from nicobatch.model import DEFAULT_ACCOUNT, DEFAULT_SITE, Video
from nicobatch.origin import check_local
from nicobatch.pipeline import Owner
from nicobatch.receipt import Receipt

_EXAMPLE: Final = "39130867"
_NAMELESS: Final = N_("{name} names neither a video on niconico nor a manifest")
_NAMELESS_HINT: Final = N_(
    "write an id, like sm39130867, the address of its page, or MANIFEST#VIDEO, like m.yaml#ep-01"
)
_NO_RECEIPT: Final = N_("{name} has no receipt, so nothing is known to be on niconico")
_NO_RECEIPT_HINT: Final = N_(
    "give the id of the video itself; `nicobatch status --remote` shows it"
)
_ELSEWHERE: Final = N_("the receipt of {video} belongs to {origin}, not to {asked}")
_OTHER_ACCOUNT: Final = N_("the receipt of {video} says account {has}, and --account says {asked}")


def id_of(text: str, site: str = DEFAULT_SITE) -> str:
    """Return the id, as the site's calls take it, that a text or an address has; UsageError."""
    if found := _listed(text, site):
        return found
    example = sites.site(site).shown_id(_EXAMPLE)
    raise UsageError(
        _("{text} names no video on {site}").format(text=text, site=site),
        _("write its id, like {id}, or the address of its page").format(id=example),
    )


def is_id(text: str, site: str) -> bool:
    """Tell whether the text, or the address, has an id as the site gives them."""
    return _listed(text, site) is not None


def _listed(text: str, site: str) -> str | None:
    return next(filter(None, map(sites.site(site).video_id, _words(text))), None)


def _words(text: str) -> Iterator[str]:
    """Yield what may be the id: of an address its fragment, then its path, from the end."""
    try:
        parts = urlsplit(text)
    except ValueError:  # a bracket left open
        return
    if not parts.netloc:
        yield text
        return
    yield parts.fragment
    yield from reversed(parts.path.split("/"))


def named(text: str) -> Named:
    """Split `MANIFEST#VIDEO` where the longest manifest that exists ends; raise UsageError."""
    found = naming.named(text)
    if found and found.video == "":
        _severity, message, hint = RULES["video-unnamed"]
        raise UsageError(f"{text}: {_(message)}", _(hint))
    if found:
        return found
    check_local(text)
    raise UsageError(
        _("{text} names no manifest that is there").format(text=text),
        _("check the spelling, and write MANIFEST#VIDEO, such as m.yaml#episode-01"),
    )


@dataclass(frozen=True, slots=True)
class Held:
    """A receipt and where it lies; `video` stands for it before the journal."""

    path: Path
    receipt: Receipt
    video: Video


@dataclass(frozen=True, slots=True)
class Meant:
    """What one name means: an id at a site, whose it is, and its receipt if there is one."""

    id: str
    owner: Owner
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """Finds what names mean: in the journal, else at the sites that are meant."""

    journal: Journal
    site: Site
    account: str | None
    """Whose videos they are, whatever receipts say; None leaves it to them."""

    def meant(self, names: Sequence[str]) -> list[Meant]:
        """Return what is named, each video once; raise UsageError, VideoFailed, JournalError."""
        found: dict[tuple[str, str], Meant] = {}
        for name in names:
            for each in self._of(name):
                found.setdefault((each.owner.site, each.id), each)
        return list(found.values())

    def _of(self, name: str) -> Iterator[Meant]:
        for site in filter(self.site.access.means, sites.SITES):
            if listed := _listed(name, site):
                yield self._by_id(listed, site)
                return
        yield from self._of_manifest(_manifest(name), name)

    def _by_id(self, listed: str, site: str) -> Meant:
        """Look for the receipt here and below; one that is in force comes before a tombstone."""
        origin = self.site.at(site).origin
        found = [
            (path, each)
            for path, each in below(Path(), self.journal)
            if (each.site, each.origin) == (site, origin)
            if each.remote and listed in {each.remote.id, each.remote.video_id}
        ]
        for path, receipt in sorted(found, key=lambda pair: pair[1].is_deleted):
            return self._meant(listed, path, receipt)
        return Meant(listed, Owner(site, self.account or DEFAULT_ACCOUNT))

    def _of_manifest(self, name: Named, text: str) -> Iterator[Meant]:
        there = False
        for path, receipt in of_video(name, self.journal):
            if receipt.remote and self.site.access.means(receipt.site):
                there = True
                yield self._meant(receipt.remote.id, path, receipt)
        if not there:
            raise VideoFailed(_(_NO_RECEIPT).format(name=text), _(_NO_RECEIPT_HINT))

    def _meant(self, listed: str, path: Path, receipt: Receipt) -> Meant:
        video = self.journal.video(path, receipt)
        if not self.site.has(receipt):
            asked = self.site.at(receipt.site) if receipt.site in sites.SITES else self.site
            values = {"video": video.key, "origin": receipt.origin, "asked": asked.origin}
            raise VideoFailed(_(_ELSEWHERE).format(**values))
        if self.account not in {None, receipt.account}:
            raise VideoFailed(
                _(_OTHER_ACCOUNT).format(video=video.key, has=receipt.account, asked=self.account)
            )
        return Meant(listed, Owner(receipt.site, receipt.account), Held(path, receipt, video))


def _manifest(text: str) -> Named:
    try:
        return named(text)
    except UsageError:
        if naming.named(text):
            raise
        raise UsageError(_(_NAMELESS).format(name=text), _(_NAMELESS_HINT)) from None
