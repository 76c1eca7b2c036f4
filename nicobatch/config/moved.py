"""What has moved of a site, as a person says: nothing that has the sign-in go astray unnoticed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from nicobatch.config import secrets
from nicobatch.config.schema import field
from nicobatch.errors import UsageError
from nicobatch.language import N_, _
from nicobatch.manifest.document import Document
from nicobatch.manifest.rules import fault, problem, shown
from nicobatch.model import Position, Problem
from nicobatch.origin import check_private, is_address
from nicobatch.sites.description import Site

STRANGE: Final = "strange-host"
PLAIN: Final = "not-private"
VIDEO_ID: Final = "{video_id}"
_STRANGE: Final = N_(
    "{field} leads to {host}, which is not {site}'s, and the sign-in would go there"
)
_STRANGE_HINT: Final = N_("if you trust it with the sign-in, add to this profile: trust: [{host}]")
_HEADER: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_MANAGED: Final = re.compile(r"host|connection|transfer-encoding|content-.*", re.IGNORECASE)
"""Headers that are made of the request itself."""
_PATH: Final = re.compile(r"/[!-~]*")
_HOST: Final = re.compile(r"[a-z0-9.:-]+", re.IGNORECASE)
_KEYS: Final = ("trust",)


def members(profiles: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each profile's name with its members that are others, and `paths` and `headers`."""
    for name, told in profiles.items():
        yield name, {key: value for key, value in told.items() if key not in _KEYS}


def violations(document: Document, path: Path, sites: Mapping[str, Site]) -> Iterator[Problem]:
    """Yield what can't be, or must not be unless the person says so, of what the schema allows."""
    data: Any = document.data
    profiles = (data.get("profiles") or {}) if isinstance(data, dict) else {}
    for site in sites.values():
        for name in site.profiles:
            if name in profiles:
                yield from _Profile(document, path, site, name, profiles[name]).violations()


@dataclass(frozen=True, slots=True)
class _Profile:
    document: Document
    path: Path
    site: Site
    name: str
    told: Mapping[str, Any]

    def violations(self) -> Iterator[Problem]:
        may = self.site.mendable
        for key, value in self.told.items():
            if key in may.bases:
                yield from self._base(key, value)
            elif key in may.pages and not (_is_base(value) and VIDEO_ID in value):
                yield self._unfit(f"https://example.com/watch/{VIDEO_ID}", key)
            elif key in may.texts and not _is_value(value):
                yield self._unfit("1.0.0", key)
        yield from self._paths()
        yield from self._headers()
        for number, host in enumerate(self.told.get("trust", ())):
            if not _HOST.fullmatch(host):
                yield self._unfit("example.com", "trust", number)

    def _base(self, key: str, value: str) -> Iterator[Problem]:
        if not _is_base(value):
            yield self._unfit("https://example.com", key)
            return
        try:
            check_private(value)
        except UsageError as error:
            yield self._problem(PLAIN, error.message, error.hint, key)
            return
        host = urlsplit(value).hostname or ""
        if not any(_is_of(host, each) for each in (self.site.session.domain, *self._trusted())):
            words = {"field": key, "host": host, "site": self.site.label}
            message = _(_STRANGE).format(**words)
            yield self._problem(STRANGE, message, _(_STRANGE_HINT).format(host=host), key)

    def _trusted(self) -> list[str]:
        return [each.casefold() for each in self.told.get("trust", ())]

    def _paths(self) -> Iterator[Problem]:
        for old, new in self.told.get("paths", {}).items():
            for each in (old, new):
                if not _PATH.fullmatch(each) or {"?", "#"} & set(each):
                    yield self._unfit("/v2/videos", "paths", old)
                    break

    def _headers(self) -> Iterator[Problem]:
        for name, value in self.told.get("headers", {}).items():
            usable = _HEADER.fullmatch(name) and not _MANAGED.fullmatch(name) and _is_value(value)
            if not usable or secrets.KEY.search(name):
                yield self._unfit("X-Frontend-Version: 1.0.0", "headers", name)

    def _unfit(self, example: str, *path: str | int) -> Problem:
        trail = ("profiles", self.name, *path)
        at = self.document.place(*trail)
        written = self.document.written(*trail)
        told = {"field": field(path), "value": shown(written), "example": example}
        return problem(fault("unfit-value", at, **told), self.path)

    def _problem(self, rule: str, message: str, hint: str, key: str) -> Problem:
        at: Position = self.document.place("profiles", self.name, key)
        return Problem(
            rule=rule, message=message, hint=hint, path=self.path, line=at.line, column=at.column
        )


def _is_base(value: str) -> bool:
    """Tell whether it is an address that paths can be put behind."""
    return is_address(value) and value.isprintable() and not value.endswith("/")


def _is_value(value: str) -> bool:
    return value.isascii() and value.isprintable() and bool(value.strip())


def _is_of(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")
