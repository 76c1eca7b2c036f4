"""What must not lie in the file: whatever looks like a secret, which is never repeated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from nicobatch.language import N_, _
from nicobatch.manifest.document import Document, Step
from nicobatch.model import Problem

RULE: Final = "secret-in-config"
KEY: Final = re.compile(
    r"passw|secret|token|session|cookie|sessdata|bili_?jct|csrf|credential|auth|api[-_]?key"
    r"|(?:^|[-_])(?:mail|otp|pwd)(?:$|[-_])",
    re.IGNORECASE,
)
"""What keys, and names of headers, have in them that stand before secrets."""
_VALUE: Final = re.compile(
    r"user_session_\d+_|SESSDATA=|bili_jct=|://[^/?#\s]*@|^(?:bearer|basic) \S"
    r"|\bdiscord(?:app)?\.com/api/webhooks/|\bhooks\.slack\.com/services/",
    re.IGNORECASE,
)
_NAMES: Final = (("options",), ("notify",))
"""Below which keys are names: of commands, and of whoever is told."""
_MESSAGE: Final = N_("what stands here looks like a secret, and none may lie in this file")
_HINT: Final = N_(
    "delete it: `nicobatch session set` keeps a sign-in, and variables of the environment give"
    " one, a password, a proxy's, or the address that `url_env` names"
)


def found(document: Document, path: Path) -> Iterator[Problem]:
    """Yield a finding for each key and each text that looks like a secret."""
    for trail, is_key in _suspicious(document.data, ()):
        at = document.key_place(*trail) if is_key else document.place(*trail)
        yield Problem(
            rule=RULE, message=_(_MESSAGE), hint=_(_HINT), path=path, line=at.line, column=at.column
        )


def _suspicious(value: Any, trail: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], bool]]:
    """Yield the path to each, and whether it is the key that is suspicious."""
    if isinstance(value, dict):
        for key, each in value.items():
            if KEY.search(key) and trail not in _NAMES:
                yield (*trail, key), True
            else:
                yield from _suspicious(each, (*trail, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _suspicious(each, (*trail, number))
    elif isinstance(value, str) and _VALUE.search(value):
        yield trail, False
